"""Inheritance: what `defaults`, a group, a component and a check say together; the nearest one holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from statusledger.clock import MINUTE_MS
from statusledger.config.watched import BUILT_IN, Tunable
from statusledger.model import Counting, Performance, Status
from statusledger.written.faults import Faults
from statusledger.written.source import Path

MIN_STALENESS_MS = 15 * MINUTE_MS

_FALLBACK = Tunable.model_validate(BUILT_IN)
_THRESHOLDS = ("warn_threshold_ms", "critical_threshold_ms")


@dataclass(frozen=True, slots=True)
class Levels:
    """The blocks around a check with their paths, nearest first."""

    blocks: tuple[tuple[Path, Tunable], ...] = (((), _FALLBACK),)

    def under(self, path: Path, block: Tunable | None) -> Levels:
        """These levels with a nearer one; a block that is wrong says nothing."""
        return Levels(((path, block), *self.blocks)) if block else self

    def value(self, name: str) -> Any:
        """What the nearest level that says anything about the key says; None when none does."""
        return next((value for _, block in self.blocks if (value := getattr(block, name)) is not None), None)

    def counting(self) -> Counting:
        """How samples become states; H is max(3 x interval, 15 min) where it is not written."""
        staleness = self.value("max_staleness")
        return Counting(
            confirm_down=self.value("confirm_down"),
            confirm_up=self.value("confirm_up"),
            max_staleness_ms=max(3 * self.value("interval"), MIN_STALENESS_MS) if staleness is None else staleness,
            unconfirmed_as=Status(self.value("unconfirmed_as")),
        )

    def performance(self, faults: Faults) -> Performance | None:
        """The thresholds in milliseconds; None where nothing is aimed at."""
        said = self._performance()
        target, warn, critical = (said.get(key) for key in ("target_ms", *_THRESHOLDS))
        if warn is None and target is not None:
            warn = _share(target, said["warn_percent"])
        if warn is None:
            if critical is not None:
                message = "a critical threshold alone says too little; write target_ms or warn_threshold_ms too"
                faults.add(self._place(), message)
            return None
        if critical is None:
            critical = max(_share(target or 0, said["critical_percent"]), _share(warn, 150))
        if warn > critical:
            message = (
                f"warning at {warn} ms would come after critical at {critical} ms; write a lower warn_threshold_ms"
            )
            faults.add(self._place(), message)
        return Performance(target, warn, critical)

    def _performance(self) -> dict[str, Any]:
        """Every key of the nearest level that has it; thresholds never outlive the target that they were set for."""
        said: dict[str, Any] = {"warn_percent": 100, "critical_percent": 150}
        for _, block in reversed(self.blocks):
            own = block.performance.model_dump(exclude_none=True) if block.performance else {}
            if "target_ms" in own:
                said = {key: value for key, value in said.items() if key not in _THRESHOLDS}
            said |= own
        return said

    def _place(self) -> Path:
        path, performance = next((path, block.performance) for path, block in self.blocks if block.performance)
        said = [key for key in _THRESHOLDS if getattr(performance, key) is not None]
        return (*path, "performance", *said[:1])


def _share(of_ms: int, percent: int) -> int:
    """That many percent, floored: whole milliseconds are past it exactly when they are past the fraction."""
    return of_ms * percent // 100
