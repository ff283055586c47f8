"""What is kept beyond its time: evidence of critical incidents. Instants are epoch milliseconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from statusledger.config import Config
from statusledger.config.blocks import RetentionBlock
from statusledger.history import Row
from statusledger.model import Severity
from statusledger.report.evaluation import evaluate
from statusledger.report.records import IncidentReport
from statusledger.report.telling import incident_reports, telling
from statusledger.rollup.reading import History

Kept = Literal["raw", "details", "evidence", "alerts"]
Spans = Sequence[tuple[int, int]]
"""[start, end], both included."""
DEFAULTS: Mapping[str, Any] = RetentionBlock().model_dump()


def kept_ms(config: Config, what: Kept) -> int:
    """How long it is kept, in milliseconds."""
    return int(config.settings.get("retention", DEFAULTS)[what])


def keeps_critical(config: Config) -> bool:
    """Whether evidence of P1 incidents is kept for good."""
    return bool(config.settings.get("retention", DEFAULTS)["keep_critical"])


def critical_spans(config: Config, history: History, as_of: int) -> dict[str, Spans]:
    """Check -> when P1 incidents of its component lasted, as operators see them."""
    shown = evaluate(config, history, as_of=as_of).components
    source = telling(shown, after_ms=config.incidents_after_ms, zone=config.sla.terms.zone, as_of=as_of, lanes=False)
    return spans_of(config, incident_reports(source, ()), as_of)


def spans_of(config: Config, incidents: Iterable[IncidentReport], as_of: int) -> dict[str, Spans]:
    """The same of incidents that are known; also under the earlier ids of the checks."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for one in incidents:
        if one.severity is Severity.P1 and one.component in config.components:
            for check in config.components[one.component].checks:
                for name in (check.id, *check.was):
                    found[name].append((one.started_at, one.ended_at or as_of))
    return dict(found)


def within(spans: Iterable[tuple[int, int]], at: int) -> bool:
    """Whether the instant lies in one of the spans."""
    return any(start <= at <= end for start, end in spans)


def holds_critical(evidence: Iterable[Row], critical: Mapping[str, Spans]) -> bool:
    """Whether any of these lines of evidence is of a critical incident."""
    return any(within(critical.get(check, ()), line["t"]) for line in evidence for check in line["e"])
