"""What became of drafts of incident files that were offered: `drafts.jsonl`, a line whenever that changes.

`{"id": "api-20261121T020600Z", "t": 1795226760000, "branch": "incident/api-…", "link": "https://…", "reason": "…"}`:
`link` is the pull request's, or where a person can open it; `reason` says why there is none, null where there is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from statusledger.history.files import Damage
from statusledger.history.records import Record, append_records, read_records


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """How the draft for a measured incident stood at an instant."""

    id: str
    t: int
    branch: str
    link: str | None
    reason: str | None

    def says_the_same(self, other: DraftRecord | None) -> bool:
        """Whether nothing but the instant differs."""
        return other is not None and (self.branch, self.link, self.reason) == (other.branch, other.link, other.reason)


def drafts_path(root: Path) -> Path:
    """The file below the history folder."""
    return root / "drafts.jsonl"


def draft_records(root: Path, *, as_of: int) -> tuple[dict[str, DraftRecord], list[Damage]]:
    """Incident id -> the newest record at an instant; and what is damaged."""
    records, damage = read_records(drafts_path(root), _read, root=root)
    return {one.id: one for one in sorted(records, key=lambda one: one.t) if one.t <= as_of}, damage


def append_drafts(root: Path, records: list[DraftRecord]) -> None:
    """Appends the records below the history folder."""
    if records:
        append_records(drafts_path(root), [asdict(one) for one in records])


def _read(line: Record) -> DraftRecord:
    words = [line[key] for key in ("link", "reason")]
    if not all(word is None or isinstance(word, str) for word in words):
        msg = "link and reason are text or null"
        raise ValueError(msg)
    return DraftRecord(str(line["id"]), int(line["t"]), str(line["branch"]), *words)
