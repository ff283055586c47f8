"""Evidence, phase times and facts as operators read them: a list of everything, and a page for each component."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from markupsafe import Markup

from statusledger import words
from statusledger.history.facts import CertificateFacts, Facts
from statusledger.model import Phases, Shown, Status
from statusledger.outputs.times import Times
from statusledger.report.records import ComponentReport, Report
from statusledger.report.sights import Sight

LISTED = 500
SHOWN = {
    Status.UP: Shown.OPERATIONAL,
    Status.DEGRADED: Shown.DEGRADED,
    Status.DOWN: Shown.MAJOR,
    Status.UNKNOWN: Shown.NODATA,
}
PHASES = {"dns": "DNS", "connect": "Connect", "tls": "TLS", "ttfb": "First byte", "body": "Body"}
Term = tuple[str, str | Markup]


@dataclass(frozen=True, slots=True)
class Seen:
    """One measurement that did not go well; `component` is (id, name), None where its check is no longer watched."""

    anchor: str
    when: Markup
    component: tuple[str, str] | None
    check: str
    location: str
    shown: Shown
    word: str
    detail: str
    terms: tuple[Term, ...]
    failures: tuple[tuple[str, str, str], ...]
    headers: tuple[tuple[str, str], ...]
    excerpt: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a check beside its results: facts and phase times, by location, newest first."""

    name: str
    facts: tuple[tuple[Markup, str, tuple[Term, ...]], ...]
    phases: tuple[tuple[Markup, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that was seen of late, newest first; `more` is how much is only on the pages of components."""

    rows: tuple[Seen, ...]
    more: int
    components: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """What is known of one component."""

    id: str
    name: str
    checks: tuple[Checked, ...]
    seen: tuple[Seen, ...]


def overview(report: Report, times: Times) -> Overview:
    """Of all components."""
    rows = tuple(_seen(report, times))
    counts = dict.fromkeys(report.components, 0)
    for row in rows:
        if row.component:
            counts[row.component[0]] += 1
    components = tuple((key, one.name, counts[key]) for key, one in report.components.items())
    return Overview(rows[:LISTED], max(0, len(rows) - LISTED), components)


def detail(component: ComponentReport, report: Report, times: Times) -> Detail:
    """Of one component."""
    seen = (row for row in _seen(report, times) if row.component and row.component[0] == component.id)
    checks = (_checked(check.id, check.name, report, times) for check in component.checks)
    return Detail(component.id, component.name, tuple(checks), tuple(seen))


def _seen(report: Report, times: Times) -> Iterator[Seen]:
    names = {check.id: (one, check.name) for one in report.components.values() for check in one.checks}
    for sight, told in report.operators.evidence if report.operators else ():
        component, name = names.get(sight.check, (None, sight.check))
        code, detail = told.get("code") or "", told.get("detail") or ""
        status = str(told.get("status", "unknown"))
        yield Seen(
            anchor=f"at-{sight.at}-{sight.check}-{sight.location}",
            when=times.full(sight.at),
            component=(component.id, component.name) if component else None,
            check=name,
            location=sight.location,
            shown=SHOWN.get(Status(status), Shown.NODATA) if status in list(Status) else Shown.NODATA,
            word=f"{status} {code}".strip(),
            detail=str(detail),
            terms=tuple(_terms(told, times)),
            failures=tuple(
                (str(one.get("assertion", "")), str(one.get("expected", "")), str(one.get("actual", "")))
                for one in told.get("failures", ())
            ),
            headers=tuple((str(pair[0]), str(pair[1])) for pair in told.get("headers", ())),
            excerpt=str(told.get("excerpt", "")),
        )


def _terms(told: Mapping[str, Any], times: Times) -> Iterator[Term]:
    """What a measurement saw, in words."""
    if told.get("ms") is not None:
        yield "Answered after", words.milliseconds(told["ms"])
    for key, term in {"http_status": "HTTP status", "address": "Address", "body_size": "Size of the answer"}.items():
        if told.get(key) is not None:
            yield term, f"{told[key]} bytes" if key == "body_size" else str(told[key])
    if told.get("attempts"):
        yield "Attempts", "; ".join(_attempt(one) for one in told["attempts"])
    if told.get("phases"):
        yield "Phases", _phases(told["phases"])
    certificate = told.get("certificate")
    if certificate:
        yield "Certificate", _certificate(certificate, times)
    for name, value in told.get("captured", {}).items():
        yield str(name), str(value)


def _attempt(one: Sequence[Any]) -> str:
    status, ms, code = one
    return " ".join(str(part) for part in (status, code, None if ms is None else words.milliseconds(ms)) if part)


def _phases(spent: Iterable[int | None]) -> str:
    pairs = zip(PHASES.values(), spent, strict=False)
    return ", ".join(f"{name} {words.milliseconds(ms)}" for name, ms in pairs if ms is not None)


def _certificate(told: Mapping[str, Any], times: Times) -> Markup:
    return Markup("{}, issued by {}, valid until {}").format(
        told.get("tls_version", ""), told.get("issuer", ""), times.full(told["not_after"])
    )


def _checked(identity: str, name: str, report: Report, times: Times) -> Checked:
    operators = report.operators
    facts = [(sight, one) for sight, one in operators.facts if sight.check == identity] if operators else []
    phases = [(sight, one) for sight, one in operators.phases if sight.check == identity] if operators else []
    return Checked(
        name,
        tuple((times.full(sight.at), sight.location, tuple(_fact_terms(one, times))) for sight, one in facts),
        tuple((times.full(sight.at), sight.location, _phase_cells(one)) for sight, one in _by_place(phases)),
    )


def _by_place(phases: Iterable[tuple[Sight, Phases]]) -> list[tuple[Sight, Phases]]:
    return sorted(phases, key=lambda one: one[0].location)


def _phase_cells(phases: Phases) -> tuple[str, ...]:
    return tuple(words.milliseconds(getattr(phases, field.name)) for field in fields(phases))


def _fact_terms(facts: Facts, times: Times) -> Iterator[Term]:
    certificate: CertificateFacts | None = facts.certificate
    if certificate:
        yield "Certificate until", times.full(certificate.not_after)
        if certificate.chain_not_after is not None:
            yield "Chain until", times.full(certificate.chain_not_after)
        yield "Issued by", certificate.issuer
        yield "TLS", certificate.tls_version
    if facts.address:
        yield "Address", facts.address
