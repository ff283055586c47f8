"""What is published: CSS without comments and indentation, HTML without indentation and blank lines, but in <pre>."""

from __future__ import annotations

import re

_STRING = re.compile(r"(\"[^\"]*\"|'[^']*')")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_AROUND = re.compile(r"\s*([{};,>])\s*")
_VERBATIM = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)


def css(text: str) -> str:
    """The same rules in fewer bytes; strings stay as they are."""
    parts = _STRING.split(_COMMENT.sub("", text))
    parts[::2] = [_squeezed(part) for part in parts[::2]]
    return "".join(parts).replace(";}", "}").strip()


def html(text: str) -> str:
    """The same document with one line break wherever there were line breaks, indentation or blank lines.

    Preformatted text stays as it is.
    """
    parts = _VERBATIM.split(text)
    parts[::2] = ["\n".join(filter(None, map(str.strip, part.split("\n")))) for part in parts[::2]]
    return "".join(parts) + "\n"


def _squeezed(rules: str) -> str:
    text = re.sub(r"\s+", " ", rules)
    return re.sub(r":\s+", ":", _AROUND.sub(r"\1", text))
