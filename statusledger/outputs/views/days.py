"""The bars of a component with what belongs to them: figures by window, the bad days, the axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from statusledger import words
from statusledger.language import gettext, markup, ngettext, nmarkup
from statusledger.model import Shown
from statusledger.outputs import drawings
from statusledger.outputs.times import Times, day_element
from statusledger.report.records import ComponentReport, Day, IncidentReport

# Bars shown by the width of the screen, and the period whose figures stand under them; a period that the report
# does not have is told by the next longer one, under that one's name.
WINDOWS: Mapping[int, tuple[int, ...]] = {90: (90,), 60: (60, 90), 30: (30, 90)}
# What a bad day is listed for: the class of its time that made it bad.
COUNTED: Mapping[Shown, str] = {
    Shown.MAJOR: "down_ms",
    Shown.PARTIAL: "down_ms",
    Shown.DEGRADED: "degraded_ms",
    Shown.MAINTENANCE: "maintenance_ms",
    Shown.NODATA: "unknown_ms",
}


@dataclass(frozen=True, slots=True)
class Window:
    """The figures under the bars at one width: `bars` are visible, `days` counted; empty where nothing was.

    `since` is set where the component is younger than that, and then stands for the days.
    """

    bars: int
    days: int
    since: Markup | None
    uptime: str
    downtime: str
    coverage: str

    @property
    def span(self) -> Markup:
        """What is counted: `90 days`, `Since 3 Nov`."""
        if self.since is not None:
            return markup("Since %(day)s", day=self.since)
        return nmarkup("%(count)s day", "%(count)s days", self.days)


@dataclass(frozen=True, slots=True)
class BadDay:
    """A day that was not plainly up: its state, for how long, and the incidents that touch it."""

    day: Markup
    shown: Shown
    word: str
    duration: str
    incidents: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """One component's bars; `coverage` is set when it is the same at every width."""

    id: str
    drawing: Markup
    windows: tuple[Window, ...]
    coverage: str | None
    bad_days: tuple[BadDay, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Axis:
    """Both ends of the bars and the zone of their days; the first day depends on the width."""

    starts: tuple[tuple[int, Markup], ...]
    zone: str
    today: str


def axis(times: Times) -> Axis:
    """The axis of all bars on one page."""
    starts = ((bars, times.today - timedelta(days=bars - 1)) for bars in WINDOWS)
    return Axis(tuple((bars, day_element(day)) for bars, day in starts), times.zone, words.short_day(times.today))


def bars(
    component: ComponentReport, times: Times, incidents: Mapping[str, IncidentReport], *, newest: int | None = None
) -> Bars:
    """The bars of a component; `newest` limits the table of bad days, `more` says how many are left out."""
    bad = _bad_days(component.days, times.today)
    listed = bad[:newest] if newest is not None else bad
    windows = tuple(_window(component, times, bars) for bars in WINDOWS)
    coverages = {window.coverage for window in windows}
    return Bars(
        id=component.id,
        drawing=drawings.bars(component.days, times.today, _sentence(component.name, windows[0])),
        windows=windows,
        coverage=coverages.pop() if len(coverages) == 1 else None,
        bad_days=tuple(_bad_day(day, incidents) for day in listed),
        more=len(bad) - len(listed),
    )


def _window(component: ComponentReport, times: Times, bars: int) -> Window:
    days, figures = next(
        ((days, component.figures[f"{days}d"]) for days in WINDOWS[bars] if f"{days}d" in component.figures),
        (bars, None),
    )
    since = _since(component, times, days)
    if figures is None or figures.coverage is None:
        return Window(bars, days, since, "", gettext("nothing measured"), "")
    coverage = words.percentage(figures.coverage, 2)
    if figures.ratio is None:
        return Window(bars, days, since, "", gettext("nothing counted"), coverage)
    shown = [day for _, day in drawings.columns(component.days, times.today, days) if day]
    return Window(bars, days, since, words.percentage(figures.ratio), _downtime(shown, figures.down_ms), coverage)


def _since(component: ComponentReport, times: Times, days: int) -> Markup | None:
    """The component's first day, where that lies within the window."""
    if not component.days or component.days[0].date <= times.today - timedelta(days=days):
        return None
    return day_element(component.days[0].date)


def _sentence(name: str, window: Window) -> str:
    """What a screen reader says of the bars."""
    names = {"name": name, "uptime": window.uptime, "downtime": window.downtime, "coverage": window.coverage}
    if window.since is not None:
        names["day"] = window.since.striptags()
        if not window.uptime:
            return gettext("%(name)s: %(downtime)s since %(day)s.", **names)
        return gettext("%(name)s: %(uptime)s up since %(day)s, %(downtime)s, %(coverage)s measured.", **names)
    if not window.uptime:
        return ngettext(
            "%(name)s: %(downtime)s over %(count)s day.",
            "%(name)s: %(downtime)s over %(count)s days.",
            window.days,
            **names,
        )
    return ngettext(
        "%(name)s: %(uptime)s up over %(count)s day, %(downtime)s, %(coverage)s measured.",
        "%(name)s: %(uptime)s up over %(count)s days, %(downtime)s, %(coverage)s measured.",
        window.days,
        **names,
    )


def _downtime(days: Sequence[Day], down_ms: int) -> str:
    down = sum(day.down_ms > 0 for day in days)
    if down:
        return ngettext("%(count)s day with downtime", "%(count)s days with downtime", down)
    if down_ms:
        # A rolling window begins within the day before the oldest bar.
        return gettext("%(duration)s of downtime", duration=words.duration(down_ms))
    degraded = sum(day.shown is Shown.DEGRADED for day in days)
    if not degraded:
        return gettext("no downtime")
    return ngettext("no downtime, %(count)s day degraded", "no downtime, %(count)s days degraded", degraded)


def _bad_days(days: Sequence[Day], today: date) -> list[Day]:
    """Newest first: every day of the 90 whose bar or whose evidence rail is not whole."""
    shown = (day for _, day in drawings.columns(days, today) if day)
    return [day for day in shown if _is_bad(day)][::-1]


def _is_bad(day: Day) -> bool:
    return day.shown is not Shown.OPERATIONAL or drawings.unmeasured(day) >= drawings.UNSEEN


def _bad_day(day: Day, incidents: Mapping[str, IncidentReport]) -> BadDay:
    shown = Shown.NODATA if day.shown is Shown.OPERATIONAL else day.shown
    return BadDay(
        day=day_element(day.date),
        shown=shown,
        word=words.SHOWN_WORDS[shown],
        duration=words.duration(getattr(day, COUNTED[shown])),
        incidents=tuple(
            {incidents[key].id: str(incidents[key].title) for key in day.incidents if key in incidents}.items()
        ),
    )
