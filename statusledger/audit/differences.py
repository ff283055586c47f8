"""A published file and the rebuilt one -> the line and the key at which they part."""

from __future__ import annotations

import json
from itertools import zip_longest
from typing import Any

SHOWN_CHARACTERS = 60
ABSENT = object()


def difference(published: bytes | None, rebuilt: bytes | None) -> tuple[int, str]:
    """The first line that differs (0: the whole file) and what is there instead of what; the two are not equal."""
    if published is None:
        return 0, "is missing in the site"
    if rebuilt is None:
        return 0, "is in the site, but no build makes it"
    pairs = zip_longest(published.split(b"\n"), rebuilt.split(b"\n"))
    line = next(number for number, (ours, theirs) in enumerate(pairs, 1) if ours != theirs)
    try:
        found = first_difference(json.loads(published), json.loads(rebuilt))
    except ValueError:
        found = None
    return line, found or "differs from what is rebuilt"


def first_difference(published: Any, rebuilt: Any, path: str = "") -> str | None:
    """`groups[0].state is "up", rebuilt it is "down"`: the first key in the order of the file, None where all agree."""
    if isinstance(published, dict) and isinstance(rebuilt, dict):
        keys = sorted({*published, *rebuilt})
        pairs = [(f"{path}.{key}", published.get(key, ABSENT), rebuilt.get(key, ABSENT)) for key in keys]
    elif isinstance(published, list) and isinstance(rebuilt, list):
        both = zip_longest(published, rebuilt, fillvalue=ABSENT)
        pairs = [(f"{path}[{index}]", ours, theirs) for index, (ours, theirs) in enumerate(both)]
    elif type(published) is not type(rebuilt) or published != rebuilt:
        return f"{path.removeprefix('.') or 'the document'} is {_shown(published)}, rebuilt it is {_shown(rebuilt)}"
    else:
        return None
    return next(filter(None, (first_difference(ours, theirs, place) for place, ours, theirs in pairs)), None)


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "missing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
