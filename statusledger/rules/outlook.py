"""What several rules ask of the same instant: which outages last, what excuses a component, how it stands now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from statusledger import words
from statusledger.clock import to_datetime
from statusledger.config.alerting import MultipleServicesDownBlock
from statusledger.incidents import MeasuredIncident
from statusledger.model import State, Visibility
from statusledger.rules.alert import SEVERAL, Situation, Watched, key
from statusledger.timeline import STATES, CheckTimeline, Series
from statusledger.timeline.steps import DOWN

CODES_TOLD = 3
NAMES_TOLD = 3
BRIEF_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Outage:
    """An outage that lasts; `frozen`: nothing is known of it now."""

    subject: Watched
    incident: MeasuredIncident
    frozen: bool

    @property
    def failed_at(self) -> Sequence[int]:
        """The instants of its failed samples, rising."""
        return failed_at(self.subject.timeline.counted, self.incident.started_at)


@dataclass(frozen=True, slots=True)
class Many:
    """Several outages at once, and since when there were `least` of them; `frozen`: fewer are known now."""

    outages: Sequence[Outage]
    members: frozenset[str]
    since: int
    least: int
    frozen: bool


class Outlook:
    """A situation, and what follows from it."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.as_of = situation.as_of
        self.alerting = situation.config.alerts
        self.rules = situation.config.alerts.rules
        self.since = situation.config.page.since

    @cached_property
    def outages(self) -> dict[str, Outage]:
        """The outage of each component that has one, whether it counts or not."""
        return dict(self._outages())

    def _outages(self) -> Iterator[tuple[str, Outage]]:
        for identity, one in self.situation.subjects.items():
            newest = one.incidents[-1] if one.incidents else None
            if newest is not None and (newest.ended_at is None or self._may_go_on(one, newest.ended_at)):
                frozen = one.timeline.state.at([self.as_of])[0] != DOWN
                yield identity, Outage(one, newest, bool(frozen))

    def _may_go_on(self, one: Watched, ended_at: int) -> bool:
        """Whether fewer good samples have come since than it takes to end an outage (`confirm_up`)."""
        for check in one.timeline.counted:
            counting = check.check.counting
            if counting.confirm_up > 1 and self.as_of - ended_at < counting.max_staleness_ms:
                good = [int(np.sum(_good(rows) & (rows.ts >= ended_at))) for rows in check.samples.values()]
                if max(good, default=0) < counting.confirm_up:
                    return True
        return False

    @cached_property
    def together(self) -> tuple[Outage, ...]:
        """The outages that count at this instant and are not explained by another one, oldest first."""
        found = [
            outage
            for identity, outage in self.outages.items()
            if self.excuse(identity) is None and (outage.frozen or self.state(outage.subject) is State.DOWN)
        ]
        return tuple(sorted(found, key=lambda outage: (outage.incident.started_at, outage.incident.component)))

    @cached_property
    def many(self) -> Many | None:
        """The outages, where there are as many at once as MultipleServicesDown says, for as long as it says."""
        rule, outages = self.rules.multiple_services_down, self.together
        if not isinstance(rule, MultipleServicesDownBlock) or len(outages) < rule.at_least:
            return None
        since = outages[rule.at_least - 1].incident.started_at
        if self.as_of - since < rule.after:
            return None
        frozen = sum(not outage.frozen for outage in outages) < rule.at_least
        members = frozenset(outage.incident.component for outage in outages)
        return Many(outages, members, since, rule.at_least, frozen)

    def replaced(self, identity: str) -> str | None:
        """Why the outage of a component is not told by itself: one message tells of several."""
        return "told as MultipleServicesDown" if self.many and identity in self.many.members else None

    def told_with(self, identity: str) -> tuple[str, ...]:
        """The key of the message about several outages of which that of a component is one."""
        told = self.many and identity in self.many.members
        return (key(self.since, "MultipleServicesDown", SEVERAL),) if told else ()

    def excuse(self, identity: str) -> str | None:
        """Why trouble with a component is not its own: a dependency, direct or not, that is down."""
        subjects = self.situation.subjects
        ahead, seen = list(subjects[identity].component.depends_on), set[str]()
        while ahead:
            needed = ahead.pop()
            if needed in seen or needed not in subjects:
                continue
            seen.add(needed)
            if needed in self.outages and not self.outages[needed].frozen:
                return f"{subjects[needed].component.name}, which it needs, is down"
            ahead.extend(subjects[needed].component.depends_on)
        return None

    def held(self, one: Watched) -> str | None:
        """Why nothing new is told of a component's trouble."""
        return "in maintenance" if self.state(one) is State.MAINTENANCE else self.excuse(one.component.id)

    def state(self, one: Watched) -> State:
        """How the component is counted now."""
        return self._states[one.component.id]

    @cached_property
    def _states(self) -> dict[str, State]:
        subjects = self.situation.subjects.values()
        return {one.component.id: STATES[int(one.classified.at(self.as_of))] for one in subjects}

    def moment(self, instant: int) -> str:
        """An instant as people read it, in the page's zone."""
        moment = to_datetime(instant, self.situation.config.page.timezone)
        return f"{words.full_day(moment.date())}, {moment:%H:%M} {moment.tzname()}"

    def lasted(self, since: int) -> str:
        """How long it has been."""
        return plain(words.duration(self.as_of - since))

    def about(self, one: Watched) -> dict[str, Any]:
        """The fields of an alert that say which component it is about."""
        component = one.component
        return {
            "component": component.id,
            "group": component.group,
            "tier": None if component.tier is None else str(component.tier),
            "state": self.state(one),
            "private": component.visibility is Visibility.PRIVATE,
        }

    def about_all(self, several: Sequence[Watched]) -> dict[str, Any]:
        """The fields of an alert that say which components it stands for."""
        components = [one.component for one in several]
        return {
            "members": tuple(one.id for one in components),
            "groups": tuple(dict.fromkeys(one.group for one in components)),
            "tiers": tuple(dict.fromkeys(str(one.tier) for one in components if one.tier is not None)),
            "private": any(one.visibility is Visibility.PRIVATE for one in components),
        }


def _good(rows: Series) -> npt.NDArray[np.bool_]:
    good: npt.NDArray[np.bool_] = rows.known & (rows.status != DOWN)
    return good


def plain(text: str) -> str:
    """The words of pages with ordinary spaces."""
    return text.replace(words.THIN, " ")


def brief(text: str) -> str:
    """What people wrote, as far as a message has room for it; its link leads to the rest."""
    told = text.strip()
    return told if len(told) <= BRIEF_CHARACTERS else told[: BRIEF_CHARACTERS - 1].rstrip() + "…"


def seen(locations: Sequence[str], codes: Sequence[str]) -> str:
    """`, seen at eu-fra and gh-us: status:503`."""
    where = f", seen at {together(locations, len(locations))}" if locations else ""
    return where + (f": {', '.join(codes[:CODES_TOLD])}" if codes else "")


def together(names: Sequence[str], most: int = NAMES_TOLD) -> str:
    """`A`, `A and B`, `A, B, C and 1,997 more`."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def failed_at(checks: Sequence[CheckTimeline], since: int) -> Sequence[int]:
    """The instants of the failed samples of these checks since an instant, rising."""
    found = [
        samples.ts[(samples.status == DOWN) & (samples.ts >= since)]
        for check in checks
        for samples in check.samples.values()
    ]
    return np.sort(np.concatenate(found)).tolist() if found else ()
