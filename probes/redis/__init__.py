"""Redis: log in, choose the database, ask one command (PING), and hold its reply and the numbers of INFO to conditions.

A reply that is an error (NOAUTH, WRONGPASS, LOADING, ERR ...) is a failed assertion on that step: the server speaks its
protocol, but does not do what it is there for. Only what is no Redis protocol at all is `protocol`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from probes.assertions.measured import MeasuredTls
from probes.assertions.texts import TextAssertion
from probes.certificates import tls_context
from probes.comparison import shown
from probes.connecting import Securing, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.network import Connection
from probes.redis import figures
from probes.redis.figures import InfoAssertion, InfoName
from statusledger.model import Check, Failure, Observation

PORT = 6379
LONGEST_REPLY_BYTES = 1_048_576

# The parser makes room for as many elements as are announced, however many: a million take it no time yet.
_ENDLESS = re.compile(rb"\r\n[*%~>|]\d{7}")
_ANNOUNCED_BYTES = 9


def _database(text: str) -> str:
    parts = urlsplit(text)
    if "{{" in text or re.fullmatch(r"(/\d*)?", parts.path):
        return text
    msg = f'"{parts.path}" is not the number of a database; write e.g. redis://example.com:6379/0'
    raise ValueError(msg)


def _without_credentials(text: str) -> str:
    if "{{" not in text and "@" in urlsplit(text).netloc:
        msg = "credentials do not belong in the address; write username and password beside it"
        raise ValueError(msg)
    return text


class RedisValidation(MeasuredTls):
    """What the answers must be."""

    reply: TextAssertion | None = Field(
        None, description="Conditions on the reply to the command; a list is judged as JSON. Default: PING gets PONG."
    )
    values: tuple[InfoAssertion, ...] = Field((), description="Conditions on numbers of INFO; they make it be asked.")


class RedisOptions(Securing):
    """Where to connect, who to be, what to ask."""

    url: Annotated[
        str,
        AfterValidator(_without_credentials),
        AfterValidator(address("redis", "rediss", port=False, example="redis://example.com:6379/0", userinfo=True)),
        AfterValidator(_database),
    ] = Field(description="Address, redis:// or (TLS) rediss://, with the number of the database if it is not 0.")
    username: str | None = Field(None, description="User of the access control list; needs `password`.")
    password: str | None = Field(None, repr=False, description="Password, e.g. {{ REDIS_PASSWORD }}.")
    command: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        ("PING",), description="The command and its arguments, e.g. [GET, key]."
    )
    capture: tuple[InfoName, ...] = Field((), description="Numbers of INFO to keep besides those with conditions.")
    validation: RedisValidation = Field(default_factory=RedisValidation, description="What the answers must be.")

    @model_validator(mode="after")
    def _whole_login(self) -> Self:
        if self.username is not None and self.password is None:
            msg = "username needs a password; write both"
            raise ValueError(msg)
        return self

    @property
    def secure(self) -> bool:
        """Whether TLS comes first."""
        return urlsplit(self.url).scheme == "rediss"

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the numbers that INFO is asked for, each once."""
        return tuple(dict.fromkeys((*(value.name for value in self.validation.values), *self.capture)))


async def probe(check: Check, options: RedisOptions, context: Context) -> Observation:
    """Up when every step was answered without an error and the answers hold."""
    try:
        replies = await _conversation(options, context)
    except TargetError as error:
        return context.failed(check, error)
    context.trace.stop()
    info = figures.fields(_text(replies.get("info")) or "")
    failures = (*_failures(replies, info, options), *options.validation.measured(context))
    return context.judged(check, failures, dict(_captured(info, options)))


async def _conversation(options: RedisOptions, context: Context) -> dict[str, Any]:
    """The reply to each step; the last one is an error where there was one."""
    from hiredis import ReplyError  # noqa: PLC0415 - an optional library

    host, port = place(options.url, PORT)
    connection = await context.network.connect(host, port, context.trace, family=options.family)
    replies: dict[str, Any] = {}
    try:
        if options.secure:
            await connection.start_tls(tls_context(options.authority), options.server_name or host)
        context.trace.enter("ttfb")
        for step, command in _steps(options):
            replies[step] = await _reply(connection, command)
            context.trace.enter("body")
            if isinstance(replies[step], ReplyError):
                break
    finally:
        connection.close()
    return replies


def _steps(options: RedisOptions) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(name, command) of everything that is asked."""
    if options.password is not None:
        user = () if options.username is None else (options.username,)
        yield "authentication", ("AUTH", *user, options.password)
    database = urlsplit(options.url).path.strip("/")
    if database.strip("0"):
        yield "database", ("SELECT", database)
    yield "reply", options.command
    if options.wanted:
        yield "info", ("INFO",)


async def _reply(connection: Connection, command: tuple[str, ...]) -> Any:
    """What the server replies; TargetError for what is no reply."""
    import hiredis  # noqa: PLC0415 - an optional library

    words: Any = command  # the stub of hiredis means a tuple of exactly one
    await connection.write(hiredis.pack_command(words))
    reader = hiredis.Reader(encoding="utf-8", errors="replace", notEnoughData=...)
    size, last = 0, b"\r\n"
    while True:
        data = await connection.read()
        if not data:
            raise TargetError("reset", "the connection was closed before the reply was complete")
        size, last = size + len(data), last[-_ANNOUNCED_BYTES:] + data
        if size > LONGEST_REPLY_BYTES or _ENDLESS.search(last):
            raise TargetError("too_large", f"the reply is larger than {LONGEST_REPLY_BYTES} bytes")
        try:
            reader.feed(data)
            reply = reader.gets()
        except hiredis.ProtocolError as error:
            raise TargetError("protocol", f"the answer is not Redis: {error}") from error
        if reply is not ...:
            return reply


def _failures(replies: Mapping[str, Any], info: Mapping[str, str], options: RedisOptions) -> Iterator[Failure]:
    """Everything about the replies that is not as it should be."""
    step, last = list(replies.items())[-1]
    if isinstance(last, Exception):
        yield Failure(step, "no error", shown(str(last)))
        return
    yield from _reply_assertion(options).failures("reply", _text(replies["reply"]))
    for value in options.validation.values:
        yield from value.failures_in(info)


def _reply_assertion(options: RedisOptions) -> TextAssertion:
    """What was written, or else PONG for PING, or else any reply that is not nil."""
    if options.validation.reply is not None:
        return options.validation.reply
    return TextAssertion(equals="PONG") if options.command == ("PING",) else TextAssertion(contains="")


def _text(reply: Any) -> str | None:
    """A reply as the text that conditions look at; None for nil."""
    if reply is None or isinstance(reply, str):
        return reply
    return shown(reply)


def _captured(info: Mapping[str, str], options: RedisOptions) -> Iterator[tuple[str, float]]:
    """The numbers that INFO had of those that were wanted."""
    for name in options.wanted:
        try:
            yield name, figures.number(info, name)
        except ValueError:
            continue


async def warm(options: RedisOptions) -> None:
    """Loads the parser and the authorities before any clock runs."""
    import hiredis  # noqa: F401, PLC0415 - for its import alone

    if options.secure:
        tls_context(options.authority)


REDIS = ProbeType(
    name="redis",
    schemes=("redis", "rediss"),
    options=RedisOptions,
    probe=probe,
    summary="Logs in to Redis, asks a command, and holds its reply and the numbers of INFO against conditions.",
    extra="redis",
    requires=("hiredis",),
    warm=warm,
)
