"""`statusledger prune`: removes raw files that are older than they need to be and sealed; git keeps them anyway.

A file of private lines also holds evidence, so it stays for as long as either is kept.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from statusledger.cli.ledgers import Part, private_part, public_part
from statusledger.cli.place import Place, place
from statusledger.config import Config
from statusledger.git import find
from statusledger.history.reading import Contents, read_file
from statusledger.history.removal import remove
from statusledger.publish import withdraw
from statusledger.report import reading
from statusledger.report.retention import Spans, critical_spans, holds_critical, keeps_critical, kept_ms
from statusledger.rollup.prune import OldFile, old_files
from statusledger.rollup.reading import History, joined
from statusledger.written.wording import plural

LOG = logging.getLogger("statusledger")
MESSAGE = "Prune sealed days"


@dataclass(slots=True)
class _Chosen:
    """What goes, with its content, and how many old files stay: for what is not sealed, and for their evidence."""

    going: dict[Path, bytes] = field(default_factory=dict)
    unsealed: int = 0
    critical: int = 0


def run(arguments: argparse.Namespace) -> int:
    """0; 1 when old files had to stay, because what they say is not sealed."""
    where = place(arguments)
    part, chosen = public_part(where), _Chosen()
    config = part.config
    known = _choose_public(where, part, chosen)
    private = private_part(where)
    if private:
        _choose_private(where, private, known, chosen)
    removed = _removed(where, config, chosen.going, arguments.message or MESSAGE)
    for path in removed:
        print(f"removed {path.relative_to(where.root).as_posix()}")
    chosen.unsealed += len(chosen.going) - len(removed)
    print(f"prune: {plural(len(removed), 'raw file')} removed, {chosen.unsealed} kept although they are old")
    if chosen.critical:
        print(f"prune: {chosen.critical} kept for their evidence of critical incidents")
    return 1 if chosen.unsealed else 0


def _choose_public(where: Place, part: Part, chosen: _Chosen) -> History:
    """The history that everybody knows."""
    as_of = where.started_at
    reader = reading.bare_reader(part.root, part.config, as_of=as_of)
    history, _ = reading.settled(reader, part.config, as_of=as_of)
    for file in old_files(reader, before=as_of - kept_ms(part.config, "raw")):
        _choose(where, file, file.reason, chosen)
    return history


def _choose_private(where: Place, part: Part, known: History, chosen: _Chosen) -> None:
    as_of, config = where.started_at, part.config
    reader = reading.bare_reader(part.root, part.config, as_of=as_of, open_line=part.open_line)
    history, _ = reading.settled(reader, part.config, as_of=as_of)
    critical: Mapping[str, Spans] = {}
    if keeps_critical(config):
        critical = critical_spans(where.whole_config(warns=False), joined(known, history), as_of)
    for file in old_files(reader, before=as_of - max(kept_ms(config, "raw"), kept_ms(config, "evidence"))):
        contents = read_file(file.path, root=part.root, open_line=part.open_line)
        if holds_critical(contents.evidence, critical):
            chosen.critical += 1
        else:
            _choose(where, file, _private_reason(file, contents), chosen)


def _private_reason(file: OldFile, contents: Contents) -> str | None:
    """Why a file of private lines stays, without a word of them; one that has no rows keeps nothing from being told."""
    if contents.sealed:
        return "lines in it are sealed for somebody else"
    return "what it says is not sealed" if file.reason and contents.rows else None


def _choose(where: Place, file: OldFile, reason: str | None, chosen: _Chosen) -> None:
    if reason is None:
        chosen.going[file.path] = file.path.read_bytes()[: file.size]
    else:
        chosen.unsealed += 1
        LOG.warning("%s: kept: %s", file.path.relative_to(where.root).as_posix(), reason)


def _removed(where: Place, config: Config, going: Mapping[Path, bytes], message: str) -> list[Path]:
    """The files that are gone: inside of a repository by a commit of their own, on the remote as well."""
    if going and find(where.root):
        told = withdraw(where.root, going, message, branch=config.ledger_branch)
        LOG.info("prune: commit %s", told.commit)
        return [path for path in going if not path.exists()]
    return [path for path, content in going.items() if remove(path, size=len(content))]
