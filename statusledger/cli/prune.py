"""`statusledger prune`: removes raw files that are older than they need to be and sealed; git keeps them anyway."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping
from pathlib import Path

from statusledger import words
from statusledger.cli.ledgers import private_part, public_part
from statusledger.cli.place import Place, place
from statusledger.config import Config
from statusledger.git import find
from statusledger.history.removal import remove
from statusledger.publish import withdraw
from statusledger.report import reading
from statusledger.rollup.prune import old_files

LOG = logging.getLogger("statusledger")
MESSAGE = "Prune sealed days"


def run(arguments: argparse.Namespace) -> int:
    """0; 1 when old files had to stay, because what they say is not sealed."""
    where = place(arguments)
    config = where.config()
    as_of = where.started_at
    going: dict[Path, bytes] = {}
    kept = 0
    for part in filter(None, (public_part(where), private_part(where))):
        if not part.config.subjects or not part.root.is_dir():
            continue
        reader = reading.bare_reader(part.root, part.config, as_of=as_of, open_line=part.open_line)
        reading.settled(reader, part.config, as_of=as_of)
        for file in old_files(reader, before=as_of - config.settings["retention"]["raw"]):
            if file.reason is None:
                going[file.path] = file.path.read_bytes()[: file.size]
            else:
                kept += 1
                LOG.warning("%s: kept: %s", file.path.relative_to(where.root).as_posix(), file.reason)
    removed = _removed(where, config, going, arguments.message or MESSAGE)
    for path in removed:
        print(f"removed {path.relative_to(where.root).as_posix()}")
    kept += len(going) - len(removed)
    print(f"prune: {words.plural(len(removed), 'raw file')} removed, {kept} kept although they are old")
    return 1 if kept else 0


def _removed(where: Place, config: Config, going: Mapping[Path, bytes], message: str) -> list[Path]:
    """The files that are gone: inside of a repository by a commit of their own, on the remote as well."""
    if going and find(where.root):
        told = withdraw(where.root, going, message, branch=config.ledger_branch)
        LOG.info("prune: commit %s", told.commit)
        return [path for path in going if not path.exists()]
    return [path for path, content in going.items() if remove(path, size=len(content))]
