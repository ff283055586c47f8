"""The evidence strip under every banner: when, from where, how complete, against which promise. Four facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import ceil

from markupsafe import Markup

from statusledger import words
from statusledger.clock import DAY_MS, format_instant
from statusledger.language import gettext, markup, ngettext
from statusledger.outputs.times import Times
from statusledger.report.records import MonitorReport


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link to another page of the site: its words, and its path from the root."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of the strip: what it is about, the figure, a note, and where to read on.

    `ago` is the instant that the note counts from; a script may tell it by the visitor's clock.
    """

    label: str
    figure: str
    note: str = ""
    link: Anchor | None = None
    ago: str | None = None


def how_we_count() -> Anchor:
    """Where the home page says how figures come about."""
    return Anchor(gettext("How we count"), "index.html#count")


def last_measured(at: int | None, times: Times, link: Anchor | None = None) -> Fact:
    """When the newest measurement was made, told against the build, because a page cannot know when it is read."""
    if at is None:
        return Fact(gettext("Last measured"), gettext("Never"), gettext("nothing has been measured yet"), link)
    note = gettext("%(age)s before this page was built", age=words.age(max(0, times.now - at)))
    return Fact(gettext("Last measured"), times.moment(at), note, link, ago=format_instant(at))


def measured_from(names: Collection[str], overdue: Collection[str] = ()) -> Fact:
    """How many locations probe and which; those that are overdue are named."""
    if not names:
        return Fact(gettext("Measured from"), words.DASH, gettext("no location has reported"))
    if overdue:
        fresh = len(names) - len(overdue)
        figure = ngettext(
            "%(fresh)s of %(count)s location", "%(fresh)s of %(count)s locations", len(names), fresh=fresh
        )
        return Fact(gettext("Measured from"), figure, gettext("overdue: %(names)s", names=words.listed(overdue)))
    figure = ngettext("%(count)s location", "%(count)s locations", len(names))
    return Fact(gettext("Measured from"), figure, words.listed(names))


def coverage(monitor: MonitorReport) -> Fact:
    """How much of the last 24 hours was measured, and how much of them was not, in the mean of all components."""
    unknown = 0 if monitor.coverage_24h is None else ceil((1 - monitor.coverage_24h) * DAY_MS)
    label, figure = (
        gettext("Coverage, %(window)s", window=words.window("24h")),
        words.percentage(monitor.coverage_24h, 2),
    )
    if monitor.coverage_24h is None:
        return Fact(label, figure, gettext("nothing measured"))
    if not unknown:
        return Fact(label, figure, gettext("nothing unknown"))
    return Fact(label, figure, gettext("%(duration)s unknown", duration=words.duration(unknown)))


def location_names(monitor: MonitorReport) -> Mapping[str, str]:
    """What each location id is called; two are reserved, for a demo's past and for what other systems report."""
    return {"generated": gettext("Generated"), "push": gettext("Reported by itself")} | {
        entry.location.id: entry.location.name or entry.location.id for entry in monitor.locations
    }


def since(at: int | None, times: Times) -> Markup:
    """`since 02:31 UTC`; empty where it is not known."""
    return Markup("") if at is None else markup("since %(time)s", time=times.moment(at))
