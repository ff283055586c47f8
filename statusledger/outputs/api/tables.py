"""Tables for spreadsheets: CSV as RFC 4180 has it, UTF-8, one header line, a line per record."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """The rows under their columns; what is None or missing is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue().encode()


def words(text: str | None) -> str | None:
    """A text that a person wrote: one that a spreadsheet would compute begins with an apostrophe."""
    return f"'{text}" if text and text.startswith(STARTS_FORMULA) else text


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
