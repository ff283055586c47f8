"""Reports of other systems -> ticks of location `push`, or every reason why they cannot be taken.

A report is {name, status, response_time_ms, timestamp, component, service}; its other keys are left out, so that no
text of another system gets into history. Several come in an array, a line each, under `results`, or in the
`client_payload` of a CI event. One that is wrong means that none is taken.
"""

from statusledger.pushed.report import AHEAD_MS, read
from statusledger.pushed.ticks import ticks, unrecorded

__all__ = ["AHEAD_MS", "read", "ticks", "unrecorded"]
