"""The stretch of days that a page of insights looks back on, and the ticks under whatever is drawn over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from statusledger import words
from statusledger.clock import day_start
from statusledger.outputs.plots import Tick
from statusledger.outputs.times import Times
from statusledger.report.records import ComponentReport, Day, IncidentReport, Report

# How finely incidents are counted over time: each day, each week from Monday, each month.
DAILY, WEEKLY = 31, 92


@dataclass(frozen=True, slots=True)
class Span:
    """The newest `days` local days, the last of them not over yet; instants are epoch milliseconds."""

    days: int
    times: Times

    @property
    def first(self) -> date:
        """The oldest day."""
        return self.times.today - timedelta(days=self.days - 1)

    @property
    def start_ms(self) -> int:
        """Where the oldest day begins."""
        return day_start(self.first, self.times.zone)

    def place(self, instant: int) -> float:
        """Where an instant lies, as a part of the span's length."""
        part = (instant - self.start_ms) / (self.times.now - self.start_ms)
        return min(1.0, max(0.0, part))

    def of(self, component: ComponentReport) -> Sequence[Day]:
        """The days of a component that lie in the span."""
        return [day for day in component.days[-self.days :] if day.date >= self.first]

    def incidents(self, report: Report) -> list[IncidentReport]:
        """Every incident that touches the span, newest first."""
        return [one for one in report.incidents if one.ended_at is None or one.ended_at > self.start_ms]

    @property
    def buckets(self) -> list[tuple[date, str]]:
        """The first day of each stretch in which incidents are counted together, and what it is called."""
        found: list[tuple[date, str]] = []
        for back in range(self.days - 1, -1, -1):
            day = self.times.today - timedelta(days=back)
            if not found or self._begins(day):
                found.append((day, words.short_month(day.month) if self.days > WEEKLY else words.short_day(day)))
        return found

    def _begins(self, day: date) -> bool:
        if self.days <= DAILY:
            return True
        return day.weekday() == 0 if self.days <= WEEKLY else day.day == 1

    @property
    def ticks(self) -> list[Tick]:
        """Days, Mondays or firsts of months along the span, as many as have room."""
        return list(self._ticks())

    def _ticks(self) -> Iterator[Tick]:
        count = 0
        for back in range(self.days - 1, -1, -1):
            day = self.times.today - timedelta(days=back)
            if back >= self.days // 15 and self._is_marked(day):
                word = words.short_month(day.month) if self.days > WEEKLY else words.short_day(day)
                yield Tick(self.place(day_start(day, self.times.zone)), word, minor=count % 2 == 1)
                count += 1

    def _is_marked(self, day: date) -> bool:
        if self.days <= 7:
            return True
        return day.weekday() == 0 if self.days <= DAILY else day.day == 1
