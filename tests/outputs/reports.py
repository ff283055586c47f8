"""Hand-made reports: one for every state that a page can be in, small enough to know every figure by heart.

Everything happens before NOW, 21 Nov 2026, 03:00 UTC. A component is told by its odd days: date -> class -> minutes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache

from statusledger import outputs
from statusledger.clock import DAY_MS, HOUR_MS, MINUTE_MS, Period, calendar, rolling
from statusledger.config import Link, Page
from statusledger.history import Damage
from statusledger.model import DEFAULT_CREDITS, Contract, Location, Severity, Shown, State, Terms, Tier
from statusledger.outputs import theme
from statusledger.report.promised import ContractPeriod, ContractReport, Revision
from statusledger.report.records import (
    BuiltFrom,
    CheckReport,
    ComponentReport,
    Day,
    GroupReport,
    Hour,
    IncidentReport,
    IncidentStatus,
    Interval,
    Lane,
    LocationReport,
    MonitorReport,
    Report,
    Response,
    ResponseTimes,
    ServiceReport,
    Spent,
    Update,
    Verdict,
)
from statusledger.report.spans import Counted
from statusledger.sla import BURN_RULES, Burn, Figures, SlaStatus, promise

NOW = int(datetime(2026, 11, 21, 3, 0, tzinfo=UTC).timestamp()) * 1000
TODAY = date(2026, 11, 21)
MEASURED = NOW - 4 * MINUTE_MS
MONTH = calendar("month", TODAY, "UTC")
TARGET = Fraction(999, 1000)
CLASSES = ("up", "degraded", "down", "unknown", "maintenance", "inactive")
XSS = '<script>alert("x")</script><img src=x onerror=alert(1)>'
LONG = "A name that goes on " * 15
OddDays = Mapping[date, Mapping[str, int]]


def at(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    """Epoch milliseconds of a UTC wall clock time."""
    return int(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=UTC).timestamp()) * 1000


def day(when: date, odd: Mapping[str, int], incidents: Sequence[str] = ()) -> Day:
    """A day whose minutes are up where nothing else is said."""
    length = 180 if when == TODAY else 1440
    spent = {name: odd.get(name, 0) for name in CLASSES}
    spent["up"] = length - sum(spent.values())
    return Day(when, shown(spent), length * MINUTE_MS, *(spent[name] * MINUTE_MS for name in CLASSES), tuple(incidents))


def shown(spent: Mapping[str, int]) -> Shown:
    """What the bar of such a day says."""
    known = spent["up"] + spent["degraded"] + spent["down"]
    rules = (
        (not known and not spent["maintenance"], Shown.NODATA),
        (spent["down"] >= 60, Shown.MAJOR),
        (spent["down"] > 0, Shown.PARTIAL),
        (spent["degraded"] >= 5, Shown.DEGRADED),
        (not known, Shown.MAINTENANCE),
    )
    return next((state for holds, state in rules if holds), Shown.OPERATIONAL)


def days(odd: OddDays, count: int = 366, incidents: Mapping[date, Sequence[str]] | None = None) -> tuple[Day, ...]:
    """The newest `count` days up to TODAY, oldest first."""
    dates = [TODAY - timedelta(days=back) for back in range(count - 1, -1, -1)]
    return tuple(day(when, odd.get(when, {}), (incidents or {}).get(when, ())) for when in dates)


def figures(period: Period, members: Sequence[Day], *, target: Fraction = TARGET) -> Figures:
    """What those days come to under the default terms."""
    spent = {name: sum(getattr(member, f"{name}_ms") for member in members) for name in CLASSES}
    known, down, unknown = spent["up"] + spent["degraded"] + spent["down"], spent["down"], spent["unknown"]
    ratio = Fraction(known - down, known) if known else None
    running = period.end_ms > NOW
    allowed = (1 - target) * (known + (period.end_ms - NOW if running else 0))
    credit = None if ratio is None or target != TARGET else Fraction(0 if ratio >= target else 10)
    return Figures(
        period=period,
        **{f"{name}_ms": spent[name] for name in CLASSES},
        ratio=ratio,
        ratio_low=Fraction(known - down, known + unknown) if known + unknown else None,
        ratio_high=Fraction(known + unknown - down, known + unknown) if known + unknown else None,
        coverage=Fraction(known, known + unknown) if known + unknown else None,
        insufficient_data=bool(unknown) and known < 19 * unknown,
        target=target,
        allowed_ms=allowed,
        used_ms=Fraction(down),
        remaining_ms=allowed - down,
        consumed=down / allowed if allowed else None,
        status=sla_status(ratio, target, down, allowed),
        credit=credit,
        credit_name=None if credit is None else "Good" if credit else "Excellent",
        credit_locked=Fraction(0) if running and credit is not None else None,
        running=running,
    )


def sla_status(ratio: Fraction | None, target: Fraction, down: int, allowed: Fraction) -> SlaStatus:
    """How the ratio stands to the target."""
    if ratio is None:
        return SlaStatus.NO_DATA
    if down > allowed:
        return SlaStatus.BREACHED
    return SlaStatus.WARNING if ratio < target else SlaStatus.COMPLIANT


def all_figures(members: Sequence[Day], target: Fraction = TARGET) -> dict[str, Figures]:
    """The rolling windows and the running month of those days."""
    found = {
        period.key: figures(period, members[-count:], target=target)
        for count, period in ((count, rolling(count, NOW)) for count in (1, 7, 30, 90, 365))
    }
    return {**found, MONTH.key: month_figures(members, TODAY, target)}


def month_figures(members: Sequence[Day], within: date, target: Fraction = TARGET) -> Figures:
    """The calendar month that holds a day."""
    inside = [member for member in members if f"{member.date:%Y-%m}" == f"{within:%Y-%m}"]
    return figures(calendar("month", within, "UTC"), inside, target=target)


def response_times(*, silent: range = range(96, 103)) -> ResponseTimes:
    """A week with a daily rhythm and a hole."""
    start = NOW - 168 * HOUR_MS
    hours = []
    for i in range(168):
        median = None if i in silent else 110 + (i % 24) * 2 + (200 if 54 <= i <= 57 else 0)
        hours.append(
            Hour(start + i * HOUR_MS, 0, None, None, None)
            if median is None
            else Hour(start + i * HOUR_MS, 120, median, median * 2, median * 3 - 20)
        )
    return ResponseTimes(tuple(hours), 120 * (168 - len(silent)), 118, 228, 350, 300, 400)


NO_RESPONSE_TIMES = ResponseTimes((), 0, None, None, None, None, None)


def check(key: str, name: str) -> CheckReport:
    """An HTTP check from two locations."""
    return CheckReport(
        id=key,
        name=name,
        type="http",
        interval_ms=30_000,
        informational=False,
        confirm_down=2,
        max_staleness_ms=15 * MINUTE_MS,
        warn_ms=300,
        locations=("eu-fra", "us-east"),
        last_checked_at=MEASURED,
        last_ms=121,
    )


def component(key: str, name: str, odd: OddDays | None = None, **changes: object) -> ComponentReport:
    """A component that is operational and has a year of days, unless `changes` say otherwise."""
    incidents = changes.pop("incidents_by_day", None)
    members = days(odd or {}, changes.pop("days_known", 366), incidents)  # type: ignore[arg-type]
    firsts = sorted({member.date.replace(day=1) for member in members}, reverse=True)
    made = ComponentReport(
        id=key,
        name=name,
        group="core",
        description=None,
        tier=Tier.CRITICAL,
        target=TARGET,
        quorum="majority",
        state=State.UP,
        shown=Shown.OPERATIONAL,
        since=NOW - 3 * DAY_MS,
        down_at=(),
        last_checked_at=MEASURED,
        last_ms=121,
        first_sample_at=NOW - 366 * DAY_MS,
        depends_on=(),
        checks=(check(key, name),),
        days=members,
        figures=all_figures(members),
        months={f"{first:%Y-%m}": month_figures(members, first) for first in firsts},
        intervals=intervals(odd or {}),
        checks_total=dict.fromkeys(_keys(firsts), 5760),
        checks_failed=dict.fromkeys(_keys(firsts), 0),
        response_times=response_times(),
        promised=promise(TARGET, None, Terms()),
        counted=(Counted(None, None, "from the first failed check, after 2 failed checks in a row."),),
        spent=spent(members),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def spent(members: Sequence[Day]) -> tuple[Spent, ...]:
    """The downtime of the running month up to the end of each of its days."""
    used, found = 0, []
    for member in members:
        if member.date >= TODAY.replace(day=1):
            used += member.down_ms
            found.append(Spent(min(NOW, at(member.date) + DAY_MS), Fraction(used)))
    return tuple(found)


def _keys(firsts: Sequence[date]) -> list[str]:
    return [*(f"{first:%Y-%m}" for first in firsts), MONTH.key, "24h", "7d", "30d", "90d", "365d"]


def intervals(odd: OddDays) -> tuple[Interval, ...]:
    """Each class of an odd day as an interval, one after the other from 02:00; from midnight where it fills the day."""
    found = []
    for when, spent in sorted(odd.items()):
        start = at(when) if sum(spent.values()) > 150 else at(when, 2)
        for name, length in spent.items():
            found.append(Interval(start, start + length * MINUTE_MS, State(name)))
            start += length * MINUTE_MS
    return tuple(found)


def incident(key: str, of: ComponentReport, start: int, end: int | None, **changes: object) -> IncidentReport:
    """An outage seen from both locations, with what the measurement says about it."""
    stop = NOW if end is None else end
    begin, finish = start - 7 * MINUTE_MS, min(NOW, stop + 12 * MINUTE_MS)
    seen = (Interval(begin, start, State.UP), Interval(start, stop, State.DOWN), Interval(stop, finish, State.UP))
    late = (
        Interval(begin, start + MINUTE_MS, State.UP),
        Interval(start + MINUTE_MS, start + 20 * MINUTE_MS, State.DOWN),
        Interval(start + 20 * MINUTE_MS, start + 23 * MINUTE_MS, State.UNKNOWN),
        Interval(start + 23 * MINUTE_MS, stop, State.DOWN),
        Interval(stop, finish, State.DEGRADED),
    )
    updates = [Update(start + 2 * MINUTE_MS, IncidentStatus.INVESTIGATING, "Measured as down (timeout).")]
    if end is not None:
        updates.append(Update(end, IncidentStatus.RESOLVED, "Measured as up again.\n\nWe keep watching."))
    made = IncidentReport(
        id=key,
        title=f"{of.name}: outage",
        component=of.id,
        component_name=of.name,
        severity=Severity.P1,
        status=updates[-1].status,
        started_at=start,
        detected_at=start + 2 * MINUTE_MS,
        ended_at=end,
        down_ms=stop - start,
        response_due_at=start + 17 * MINUTE_MS,
        last_ok_at=start - 46_000,
        last_fail_at=stop - 30_000,
        locations=("eu-fra", "us-east"),
        codes=("timeout", "status:503"),
        updates=tuple(updates),
        lanes=(Lane("eu-fra", False, seen), Lane("us-east", False, late), Lane("Verdict", True, seen)),
        lanes_from=begin,
        lanes_to=finish,
        response=Response.MISSED if start + 17 * MINUTE_MS < NOW else Response.DUE,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def monitor(**changes: object) -> MonitorReport:
    """Two locations that reported four minutes ago."""
    places = (Location("eu-fra", "Frankfurt", 5 * MINUTE_MS), Location("us-east", "Virginia", 5 * MINUTE_MS))
    made = MonitorReport(
        locations=tuple(LocationReport(place, MEASURED, overdue=False) for place in places),
        last_measured_at=MEASURED,
        coverage_24h=Fraction(9986, 10000),
        unknown_24h_ms=2 * MINUTE_MS,
        stale=False,
        offline=False,
        damage=(),
        dropped_future=0,
        generated_until=None,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def report(groups: Mapping[str, Sequence[ComponentReport]], **changes: object) -> Report:
    """A report of those groups, operational unless `changes` say otherwise."""
    count = sum(map(len, groups.values()))
    made = Report(
        page=Page(
            name="Acme Status",
            url="https://status.acme.example",
            since="2026-01-01",
            environment="production",
            links=(Link("Support", "https://acme.example/support"),),
        ),
        built=BuiltFrom(NOW, "9f3c2ab41d", "statusledger 0.1.0", 1, "9f3c2ab41d"),
        sla_zone="UTC",
        month=MONTH,
        verdict=Verdict(
            Shown.OPERATIONAL, "All systems operational", (f"{count} components, none with downtime today.",)
        ),
        groups=tuple(
            GroupReport(f"g{i}", name, Shown.OPERATIONAL, tuple(members))
            for i, (name, members) in enumerate(groups.items())
        ),
        incidents=(),
        monitor=monitor(),
        how_we_count=(
            "Unknown is not up: time without a measurement leaves the percentage and lowers the coverage.",
            "Down: from the first failed check, once a second check confirms it and a majority of the locations agree.",
            "Percentages are cut, never rounded up: 100.000\u202f% means that no downtime at all was measured.",
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


# --- the states ----------------------------------------------------------------------------------

OUTAGE_DAY, RELEASE_DAY = date(2026, 10, 14), date(2026, 10, 2)
API_DAYS: OddDays = {
    date(2026, 2, 13): {"unknown": 1440},
    date(2026, 6, 9): {"down": 74},
    date(2026, 9, 12): {"degraded": 22},
    RELEASE_DAY: {"down": 11},
    OUTAGE_DAY: {"down": 61},
    date(2026, 10, 18): {"maintenance": 60},
    date(2026, 11, 17): {"unknown": 180},
    date(2026, 11, 18): {"unknown": 210},
}


def _api(**changes: object) -> ComponentReport:
    named = {OUTAGE_DAY: ("api-20261014T020000Z",), RELEASE_DAY: ("api-20261002T020000Z",)}
    return component("api", "API", API_DAYS, incidents_by_day=named, description="Public REST API.", **changes)


def _past(api: ComponentReport) -> tuple[IncidentReport, ...]:
    newest = incident("api-20261014T020000Z", api, at(OUTAGE_DAY, 2), at(OUTAGE_DAY, 3, 1))
    older = incident("api-20261002T020000Z", api, at(RELEASE_DAY, 2), at(RELEASE_DAY, 2, 11))
    return newest, older


def _groups(api: ComponentReport, exports: ComponentReport | None = None) -> dict[str, Sequence[ComponentReport]]:
    web = component("web", "Dashboard", {date(2026, 10, 18): {"maintenance": 1440}}, depends_on=("api",))
    mail = component("mail", "E-mail", {date(2026, 11, d): {"unknown": 1440} for d in range(3, 7)})
    return {"Core services": (api, web), "Data": (exports or component("exports", "Exports"), mail)}


def operational() -> Report:
    """Everything is up; two incidents lie in the past."""
    api = _api()
    groups = _groups(api)
    platform = ServiceReport(
        "platform",
        "Whole platform",
        ("api", "web"),
        TARGET,
        dict(api.figures),
        dict(api.months),
        intervals=api.intervals,
        promised=api.promised,
    )
    return report(groups, incidents=_past(api), services=(platform,), contracts=(contract(api),))


def contract(api: ComponentReport) -> ContractReport:
    """What one customer was promised of a component, with a final month that was revised once."""
    gold = Contract("gold", api.id, TARGET, DEFAULT_CREDITS, Terms(), Fraction(1200), "EUR")
    revisions = (
        Revision(0, at(date(2026, 11, 2), 0, 14), None, "99.886", "10/1", "120.00", "4be190c7d2a591aa"),
        Revision(1, at(date(2026, 11, 3), 0, 14), LATE, "99.838", "10/1", "120.00", "71f03a9e00112233"),
    )
    months = {
        key: ContractPeriod(
            figures=figure,
            promised=promise(TARGET, DEFAULT_CREDITS, Terms()),
            credit_amount=Fraction(120 if figure.credit else 0),
            downtimes=(),
            intervals=api.intervals,
            revisions=revisions if key == "2026-10" else (),
        )
        for key, figure in api.months.items()
    }
    return ContractReport(gold, "component", api.name, (), None, {}, months, {}, {}, (BURN,))


def full_sheet() -> Report:
    """A contract about a service of six members, each counted in its own way, in a month of nothing but trouble."""
    rules = "from the first failed check, after {} failed checks in a row at a majority of its locations. " * 2
    members = tuple(
        component(f"m{i}", f"Member number {i}", counted=(Counted(None, None, rules.format(i, i)),)) for i in range(6)
    )
    start = at(date(2026, 10, 1))
    states = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.MAINTENANCE)
    pieces = tuple(
        Interval(start + i * HOUR_MS, start + i * HOUR_MS + (i % 50 + 1) * MINUTE_MS, states[i % 4])
        for i in range(1200)
    )
    gold = contract(members[0])
    october = replace(gold.months["2026-10"], intervals=pieces, revisions=gold.months["2026-10"].revisions * 4)
    running = replace(gold.months["2026-11"], intervals=pieces)
    about = replace(
        gold,
        kind="service",
        name="Whole platform",
        members=tuple(member.id for member in members),
        mode="all",
        months={"2026-11": running, "2026-10": october},
        burns=(BURN,) * 4,
    )
    return report({"Core services": members}, contracts=(about,))


LATE = "api: measured otherwise on 2026-10-02"
BURN = Burn(BURN_RULES[0], Fraction(500, 3), None, firing=True, frozen_at=None)


def degraded() -> Report:
    """One component is slow."""
    slow = component(
        "exports",
        "Exports",
        {TODAY: {"degraded": 104}},
        state=State.DEGRADED,
        shown=Shown.DEGRADED,
        since=at(TODAY, 1, 12),
    )
    api = _api()
    lines = ("The other 3 components are operational.",)
    verdict = Verdict(Shown.DEGRADED, "Exports: degraded", lines)
    return report(_groups(api, slow), incidents=_past(api), verdict=verdict)


def partial() -> Report:
    """One component is down from one of two locations."""
    api = _api(shown=Shown.PARTIAL, since=at(TODAY, 2, 40), down_at=("eu-fra",))
    verdict = Verdict(Shown.PARTIAL, "API: partial outage", ("The other 3 components are operational.",))
    return report(_groups(api), incidents=_past(api), verdict=verdict)


def major() -> Report:
    """One component is down, for 29 minutes so far; a location is overdue and two lines are damaged."""
    down = {"incidents_by_day": {TODAY: ("api-20261121T023100Z",)}, "shown": Shown.MAJOR, "state": State.DOWN}
    start = at(TODAY, 2, 31)
    api = component("api", "API", {**API_DAYS, TODAY: {"down": 29}}, since=start, down_at=("eu-fra", "us-east"), **down)
    lasting = incident("api-20261121T023100Z", api, start, None, last_fail_at=MEASURED)
    verdict = Verdict(Shown.MAJOR, "API: major outage", ("The other 3 components are operational.",))
    places = monitor().locations
    late = monitor(
        locations=(places[0], replace(places[1], overdue=True)),
        damage=(Damage("a.jsonl", 3, "torn"), Damage("a.jsonl", 4, "NUL")),
        dropped_future=1,
    )
    return report(_groups(api), incidents=(lasting, *_past(api)), verdict=verdict, monitor=late)


def maintenance() -> Report:
    """One component is in an announced maintenance."""
    api = _api(shown=Shown.MAINTENANCE, state=State.MAINTENANCE, since=at(TODAY, 2))
    verdict = Verdict(Shown.MAINTENANCE, "API: maintenance", ("Announced for 02:00 to 04:00 UTC.",))
    return report(_groups(api), incidents=_past(api), verdict=verdict)


def _unknown_now(verdict: Verdict, **changes: object) -> Report:
    nothing = {"shown": Shown.NODATA, "state": State.UNKNOWN, "since": NOW - 3 * HOUR_MS}
    whole = operational()
    groups = tuple(
        replace(group, components=tuple(replace(one, **nothing) for one in group.components))  # type: ignore[arg-type]
        for group in whole.groups
    )
    old = monitor(
        last_measured_at=NOW - 3 * HOUR_MS, coverage_24h=Fraction(7, 8), unknown_24h_ms=3 * HOUR_MS, **changes
    )
    return replace(whole, groups=groups, verdict=verdict, monitor=old)


def stale() -> Report:
    """The newest measurement is three hours old."""
    line = "Last measured 21 Nov 2026, 00:00 UTC. What happened since is not known."
    return _unknown_now(Verdict(Shown.NODATA, "Data is 3\u202fh old", (line,)), stale=True)


def offline() -> Report:
    """The probe itself had no network."""
    line = "The probe could not reach its own reference hosts, so nothing is known of the services."
    return _unknown_now(Verdict(Shown.NODATA, "The monitor is offline", (line,)), offline=True)


def generated() -> Report:
    """The past of a demo, generated up to yesterday noon."""
    return replace(operational(), monitor=monitor(generated_until=at(date(2026, 11, 20), 12)))


def _empty_component(key: str, name: str) -> ComponentReport:
    return component(
        key,
        name,
        days=(),
        figures=all_figures(()),
        months={},
        intervals=(),
        spent=(),
        checks=(),
        response_times=NO_RESPONSE_TIMES,
        shown=Shown.NODATA,
        state=State.INACTIVE,
        since=None,
        last_checked_at=None,
        last_ms=None,
        first_sample_at=None,
    )


def empty() -> Report:
    """A fresh repository: configured, nothing measured, nothing committed."""
    made = report({"Core services": (_empty_component("api", "API"),)})
    verdict = Verdict(Shown.NODATA, "Nothing has been measured yet", ())
    silent = monitor(locations=(), last_measured_at=None, coverage_24h=None, unknown_24h_ms=0)
    page = replace(made.page, environment=None, links=())
    return replace(
        made, verdict=verdict, monitor=silent, how_we_count=(), page=page, built=replace(made.built, commit=None)
    )


def bare() -> Report:
    """Not even a component."""
    return replace(empty(), groups=())


def young() -> Report:
    """Ten days old."""
    fresh = component("api", "API", {TODAY: {"down": 3}}, days_known=10, since=None)
    return report({"Core services": (fresh,)})


def crowded() -> Report:
    """Two hundred components in ten groups, one of them degraded."""
    one = component("c", "C", response_times=NO_RESPONSE_TIMES)
    one = replace(one, months={MONTH.key: one.months[MONTH.key]})
    groups = {
        f"Region {g}": [replace(one, id=f"c{g}-{i}", name=f"Component {g}-{i}") for i in range(20)] for g in range(10)
    }
    groups["Region 3"][7] = replace(groups["Region 3"][7], shown=Shown.DEGRADED, state=State.DEGRADED)
    verdict = Verdict(Shown.DEGRADED, "Component 3-7: degraded", ("The other 199 components are operational.",))
    return report(groups, verdict=verdict)


def hostile() -> Report:
    """Markup wherever a person may write: page, groups, components, checks, incidents, links, rules."""
    api = replace(_api(), name=XSS, description=XSS, checks=(check("api", XSS), replace(check("b", XSS), type=XSS)))
    one = incident("api-20261014T020000Z", api, at(OUTAGE_DAY, 2), at(OUTAGE_DAY, 3, 1))
    spoken = replace(
        one,
        title=XSS,
        component_name=XSS,
        codes=(XSS,),
        locations=(XSS,),
        updates=(Update(one.started_at, IncidentStatus.IDENTIFIED, XSS),),
        lanes=(replace(one.lanes[0], name=XSS), *one.lanes[1:]),
    )
    made = report({XSS: (api,)}, incidents=(spoken,), how_we_count=(XSS,), verdict=Verdict(Shown.MAJOR, XSS, (XSS,)))
    page = replace(
        made.page,
        name=XSS,
        environment=XSS,
        links=(Link(XSS, "https://a.example/" + XSS), Link("x", "javascript:alert(1)")),
    )
    return replace(made, page=page, built=replace(made.built, commit=XSS, engine=XSS))


def long_names() -> Report:
    """Names of 300 characters, with and without a place to break."""
    names = (LONG, "unbreakable" * 27)
    api, other = (component(f"c{i}", name, API_DAYS) for i, name in enumerate(names))
    one = incident("c0-20261014T020000Z", api, at(OUTAGE_DAY, 2), at(OUTAGE_DAY, 3, 1))
    verdict = Verdict(Shown.MAJOR, f"{names[1]}: major outage", (names[1],))
    return report({names[0]: (api, other)}, incidents=(one,), verdict=verdict, contracts=(contract(api),))


def twenty() -> Report:
    """The home of the budget: 20 components in 5 groups, each with three odd days of its own in the last 90."""
    groups: dict[str, list[ComponentReport]] = {}
    classes = ("down", "degraded", "unknown", "maintenance")
    for i in range(20):
        odd = {
            TODAY - timedelta(days=3 + (i * 7 + k * 23) % 86): {classes[(i + k) % 4]: 6 + (i * 31 + k * 17) % 200}
            for k in range(3)
        }
        name = f"Component number {i}"
        groups.setdefault(f"Group {i // 4}", []).append(component(f"component-{i}", name, odd))
    return report(groups)


STATES = {
    make.__name__: make
    for make in (
        operational, degraded, partial, major, maintenance, stale, offline, generated, empty, bare, young, crowded,
        hostile, long_names, twenty, full_sheet,
    )
}  # fmt: skip


@cache
def site(name: str) -> Mapping[str, bytes]:
    """Every file that is published of a state, by path; the same object for every test of a process."""
    return {path.as_posix(): content for path, content in outputs.files(STATES[name](), theme.load()).items()}
