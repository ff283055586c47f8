"""Markdown files that people write about incidents and maintenance <-> records, or every problem at once."""

from statusledger.incident_files.folder import Reading, read_folder
from statusledger.incident_files.names import Names
from statusledger.incident_files.records import (
    Detected,
    Impact,
    IncidentFile,
    MaintenanceFile,
    MaintenanceStatus,
    Update,
)

__all__ = [
    "Detected",
    "Impact",
    "IncidentFile",
    "MaintenanceFile",
    "MaintenanceStatus",
    "Names",
    "Reading",
    "Update",
    "read_folder",
]
