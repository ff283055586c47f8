"""Words, figures and units as the pages spell them: every string that is not markup is chosen here or in a template.

A figure and its unit are held together by a narrow no-break space (U+202F), for which messages have a plain one.
Uptime floors, durations of trouble ceil.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import TypeVar

from statusledger import language, sla
from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from statusledger.incident_files import MaintenanceStatus
from statusledger.language import gettext, ngettext, number, pgettext
from statusledger.model import IncidentStatus, Shown, State
from statusledger.sla import SlaStatus, minutes, percent

THIN = "\u202f"
DASH = "\u2013"
MINUS = language.MINUS

K = TypeVar("K")


class Vocabulary(Mapping[K, str]):
    """What each member of a set is called, in the language of the moment."""

    def __init__(self, chosen: Mapping[K, Callable[[], str]]) -> None:
        self._chosen = chosen

    def __getitem__(self, member: K) -> str:
        return self._chosen[member]()

    def __iter__(self) -> Iterator[K]:
        return iter(self._chosen)

    def __len__(self) -> int:
        return len(self._chosen)


SHOWN_WORDS: Mapping[Shown, str] = Vocabulary(
    {
        Shown.OPERATIONAL: lambda: pgettext("label", "Operational"),
        Shown.DEGRADED: lambda: pgettext("label", "Degraded"),
        Shown.PARTIAL: lambda: pgettext("label", "Partial outage"),
        Shown.MAJOR: lambda: pgettext("label", "Major outage"),
        Shown.MAINTENANCE: lambda: pgettext("label", "Maintenance"),
        Shown.NODATA: lambda: pgettext("label", "No data"),
    }
)
# The same where they end a sentence that begins with a name and a colon.
SHOWN_PHRASES: Mapping[Shown, str] = Vocabulary(
    {
        Shown.OPERATIONAL: lambda: pgettext("after a colon", "operational"),
        Shown.DEGRADED: lambda: pgettext("after a colon", "degraded"),
        Shown.PARTIAL: lambda: pgettext("after a colon", "partial outage"),
        Shown.MAJOR: lambda: pgettext("after a colon", "major outage"),
        Shown.MAINTENANCE: lambda: pgettext("after a colon", "maintenance"),
        Shown.NODATA: lambda: pgettext("after a colon", "no data"),
    }
)
STATE_WORDS: Mapping[State, str] = Vocabulary(
    {
        State.UP: lambda: pgettext("label", "Up"),
        State.DEGRADED: lambda: pgettext("label", "Degraded"),
        State.DOWN: lambda: pgettext("label", "Down"),
        State.UNKNOWN: lambda: pgettext("label", "Not measured"),
        State.MAINTENANCE: lambda: pgettext("label", "Maintenance"),
        State.INACTIVE: lambda: pgettext("label", "Inactive"),
    }
)
STATE_PHRASES: Mapping[State, str] = Vocabulary(
    {
        State.UP: lambda: pgettext("after a colon", "up"),
        State.DEGRADED: lambda: pgettext("after a colon", "degraded"),
        State.DOWN: lambda: pgettext("after a colon", "down"),
        State.UNKNOWN: lambda: pgettext("after a colon", "not measured"),
        State.MAINTENANCE: lambda: pgettext("after a colon", "maintenance"),
        State.INACTIVE: lambda: pgettext("after a colon", "inactive"),
    }
)
SHOWN_STATES: Mapping[State, Shown] = {
    State.UP: Shown.OPERATIONAL,
    State.DEGRADED: Shown.DEGRADED,
    State.DOWN: Shown.MAJOR,
    State.UNKNOWN: Shown.NODATA,
    State.MAINTENANCE: Shown.MAINTENANCE,
    State.INACTIVE: Shown.NODATA,
}


def state_word(shown: Shown, *, paused: bool) -> str:
    """What is beside a component's name."""
    return STATE_WORDS[State.INACTIVE] if paused else SHOWN_WORDS[shown]


def state_phrase(shown: Shown, *, paused: bool) -> str:
    """The same where it ends a sentence that begins with the component's name and a colon."""
    return STATE_PHRASES[State.INACTIVE] if paused else SHOWN_PHRASES[shown]


