"""The payload that subscribers of hosted status pages get: a component changed, or an incident has news.

Keys as receivers of Statuspage's webhooks know them (support.atlassian.com/statuspage, "Enable webhook notifications").
"""

from __future__ import annotations

from typing import Any

from statusledger.channels.contract import Event
from statusledger.clock import format_instant
from statusledger.model import Level, State, public_id

OPERATIONAL = "operational"
STATUSES = {
    State.DEGRADED: "degraded_performance",
    State.DOWN: "major_outage",
    State.MAINTENANCE: "under_maintenance",
}
INDICATORS = {Level.CRITICAL: "major", Level.WARNING: "minor", Level.INFO: "none"}
DESCRIPTIONS = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
}
# what an update of an incident says, by the rule that told it
INCIDENT_STATUSES = {
    "IncidentOpened": "investigating",
    "IncidentUpdated": "identified",
    "IncidentResolved": "resolved",
    "PostmortemPublished": "postmortem",
}


def update(event: Event) -> dict[str, Any]:
    """A component's new status where the event is about one, else an incident's news."""
    indicator = "none" if event.over else INDICATORS[event.severity]
    head = {
        "meta": {"unsubscribe": event.page.url, "documentation": event.page.url, "dedup_key": event.key},
        "page": {"id": event.page_id, "status_indicator": indicator, "status_description": DESCRIPTIONS[indicator]},
    }
    about_component = event.rule not in INCIDENT_STATUSES and event.subject.public_id is not None
    return head | (_component(event) if about_component else _incident(event))


def _component(event: Event) -> dict[str, Any]:
    """Before the first news of an alert and after its last one a component is operational."""
    subject, created = event.subject, format_instant(event.at)
    now = OPERATIONAL if event.over else STATUSES.get(event.state, "degraded_performance")
    before = STATUSES.get(event.state, "major_outage") if event.over or event.number else OPERATIONAL
    change = {
        "id": event.fingerprint[:12],
        "component_id": subject.public_id,
        "old_status": before,
        "new_status": now,
        "created_at": created,
    }
    known = {"id": subject.public_id, "name": subject.name, "status": now, "created_at": format_instant(event.since)}
    return {"component_update": change, "component": known}


def _status(event: Event) -> str:
    """Where the incident stands; what was written of it says so itself."""
    if event.rule == "IncidentUpdated" and event.status:
        return event.status
    return INCIDENT_STATUSES.get(event.rule, "resolved" if event.over else "investigating")


def _incident(event: Event) -> dict[str, Any]:
    status = _status(event)
    resolved = status in {"resolved", "postmortem"}
    identity, at = public_id(f"incident/{event.story or event.root}"), format_instant(event.at)
    return {
        "incident": {
            "id": identity,
            "name": event.headline,
            "status": status,
            "impact": INDICATORS[event.severity],
            "backfilled": False,
            "created_at": format_instant(event.since),
            "updated_at": at,
            "monitoring_at": None,
            "resolved_at": format_instant(event.ended_at or event.at) if resolved else None,
            "scheduled_for": None,
            "scheduled_until": None,
            "shortlink": event.links[0].url if event.links else event.page.url,
            "page_id": event.page_id,
            "incident_updates": [
                {
                    "id": event.fingerprint[:12],
                    "incident_id": identity,
                    "status": status,
                    "body": event.sentence,
                    "created_at": at,
                    "updated_at": at,
                    "display_at": at,
                }
            ],
        }
    }
