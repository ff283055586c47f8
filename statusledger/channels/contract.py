"""What every channel agrees on: the event it is told of, the message it makes of it, how an answer is understood.

A channel is a pure function `message(event, settings)`; only `statusledger.alerts` touches the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

from statusledger.clock import SECOND_MS
from statusledger.model import Level, State
from statusledger.written.block import Block

if TYPE_CHECKING:
    from email.message import EmailMessage

VARIABLE = "{{"
HTTP_OK, HTTP_REDIRECT, HTTP_REFUSED, HTTP_TOO_MANY, HTTP_BROKEN = 200, 300, 400, 429, 500


class Kind(StrEnum):
    """Why a message is sent; a status report is about no alert at all."""

    TRIGGER = "trigger"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    RECOVERY = "recovery"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a component did in the last 24 hours; `uptime_percent` floored to three decimals, None without data."""

    total_checks: int
    total_failures: int
    consecutive_failures: int
    uptime_percent: str | None
    average_ms: int | None


@dataclass(frozen=True, slots=True)
class Link:
    """Where to read on."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about; `component` (its id) and `public_id` are None where it is about no component."""

    name: str
    component: str | None = None
    public_id: str | None = None
    group: str | None = None
    tier: str | None = None
    locations: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell one channel, in plain text that has no secret in it.

    `key` is the same for everything that is told of one alert. `headline` fits a lock screen, `sentence` says the rest
    in one breath, `facts` are (label, text) for whoever looks closer. `root_at` is the instant at which this channel
    was first told, `reference` what it answered then, `told` the severity that it knows. `number` counts what was told
    under the key before. `acknowledges`: a person has answered. `story` is the incident that it is news of, as readers
    know it, `status` where that stands.
    """

    key: str
    kind: Kind
    rule: str
    severity: Level
    subject: Subject
    headline: str
    sentence: str
    at: int
    since: int
    page: Link
    page_id: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    links: tuple[Link, ...] = ()
    statistics: Statistics | None = None
    ended_at: int | None = None
    lasting: bool = True
    state: State = State.UNKNOWN
    reference: str | None = None
    told: Level | None = None
    number: int = 0
    test: bool = False
    acknowledges: str | None = None
    story: str | None = None
    status: str | None = None

    @property
    def over(self) -> bool:
        """Whether it tells that something has ended."""
        return self.kind is Kind.RECOVERY

    @property
    def fingerprint(self) -> str:
        """32 hex characters that are the same whenever this message is sent again, and for no other one."""
        return self._digest(self.kind, 0 if self.over else self.number)

    @property
    def root(self) -> str:
        """The fingerprint of the first message about the same thing."""
        return self._digest(Kind.TRIGGER, 0)

    def _digest(self, kind: Kind, number: int) -> str:
        return sha256(f"{self.key}\n{self.since}\n{kind}\n{number}".encode()).hexdigest()[:32]


# --- what a channel makes of it -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, whole."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, and the server that takes it."""

    content: EmailMessage
    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """Title and text for a service that another library speaks to; `level` is info, success, warning or failure."""

    url: str = field(repr=False)
    title: str
    text: str
    level: str


Message = Request | Mail | Notice


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of a request: the status, the headers in lower case, the beginning of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message.

    `code` says what went wrong, in the words of the probes where they have one; None: it was taken. A `permanent` fault
    would happen again. `doubtful`: nobody knows whether it was taken. `wait_ms` is what the other side asked for;
    `reference` is what later messages of the same alert name.
    """

    code: str | None = None
    detail: str = ""
    permanent: bool = False
    doubtful: bool = False
    wait_ms: int | None = None
    reference: str | None = None

    @property
    def taken(self) -> bool:
        """Whether the other side has it."""
        return self.code is None


def by_status(answer: Answer) -> Outcome:
    """2xx is good; 429 and 5xx (and 408, 425) pass; any other refusal would be the same the next time."""
    if HTTP_OK <= answer.status < HTTP_REDIRECT:
        return Outcome()
    passing = answer.status in {408, 425, HTTP_TOO_MANY} or answer.status >= HTTP_BROKEN
    said = answer.body.decode(errors="replace").strip()[:200]
    return Outcome(f"status:{answer.status}", said, permanent=not passing, wait_ms=_wait_ms(answer.headers))


def _wait_ms(headers: Mapping[str, str]) -> int | None:
    """Retry-After in seconds (RFC 9110, 10.2.3); its other form, a date, is left to our own back-off."""
    seconds = headers.get("retry-after", "").strip()
    return int(seconds) * SECOND_MS if seconds.isdecimal() and len(seconds) < 7 else None


# --- settings -----------------------------------------------------------------------------------


class Settings(Block):
    """The keys that a channel of one type has beside `type`; text may hold `{{ NAME }}` until a message is made.

    The values under `secret` are masked in everything that is said of the channel.
    """

    secret: ClassVar[tuple[str, ...]] = ()


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _address(text: str) -> str:
    if VARIABLE in text:
        return text
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in text:
        msg = "this is not an absolute web address; write e.g. https://hooks.example.com/… or a {{ VARIABLE }}"
        raise ValueError(msg)
    return text


def _port(text: str) -> str:
    if VARIABLE not in text and not (text.isdecimal() and 0 < int(text) < 65_536):
        msg = f'"{text}" is not a port; write a number from 1 to 65535'
        raise ValueError(msg)
    return text


Words = Annotated[str, BeforeValidator(_text)]
Address = Annotated[Words, AfterValidator(_address)]
Port = Annotated[Words, AfterValidator(_port)]


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to tell somebody: its settings, what it makes of an event, how it understands an answer.

    `reports`: it takes status reports as well. `extra` is the pip extra that it needs.
    """

    name: str
    summary: str
    settings: type[Settings]
    message: Callable[[Event, Any], Message]
    understand: Callable[[Answer], Outcome] = by_status
    reports: bool = True
    extra: str | None = None
