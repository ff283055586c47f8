"""Members' classified time -> a service's: combined instant by instant before anything is counted."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from statusledger.clock import Period
from statusledger.model import Service
from statusledger.sla.figures import Counts, count
from statusledger.timeline import Timeline, combine_members, merge
from statusledger.timeline.services import WeightedSpan, combine_weighted, weighted_spans
from statusledger.timeline.steps import MAINTENANCE


def combined(service: Service, members: Sequence[Timeline]) -> Timeline:
    """What the service was at every instant; a weighted one is down while all its known members are."""
    mode = service.mode
    if mode == "weighted":
        return merge(members, combine_weighted)
    required = {"all": None, "any": 1}[mode] if isinstance(mode, str) else mode
    return merge(members, lambda matrix: combine_members(matrix, required))


def service_counts(
    service: Service, members: Sequence[Timeline], periods: Sequence[Period], *, degraded_weight: Fraction, as_of: int
) -> list[Counts]:
    """Milliseconds of each class in each period up to as_of, of a weighted one with its exact bad time."""
    if service.mode != "weighted":
        return count(combined(service, members), periods, as_of)
    weights = [member.weight for member in service.members]
    cuts = [min(max(period.start_ms, as_of), period.end_ms) for period in periods]
    past = [Period("", period.start_ms, cut) for period, cut in zip(periods, cuts, strict=True)]
    future = [Period("", cut, period.end_ms) for period, cut in zip(periods, cuts, strict=True)]
    spans = weighted_spans(members, weights, [*past, *future], degraded_weight=degraded_weight)
    return [_counts(spent, ahead) for spent, ahead in zip(spans[: len(past)], spans[len(past) :], strict=True)]


def _counts(past: WeightedSpan, future: WeightedSpan) -> Counts:
    up, degraded, down, unknown, maintenance, inactive = past.spent
    ahead = sum(future.spent[:MAINTENANCE])
    return Counts(up, degraded, down, unknown, maintenance, inactive, ahead, past.bad_ms)
