"""The situation of a repository: its public components, and its private ones where this job can read them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from statusledger import history
from statusledger.cli import files
from statusledger.cli.ledgers import Part
from statusledger.cli.place import Place
from statusledger.history.records import record_line
from statusledger.history.sent import Sent, plain, read_sent, sent_path
from statusledger.report import reading
from statusledger.report.alerting import Known, with_files
from statusledger.rules import Situation

LOG = logging.getLogger("statusledger")


def situation(where: Place, known: Sequence[Part]) -> Situation:
    """Everything that rules look at, at the instant the command was started at."""
    as_of = where.started_at
    filed = files.filed(where, known[0].config if len(known) == 1 else where.whole_config(warns=False))
    found = []
    for part in known:
        past, evaluation = reading.evaluated(part.root, part.config, as_of=as_of, open_line=part.open_line, filed=filed)
        found.append(Known(part.config, evaluation, past))
    return with_files(found, filed)


@dataclass(frozen=True, slots=True)
class SentLog:
    """The sent log of a repository; what is told of private components lies with what is kept of them."""

    parts: Sequence[Part]

    def read(self) -> list[Sent]:
        """Everything that was told so far, in the order of time."""
        found: list[Sent] = []
        for part in self.parts:
            records, damage = read_sent(part.root, open_line=part.open_line)
            found += [replace(sent, private=part.private) for sent in records]
            for fault in damage:
                LOG.warning("%s", part.told(fault))
        return sorted(found, key=lambda sent: sent.at)

    def keep(self, sent: Sequence[Sent], private: bool) -> None:
        """Writes lines of one instant and waits until the disk has them."""
        part = next((part for part in self.parts if part.private == private), self.parts[0])
        history.append(sent_path(part.root, sent[0].at), [part.guard(record_line(plain(one))) for one in sent])
