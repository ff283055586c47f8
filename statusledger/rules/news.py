"""IncidentOpened, IncidentUpdated, IncidentResolved and PostmortemPublished: told once each, as information.

What a message says of the newest update is not told again by itself. A file that covers measured incidents goes on
where they were told: under their keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from statusledger import words
from statusledger.clock import DAY_MS, to_datetime
from statusledger.language import Text, later
from statusledger.model import IncidentStatus, Level
from statusledger.rules.alert import Alert, key
from statusledger.rules.outlook import Outlook, brief, plain, seen, together
from statusledger.rules.told import News, Story

FRESH_MS = DAY_MS
"""How long something that is over is still news to whoever was not told that it began."""
REMEMBERED_MS = 7 * DAY_MS
POSTMORTEM_MS = 90 * DAY_MS
"""How long after the end of an incident its postmortem is waited for."""
OPENED, UPDATED, RESOLVED, POSTMORTEM = "IncidentOpened", "IncidentUpdated", "IncidentResolved", "PostmortemPublished"


def incidents(outlook: Outlook) -> Iterator[Alert]:
    """What is new of each incident: while it lasts that it does and what was written last, then its end."""
    for story in outlook.situation.stories:
        if story.ended_at is None:
            yield _opened(outlook, story)
            yield from _updated(outlook, story)
        elif story.ended_at > outlook.as_of - POSTMORTEM_MS:
            if story.ended_at > outlook.as_of - REMEMBERED_MS:
                yield _resolved(outlook, story, story.ended_at)
            if story.postmortem is not None:
                yield _postmortem(outlook, story, story.ended_at, story.postmortem)


def _opened(outlook: Outlook, story: Story) -> Alert:
    incident = f"Incident {story.severity}"
    headline = f"{incident}: {story.title}" if story.written else f"{incident}: {together(story.names)} is down"
    told_with = () if story.written else outlook.told_with(story.components[0])
    return _alert(outlook, story, OPENED, headline, later(_since, outlook, story), told_with=told_with)


def _since(outlook: Outlook, story: Story) -> str:
    began = "Since" if story.written else "Measured as down since"
    told = f"{began} {outlook.moment(story.started_at)}{seen(story.locations, story.codes)}."
    last = _said(story.news[-1]) if story.news else ""
    return "\n".join(filter(None, [told, last]))


def _updated(outlook: Outlook, story: Story) -> Iterator[Alert]:
    """The newest update that people wrote."""
    if story.news:
        last = story.news[-1]
        changes = {
            "subject": story.id,
            "episode": _stamp(last.at),
            "until": last.at + FRESH_MS,
            "told_with": tuple(_keys(outlook, story, OPENED)),
        }
        still = "It is still measured as down." if last.status is IncidentStatus.RESOLVED else ""
        text = "\n".join(filter(None, [brief(last.text), still])) or f"Now {story.status}."
        yield _alert(outlook, story, UPDATED, f"Incident, {story.status}: {story.title}", text, **changes)


def _resolved(outlook: Outlook, story: Story, ended: int) -> Alert:
    lasted = plain(words.duration(ended - story.started_at))
    summed = ", of all components together" if len(story.components) > 1 else ""
    counted = f"; {plain(words.duration(story.down_ms))} count as downtime{summed}" if story.down_ms else ""
    told = f"From {outlook.moment(story.started_at)} to {outlook.moment(ended)}{counted}."
    last = _said(story.news[-1]) if story.news else ""
    down = plain(words.duration(story.down_ms))
    over = f"{story.title}, after {lasted}" if story.written else f"{together(story.names)} was down for {down}"
    answers = tuple(_keys(outlook, story, OPENED))
    changes = {"until": ended + FRESH_MS, "ended_at": ended, "answers": answers}
    text = "\n".join(filter(None, [told, last]))
    return _alert(outlook, story, RESOLVED, f"Incident over: {over}", text, **changes)


def _postmortem(outlook: Outlook, story: Story, ended: int, text: str) -> Alert:
    answers = tuple(one for rule in (OPENED, RESOLVED) for one in _keys(outlook, story, rule))
    changes = {"ended_at": ended, "answers": answers, "until": ended + POSTMORTEM_MS}
    cause = f"Root cause: {story.root_cause}\n" if story.root_cause else ""
    return _alert(outlook, story, POSTMORTEM, f"Postmortem: {story.title}", cause + brief(text), **changes)


# --- what all of them say -----------------------------------------------------------------------


def _alert(outlook: Outlook, story: Story, rule: str, headline: str, reason: Text, **changes: Any) -> Alert:
    named = [outlook.situation.subjects[one] for one in story.components if one in outlook.situation.subjects]
    subject, episode = _identity(story)
    about = outlook.about(named[0]) if len(named) == 1 == len(story.components) else {}
    given = {
        "subject": subject,
        "episode": episode,
        "also": tuple(_covered_keys(outlook, story, rule)) if "subject" not in changes else (),
        **outlook.about_all(named),
        **about,
        "state": story.state,
        **changes,
    }
    return Alert(
        rule=rule,
        severity=Level.INFO,
        name=story.title if story.written else together(story.names),
        since=story.started_at,
        headline=headline,
        reason=reason,
        locations=story.locations,
        codes=story.codes,
        lasting=False,
        story=story.id,
        status=IncidentStatus.RESOLVED if rule == RESOLVED else story.status,
        **given,
    )


def _identity(story: Story) -> tuple[str, str | None]:
    """(subject, episode) of its keys: a file stands for itself, whatever components it names later."""
    return (story.id, None) if story.written else (story.components[0], story.id)


def _keys(outlook: Outlook, story: Story, rule: str) -> Iterator[str]:
    """Every key under which a rule may have told of it."""
    yield key(outlook.since, rule, *_identity(story))
    yield from _covered_keys(outlook, story, rule)


def _covered_keys(outlook: Outlook, story: Story, rule: str) -> Iterator[str]:
    for component, incident in story.covered:
        yield key(outlook.since, rule, component, incident)


def _said(news: News) -> str:
    return f"{str(news.status).capitalize()}: {brief(news.text)}" if news.text else ""


def _stamp(instant: int) -> str:
    return f"{to_datetime(instant):%Y%m%dT%H%M%SZ}"
