"""Burn rates as plain JSON data: what each rule compares, and whether it fires."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from statusledger.clock import format_duration
from statusledger.outputs.api.document import exact, instant
from statusledger.sla import Burn


def burn_rates(found: Iterable[Burn]) -> list[dict[str, Any]]:
    """Rates as `num/den`, null where nothing counts or no downtime is allowed; `frozen_at`: what held then stands."""
    return [
        {
            "kind": burn.rule.kind,
            "factor": exact(burn.rule.factor),
            "long": format_duration(burn.rule.long_ms),
            "long_rate": exact(burn.long),
            "short": format_duration(burn.rule.short_ms),
            "short_rate": exact(burn.short),
            "firing": burn.firing,
            "frozen_at": instant(burn.frozen_at),
        }
        for burn in found
    ]
