"""Instants as `<time>` elements in one zone, always naming the zone, told from the day of the build.

A page is static, so a clock time without a date means the local day on which the page was built.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from markupsafe import Markup, escape

from statusledger import words
from statusledger.clock import to_datetime
from statusledger.language import markup


@dataclass(frozen=True, slots=True)
class Times:
    """How the instants of one page are told: `zone` is an IANA name, `now` the instant of the build."""

    zone: str
    now: int

    @property
    def today(self) -> date:
        """The local day that holds the build."""
        return self.day(self.now)

    def day(self, instant: int) -> date:
        """The local day that holds the instant."""
        return self._local(instant).date()

    def month(self, instant: int) -> str:
        """The key of the local month that holds the instant: `2026-10`."""
        return f"{self.day(instant):%Y-%m}"

    def clock(self, instant: int) -> str:
        """`14:02`, for a drawing whose day and zone are named beside it."""
        return _clock(self._local(instant))

    def exact(self, instant: int) -> Markup:
        """`14:02:14`, for a sentence whose day and zone are named beside it."""
        return element(instant, f"{self._local(instant):%H:%M:%S}")

    def moment(self, instant: int) -> Markup:
        """`02:56 UTC` today, `20 Nov, 23:56 UTC` before, with the year where it is another one."""
        day, time = self.day(instant), f"{self.clock(instant)} {self.zone_name(instant)}"
        return element(instant, time if day == self.today else words.dated(self._day_words(day), time))

    def full(self, instant: int) -> Markup:
        """`21 Nov 2026, 03:00 UTC`."""
        time = f"{self.clock(instant)} {self.zone_name(instant)}"
        return element(instant, words.dated(words.full_day(self.day(instant)), time))

    def span(self, start: int, end: int, *, seconds: bool = False) -> Markup:
        """`14 Oct, 14:02 to 14:43 UTC`, with both days where they differ; `seconds` shows them unless they are 0."""
        first, last = self.day(start), self.day(end)
        clock = self._clock_with_seconds if seconds else self.clock
        until = f"{clock(end)} {self.zone_name(end)}"
        return markup(
            "%(start)s to %(end)s",
            start=element(start, words.dated(self._day_words(first), clock(start))),
            end=element(end, until if first == last else words.dated(self._day_words(last), until)),
        )

    def day_of(self, instant: int) -> Markup:
        """`Wed 14 Oct`, with the year where it is not the one of the build."""
        day = self.day(instant)
        this_year = day.year == self.today.year
        return day_element(day, words.weekday_day(day) if this_year else words.full_weekday_day(day))

    def zone_name(self, instant: int) -> str:
        """What the zone is called at the instant: `UTC`, `CET`, `UTC+5:30`."""
        moment = self._local(instant)
        name = moment.tzname() or ""
        return name if name.isalpha() else _offset(moment.utcoffset() or timedelta())

    def _local(self, instant: int) -> datetime:
        return _local(instant, self.zone)

    def _clock_with_seconds(self, instant: int) -> str:
        moment = self._local(instant)
        return f"{moment:%H:%M:%S}" if moment.second else _clock(moment)

    def _day_words(self, day: date) -> str:
        return words.short_day(day) if day.year == self.today.year else words.full_day(day)


@lru_cache(maxsize=65_536)
def element(instant: int, text: str) -> Markup:
    """A `<time>` with the instant in UTC, to the second where it is not a whole minute."""
    moment = to_datetime(instant)
    seconds = f":{moment.second:02d}" if moment.second else ""
    machine = f"{moment.date().isoformat()}T{_clock(moment)}{seconds}Z"
    return Markup(f'<time datetime="{machine}">{escape(text)}</time>')  # noqa: S704 - escaped


def day_element(day: date, text: str | None = None) -> Markup:
    """A `<time>` of a local day, `14 Oct` unless other words are given."""
    return Markup(f'<time datetime="{day.isoformat()}">{escape(text or words.short_day(day))}</time>')  # noqa: S704 - escaped


@lru_cache(maxsize=65_536)
def _local(instant: int, zone: str) -> datetime:
    """A page tells the same few instants again and again."""
    return to_datetime(instant, zone)


def _clock(moment: datetime) -> str:
    return f"{moment.hour:02d}:{moment.minute:02d}"


def _offset(offset: timedelta) -> str:
    sign = words.MINUS if offset < timedelta() else "+"
    hours, rest = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
