"""Location codes -> which of their raw files a repack from scratch would confuse, and codes that avoid it.

Git stores a file as its difference from another one, which it looks for among files whose paths have the same name hash
(`pack_name_hash` in its pack-objects.h): the last 16 characters count, each a quarter of the one after it. Every file
has a version for each commit of its day. While up to MOST_FILES files share a hash, versions of the same file still
meet; with twice as many the pack grows to a multiple. The file of private lines that shares the hash of its public twin
is not counted: the two differ in size, by which git sorts versions next (benchmarks/growth.py measures it).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import chain
from string import ascii_lowercase, digits

MOST_FILES = 4
_LEAP_YEAR = 2028
_CODE_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Crowd:
    """Location codes whose raw files share name hashes: `files` of them share one.

    `instead` (code -> code) is what would have to change so that none shares it with more than MOST_FILES.
    """

    files: int
    instead: Mapping[str, str]


def crowded(locations: Sequence[str], year: int) -> Crowd | None:
    """What is wrong with these location codes in the files of a year; None when nothing is."""
    files = _most_alike(locations, year)
    return Crowd(files, dict(_replacements(locations, year))) if files > MOST_FILES else None


def name_hash(path: str) -> int:
    """Git's 32-bit hash of a path, as it sorts candidates for deltas; white space does not count."""
    value = 0
    for byte in path.encode():
        if byte not in b" \t\r\n":
            value = (value >> 2) + (byte << 24) & 0xFFFF_FFFF
    return value


def _most_alike(locations: Iterable[str], year: int) -> int:
    """The number of files that share the most frequent hash."""
    hashes = Counter(chain.from_iterable(_hashes(location, year) for location in locations))
    return max(hashes.values(), default=0)


def _hashes(location: str, year: int) -> list[int]:
    """The hash of each day's file; a name is the sum of its parts, each shifted to its place."""
    before = name_hash(f"history/raw/{year}/{location}-") >> 2 * len("MMDD.jsonl")
    return [before + day for day in _hashes_of_days()]


@cache
def _hashes_of_days() -> tuple[int, ...]:
    first = date(_LEAP_YEAR, 1, 1)
    return tuple(name_hash(f"{first + timedelta(days=day):%m%d}.jsonl") for day in range(366))


def _replacements(locations: Sequence[str], year: int) -> Iterator[tuple[str, str]]:
    """The codes that have to go, in their order, each with the first similar one that fits those before it."""
    taken, hashes = set(locations), Counter[int]()
    for location in locations:
        choices = (location, *(code for code in _similar(location) if code not in taken))
        fitting = next((code for code in choices if _fits(_hashes(code, year), hashes)), None)
        if fitting is None:
            continue
        hashes.update(_hashes(fitting, year))
        if fitting != location:
            taken.add(fitting)
            yield location, fitting


def _fits(more: Sequence[int], hashes: Counter[int]) -> bool:
    return all(hashes[one] + count <= MOST_FILES for one, count in Counter(more).items())


def _similar(location: str) -> Iterator[str]:
    """Codes that a reader takes for the same place: a character or two more at the end."""
    for ending in (*digits, *ascii_lowercase, *(f"-{letter}" for letter in ascii_lowercase)):
        yield location[: _CODE_CHARACTERS - len(ending)] + ending
