"""Words, figures and units as the pages spell them: every string that is not markup is chosen here or in a template.

A figure and its unit are held together by a narrow no-break space (U+202F). Uptime floors, durations of trouble ceil.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

from statusledger import sla
from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from statusledger.model import Shown, State
from statusledger.sla import SlaStatus, minutes, percent

THIN = "\u202f"
DASH = "\u2013"
MINUS = "\u2212"

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

SHOWN_WORDS: Mapping[Shown, str] = {
    Shown.OPERATIONAL: "Operational",
    Shown.DEGRADED: "Degraded",
    Shown.PARTIAL: "Partial outage",
    Shown.MAJOR: "Major outage",
    Shown.MAINTENANCE: "Maintenance",
    Shown.NODATA: "No data",
}
STATE_WORDS: Mapping[State, str] = {
    State.UP: "Up",
    State.DEGRADED: "Degraded",
    State.DOWN: "Down",
    State.UNKNOWN: "Not measured",
    State.MAINTENANCE: "Maintenance",
    State.INACTIVE: "Inactive",
}
SHOWN_STATES: Mapping[State, Shown] = {
    State.UP: Shown.OPERATIONAL,
    State.DEGRADED: Shown.DEGRADED,
    State.DOWN: Shown.MAJOR,
    State.UNKNOWN: Shown.NODATA,
    State.MAINTENANCE: Shown.MAINTENANCE,
    State.INACTIVE: Shown.NODATA,
}
SLA_WORDS: Mapping[SlaStatus, str] = {
    SlaStatus.COMPLIANT: "On target",
    SlaStatus.WARNING: "Warning",
    SlaStatus.BREACHED: "Breached",
    SlaStatus.NO_DATA: "No data",
}
SHOWN_SLA: Mapping[SlaStatus, Shown] = {
    SlaStatus.COMPLIANT: Shown.OPERATIONAL,
    SlaStatus.WARNING: Shown.DEGRADED,
    SlaStatus.BREACHED: Shown.MAJOR,
    SlaStatus.NO_DATA: Shown.NODATA,
}
QUORUM_WORDS: Mapping[str, str] = {
    "any": "at any location",
    "majority": "at a majority of its locations",
    "all": "at all of its locations",
}


def plural(count: int, noun: str) -> str:
    """`1 day`, `2 days`, `5,760 checks`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def listed(names: Iterable[str]) -> str:
    """The names with commas between them; a dash where there is none."""
    return ", ".join(names) or DASH


def percentage(ratio: Fraction | None, decimals: int = 3) -> str:
    """A ratio as percent, floored, with its sign; a dash where there was nothing to divide."""
    return DASH if ratio is None else f"{percent(ratio, decimals)}{THIN}%"


def ceiled_percentage(ratio: Fraction) -> str:
    """A ratio of trouble as percent with three decimals, ceiled: the least there is shows 0.001 %."""
    scaled = -(-ratio.numerator * 100_000 // ratio.denominator)
    return f"{scaled // 1000}.{scaled % 1000:03d}{THIN}%"


def between(low: Fraction | None, high: Fraction | None) -> str:
    """Two ratios as a range of percent, `95.578 to 100.000 %`."""
    return DASH if low is None or high is None else f"{percent(low)} to {percentage(high)}"


def exact_percentage(ratio: Fraction) -> str:
    """A ratio as percent with no more digits than it needs, at most three: `0.1 %`, `10 %`."""
    digits = percent(ratio).rstrip("0").rstrip(".")
    return f"{digits}{THIN}%"


def counted_minutes(duration_ms: Fraction | int) -> str:
    """Minutes with three decimals and their unit; a real minus sign where a budget is overdrawn."""
    return f"{minutes(duration_ms).replace('-', MINUS)}{THIN}min"


def minutes_left(duration_ms: Fraction | int) -> str:
    """What is left of a budget, floored; a real minus sign where it is overdrawn."""
    return f"{sla.minutes_left(duration_ms).replace('-', MINUS)}{THIN}min"


def scale_minutes(duration_ms: Fraction) -> str:
    """The label of a scale in minutes, three digits that tell: `42.8 min`, `0.43 min`, `2,160 min`."""
    value = float(abs(duration_ms) / MINUTE_MS)
    text = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{MINUS if duration_ms < 0 else ''}{text}{THIN}min"


def milliseconds(duration_ms: int | None) -> str:
    """A response time with its unit; a dash where nothing was timed."""
    return DASH if duration_ms is None else f"{duration_ms:,}{THIN}ms"


def captured(value: float | None, *, per_second: bool) -> str:
    """A number out of an answer in at most four decimals, `1,204` or `0.25 per second`; a dash where none is known."""
    if value is None:
        return DASH
    text = f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{text} per second" if per_second else text


def duration(duration_ms: int) -> str:
    """How long something lasted, ceiled to the smallest unit shown: `45 s`, `41 min`, `1 h 14 min`, `5 d 2 h`."""
    if 0 < duration_ms < MINUTE_MS:
        return f"{-(-duration_ms // SECOND_MS)}{THIN}s"
    whole_minutes = -(-duration_ms // MINUTE_MS)
    if whole_minutes < 100 * 60:
        return _two_units(whole_minutes, (60, "h", "min"))
    return _two_units(-(-duration_ms // HOUR_MS), (24, "d", "h"))


def age(duration_ms: int) -> str:
    """How old something is, floored, so that a page never makes its data look older than it is."""
    if duration_ms < MINUTE_MS:
        return "less than a minute"
    if duration_ms < 4 * DAY_MS:
        return _two_units(duration_ms // MINUTE_MS, (60, "h", "min"))
    return _two_units(duration_ms // HOUR_MS, (24, "d", "h"))


def _two_units(count: int, units: tuple[int, str, str]) -> str:
    size, large, small = units
    whole, rest = divmod(count, size)
    parts = [f"{whole}{THIN}{large}"] if whole else []
    if rest or not whole:
        parts.append(f"{rest}{THIN}{small}")
    return " ".join(parts)


def interval(duration_ms: int) -> str:
    """How often something is done, exactly: `30 s`, `5 min`, `1 min 30 s`."""
    whole, rest = divmod(duration_ms, MINUTE_MS)
    if whole and rest == 0:
        return duration(duration_ms)
    seconds = f"{Fraction(rest, SECOND_MS).limit_denominator(1000)!s}{THIN}s"
    return f"{duration(whole * MINUTE_MS)} {seconds}" if whole else seconds


def short_month(month: int) -> str:
    """`Oct` for 10."""
    return MONTHS[month - 1][:3]


def short_day(day: date) -> str:
    """`14 Oct`."""
    return f"{day.day} {short_month(day.month)}"


def weekday_day(day: date) -> str:
    """`Wed 14 Oct`."""
    return f"{WEEKDAYS[day.weekday()]} {short_day(day)}"


def full_day(day: date) -> str:
    """`14 Oct 2026`."""
    return f"{short_day(day)} {day.year}"


def month_words(key: str) -> str:
    """`October 2026` for the period key `2026-10`."""
    year, month = key.split("-")
    return f"{MONTHS[int(month) - 1]} {year}"
