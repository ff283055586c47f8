"""checks.yml -> Config, or every problem at once with line and column."""

from statusledger.config.loading import load
from statusledger.config.records import Config, Link, Look, Monitor, Page, Sla

__all__ = ["Config", "Link", "Look", "Monitor", "Page", "Sla", "load"]
