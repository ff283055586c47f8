"""One window of maintenance, as readers are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from statusledger import words
from statusledger.incident_files import Impact, MaintenanceStatus
from statusledger.incident_files.rendering import to_html
from statusledger.language import pgettext


class Counts(StrEnum):
    """Whether the time of a window is left out of the figures: all of it, a part of it, or none."""

    WHOLE = "whole"
    PART = "part"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a maintenance's trail; `text` is plain, `markdown` what a person wrote."""

    at: int
    status: MaintenanceStatus
    text: str
    markdown: str = ""

    @property
    def html(self) -> str:
        """Sanitised HTML of the text."""
        return to_html(self.markdown)


@dataclass(frozen=True, slots=True)
class MaintenanceReport:
    """A window [starts_at, ends_at) over public components (id, name), with what became of it so far.

    `id` is that of the file, and of a window that comes again with its start behind it. `announced_at` is the first
    announcement that still stands, None where none is known. `overran_ms` is downtime that went on behind its end: that
    counts as any other. `steps` oldest first; `summary` is Markdown.
    """

    id: str
    file: str
    title: str
    components: tuple[tuple[str, str], ...]
    starts_at: int
    ends_at: int
    status: MaintenanceStatus
    cancelled: bool
    counts: Counts
    announced_at: int | None
    overran_ms: int
    impact: Impact | None
    repeats: str | None
    summary: str
    steps: tuple[Step, ...]

    @property
    def is_active(self) -> bool:
        """Whether it is going on."""
        return not self.cancelled and self.status in {MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING}

    @property
    def is_upcoming(self) -> bool:
        """Whether it is still to come."""
        return not self.cancelled and self.status is MaintenanceStatus.SCHEDULED

    @property
    def told_at(self) -> int:
        """When it was first told."""
        return self.steps[0].at if self.steps else self.starts_at

    @property
    def updated_at(self) -> int:
        """When something was last told of it."""
        return self.steps[-1].at if self.steps else self.starts_at

    def word(self, status: MaintenanceStatus) -> str:
        """What readers call a status of it; what does not take place is cancelled instead of completed."""
        if self.cancelled and status is MaintenanceStatus.COMPLETED:
            return pgettext("maintenance", "Cancelled")
        return words.MAINTENANCE_WORDS[status]
