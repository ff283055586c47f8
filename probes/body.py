"""Raw chunks of an HTTP answer -> its decoded body, never longer than the cap.

A decoder that hands out whatever a chunk inflates to gives 67 MB at once for a small bomb; here the inflated length is
bounded while inflating.
"""

from __future__ import annotations

import zlib

from probes.contract import TargetError

_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15


class Body:
    """The decoded bytes so far; TargetError `too_large` past the cap, `protocol` for what cannot be decoded."""

    def __init__(self, content_encoding: str, limit: int) -> None:
        self._encoding = content_encoding.strip().lower().removeprefix("x-")
        if self._encoding not in {"", "identity", "gzip", "deflate"}:
            raise TargetError("protocol", f'the body is encoded as "{self._encoding}", which was not asked for')
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0
        self._inflater: zlib._Decompress | None = None

    def feed(self, chunk: bytes) -> None:
        """Takes the next chunk as it came over the wire."""
        if self._encoding in {"", "identity"}:
            self._keep(chunk)
            return
        try:
            self._inflate(chunk)
        except zlib.error as error:
            raise TargetError("protocol", f"the {self._encoding} body cannot be decoded: {error}") from error

    def beginning(self, size: int) -> bytes:
        """The first decoded bytes of what has come so far."""
        found = bytearray()
        for chunk in self._chunks:
            found += chunk[: size - len(found)]
            if len(found) == size:
                break
        return bytes(found)

    def finish(self) -> bytes:
        """The whole decoded body."""
        if self._inflater and not self._inflater.eof:
            raise TargetError("protocol", f"the {self._encoding} body ends too early")
        return b"".join(self._chunks)

    def _inflate(self, chunk: bytes) -> None:
        while chunk:
            if self._inflater is None or self._inflater.eof:
                self._inflater = zlib.decompressobj(self._window(chunk))
            self._keep(self._inflater.decompress(chunk, self._limit - self._size + 1))
            chunk = self._inflater.unused_data or self._inflater.unconsumed_tail

    def _window(self, chunk: bytes) -> int:
        """How the data is wrapped: some servers send `deflate` without the zlib header that RFC 9110 asks for."""
        if self._encoding == "gzip":
            return _GZIP
        return _ZLIB if chunk[0] & 0x0F == zlib.DEFLATED else _RAW_DEFLATE

    def _keep(self, decoded: bytes) -> None:
        self._size += len(decoded)
        self._chunks.append(decoded)
        if self._size > self._limit:
            raise TargetError("too_large", f"the body is longer than {self._limit} bytes")
