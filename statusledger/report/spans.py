"""Stretches of time: what something was in them, and whose downtime they are."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from statusledger.model import State

if TYPE_CHECKING:
    from statusledger.language import Text


@dataclass(frozen=True, slots=True)
class Interval:
    """[start_ms, end_ms) in one state; `end_ms` None: it lasts. `share`: how much of a weighted service is bad."""

    start_ms: int
    end_ms: int | None
    state: State
    share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Downtime:
    """One stretch of downtime as it counts in one period; `started_at` and `ended_at` are not cut at its edges."""

    id: str
    started_at: int
    ended_at: int | None
    down_ms: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How a component was counted from `start_ms` (None: ever) until `end_ms` (None: further notice), in words."""

    start_ms: int | None
    end_ms: int | None
    rules: Text
