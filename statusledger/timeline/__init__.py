"""Samples -> what every component was at every instant: D1 to D6 of the SLA definition, once.

samples (D1) -> confirmation (D2, D3) -> votes (D4) -> component (D5) -> reported, maintenance (D6), all on
`steps`.
"""

from statusledger.timeline.component import CheckTimeline, ComponentTimeline, component_timeline
from statusledger.timeline.confirmation import confirmed_at, effective
from statusledger.timeline.maintenance import Window, classify, counted_windows, merged, without
from statusledger.timeline.past import END, Era, KeptCheck, KeptDays, Past, no_days, undated, visible
from statusledger.timeline.reported import Reported, laid_over
from statusledger.timeline.samples import Series, SeriesByLocation, measured, series
from statusledger.timeline.steps import STATES, Timeline, constant, merge, steps, within
from statusledger.timeline.votes import combine_checks, combine_members, quorum

__all__ = [
    "END",
    "STATES",
    "CheckTimeline",
    "ComponentTimeline",
    "Era",
    "KeptCheck",
    "KeptDays",
    "Past",
    "Reported",
    "Series",
    "SeriesByLocation",
    "Timeline",
    "Window",
    "classify",
    "combine_checks",
    "combine_members",
    "component_timeline",
    "confirmed_at",
    "constant",
    "counted_windows",
    "effective",
    "laid_over",
    "measured",
    "merge",
    "merged",
    "no_days",
    "quorum",
    "series",
    "steps",
    "undated",
    "visible",
    "within",
    "without",
]
