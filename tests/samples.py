"""Ledgers in a few words: samples by location, as the ledger's columns and as one component's figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pandas as pd

from statusledger.clock import MINUTE_MS, Period, format_instant, parse_instant
from statusledger.model import Check, Component, Counting, Maintenance, Status, Terms
from statusledger.sla import Counts, Figures, count, figures, promise
from statusledger.timeline import ComponentTimeline, classify, component_timeline, counted_windows, series
from statusledger.timeline.steps import STATUS_CODES

APRIL = parse_instant("2026-04-01T00:00Z")
MAY = parse_instant("2026-05-01T00:00Z")
Row = tuple[str, str, int, str]  # check, location, ts, status
Samples = Sequence[tuple[int, str]]  # ts, status


def at(minutes: float) -> int:
    """The instant so many minutes after 2026-04-01T00:00Z."""
    return APRIL + round(minutes * MINUTE_MS)


def grid(*failed: int, count: int = 12, status: str = "down", step: int = 5) -> list[tuple[int, str]]:
    """G{i,j}: samples every five minutes from 2026-04-01T00:00Z, all up except the given indices."""
    return [(at(index * step), status if index in failed else "up") for index in range(count)]


def spelled(text: str) -> list[tuple[int, str]]:
    """`up 0, down 5` -> samples at those minutes."""
    words = (part.split() for part in text.split(","))
    return [(at(float(minute)), status) for status, minute in words]


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The columns of `frames.Ledger.samples`."""
    return pd.DataFrame(
        {
            "check": pd.Categorical([row[0] for row in rows]),
            "location": pd.Categorical([row[1] for row in rows]),
            "ts": pd.Series([row[2] for row in rows], dtype="int64"),
            "status": pd.Series([STATUS_CODES[Status(row[3])] for row in rows], dtype="int8"),
            "ms": pd.Series([100] * len(rows), dtype="int32"),
            "code": pd.Categorical([""] * len(rows)),
        }
    )


def check(identity: str = "api", *, n: int = 1, m: int = 1, h: float = 10, unconfirmed_as: str = "degraded") -> Check:
    """A check with N, M and H in minutes."""
    return Check(
        id=identity,
        name=identity,
        type="http",
        options=None,
        interval_ms=5 * MINUTE_MS,
        timeout_ms=10_000,
        counting=Counting(n, m, round(h * MINUTE_MS), Status(unconfirmed_as)),
    )


def component(*checks: Check, **settings: object) -> Component:
    """A component of these checks (one named `api` by default)."""
    return Component(id="api", name="API", group="core", checks=checks or (check(),), **settings)  # type: ignore[arg-type]


def measured(watched: Component, by_location: Mapping[str, Samples] | Samples) -> ComponentTimeline:
    """The component's timeline from samples of its first check, by location or from one location."""
    locations = by_location if isinstance(by_location, Mapping) else {"eu": by_location}
    identity = watched.checks[0].id
    rows = [(identity, location, ts, status) for location, samples in locations.items() for ts, status in samples]
    return component_timeline(watched, series(frame(rows)))


HOUR = Period("hour", at(0), at(60))


def figures_of(
    timeline: ComponentTimeline,
    period: Period = HOUR,
    *,
    as_of: int | None = None,
    target: str = "99.9",
    terms: Terms | None = None,
    plans: Sequence[Maintenance] = (),
) -> Figures:
    """One component's figures, with maintenance judged by 24 h notice."""
    terms = terms or Terms()
    now = period.end_ms if as_of is None else as_of
    windows = counted_windows(plans, {"api"}, 24 * 60 * MINUTE_MS) if terms.maintenance_as != "ignore" else []
    (counts,) = count(classify(timeline, windows), [period], now)
    return figures(period, counts, promise(Fraction(target) / 100, None, terms), now)


def window(start: float, end: float, *, announced: int | None = None, **settings: object) -> Maintenance:
    """A maintenance window over minutes of the hour."""
    return Maintenance("m", "Work", ("api",), at(start), at(end), announced, **settings)  # type: ignore[arg-type]


__all__ = ["APRIL", "HOUR", "MAY", "Counts", "format_instant", "parse_instant"]
