"""Bytes as they were sent -> the single reports in them, each with the words for its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import orjson

from statusledger.errors import UsageError

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def reports(data: bytes, source: str) -> Iterator[tuple[str, object]]:
    """(place, what stands there) of each report; a ValueError stands where a line is not JSON.

    UsageError when nothing at all can be read.
    """
    text = data.removeprefix(BYTE_ORDER_MARK)
    whole = _parsed(text)
    lines = [(number, line) for number, line in enumerate(text.split(b"\n"), 1) if line.strip()]
    if not isinstance(whole, ValueError):
        yield from ((f"report {number}", report) for number, report in enumerate(_unpacked(whole), 1))
    elif len(lines) > 1 and isinstance(_parsed(lines[0][1]), Mapping):
        yield from ((f"line {number}", _parsed(line)) for number, line in lines)
    else:
        msg = f"{source}: is not JSON ({whole}); send one report, an array of reports, or one report a line"
        raise UsageError(msg)


def _parsed(text: bytes) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return error


def _unpacked(document: object) -> Sequence[object]:
    for key in ("client_payload", "results"):
        if isinstance(document, Mapping) and key in document:
            document = document[key]
    return document if isinstance(document, list) else [document]
