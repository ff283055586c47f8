"""What an audit says: a finding per check, and in it every breach with its commit, file and line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from statusledger.audit.past import Version


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken promise; `line` counts from 1, 0 is the whole file."""

    commit: str
    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{self.commit[:12]} {place}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check looked at, in words, what it holds that against, and what it found wrong."""

    check: str
    looked_at: str
    promise: str
    breaches: tuple[Breach, ...] = ()


class Check(Protocol):
    """One promise, held against every version of every file, parents before children."""

    name: str
    promise: str

    def look(self, version: Version) -> Iterable[Breach]:
        """What this version breaks."""

    def looked_at(self) -> str:
        """What was examined, with counts."""
