"""Config + ledger -> Report: every fact that may be shown, computed once. What is private passes for operators only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probes.contract import Options
from statusledger.clock import DAY_MS, Period, calendar, local_date, rolling
from statusledger.config import Config
from statusledger.frames import Ledger
from statusledger.history import Captured
from statusledger.history.drafts import DraftRecord
from statusledger.model import Check, Shown, State, Visibility
from statusledger.report.alerting import Known, survey
from statusledger.report.budget import spent_by_day
from statusledger.report.calendars import UNITS, by_key, calendars, standing
from statusledger.report.contracts import contract_reports, is_public
from statusledger.report.days import DAYS_SHOWN, days, response_times
from statusledger.report.evaluated import Evaluated, EvaluatedService
from statusledger.report.evaluation import Evaluation, evaluate
from statusledger.report.filed import NOTHING_FILED, Filed
from statusledger.report.firing import channels, firing
from statusledger.report.maintenance import Planning, maintenance_reports
from statusledger.report.monitor import monitor_report
from statusledger.report.newest import around, plans, stories
from statusledger.report.planned import MaintenanceReport
from statusledger.report.policy import counted_how, how_we_count
from statusledger.report.records import (
    BuiltFrom,
    CapturedNumber,
    CheckReport,
    ComponentReport,
    GroupReport,
    IncidentReport,
    Interval,
    Report,
    ServiceReport,
)
from statusledger.report.retention import kept_ms
from statusledger.report.statistics import statistics
from statusledger.report.telling import incident_reports, telling, unknown_covers
from statusledger.report.verdict import verdict, worst
from statusledger.rollup.policy import policy
from statusledger.rollup.reading import History, unkept
from statusledger.timeline import STATES, CheckTimeline
from statusledger.timeline.steps import DOWN, UNKNOWN

RECENT_MS = 7 * DAY_MS
STATISTICS_DAYS = (30, 90, 365)
SHOWN = {
    State.UP: Shown.OPERATIONAL,
    State.DEGRADED: Shown.DEGRADED,
    State.DOWN: Shown.MAJOR,
    State.UNKNOWN: Shown.NODATA,
    State.MAINTENANCE: Shown.MAINTENANCE,
    State.INACTIVE: Shown.NODATA,
}


def report(  # noqa: PLR0913 - what was read, what it comes to, what people wrote, and who is told
    config: Config,
    read: History | Ledger,
    built: BuiltFrom,
    *,
    filed: Filed = NOTHING_FILED,
    private: bool = False,
    evaluation: Evaluation | None = None,
) -> Report:
    """Everything that may be shown at `built.as_of` of what was read; `private` components to operators only.

    `evaluation` is what was read comes to, where `reading.evaluated` has found that out already.
    """
    as_of, zone = built.as_of, config.sla.terms.zone
    history = read if isinstance(read, History) else unkept(read)
    ledger = history.ledger
    evaluation = evaluation or evaluate(config, history, as_of=as_of, filed=filed)
    public = {
        identity: evaluation.components[identity]
        for identity, one in config.components.items()
        if private or one.visibility is Visibility.PUBLIC
    }
    # of a private member everybody knows the state, so what it does to a service hides nothing
    told = public | {one.id: evaluation.components[one.id] for one in config.stand_ins}
    builder = _ComponentBuilder(config, public, ledger.captured, as_of)
    groups = tuple(_groups(config, {identity: builder.component(one) for identity, one in public.items()}))
    components = [component for group in groups for component in group.components]
    monitor = monitor_report(config, ledger, public.values(), as_of=as_of)
    source = telling(public, after_ms=config.incidents_after_ms, zone=zone, as_of=as_of)
    incidents = incident_reports(source, filed.incidents)
    maintenance = _maintenance(config, public, filed)
    return Report(
        page=config.page,
        built=built,
        sla_zone=zone,
        month=calendar("month", local_date(as_of, zone), zone),
        verdict=verdict(components, monitor, zone=config.page.timezone, as_of=as_of),
        groups=groups,
        services=tuple(_services(evaluation, told, builder)),
        incidents=incidents,
        monitor=monitor,
        how_we_count=how_we_count(config),
        contracts=tuple(contract_reports(config, evaluation, told, history.statements)),
        notice_ms=config.maintenance_notice_ms,
        stand_ins={one.id: counted_how(told[one.id].timeline) for one in config.stand_ins},
        left_out=(*filed.problems, *unknown_covers(source, filed.incidents)),
        unopened_drafts=_unopened(history.drafts, incidents),
        maintenance=maintenance,
        statistics=tuple(statistics(public, incidents, rolling(days, as_of), as_of) for days in STATISTICS_DAYS),
        alerts=firing(
            survey(
                [Known(config if private else config.public, evaluation, history)],
                plans(maintenance, around(config, as_of)),
                stories(incidents, as_of),
            )
        ),
        channels=channels(config.alerts, history.told),
    )


def _unopened(drafts: Iterable[DraftRecord], incidents: Iterable[IncidentReport]) -> tuple[DraftRecord, ...]:
    """Drafts that wait on a branch without a pull request, of incidents that no file tells of yet."""
    alone = {incident.id for incident in incidents if incident.file is None}
    return tuple(one for one in drafts if one.reason is not None and one.id in alone)


def _maintenance(config: Config, public: Mapping[str, Evaluated], filed: Filed) -> tuple[MaintenanceReport, ...]:
    if filed.announced is None:
        return ()
    return maintenance_reports(Planning(config, public, filed.announced, filed.plans), filed.maintenance)


def _groups(config: Config, reports: Mapping[str, ComponentReport]) -> Iterable[GroupReport]:
    for group in config.groups:
        members = tuple(reports[component.id] for component in group.components if component.id in reports)
        if members:
            yield GroupReport(group.id, group.name, worst(members), members)


def _services(
    evaluation: Evaluation, public: Mapping[str, Evaluated], builder: _ComponentBuilder
) -> Iterable[ServiceReport]:
    """The services all of whose members are public: a private one would show through its figures."""
    for identity, service in evaluation.services.items():
        if is_public(service, public):
            yield builder.service(identity, service)


@dataclass(frozen=True, slots=True)
class _ComponentBuilder:
    """Turns evaluated components into what may be shown of them."""

    config: Config
    public: Mapping[str, Evaluated]
    captured: Mapping[tuple[str, str], Captured]
    as_of: int

    @property
    def zone(self) -> str:
        return self.config.sla.terms.zone

    @property
    def periods(self) -> list[Period]:
        return standing(self.zone, self.as_of)

    def service(self, identity: str, one: EvaluatedService) -> ServiceReport:
        months, quarters, years = (calendars(unit, self.zone, one.alive_from, self.as_of) for unit in UNITS)
        return ServiceReport(
            id=identity,
            name=one.service.name,
            members=tuple(member.component.id for member in one.members),
            target=one.service.target,
            figures=by_key(self.periods, one.figures(self.periods)),
            months=by_key(months, one.figures(months)),
            quarters=by_key(quarters, one.figures(quarters)),
            years=by_key(years, one.figures(years)),
            intervals=_since_first(one, months, self.as_of),
            downtimes={period.key: one.downtimes(period) for period in [*self.periods, *months, *quarters, *years]},
            burns=one.burns(),
            promised=one.promised,
            mode=str(one.service.mode),
        )

    def component(self, one: Evaluated) -> ComponentReport:
        component, timeline, as_of = one.component, one.timeline, self.as_of
        state = STATES[int(one.classified.at([as_of])[0])]
        down_at = tuple(sorted(_seen_down(timeline.counted, as_of)))
        partial = bool(down_at) and state in {State.UP, State.DEGRADED}
        periods = self.periods
        months, quarters, years = (calendars(unit, self.zone, timeline.alive_from, as_of) for unit in UNITS)
        every = [*periods, *months, *quarters, *years]
        counts = dict(zip((period.key for period in every), timeline.checks_in(every), strict=True))
        past = days(timeline, one.classified, one.incidents, zone=self.config.page.timezone, as_of=as_of)
        times = [check.last_sample_at for check in timeline.counted if check.last_sample_at is not None]
        return ComponentReport(
            id=component.id,
            name=component.name,
            group=component.group,
            description=component.description,
            tier=component.tier,
            target=component.target,
            quorum=str(component.quorum),
            state=state,
            shown=Shown.PARTIAL if partial else SHOWN[state],
            since=self._since(one, partial=partial),
            down_at=down_at,
            last_checked_at=max(times, default=None),
            last_ms=_slowest(timeline.counted, as_of - RECENT_MS),
            first_sample_at=timeline.first_sample_at,
            depends_on=tuple(identity for identity in component.depends_on if identity in self.public),
            checks=tuple(self._check(check) for check in timeline.checks),
            days=past[-DAYS_SHOWN:],
            figures=by_key(periods, one.figures(periods)),
            months=by_key(months, one.figures(months)),
            intervals=_since_first(one, months, as_of),
            checks_total={key: counted and counted[0] for key, counted in counts.items()},
            checks_failed={key: counted and counted[1] for key, counted in counts.items()},
            response_times=response_times(timeline, as_of=as_of),
            downtimes={period.key: one.downtimes(period) for period in every},
            policy=policy(component),
            spent=spent_by_day(one, periods[-1], self.config.sla.terms.zone),
            quarters=by_key(quarters, one.figures(quarters)),
            years=by_key(years, one.figures(years)),
            burns=one.burns(),
            older_days=past[:-DAYS_SHOWN],
            promised=one.promised,
            counted=counted_how(timeline),
        )

    def _check(self, timeline: CheckTimeline) -> CheckReport:
        check = timeline.check
        return CheckReport(
            id=check.id,
            name=check.name,
            type=check.type,
            interval_ms=check.interval_ms,
            informational=check.informational,
            confirm_down=check.counting.confirm_down,
            max_staleness_ms=check.counting.max_staleness_ms,
            warn_ms=check.performance.warn_ms if check.performance else None,
            locations=check.locations,
            last_checked_at=self._last_checked(timeline),
            last_ms=_newest(timeline, self.as_of - RECENT_MS),
            captured=tuple(self._numbers(check)),
        )

    def _last_checked(self, timeline: CheckTimeline) -> int | None:
        """When it was measured last; of a check that does not count nothing is kept beyond its raw rows."""
        at = timeline.last_sample_at
        return None if timeline.check.informational and at is not None and at < self.as_of - RECENT_MS else at

    def _numbers(self, check: Check) -> Iterable[CapturedNumber]:
        """What the check took out of answers that still hold."""
        rates = check.options.rates if isinstance(check.options, Options) else frozenset()
        hold = min(check.counting.max_staleness_ms, kept_ms(self.config, "details"))
        for (identity, name), captured in sorted(self.captured.items()):
            at = captured.newest.at
            if identity == check.id and self.as_of - at <= hold:
                rate = name in rates
                yield CapturedNumber(name, captured.rate if rate else captured.newest.value, rate, at)

    def _since(self, one: Evaluated, *, partial: bool) -> int | None:
        """Since when it is as it is shown; None where that was always so."""
        timelines = [one.classified]
        if partial:
            timelines = [t for c in one.timeline.counted for t in c.seen.values() if t.at([self.as_of])[0] == DOWN]
        starts = [int(t.starts[np.searchsorted(t.starts, self.as_of, side="right") - 1]) for t in timelines]
        since = min(starts)
        return since if since > 0 else None


def _since_first(one: Evaluated | EvaluatedService, months: Sequence[Period], as_of: int) -> tuple[Interval, ...]:
    """Everything that was not plainly up since the first month, up to as_of."""
    return one.intervals(Period("", months[-1].start_ms, as_of)) if months else ()


def _seen_down(checks: Iterable[CheckTimeline], instant: int) -> set[str]:
    return {
        location for check in checks for location, timeline in check.seen.items() if timeline.at([instant])[0] == DOWN
    }


def _slowest(checks: Iterable[CheckTimeline], since: int) -> int | None:
    """The slowest of each check's newest answers, in milliseconds."""
    return max((ms for check in checks if (ms := _newest(check, since)) is not None), default=None)


def _newest(check: CheckTimeline, since: int) -> int | None:
    """The newest answer of a check, in milliseconds; None where that was no answer, or before `since`."""
    rows = [samples for samples in check.samples.values() if len(samples.ts) and samples.ts[-1] >= since]
    if not rows:
        return None
    latest = max(rows, key=lambda samples: int(samples.ts[-1]))
    ms = int(latest.ms[-1])
    return ms if ms >= 0 and latest.status[-1] != UNKNOWN else None
