"""Instants, durations and calendar periods: integer milliseconds since 1970-01-01T00:00Z in, the same out.

Nothing here reads a clock except `now_ms`, which only the command line calls: `now` is an argument everywhere else.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
UNITS_MS = {"ms": 1, "s": SECOND_MS, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}

CalendarUnit = Literal["day", "month", "quarter", "year"]

_DURATION = re.compile(r"(?:\d+(?:ms|s|m|h|d))+")
_DURATION_PART = re.compile(r"(\d+)(ms|s|m|h|d)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now_ms() -> int:
    """The machine's clock, in milliseconds."""
    return time.time_ns() // 1_000_000


def parse_duration(text: str) -> int:
    """Milliseconds of `500ms`, `30s`, `5m`, `4m30s`, `24h` or `90d`; ValueError says what is expected."""
    if not _DURATION.fullmatch(text):
        msg = f'"{text}" is not a duration; write e.g. 500ms, 30s, 5m, 4m30s, 24h or 90d'
        raise ValueError(msg)
    return sum(int(count) * UNITS_MS[unit] for count, unit in _DURATION_PART.findall(text))


def format_duration(duration_ms: int) -> str:
    """The shortest spelling that `parse_duration` reads back: 270000 is `4m30s`."""
    if duration_ms == 0:
        return "0s"
    parts, rest = [], duration_ms
    for unit, size in reversed(UNITS_MS.items()):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


@lru_cache(maxsize=4096)
def parse_instant(text: str) -> int:
    """Epoch milliseconds of an ISO 8601 instant with an offset (`2026-11-21T02:06Z`).

    A bare date and a time without an offset are refused with ValueError: which day they mean depends on a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = f'"{text}" is not an instant; write e.g. 2026-11-21T02:06:00Z'
        raise ValueError(msg) from None
    if moment.tzinfo is None:
        msg = f'"{text}" names no offset, so it is not an instant; write e.g. 2026-11-21T02:06:00Z or …T03:06:00+01:00'
        raise ValueError(msg)
    return to_ms(moment)


def to_ms(moment: datetime) -> int:
    """Epoch milliseconds of an aware datetime, floored."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def to_datetime(instant_ms: int, zone: str = "UTC") -> datetime:
    """The instant as an aware datetime in a zone, exact to the millisecond."""
    return (_EPOCH + timedelta(milliseconds=instant_ms)).astimezone(zone_info(zone))


def format_instant(instant_ms: int) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`: how every JSON file spells an instant."""
    moment = to_datetime(instant_ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{instant_ms % 1000:03d}Z"


@lru_cache(maxsize=64)
def zone_info(name: str) -> ZoneInfo:
    """The IANA zone; ValueError when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        msg = f'"{name}" is not a time zone; write an IANA name such as Europe/Berlin or UTC'
        raise ValueError(msg) from None


def local_date(instant_ms: int, zone: str) -> date:
    """The calendar day in the zone that holds the instant."""
    return to_datetime(instant_ms, zone).date()


@lru_cache(maxsize=65_536)
def day_start(day: date, zone: str) -> int:
    """The first instant of a local day: a missing midnight is the jump, a double one its first."""
    return to_ms(datetime(day.year, day.month, day.day, tzinfo=zone_info(zone), fold=0))


@dataclass(frozen=True, slots=True)
class Period:
    """The half-open interval [start_ms, end_ms); `key` names it in file names and JSON (`30d`, `2026-11`)."""

    key: str
    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """How long the period is, as time passes (a month with a clock change is an hour off)."""
        return self.end_ms - self.start_ms


def rolling(days: int, as_of: int) -> Period:
    """`days` x 86,400,000 ms that end at as_of; one day is called `24h`."""
    return Period("24h" if days == 1 else f"{days}d", as_of - days * DAY_MS, as_of)


def calendar(unit: CalendarUnit, day: date, zone: str) -> Period:
    """The calendar day, month, quarter or year of the zone that holds `day`."""
    if unit == "day":
        first, following, key = day, day + timedelta(days=1), day.isoformat()
    elif unit == "year":
        first, following, key = date(day.year, 1, 1), date(day.year + 1, 1, 1), f"{day.year:04d}"
    else:
        months = 1 if unit == "month" else 3
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        following = _add_months(first, months)
        key = f"{first:%Y-%m}" if unit == "month" else f"{first.year:04d}-Q{first.month // 3 + 1}"
    return Period(key, day_start(first, zone), day_start(following, zone))


def _add_months(first: date, months: int) -> date:
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)
