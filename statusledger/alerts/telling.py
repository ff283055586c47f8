"""A decision -> the event that a channel is told of: what, since when, where, why, what is left, where to read on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from probes.contract import ERROR_CODES, base_code
from statusledger import words
from statusledger.alerts.decide import Decision
from statusledger.channels.contract import Event, Kind, Link, Statistics, Subject
from statusledger.clock import calendar, local_date
from statusledger.config import Page
from statusledger.incidents import MeasuredIncident
from statusledger.model import Level, State, Visibility, public_id
from statusledger.rules import RULES, Situation, Watched
from statusledger.rules.outlook import Outlook, plain, together
from statusledger.rules.statistics import last_day
from statusledger.sla import count, figures, minutes, minutes_left

CODES_EXPLAINED = 3
TEST_RULE = "Test"
PLANNED = "Maintenance"


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts decisions into words; `shown` makes an address fit for anyone's eyes."""

    outlook: Outlook
    shown: Callable[[str], str]

    @property
    def situation(self) -> Situation:
        """What is told of."""
        return self.outlook.situation

    def event(self, decision: Decision) -> Event:
        """Everything that the channel is told."""
        one = self._watched(decision)
        incident = _incident(one, decision)
        ended_at = _ended(decision, incident)
        alert, page = decision.alert, self.situation.config.page
        return Event(
            key=decision.key,
            kind=decision.kind,
            rule=decision.rule,
            severity=decision.severity,
            subject=self._subject(decision, one),
            headline=self._headline(decision, ended_at),
            sentence=self._sentence(decision, incident, ended_at),
            at=self.situation.as_of,
            since=decision.since,
            **of_page(page),
            facts=tuple(self._facts(decision, one, incident, ended_at)),
            links=tuple(self._links(decision, one, incident)),
            statistics=None if one is None else _statistics(one, self.situation.as_of),
            ended_at=ended_at if decision.kind is Kind.RECOVERY else None,
            lasting=not decision.once,
            state=self.outlook.state(one) if one else alert.state if alert else State.UNKNOWN,
            reference=decision.standing.reference if decision.standing else None,
            told=decision.told,
            number=decision.number,
            acknowledges=alert.acknowledges if alert else None,
            story=alert.story if alert else None,
            status=str(alert.status) if alert and alert.status else None,
        )

    def _watched(self, decision: Decision) -> Watched | None:
        component = decision.about.component
        return self.situation.subjects.get(component) if component else None

    def _subject(self, decision: Decision, one: Watched | None) -> Subject:
        about = decision.about
        return Subject(
            name=about.name,
            component=about.component,
            public_id=public_id((one.component.was or (one.component.id,))[0]) if one else None,
            group=about.group,
            tier=about.tier,
            locations=about.locations,
            url=_address(one, self.shown) if one else None,
        )

    # --- words ----------------------------------------------------------------------------------

    def _headline(self, decision: Decision, ended_at: int | None) -> str:
        alert, name = decision.alert, decision.about.name
        if decision.kind is Kind.RECOVERY or alert is None:
            over = RULES[decision.rule].over.format(name=name) if decision.rule in RULES else f"{name} is over"
            lasted = f" after {self._length(decision.since, ended_at)}" if RULES[decision.rule].outage else ""
            return over + lasted
        lasted = self._length(decision.since, None)
        if decision.kind in {Kind.REMINDER, Kind.ESCALATION}:
            return f"{alert.headline}, for {lasted} now" if RULES[decision.rule].outage else str(alert.headline)
        return str(alert.headline)

    def _sentence(self, decision: Decision, incident: MeasuredIncident | None, ended_at: int | None) -> str:
        if decision.kind is not Kind.RECOVERY and decision.alert is not None:
            return str(decision.alert.reason)
        until = self.outlook.moment(ended_at or self.situation.as_of)
        told = f"From {self.outlook.moment(decision.since)} to {until}"
        if incident is None or incident.ended_at is None:
            return f"{told}."
        return f"{told}; {plain(words.duration(incident.down_ms))} of it count as downtime."

    def _length(self, since: int, ended_at: int | None) -> str:
        return plain(words.duration(max((ended_at or self.situation.as_of) - since, 0)))

    # --- facts ----------------------------------------------------------------------------------

    def _facts(
        self, decision: Decision, one: Watched | None, incident: MeasuredIncident | None, ended_at: int | None
    ) -> Iterator[tuple[str, str]]:
        planned = decision.rule.startswith(PLANNED)
        yield "Starts" if planned else "Since", self.outlook.moment(decision.since)
        if decision.kind is Kind.RECOVERY:
            yield "Until", self.outlook.moment(ended_at or self.situation.as_of)
        alert = decision.alert
        locations = alert.locations if alert else incident.locations if incident else ()
        if locations:
            yield "Where", ", ".join(locations)
        codes = alert.codes if alert else incident.findings.codes if incident else ()
        if codes:
            yield "Error", "; ".join(map(_explained, codes[:CODES_EXPLAINED]))
        if decision.told not in {None, decision.severity} and decision.kind is Kind.TRIGGER:
            yield "Severity", f"{decision.severity}, {decision.told} before"
        if one is not None and not planned:
            yield from self._of_component(one)
        if alert and alert.members and one is None:
            names = [self.situation.subjects[m].component.name for m in alert.members if m in self.situation.subjects]
            yield "Affected", together(names, 10)
        if decision.rule == "MultipleServicesDown":
            yield from self._as_well(decision.covers)

    def _as_well(self, covers: Iterable[Decision]) -> Iterator[tuple[str, str]]:
        """What else is known of the same outages, by rule and with the number of components."""
        of: Counter[str] = Counter()
        for one in covers:
            of[one.rule] += len(one.alert.members) or 1 if one.alert else 1
        if of:
            yield "Also", ", ".join(f"{rule} of {number:,}" for rule, number in of.items())

    def _of_component(self, one: Watched) -> Iterator[tuple[str, str]]:
        zone = self.situation.config.sla.terms.zone
        as_of = self.situation.as_of
        month = calendar("month", local_date(as_of, zone), zone)
        figure = figures(month, count(one.classified, [month], as_of)[0], one.promised, as_of)
        left, allowed = minutes_left(figure.remaining_ms), minutes(figure.allowed_ms)
        target = plain(words.exact_percentage(figure.target))
        yield "Budget left", f"{left} of {allowed} min in {words.month_words(month.key)} (target {target})"
        dependants = [
            other.component.name
            for other in self.situation.subjects.values()
            if one.component.id in other.component.depends_on
        ]
        if dependants:
            yield "Needed by", together(dependants, 5)

    def _links(self, decision: Decision, one: Watched | None, incident: MeasuredIncident | None) -> Iterator[Link]:
        """Pages of ours; a private component has none."""
        page = self.situation.config.page
        root = page.url.rstrip("/")
        public = one is not None and one.component.visibility is Visibility.PUBLIC
        story = decision.alert.story if decision.alert else None
        if story and not decision.private:
            yield Link("Incident", f"{root}/incidents/{story}/")
        if decision.rule.startswith(PLANNED) and not decision.private:
            yield Link("Maintenance", f"{root}/maintenance/")
        if one is not None and public:
            if story is None and incident is not None and incident.down_ms >= self.situation.config.incidents_after_ms:
                yield Link("Incident", f"{root}/incidents/{incident.id}/")
            yield Link(one.component.name, f"{root}/components/{one.component.id}/")
        yield Link(page.name, f"{root}/")


