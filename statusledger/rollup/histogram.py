"""Response times -> counts in logarithmic buckets, which merge exactly; a value is known within 2 % afterwards.

Bucket 0 holds 0 ms, bucket b > 0 the whole milliseconds from 1.02^(b - 1) up to but without 1.02^b. A histogram is
written as [first bucket, counts, ...] with a negative number for so many empty buckets in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from statusledger.clock import DAY_MS

Histogram = list[int]
_NUMERATOR, _DENOMINATOR = 51, 50


@cache
def _edges() -> npt.NDArray[np.int64]:
    """The smallest whole number in each bucket from 1 on, by exact integers: no float decides where a value goes."""
    edges, numerator, denominator = [], 1, 1
    while numerator <= DAY_MS * denominator:
        edges.append(-(-numerator // denominator))
        numerator, denominator = numerator * _NUMERATOR, denominator * _DENOMINATOR
    return np.array(edges, dtype=np.int64)


def histogram(values: npt.NDArray[np.integer]) -> Histogram:
    """The written form of these milliseconds; empty where there is none."""
    buckets = np.searchsorted(_edges(), values, side="right")
    return encoded(dict(zip(*(part.tolist() for part in np.unique(buckets, return_counts=True)), strict=True)))


def encoded(counts: dict[int, int]) -> Histogram:
    """The written form of counts by bucket."""
    written: list[int] = []
    expected = None
    for bucket, count in sorted(counts.items()):
        if expected is None:
            written.append(bucket)
        elif bucket > expected:
            written.append(expected - bucket)
        written.append(count)
        expected = bucket + 1
    return written


def decoded(written: Sequence[int]) -> dict[int, int]:
    """Counts by bucket."""
    counts: dict[int, int] = {}
    bucket = written[0] if written else 0
    for number in written[1:]:
        if number < 0:
            bucket -= number
            continue
        counts[bucket] = number
        bucket += 1
    return counts


def merged(histograms: Iterable[Sequence[int]]) -> Histogram:
    """The histogram of all values together, exactly as if they had been counted at once."""
    total: dict[int, int] = {}
    for written in histograms:
        for bucket, count in decoded(written).items():
            total[bucket] = total.get(bucket, 0) + count
    return encoded(total)


def percentile(written: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile in whole milliseconds, at most 2 % below the measured one; None without a value.

    That is the smallest whole number which falls into the bucket of the measured one.
    """
    counts = decoded(written)
    rank = -(-sum(counts.values()) * percent // 100)
    for bucket, count in sorted(counts.items()):
        rank -= count
        if rank <= 0:
            return int(_edges()[bucket - 1]) if bucket else 0
    return None
