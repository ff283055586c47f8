"""Measured downtime -> incidents: when it began, when that was known, when it ended, how bad it was."""

from statusledger.incidents.findings import Findings
from statusledger.incidents.measured import MeasuredIncident, measured_incidents
from statusledger.incidents.severity import response_due, severity

__all__ = ["Findings", "MeasuredIncident", "measured_incidents", "response_due", "severity"]
