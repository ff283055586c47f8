"""The words that all channels share: a title for a lock screen, and the whole message as plain text."""

from __future__ import annotations

from statusledger.channels.contract import Event, Kind

TITLE_CHARACTERS = 150


def title(event: Event) -> str:
    """`[CRITICAL] API is down`; whoever reads no more than this knows what happened."""
    return shortened(f"[{_mark(event)}] {event.headline}", TITLE_CHARACTERS)


def _mark(event: Event) -> str:
    if event.test:
        return "TEST"
    if event.over:
        return "RESOLVED"
    added = {Kind.REMINDER: ", reminder", Kind.ESCALATION: ", escalated"}.get(event.kind, "")
    return "REPORT" if event.kind is Kind.REPORT else f"{event.severity.upper()}{added}"


def body(event: Event) -> str:
    """The sentence, a line a fact, a line a link."""
    facts = [f"{label}: {text}" for label, text in event.facts]
    links = [f"{link.text}: {link.url}" for link in event.links]
    return "\n".join([event.sentence, "", *facts, *([""] if links else []), *links])


def shortened(text: str, most: int) -> str:
    """The text with at most so many characters; an ellipsis says that some are missing."""
    return text if len(text) <= most else text[: most - 1] + "…"
