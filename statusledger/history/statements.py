"""Final statements of contracts, as the publish job has written them down: every revision, never an edit.

Lines of `statements/<YYYY>.jsonl`: {contract, period, revision, as_of, terms, figures, inputs, reason}. What is in
terms, figures and inputs is told by `statusledger.sla.statement_line`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from statusledger.history.files import Damage
from statusledger.history.records import Record, read_records
from statusledger.sealed import OpenLine

Key = tuple[str, str]
"""(contract, period)"""


@dataclass(frozen=True, slots=True)
class StatementRecord:
    """One line: what a contract came to in a period, as of an instant; `reason` is None in the first one only."""

    contract: str
    period: str
    revision: int
    as_of: int
    terms: Mapping[str, Any]
    figures: Mapping[str, Any]
    inputs: Mapping[str, Any]
    reason: str | None


def statement_path(root: Path, period: str) -> Path:
    """The file under the history folder `root` that takes the statements of a period."""
    return root / "statements" / f"{period[:4]}.jsonl"


def plain(record: StatementRecord) -> dict[str, Any]:
    """The line's object."""
    return {name: getattr(record, name) for name in record.__slots__}


def read(line: Record) -> StatementRecord:
    """The record of a line's object; KeyError, TypeError or ValueError when it is not as it should be."""
    terms, figures, inputs = (line[name] for name in ("terms", "figures", "inputs"))
    if not all(isinstance(block, dict) for block in (terms, figures, inputs)):
        msg = "terms, figures and inputs are objects"
        raise TypeError(msg)
    return StatementRecord(
        str(line["contract"]),
        str(line["period"]),
        int(line["revision"]),
        int(line["as_of"]),
        terms,
        figures,
        inputs,
        line["reason"],
    )


def inputs_digest(record: StatementRecord) -> str:
    """The first 16 hexadecimal digits of SHA-256 over the canonical JSON (sorted keys, no spaces) of its inputs."""
    canonical = json.dumps(record.inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def statement_records(
    root: Path, *, as_of: int, open_line: OpenLine | None = None
) -> tuple[dict[Key, tuple[StatementRecord, ...]], list[Damage]]:
    """(contract, period) -> every revision up to an instant, in the order of the file; and what is damaged."""
    found: dict[Key, tuple[StatementRecord, ...]] = {}
    damage: list[Damage] = []
    for path in sorted((root / "statements").glob("[0-9][0-9][0-9][0-9].jsonl")):
        records, faults = read_records(path, read, root=root, open_line=open_line)
        damage += faults
        for record in records:
            if record.as_of <= as_of:
                key = (record.contract, record.period)
                found[key] = (*found.get(key, ()), record)
    return found, damage
