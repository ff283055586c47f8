"""A file about an incident or maintenance that a command writes or changes: checked before anything is kept."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from statusledger.cli import files
from statusledger.cli.place import Place
from statusledger.config import Config
from statusledger.errors import ConfigurationError, UsageError
from statusledger.incident_files.placement import INCIDENTS, free_path, new_path
from statusledger.incident_files.reading import read_incident, read_maintenance
from statusledger.outputs.api.document import SCHEMA, document
from statusledger.written.wording import did_you_mean


@dataclass(frozen=True, slots=True)
class Desk:
    """Where files of one kind are written, and what they may name."""

    where: Place
    config: Config
    folder: str
    json: bool

    def free_path(self, day: date, title: str) -> Path:
        """A path below the root that no file has yet."""
        return free_path(self.where.root, new_path(self.folder, day, title))

    def existing(self, identity: str) -> Path | None:
        """The path below the root of the file with this id."""
        path = Path(self.folder, identity[:4], f"{identity}.md")
        return path if (self.where.root / path).is_file() else None

    def no_file(self, identity: str) -> UsageError:
        """That there is no such file, and which one may be meant."""
        known = [path.stem for path in (self.where.root / self.folder).glob("[0-9]*/*.md")]
        meant = did_you_mean(identity, known) or f"; statusledger {self.command} list names those there are"
        return UsageError(f"there is no file of {self.command} '{identity}'{meant}")

    def keep(self, path: Path, text: str, what: str) -> None:
        """Writes the file and says what to commit; ConfigurationError, and nothing is written, if it would be wrong."""
        read = read_incident if self.folder == INCIDENTS else read_maintenance
        outcome = read(text.encode(), path.as_posix(), files.names(self.where, self.config))
        if outcome.problems:
            raise ConfigurationError(outcome.problems)
        target = self.where.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        commands = [f"git add {path.as_posix()}", f'git commit -m "{what}"', "git push"]
        if self.json:
            told = {"schema": SCHEMA, "id": path.stem, "file": path.as_posix(), "commands": commands}
            sys.stdout.buffer.write(document(told))
            return
        print(f"{path.as_posix()}: written; merging it publishes it:")
        for line in commands:
            print(f"  {line}")

    @property
    def command(self) -> str:
        """The command that is about these files."""
        return "incident" if self.folder == INCIDENTS else "maintenance"
