"""Bytes of a raw file -> matrices of the lines on which all is up, without an object for each value.

Nearly every line of a file is like its neighbours but for the digits. So the text between numbers is compared with that
of one line, which was looked at closely, and all numbers are read at once, eight digits in a machine word. Any other
line is left to the reader that looks at each value; what is read here it would read alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from statusledger.frames.levelled import Noted, levelled
from statusledger.history import plain_checks

_CHUNK_BYTES = 160 << 10  # what is looked at together stays near the processor
_LARGER_BYTES = 8 << 20
_FEWEST = 8  # lines that are worth the effort
_ROUNDS = 3  # sets of checks that look alike at first sight and are told apart
_PADDING = bytes(80)  # more than the text between two numbers is long
_COLON, _NEWLINE = b":\n"
_HEAD = b'{"t":'
_INSTANT_DIGITS = 13
_FRONT_DIGITS = _INSTANT_DIGITS - 8
_FRONT_PLACE = len(_HEAD) + _FRONT_DIGITS - 8  # where the eight bytes begin that end with them
_OTHER_COLONS = 2  # of a line, beside one a check
_MOST_DIGITS = 7  # of a response time; see history.reading
_NUMBER = re.compile(rb"(?<=:)[0-9]+")

# eight bytes at once
_ZEROS = np.array(0x3030303030303030, dtype=np.uint64)
_TO_HIGH_BIT = np.array(0x7676767676767676, dtype=np.uint64)  # what takes a byte above 9 to its highest bit
_HIGH_BITS = np.array(0x8080808080808080, dtype=np.uint64)
_JOINING = [  # single digits to pairs, these to fours, these to a number: factor, shift, what stays
    tuple(np.array(number, dtype=np.uint64) for number in step)
    for step in (
        (10 << 8 | 1, 8, 0x00FF00FF00FF00FF),
        (100 << 16 | 1, 16, 0x0000FFFF0000FFFF),
        (10_000 << 32 | 1, 32, 0xFFFFFFFF),
    )
]
_ODD = np.uint64(0x9E3779B97F4A7C15)
_HEAD_WORD, _HEAD_BITS = int.from_bytes(_HEAD, "little"), (1 << 8 * len(_HEAD)) - 1
# by number of digits; eight are a part of a longer number
_LAST_BYTES = np.array([(1 << 64) - (1 << 64 - 8 * count) for count in range(9)], dtype=np.uint64)
_LEAST = np.array([0, 0, *(10**count for count in range(1, 7)), 0], dtype=np.int32)

_Flags = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.intp]
_Words = npt.NDArray[np.uint64]
Numbered = tuple[int, bytes]
"""A line without its newline, and its number from 1 on."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Lines in which the same checks were measured: `ts` in epoch milliseconds, `ms` a row of response times for each.

    All are up, but for those that are `noted` with the place of their line; what `ms` says of these is of no meaning.
    """

    checks: tuple[str, ...]
    ts: npt.NDArray[np.int64]
    ms: npt.NDArray[np.int32]
    noted: Sequence[tuple[int, Noted]] = ()

    def until(self, as_of: int) -> Rows:
        """Those up to and including an instant."""
        past = self.ts <= as_of
        if past.all():
            return self
        places = np.cumsum(past) - 1
        noted = [(int(places[place]), one) for place, one in self.noted if past[place]]
        return Rows(self.checks, self.ts[past], self.ms[past], noted)


@dataclass(slots=True)
class PlainReader:
    """Reads plain lines, and remembers what those of earlier files looked like."""

    _usual: dict[int, _Shape] = field(default_factory=dict)
    _shapes: dict[tuple[int, int], list[_Shape]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # malloc gives the memory of every array back to the system, which clears it anew for the next one, until it has
        # seen a larger one go (glibc: M_MMAP_THRESHOLD is dynamic); nothing of this one is ever touched
        np.empty(_LARGER_BYTES, dtype=np.uint8)

    def read(self, data: bytes) -> tuple[list[Rows], list[Numbered]]:
        """What can be read at once of a file, and all its other lines in order."""
        found: list[Rows] = []
        rest: list[Numbered] = []
        number = 1
        for chunk in _chunks(data):
            level = levelled(chunk)
            text = _Text.of(level.text)
            is_left = np.ones(len(text.starts), dtype=np.bool_)
            for lines, rows in self._groups(text):
                is_left[lines] = False
                found.append(_with_noted(rows, lines, level.noted))
            left = is_left.nonzero()[0].tolist()
            rest += [(number + line, level.originals.get(line) or text.line(line)) for line in left]
            number += len(text.starts)
        return found, rest

    def _groups(self, text: _Text) -> Iterator[tuple[_Places, Rows]]:
        """The places of lines with the same checks, and what they say."""
        for count in set(text.colons.tolist()):
            index = (text.colons == count).nonzero()[0]
            if count > _OTHER_COLONS and len(index) >= _FEWEST:
                yield from self._told_apart(text, index, count)

    def _told_apart(self, text: _Text, index: _Places, count: int) -> Iterator[tuple[_Places, Rows]]:
        """The same for lines with so many colons, of which most are as they used to be."""
        if count in self._usual:
            alike, rows = _read(text, index, self._usual[count])
            yield index[alike], rows
            index = index[~alike]
        if len(index) >= _FEWEST:
            sights = text.sights(index)
            for sight in set(sights.tolist()):
                yield from self._one_by_one(text, index[sights == sight], self._shapes.setdefault((count, sight), []))

    def _one_by_one(self, text: _Text, index: _Places, known: list[_Shape]) -> Iterator[tuple[_Places, Rows]]:
        """The same for lines that look alike at first sight."""
        for turn in range(_ROUNDS):
            if len(index) < _FEWEST:
                break
            if turn == len(known):
                shape = _shape(text.line(index[0]))
                if shape is None:
                    break
                known.append(shape)
            alike, rows = _read(text, index, known[turn])
            self._usual.setdefault(len(rows.checks) + _OTHER_COLONS, known[turn])
            yield index[alike], rows
            index = index[~alike]


def _with_noted(rows: Rows, lines: _Places, noted: Mapping[int, Sequence[Noted]]) -> Rows:
    """The rows with what is noted of their lines."""
    found = np.searchsorted(lines, list(noted)).tolist()
    places = [
        (place, one)
        for (line, said), place in zip(noted.items(), found, strict=True)
        if place < len(lines) and lines[place] == line
        for one in said
    ]
    return replace(rows, noted=places) if places else rows


def _chunks(data: bytes) -> Iterator[bytes]:
    """The file in pieces of about the same size and of whole lines, without the newline at the end of each."""
    size = len(data) // (len(data) // _CHUNK_BYTES + 1)
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + size)
        end = len(data) - data.endswith(b"\n") if end < 0 else end
        yield data[start:end]
        start = end + 1


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """Lines of text: where each starts, how many colons it has, and the eight bytes that begin at each place in a word.

    `marks` are all colons and newlines, those of line i from `first[i]` on.
    """

    data: bytes
    words: _Words
    marks: _Places
    first: _Places
    colons: _Places
    starts: _Places

    @classmethod
    def of(cls, chunk: bytes) -> _Text:
        data = b"".join((_PADDING, chunk, b"\n", _PADDING))
        places = np.frombuffer(data, dtype=np.uint8)
        marks = ((places == _COLON) | (places == _NEWLINE)).nonzero()[0]
        ends = (places[marks] == _NEWLINE).nonzero()[0]
        first, starts = np.zeros_like(ends), np.full_like(ends, len(_PADDING))
        first[1:], starts[1:] = ends[:-1] + 1, marks[ends[:-1]] + 1
        return cls(data, _at_each_place(data, "<u8"), marks, first, ends - first, starts)

    def line(self, index: int) -> bytes:
        return self.data[self.starts[index] : self.marks[self.first[index] + self.colons[index]]]

    def sights(self, index: _Places) -> _Words:
        """A number for each of these lines, the same for those whose first and last check are the same."""
        first, last = self.first[index] + _OTHER_COLONS, self.first[index] + self.colons[index] - 1
        return self._ends_of_name(first) * _ODD ^ self._ends_of_name(last)

    def _ends_of_name(self, marks: _Places) -> _Words:
        """The five bytes that end with each of these colons: what there is of the shortest name."""
        ends: _Words = self.words[self.marks[marks] - 7] >> np.uint64(24)
        return ends


def _at_each_place(data: bytes, dtype: str) -> npt.NDArray[Any]:
    """What begins at each byte."""
    size = np.dtype(dtype).itemsize
    return np.ndarray((len(data) - size + 1,), dtype=dtype, buffer=data, strides=(1,))


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """A plain line but for its numbers.

    Its parts are the text after a number, up to and with the colon before the next one or, the last part, the newline:
    their `lengths`, and words that end where they end, of which some `bits` count.
    """

    checks: tuple[str, ...]
    lengths: _Places
    size: int
    words: _Words
    bits: _Words


def _shape(line: bytes) -> _Shape | None:
    """The shape of a line; None when it is not plain, or says a check twice."""
    checks = plain_checks(line)
    parts = _NUMBER.split(line + b"\n")[1:]
    if not checks or len(checks) + 1 != len(parts):
        return None
    size = -(-max(map(len, parts)) // 8) * 8
    words, bits = (
        np.frombuffer(b"".join(part.rjust(size, b"\0") for part in some), dtype="<u8")
        for some in (parts, [b"\xff" * len(part) for part in parts])
    )
    return _Shape(checks, np.array([len(part) for part in parts]), size, words, bits)


def _read(text: _Text, index: _Places, shape: _Shape) -> tuple[_Flags, Rows]:
    """Which lines have the shape, and what they say; all have as many colons."""
    stops = text.marks[text.first[index][:, None] + np.arange(_OTHER_COLONS, _OTHER_COLONS + len(shape.lengths))]
    stops += 1
    begins = stops - shape.lengths
    digits = np.empty_like(begins)
    digits[:, 0] = 8  # of an instant the last eight; of the others all
    digits[:, 1:] = begins[:, 1:] - stops[:, :-1]
    some = digits[:, 1:]
    alike = _every((some > 0) & (some <= _MOST_DIGITS))
    alike &= begins[:, 0] == text.starts[index] + (len(_HEAD) + _INSTANT_DIGITS)
    if not alike.all():
        stops, begins, digits = stops[alike], begins[alike], digits[alike]
    numbers, good = _numbers(text.words[begins - 8], digits)
    ts, has_instant = _instants(text, begins[:, 0] - (len(_HEAD) + _INSTANT_DIGITS), numbers[:, 0])
    good &= has_instant & _have_parts(text, stops, shape)
    alike[alike] = good
    ms = numbers[:, 1:]
    return alike, Rows(shape.checks, ts, ms) if good.all() else Rows(shape.checks, ts[good], ms[good])


def _numbers(words: _Words, digits: _Places) -> tuple[npt.NDArray[np.int32], _Flags]:
    """The numbers that so many bytes at the end of the words are, and in which rows all are: without zeros in front."""
    words ^= _ZEROS
    words &= _LAST_BYTES[digits]
    is_number = _are_digits(words)
    numbers = _value(words).astype(np.int32)
    is_number &= numbers >= _LEAST[digits]
    return numbers, _every(is_number)


def _have_parts(text: _Text, stops: _Places, shape: _Shape) -> _Flags:
    """In which lines the parts of the shape end at these places."""
    parts = _at_each_place(text.data, f"V{shape.size}")[stops - shape.size].view("<u8")
    parts &= shape.bits
    return _every(parts == shape.words)


def _every(flags: _Flags) -> _Flags:
    """Which rows have nothing but true values; nearly always that is every one, which is told faster."""
    every: _Flags
    every = np.ones(len(flags), dtype=np.bool_) if bool(flags.all()) else np.all(flags, axis=1)
    return every


def _instants(text: _Text, starts: _Places, last: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], _Flags]:
    """The instants that lines begin with, of which the last eight digits are given, and which lines do begin so.

    The other five digits are nearly the same everywhere.
    """
    fronts = text.words[starts + _FRONT_PLACE]
    good: _Flags = (text.words[starts] & _HEAD_BITS) == _HEAD_WORD
    ts = last.astype(np.int64)
    for front in set(fronts.tolist()):
        digits = front.to_bytes(8, "little")[-_FRONT_DIGITS:]
        if digits.isdigit() and not digits.startswith(b"0"):
            ts[fronts == front] += int(digits) * 10**8
        else:
            good[fronts == front] = False
    return ts, good


def _are_digits(values: _Words) -> _Flags:
    """Whether no byte is above 9."""
    above = values + _TO_HIGH_BIT
    above |= values
    above &= _HIGH_BITS
    none: _Flags = above == 0
    return none


def _value(values: _Words) -> _Words:
    """The number of eight digits, one a byte, the first one in the lowest byte; made in place."""
    for factor, shift, bits in _JOINING:
        values *= factor
        values >>= shift
        values &= bits
    return values
