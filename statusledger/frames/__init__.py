"""Raw history -> results in columns, with a report of everything that could not be read.

Each file is read by itself into blocks (`RawFile`), so files may be read in any order and by any number of processes.
"""

from statusledger.frames.blocks import (
    NO_CODE,
    NO_MS,
    OFFLINE,
    STATUS_CODES,
    Block,
    Names,
    Piece,
    RawFile,
    file_size,
    pieces,
)
from statusledger.frames.ledger import SAMPLE_COLUMNS, Ledger, UnreadFile, collector_off, ledger, load, read_raw

__all__ = [
    "NO_CODE",
    "NO_MS",
    "OFFLINE",
    "SAMPLE_COLUMNS",
    "STATUS_CODES",
    "Block",
    "Ledger",
    "Names",
    "Piece",
    "RawFile",
    "UnreadFile",
    "collector_off",
    "file_size",
    "ledger",
    "load",
    "pieces",
    "read_raw",
]
