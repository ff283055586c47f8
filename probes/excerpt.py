"""What an answer looked like, for the evidence of a failure: its headers and how its body began, masked, then cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile

Header = tuple[str, str]
Mask = Callable[[str], str]

EXCERPT_BYTES = 4096
"""How much of the headers, and how much of the body, is kept."""
BEGINNING_BYTES = 2 * EXCERPT_BYTES
"""How much of a body is remembered: a secret that the cut would halve is still recognised whole."""

_CONTROLS = {code: "\ufffd" for code in range(32) if chr(code) not in "\t\n\r"}
_HIDDEN = "***"


def kept_headers(headers: Sequence[Header], mask: Mask) -> tuple[Header, ...]:
    """The headers as they were sent, without what cookies are worth; those beyond the limit are left out."""
    size = 0

    def fits(header: Header) -> bool:
        nonlocal size
        size += len(header[0].encode()) + len(header[1].encode())
        return size <= EXCERPT_BYTES

    return tuple(takewhile(fits, _masked(headers, mask)))


def _masked(headers: Sequence[Header], mask: Mask) -> Iterator[Header]:
    for name, value in headers:
        # whoever holds a cookie of a session is let in
        shown = f"{value.partition('=')[0]}={_HIDDEN}" if name.lower() == "set-cookie" else value
        yield mask(name), mask(shown)


def excerpt(beginning: bytes, mask: Mask) -> str | None:
    """The beginning of a body as text of at most 4,096 bytes in UTF-8; what is no text is U+FFFD, None for no body."""
    text = mask(beginning.decode("utf-8", "replace").translate(_CONTROLS))
    return text.encode("utf-8", "replace")[:EXCERPT_BYTES].decode("utf-8", "ignore") or None