SLA_WORDS: Mapping[SlaStatus, str] = Vocabulary(
    {
        SlaStatus.COMPLIANT: lambda: pgettext("label", "On target"),
        SlaStatus.WARNING: lambda: pgettext("label", "Warning"),
        SlaStatus.BREACHED: lambda: pgettext("label", "Breached"),
        SlaStatus.NO_DATA: lambda: pgettext("label", "No data"),
    }
)
SLA_PHRASES: Mapping[SlaStatus, str] = Vocabulary(
    {
        SlaStatus.COMPLIANT: lambda: pgettext("after a comma", "on target"),
        SlaStatus.WARNING: lambda: pgettext("after a comma", "warning"),
        SlaStatus.BREACHED: lambda: pgettext("after a comma", "breached"),
        SlaStatus.NO_DATA: lambda: pgettext("after a comma", "no data"),
    }
)
SHOWN_SLA: Mapping[SlaStatus, Shown] = {
    SlaStatus.COMPLIANT: Shown.OPERATIONAL,
    SlaStatus.WARNING: Shown.DEGRADED,
    SlaStatus.BREACHED: Shown.MAJOR,
    SlaStatus.NO_DATA: Shown.NODATA,
}
INCIDENT_WORDS: Mapping[IncidentStatus, str] = Vocabulary(
    {
        IncidentStatus.INVESTIGATING: lambda: pgettext("update", "Investigating"),
        IncidentStatus.IDENTIFIED: lambda: pgettext("update", "Identified"),
        IncidentStatus.MONITORING: lambda: pgettext("update", "Monitoring"),
        IncidentStatus.RESOLVED: lambda: pgettext("update", "Resolved"),
    }
)
MAINTENANCE_WORDS: Mapping[MaintenanceStatus, str] = Vocabulary(
    {
        MaintenanceStatus.SCHEDULED: lambda: pgettext("maintenance", "Scheduled"),
        MaintenanceStatus.IN_PROGRESS: lambda: pgettext("maintenance", "In progress"),
        MaintenanceStatus.VERIFYING: lambda: pgettext("maintenance", "Verifying"),
        MaintenanceStatus.COMPLETED: lambda: pgettext("maintenance", "Completed"),
    }
)
QUORUM_WORDS: Mapping[str, str] = Vocabulary(
    {
        "any": lambda: gettext("at any location"),
        "majority": lambda: gettext("at a majority of its locations"),
        "all": lambda: gettext("at all of its locations"),
    }
)


def quorum(rule: str) -> str:
    """How many locations must agree: `at a majority of its locations`, `at 2 of its locations`."""
    if rule in QUORUM_WORDS:
        return QUORUM_WORDS[rule]
    return ngettext("at %(count)s of its locations", "at %(count)s of its locations", int(rule))


def listed(names: Iterable[str]) -> str:
    """The names with commas between them; a dash where there is none."""
    return pgettext("between the members of a list", ", ").join(names) or DASH


def both(first: str, second: str) -> str:
    """`API and Search`."""
    return gettext("%(first)s and %(second)s", first=first, second=second)


def together(names: Sequence[str]) -> str:
    """`API`, `API and Web`, `API, Web and Docs`."""
    *most, last = names
    return both(listed(most), last) if most else last


def percentage(ratio: Fraction | None, decimals: int = 3) -> str:
    """A ratio as percent, floored, with its sign; a dash where there was nothing to divide."""
    return DASH if ratio is None else percent_of(percent(ratio, decimals))


