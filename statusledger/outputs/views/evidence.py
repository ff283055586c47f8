"""The evidence strip under every banner: when, from where, how complete, against which promise. Four facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from statusledger import words
from statusledger.outputs.times import Times
from statusledger.report.records import MonitorReport


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link to another page of the site: its words, and its path from the root."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of the strip: what it is about, the figure, a note, and where to read on."""

    label: str
    figure: str
    note: str = ""
    link: Anchor | None = None


HOW_WE_COUNT = Anchor("How we count", "index.html#count")


def last_measured(at: int | None, times: Times, link: Anchor | None = None) -> Fact:
    """When the newest measurement was made, told against the build, because a page cannot know when it is read."""
    if at is None:
        return Fact("Last measured", "Never", "nothing has been measured yet", link)
    note = f"{words.age(max(0, times.now - at))} before this page was built"
    return Fact("Last measured", times.moment(at), note, link)


def measured_from(names: Collection[str], overdue: Collection[str] = ()) -> Fact:
    """How many locations probe and which; those that are overdue are named."""
    if not names:
        return Fact("Measured from", words.DASH, "no location has reported")
    if overdue:
        figure = f"{len(names) - len(overdue)} of {words.plural(len(names), 'location')}"
        return Fact("Measured from", figure, f"overdue: {words.listed(overdue)}")
    return Fact("Measured from", words.plural(len(names), "location"), words.listed(names))


def coverage(monitor: MonitorReport) -> Fact:
    """How much of the last 24 hours was measured."""
    unknown = monitor.unknown_24h_ms
    note = f"{words.duration(unknown)} unknown" if unknown else "nothing unknown"
    return Fact(
        f"Coverage, 24{words.THIN}h",
        words.percentage(monitor.coverage_24h, 2),
        note if monitor.coverage_24h is not None else "nothing measured",
    )


def location_names(monitor: MonitorReport) -> Mapping[str, str]:
    """What each location id is called; two are reserved, for a demo's past and for what other systems report."""
    return {"generated": "Generated", "push": "Reported by itself"} | {
        entry.location.id: entry.location.name or entry.location.id for entry in monitor.locations
    }


def since(at: int | None, times: Times) -> Markup:
    """`since 02:31 UTC`; empty where it is not known."""
    return Markup("") if at is None else Markup("since {}").format(times.moment(at))
