"""What a build publishes: each module turns the Report into files, by path, without touching the disk.

`OUTPUTS` never make the same file twice; the catalogue comes last, because it names what the others made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from statusledger.language import speaking
from statusledger.outputs import api, catalogue, feeds, markdown, metrics, operators, pages
from statusledger.outputs.theme import Theme
from statusledger.report.records import Report

Output = Callable[[Report, Theme], dict[PurePosixPath, bytes]]
OUTPUTS: Sequence[Output] = (pages.files, api.files, feeds.files, markdown.files, metrics.files, operators.files)


def files(report: Report, theme: Theme) -> dict[PurePosixPath, bytes]:
    """Every file of the site."""
    found: dict[PurePosixPath, bytes] = {}
    with speaking(theme.languages[0]):
        for output in OUTPUTS:
            found |= output(report, theme)
        found |= catalogue.files(report, theme, found)
    return found if report.operators is None else operators.closed(found)
