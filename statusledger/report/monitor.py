"""How well the monitor itself did: who reported when, how much was measured, whether anything is known now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction

from statusledger.clock import DAY_MS, Period
from statusledger.config import Config
from statusledger.frames import Ledger
from statusledger.model import Location
from statusledger.report.evaluated import Evaluated
from statusledger.report.records import LocationReport, MonitorReport
from statusledger.sla import count
from statusledger.timeline.steps import INACTIVE, UNKNOWN

OVERDUE_SCHEDULES = 3
GENERATED = "generated"


def monitor_report(config: Config, ledger: Ledger, public: Collection[Evaluated], *, as_of: int) -> MonitorReport:
    """The monitor's own state at as_of, over the public components."""
    day = [one for counts in (count(e.classified, [_last_day(as_of)], as_of) for e in public) for one in counts]
    known, unknown = sum(one.known_ms for one in day), sum(one.unknown_ms for one in day)
    blind = _blind(public, as_of)
    recent = {location for location, tick in ledger.last_ticks.items() if tick > as_of - _longest_hold(public)}
    offline = blind and bool(recent) and recent <= ledger.offline
    return MonitorReport(
        locations=tuple(_location(place, ledger, as_of) for place in config.monitor.locations),
        last_measured_at=max(_measured(public), default=None),
        coverage_24h=Fraction(known, known + unknown) if known + unknown else None,
        unknown_24h_ms=unknown,
        stale=blind and not recent,
        offline=offline,
        damage=ledger.damage,
        dropped_future=ledger.dropped_future,
        generated_until=ledger.last_ticks.get(GENERATED),
    )


def _last_day(as_of: int) -> Period:
    return Period("24h", as_of - DAY_MS, as_of)


def _blind(public: Iterable[Evaluated], as_of: int) -> bool:
    """Whether nothing at all is known at this instant."""
    return all(one.classified.at([as_of])[0] in {UNKNOWN, INACTIVE} for one in public)


def _longest_hold(public: Iterable[Evaluated]) -> int:
    holds = (check.check.counting.max_staleness_ms for one in public for check in one.timeline.checks)
    return max(holds, default=DAY_MS)


def _measured(public: Iterable[Evaluated]) -> Iterable[int]:
    """The newest known sample of each check."""
    return (c.last_known_at for one in public for c in one.timeline.counted if c.last_known_at is not None)


def _location(place: Location, ledger: Ledger, as_of: int) -> LocationReport:
    last = ledger.last_ticks.get(place.id)
    if place.schedule_ms is None:
        return LocationReport(place, last, overdue=False)
    return LocationReport(place, last, overdue=last is None or as_of - last > OVERDUE_SCHEDULES * place.schedule_ms)
