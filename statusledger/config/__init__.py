"""checks.yml -> Config, or every problem at once with line and column."""

from statusledger.config.loading import load
from statusledger.config.records import Config, Link, Look, Monitor, Page, Sla
from statusledger.config.reference import reference
from statusledger.config.schema import json_schema

__all__ = ["Config", "Link", "Look", "Monitor", "Page", "Sla", "json_schema", "load", "reference"]
