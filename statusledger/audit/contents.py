"""Blobs of files that grow -> their contents, of which only the last one of each file is read.

A blob's name is a digest of its content, so an earlier version is recognised as the beginning of the last one by
computing its name. That is both quicker than to read every version and stricter: what git stored is checked as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from statusledger.errors import LedgerError
from statusledger.git import Objects

# the newest files of every writer: each version is looked at twice, as the later and as the earlier one
KEPT = 128
NOTHING = ""
_ALGORITHMS = {40: "sha1", 64: "sha256"}


class Contents:
    """The contents of blobs; NOTHING, the name of no blob, has none. LedgerError when the clone lacks one."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._sizes: dict[str, int] = {}
        self.read = lru_cache(maxsize=KEPT)(self._read)
        self.beginning = lru_cache(maxsize=KEPT)(self._beginning)

    def expect(self, sizes: Iterable[tuple[str, int]]) -> None:
        """The sizes in bytes of blobs that are going to be asked for."""
        self._sizes.update(sizes)

    def _read(self, blob: str) -> bytes:
        content = b"" if blob == NOTHING else self._objects.read(blob)
        if content is None:
            message = f"blob {blob} is not in this clone; clone the repository again, whole, and run git fsck there"
            raise LedgerError(message)
        return content

    def _beginning(self, blob: str, whole: str) -> bytes:
        """The content of a blob that is likely to be the beginning of another one."""
        size, content = self._sizes.get(blob, 0), self.read(whole)
        if size <= len(content) and _name(memoryview(content)[:size], len(blob)) == blob:
            return content[:size]
        return self.read(blob)


def _name(content: memoryview, characters: int) -> str | None:
    """How git names a blob with this content."""
    if characters not in _ALGORITHMS:
        return None
    digest = hashlib.new(_ALGORITHMS[characters], b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()
