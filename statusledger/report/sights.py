"""What the operators' site shows beside the figures: who saw what, when (epoch milliseconds) and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from statusledger.history import Damage
from statusledger.history.facts import Facts
from statusledger.model import Phases


@dataclass(frozen=True, slots=True)
class Sight:
    """Where something was seen: a check, as it is called now, from a location at an instant."""

    at: int
    check: str
    location: str


@dataclass(frozen=True, slots=True)
class OperatorsReport:
    """Everything newest first: `evidence` is what a failed measurement saw, `phases` the newest times of each check.

    Of `facts` the newest of each check and location are what holds now, the others what held before.
    """

    evidence: tuple[tuple[Sight, Mapping[str, Any]], ...]
    phases: tuple[tuple[Sight, Phases], ...]
    facts: tuple[tuple[Sight, Facts], ...]
    damage: tuple[Damage, ...] = ()