def ceiled_percentage(ratio: Fraction) -> str:
    """A ratio of trouble as percent with three decimals, ceiled: the least there is shows 0.001 %."""
    scaled = -(-ratio.numerator * 100_000 // ratio.denominator)
    return percent_of(f"{scaled // 1000}.{scaled % 1000:03d}")


def between(low: Fraction | None, high: Fraction | None) -> str:
    """Two ratios as a range of percent, `95.578 to 100.000 %`."""
    if low is None or high is None:
        return DASH
    return gettext("%(low)s to %(high)s", low=number(percent(low)), high=percentage(high))


def exact_percentage(ratio: Fraction) -> str:
    """A ratio as percent with no more digits than it needs, at most three: `0.1 %`, `10 %`."""
    return percent_of(percent(ratio).rstrip("0").rstrip("."))


def percent_of(digits: str) -> str:
    """Digits that were counted and cut already, as percent: `99.900` as `99.900 %`."""
    return _held(pgettext("percentage", "%(number)s %%", number=number(digits)))


def money(amount: str, currency: str) -> str:
    """`EUR 1,200.00`."""
    return _held(pgettext("money", "%(currency)s %(amount)s", currency=currency, amount=number(amount)))


def counted_minutes(duration_ms: Fraction | int) -> str:
    """Minutes with three decimals and their unit; a real minus sign where a budget is overdrawn."""
    return _minutes(minutes(duration_ms))


def minutes_left(duration_ms: Fraction | int) -> str:
    """What is left of a budget, floored; a real minus sign where it is overdrawn."""
    return _minutes(sla.minutes_left(duration_ms))


def _minutes(digits: str) -> str:
    return _held(gettext("%(number)s min", number=number(digits)))


def scale_minutes(duration_ms: Fraction) -> str:
    """The label of a scale in minutes, three digits that tell: `42.8 min`, `0.43 min`, `2,160 min`."""
    value = float(abs(duration_ms) / MINUTE_MS)
    text = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
    return _minutes(f"{'-' if duration_ms < 0 else ''}{text}")


def milliseconds(duration_ms: int | None) -> str:
    """A response time with its unit; a dash where nothing was timed."""
    if duration_ms is None:
        return DASH
    return _held(ngettext("%(count)s ms", "%(count)s ms", duration_ms))


def in_milliseconds(digits: str) -> str:
    """Digits that are told already, with the unit of a response time."""
    return _held(gettext("%(number)s ms", number=digits))


def captured(value: float | None, *, per_second: bool) -> str:
    """A number out of an answer in at most four decimals, `1,204` or `0.25 per second`; a dash where none is known."""
    if value is None:
        return DASH
    digits = number(f"{value:.4f}".rstrip("0").rstrip("."))
    return gettext("%(number)s per second", number=digits) if per_second else digits


# --- how long ------------------------------------------------------------------------------------

UNITS: Mapping[str, Callable[[int], str]] = {
    "d": lambda count: ngettext("%(count)s d", "%(count)s d", count),
    "h": lambda count: ngettext("%(count)s h", "%(count)s h", count),
    "min": lambda count: ngettext("%(count)s min", "%(count)s min", count),
    "s": lambda count: ngettext("%(count)s s", "%(count)s s", count),
}


def unit(count: int, name: str) -> str:
    """A whole number of `d`, `h`, `min` or `s`: `14 min`."""
    return _held(UNITS[name](count))


def window(key: str) -> str:
    """The length of a rolling window by its key: `24 h` for `24h`."""
    return unit(int(key[:-1]), key[-1])


def duration(duration_ms: int) -> str:
    """How long something lasted, ceiled to the smallest unit shown: `45 s`, `41 min`, `1 h 14 min`, `5 d 2 h`."""
    if 0 < duration_ms < MINUTE_MS:
        return unit(-(-duration_ms // SECOND_MS), "s")
    whole_minutes = -(-duration_ms // MINUTE_MS)
    if whole_minutes < 100 * 60:
        return _two_units(whole_minutes, (60, "h", "min"))
    return _two_units(-(-duration_ms // HOUR_MS), (24, "d", "h"))


def age(duration_ms: int) -> str:
    """How old something is, floored, so that a page never makes its data look older than it is."""
    if duration_ms < MINUTE_MS:
        return gettext("less than a minute")
    if duration_ms < 4 * DAY_MS:
        return _two_units(duration_ms // MINUTE_MS, (60, "h", "min"))
    return _two_units(duration_ms // HOUR_MS, (24, "d", "h"))


def _two_units(count: int, units: tuple[int, str, str]) -> str:
    size, large, small = units
    whole, rest = divmod(count, size)
    parts = [unit(whole, large)] if whole else []
    if rest or not whole:
        parts.append(unit(rest, small))
    return " ".join(parts)


def interval(duration_ms: int) -> str:
    """How often something is done, exactly: `0.5 s`, `30 s`, `5 min`, `1 min 30 s`."""
    whole, rest = divmod(duration_ms, MINUTE_MS)
    if whole and rest == 0:
        return duration(duration_ms)
    digits = f"{rest // SECOND_MS}.{rest % SECOND_MS:03d}".rstrip("0").rstrip(".")
    seconds = _held(gettext("%(number)s s", number=number(digits)))
    return f"{duration(whole * MINUTE_MS)} {seconds}" if whole else seconds


def _held(figure: str) -> str:
    """A figure that no line break parts from its unit."""
    return figure.replace(" ", THIN)


# --- days ----------------------------------------------------------------------------------------


def short_month(month: int) -> str:
    """`Oct` for 10."""
    return language.day(date(2000, month, 1), pgettext("pattern of a date", "LLL"))


def short_day(day: date) -> str:
    """`14 Oct`."""
    return language.day(day, pgettext("pattern of a date", "d MMM"))


def weekday_day(day: date) -> str:
    """`Wed 14 Oct`."""
    return language.day(day, pgettext("pattern of a date", "EEE d MMM"))


def full_weekday_day(day: date) -> str:
    """`Wed 14 Oct 2026`."""
    return language.day(day, pgettext("pattern of a date", "EEE d MMM y"))


def day_of_week(day: date) -> str:
    """`Wed 14`."""
    return language.day(day, pgettext("pattern of a date", "EEE d"))


def full_day(day: date) -> str:
    """`14 Oct 2026`."""
    return language.day(day, pgettext("pattern of a date", "d MMM y"))


def dated(day: str, time: str) -> str:
    """`14 Oct, 14:02 UTC`."""
    return gettext("%(day)s, %(time)s", day=day, time=time)


def month_name(key: str) -> str:
    """`October` for the period key `2026-10`."""
    return language.day(date.fromisoformat(f"{key}-01"), pgettext("pattern of a date", "LLLL"))


def month_words(key: str) -> str:
    """`October 2026` for the period key `2026-10`."""
    return language.day(date.fromisoformat(f"{key}-01"), pgettext("pattern of a date", "LLLL y"))


def quarter(key: str) -> str:
    """`Q4 2026` for the period key `2026-Q4`."""
    year, name = key.split("-")
    return pgettext("a quarter of a year", "%(quarter)s %(year)s", quarter=name, year=year)


def short_month_words(key: str) -> str:
    """`Oct 2026` for the period key `2026-10`."""
    return language.day(date.fromisoformat(f"{key}-01"), pgettext("pattern of a date", "LLL y"))
