"""The ledger's raw files: ticks become lines, lines become files, and files become rows again, however damaged.

One line of JSON per tick, appended once and never changed; only this package knows the layout. Instants (`t`, `s`) are
epoch milliseconds in UTC, response times whole milliseconds. docs/ledger.md describes the format for auditors.
"""

from statusledger.history.captured import Captured, captured, together
from statusledger.history.files import (
    Damage,
    append,
    catch_up,
    complete_lines,
    extended,
    raw_files,
    raw_location,
    raw_path,
    relative_name,
)
from statusledger.history.line import tick_line
from statusledger.history.opening import file_bytes, unsealed
from statusledger.history.reading import CHECK_ID, Row, plain_checks, read_lines, read_numbered

__all__ = [
    "CHECK_ID",
    "Captured",
    "Damage",
    "Row",
    "append",
    "captured",
    "catch_up",
    "complete_lines",
    "extended",
    "file_bytes",
    "plain_checks",
    "raw_files",
    "raw_location",
    "raw_path",
    "read_lines",
    "read_numbered",
    "relative_name",
    "tick_line",
    "together",
    "unsealed",
]
