"""What must not be found, in every spelling of it, and everything that a repository was ever given."""

from __future__ import annotations

import html
import json
import re
import subprocess
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

# A piece of this length is as bad as the whole.
PIECE_CHARACTERS = 12


def spellings(secret: str) -> Iterator[str]:
    """Plain, as JSON, in addresses (both cases of hexadecimal digits), in base64 at each of its three alignments."""
    octets = secret.encode()
    yield secret
    yield from (json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
    for escaped in (quote(octets), quote(octets, safe=""), quote_plus(octets)):
        yield escaped
        yield re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), escaped)
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            # the outermost characters depend on what stands beside the secret
            yield encode(b"\0" * before + octets).decode().rstrip("=")[before + 1 : -1]


def pieces(secret: str) -> set[str]:
    """Every piece of every spelling that is long enough to be of use."""
    return {
        spelling[start : start + PIECE_CHARACTERS]
        for spelling in spellings(secret)
        for start in range(max(1, len(spelling) - PIECE_CHARACTERS + 1))
    }


def readings(text: str) -> set[str]:
    """A text without capitals, and as it reads when what JSON and HTML have escaped is read again."""
    unescaped = text.replace("\\\\", "\\").replace('\\"', '"')
    return {text.casefold(), html.unescape(text).casefold(), unescaped.casefold()}


def found(secret: str, texts: Iterable[str]) -> list[str]:
    """The pieces of a secret that stand in one of these readings."""
    return [piece for piece in sorted(pieces(secret)) if any(piece.casefold() in text for text in texts)]


def objects(repository: Path) -> str:
    """Every object that a repository has, on a branch or not: commits with their messages, trees, contents, tags."""
    done = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--unordered", "--batch", "--buffer"],
        cwd=repository,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "replace")
