"""metrics.txt: numbers in the text format of Prometheus, a block a metric."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from statusledger.outputs.theme import Theme
from statusledger.report.firing import firing_by_severity
from statusledger.report.records import Report

PATH = PurePosixPath("metrics.txt")
Sample = tuple[Mapping[str, str], int | float]
"""(labels, value)"""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its name, type and help, and the samples that a report gives."""

    name: str
    type: str
    help: str
    samples: Callable[[Report], Iterator[Sample]]


def _alert_count(report: Report) -> Iterator[Sample]:
    for level, number in firing_by_severity(report.alerts).items():
        yield {"severity": str(level)}, number


METRICS: Sequence[Metric] = (Metric("uptime_alert_count", "gauge", "Alerts that fire, by severity.", _alert_count),)


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """The one file."""
    del theme
    return {PATH: "".join(line for metric in METRICS for line in _lines(metric, report)).encode()}


def _lines(metric: Metric, report: Report) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.type}\n"
    for labels, value in metric.samples(report):
        told = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield f"{metric.name}{{{told}}} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
