"""One line on a terminal that says how far a command is; nothing at all where nobody watches."""

from __future__ import annotations

import logging
import sys
from types import TracebackType
from typing import Self, TextIO

_CLEAR = "\r\x1b[K"


class Progress:
    """The line, for as long as the block lasts; it leaves no trace."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        told = logging.getLogger("statusledger").isEnabledFor(logging.INFO)
        self._stream = stream if told and stream.isatty() else None
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def show(self, text: str) -> None:
        """Replaces the line."""
        if self._stream is not None:
            self._stream.write(f"{_CLEAR}{text}")
            self._stream.flush()
            self._shown = True

    def clear(self) -> None:
        """Takes the line away, before something else is printed."""
        if self._shown and self._stream is not None:
            self._stream.write(_CLEAR)
            self._stream.flush()
            self._shown = False
