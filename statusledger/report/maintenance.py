"""Maintenance files, what was announced, and what was measured -> every window as readers are told of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from statusledger.clock import DAY_MS, to_datetime
from statusledger.config import Config
from statusledger.incident_files import MaintenanceFile, MaintenanceStatus, Update
from statusledger.incident_files.names import EVERYTHING
from statusledger.incident_files.rendering import to_text
from statusledger.incidents.announced import Announced, intersection, names_of
from statusledger.model import Maintenance
from statusledger.report.evaluated import Evaluated
from statusledger.report.planned import Counts, MaintenanceReport, Step
from statusledger.timeline import Window, merged

PAST_DAYS = 90
AHEAD_DAYS = 35
"""How much is told of windows that come again; a window that does not is told for ever."""


@dataclass(frozen=True, slots=True)
class Planning:
    """What windows are told from: components that may be named, who decides what counts, and the windows that do."""

    config: Config
    public: Mapping[str, Evaluated]
    announced: Announced
    plans: Sequence[Maintenance]

    @property
    def as_of(self) -> int:
        """The instant of the build."""
        return self.announced.as_of


def maintenance_reports(source: Planning, files: Iterable[MaintenanceFile]) -> tuple[MaintenanceReport, ...]:
    """Every window that is told, the latest start first."""
    plans: dict[str, list[Maintenance]] = {}
    for plan in source.plans:
        plans.setdefault(plan.id, []).append(plan)
    found = [report for one in files for report in _reports(one, plans.get(one.id, ()), source)]
    return tuple(sorted(found, key=lambda report: (-report.starts_at, report.id)))


def _reports(one: MaintenanceFile, plans: Sequence[Maintenance], source: Planning) -> Iterator[MaintenanceReport]:
    components = tuple(_components(one, source))
    if components:
        windows = source.announced.windows(one)
        for index, window in enumerate(windows):
            if one.repeats is None or -PAST_DAYS * DAY_MS < window[0] - source.as_of < AHEAD_DAYS * DAY_MS:
                yield _report(one, components, (windows, index), plans, source)


def _components(one: MaintenanceFile, source: Planning) -> Iterator[tuple[str, str]]:
    """The public components that a file names, in the order of the page."""
    everything = EVERYTHING in one.components
    for name, subject in source.public.items():
        if everything or names_of(subject.component, source.config).intersection(one.components):
            yield name, subject.component.name


def _report(
    one: MaintenanceFile,
    components: tuple[tuple[str, str], ...],
    place: tuple[Sequence[Window], int],
    plans: Sequence[Maintenance],
    source: Planning,
) -> MaintenanceReport:
    windows, index = place
    start, end = windows[index]
    steps = tuple(_steps(one, windows, index, source))
    return MaintenanceReport(
        id=one.id if one.repeats is None else f"{one.id}-{to_datetime(start):%Y%m%dt%H%M}z",
        file=one.file,
        title=one.title,
        components=components,
        starts_at=start,
        ends_at=end,
        status=_status(steps, (start, end), source.as_of),
        cancelled=one.cancelled,
        counts=_counts(components, (start, end), plans, source),
        announced_at=_announced_at(one, (start, end), source),
        overran_ms=0 if one.cancelled else max(_overruns(components, end, source), default=0),
        impact=one.impact,
        repeats=one.repeats,
        summary=one.summary,
        steps=steps,
    )


def _status(steps: Sequence[Step], window: Window, as_of: int) -> MaintenanceStatus:
    """By the clock; people may say that they are verifying, or done before the end."""
    if as_of < window[0]:
        return MaintenanceStatus.SCHEDULED
    if as_of >= window[1]:
        return MaintenanceStatus.COMPLETED
    told = steps[-1].status if steps else MaintenanceStatus.IN_PROGRESS
    return told if told is not MaintenanceStatus.SCHEDULED else MaintenanceStatus.IN_PROGRESS


def _counts(
    components: Sequence[tuple[str, str]], window: Window, plans: Sequence[Maintenance], source: Planning
) -> Counts:
    """How much of the window is left out of the figures of its components."""
    notice_ms = source.announced.notice_ms
    good = [plan for plan in plans if plan.announced_at is None or plan.announced_at <= plan.starts_at - notice_ms]
    counted = []
    for name, _ in components:
        names = names_of(source.public[name].component, source.config)
        spans = merged((plan.starts_at, plan.ends_at) for plan in good if names.intersection(plan.components))
        counted.append(sum(end - start for start, end in intersection(spans, [window])))
    length = window[1] - window[0]
    if all(one == length for one in counted):
        return Counts.WHOLE
    return Counts.PART if any(counted) else Counts.NO


def _announced_at(one: MaintenanceFile, window: Window, source: Planning) -> int | None:
    """The first announcement of this window that was not taken back since."""
    if source.announced.notices is None:
        return one.announced_at
    first = None
    for entry in reversed(source.announced.entries(one)):
        if entry.cancelled or window not in source.announced.windows_of(entry):
            break
        first = entry.seen_at
    return first


def _overruns(components: Iterable[tuple[str, str]], end: int, source: Planning) -> Iterator[int]:
    """How long each component stayed down behind the end of the window."""
    if end > source.as_of:
        return
    for name, _ in components:
        for incident in source.public[name].incidents:
            if incident.started_at < end and (incident.ended_at is None or incident.ended_at > end):
                yield (source.as_of if incident.ended_at is None else incident.ended_at) - end


# --- the trail ----------------------------------------------------------------------------------


def _steps(one: MaintenanceFile, windows: Sequence[Window], index: int, source: Planning) -> Iterator[Step]:
    """What people wrote about this window, and what the clock says where they wrote nothing; oldest first."""
    written = [
        _step(update.at, MaintenanceStatus(update.status), update.text) for update in _about(one, windows, index)
    ]
    told = {step.status for step in written}
    by_clock = [step for step in _by_clock(one, windows[index], source) if step.status not in told]
    steps = (step for step in [*by_clock, *written] if step.at <= source.as_of)
    return iter(sorted(steps, key=lambda step: (step.at, tuple(MaintenanceStatus).index(step.status))))


def _about(one: MaintenanceFile, windows: Sequence[Window], index: int) -> list[Update]:
    """The updates that are about this window of several: those since the one before it was over."""
    first = windows[index - 1][1] if index else None
    last = windows[index][1] if index + 1 < len(windows) else None
    return [
        update for update in one.updates if (first is None or update.at >= first) and (last is None or update.at < last)
    ]


def _by_clock(one: MaintenanceFile, window: Window, source: Planning) -> Iterator[Step]:
    announced_at = _announced_at(one, window, source)
    if announced_at is not None and announced_at < window[0]:
        yield Step(announced_at, MaintenanceStatus.SCHEDULED, "")
    if not one.cancelled:
        yield Step(window[0], MaintenanceStatus.IN_PROGRESS, "")
        yield Step(window[1], MaintenanceStatus.COMPLETED, "")


def _step(at: int, status: MaintenanceStatus, text: str) -> Step:
    return Step(at, status, to_text(text), text)