def of_page(page: Page) -> dict[str, Any]:
    """The fields of an event that say which page it comes from."""
    return {"page": Link(page.name, page.url), "page_id": public_id(f"page/{page.since}")}


def test_event(situation: Situation) -> Event:
    """Something that did not happen, to see whether a channel works."""
    outlook, page = Outlook(situation), situation.config.page
    return Event(
        key=f"statusledger/{page.since}/{TEST_RULE}",
        kind=Kind.TRIGGER,
        rule=TEST_RULE,
        severity=Level.INFO,
        subject=Subject("Test"),
        headline=f"A test of the alerts of {page.name}",
        sentence=f"Nothing is wrong. Somebody asked on {outlook.moment(situation.as_of)} whether this channel works.",
        at=situation.as_of,
        since=situation.as_of,
        **of_page(page),
        links=(Link(page.name, page.url),),
        test=True,
    )


def _incident(one: Watched | None, decision: Decision) -> MeasuredIncident | None:
    """The incident that the key names, or else the one that lasts."""
    if one is None:
        return None
    named = decision.key.rpartition("/")[2]
    found = (incident for incident in reversed(one.incidents) if incident.id == named or incident.ended_at is None)
    return next(found, None)


def _ended(decision: Decision, incident: MeasuredIncident | None) -> int | None:
    if decision.alert is not None and decision.alert.ended_at is not None:
        return decision.alert.ended_at
    return incident.ended_at if incident and decision.key.endswith(f"/{incident.id}") else None


def _explained(code: str) -> str:
    """`status:503 (another status than expected)`."""
    meaning = ERROR_CODES.get(base_code(code), "").partition(";")[0]
    return f"{code} ({meaning})" if meaning else code


def _statistics(one: Watched, as_of: int) -> Statistics:
    day = last_day(one, as_of)
    return Statistics(day.total or 0, day.failed or 0, day.in_a_row, day.uptime_percent, day.average_ms)


def _address(one: Watched, shown: Callable[[str], str]) -> str | None:
    """Where the first check looks, without what may be a secret in it."""
    urls: Mapping[str, object] = {check.id: getattr(check.options, "url", None) for check in one.component.checks}
    url = next((url for url in urls.values() if isinstance(url, str) and url), None)
    if url is None:
        return None
    parts = urlsplit(shown(url))
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "***" if parts.query else "", ""))
