"""PostgreSQL: log in, ask one query that cannot write, and hold its rows to conditions.

What the server refuses in its own words (a wrong password, a database that is not there, a wrong query, too many
connections) is a failed assertion on that step: it speaks its protocol, but does not do what it is there for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field, StrictInt, model_validator

from probes.assertions.measured import Measured
from probes.assertions.numbers import NumberAssertion
from probes.assertions.texts import TextAssertion
from probes.certificates import Authority, tls_context
from probes.comparison import shown
from probes.connecting import Connecting, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.network import Address, Connection
from probes.postgres import libpq, rows
from probes.postgres.libpq import Login, Refused
from probes.postgres.rows import Cell, Rows
from probes.trace import Trace
from statusledger.model import Check, Failure, Observation

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

PORT = 5432
# The message that asks for TLS: its length and a number that is no version of the protocol.
SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")

Column = Annotated[StrictInt, Field(ge=0)] | str


class PostgresValidation(Measured):
    """What the result of the query must be."""

    rows: NumberAssertion | None = Field(None, description="Conditions on how many rows there are.")
    value: NumberAssertion | TextAssertion | None = Field(
        None, description="Conditions on the first column of the first row: on a number, or on the text."
    )


class PostgresOptions(Connecting):
    """Where to connect, who to be, what to ask."""

    url: Annotated[
        str,
        AfterValidator(
            address(
                "postgres",
                "postgresql",
                port=False,
                example="postgres://status@db.example.com:5432/shop",
                userinfo=True,
            )
        ),
    ] = Field(repr=False, description="Address, postgres://user@host:5432/database; it may hold the password.")
    password: str | None = Field(
        None, repr=False, description="Password, e.g. {{ DB_PASSWORD }}; here it may hold any character."
    )
    tls: Literal["disable", "prefer", "require", "verify-full"] = Field(
        "prefer", description="TLS: never, if offered, always, or always and with a certificate that is verified."
    )
    ca_file: str | None = Field(
        None, description="Authorities (PEM file) to trust instead of the machine's; needs `tls: verify-full`."
    )
    query: str = Field("SELECT 1", description="One statement; it runs in a transaction that can only read.")
    capture: Mapping[str, Column] = Field(
        {},
        description="Numbers of the first row to keep, by name: the column by its name, or counted from 0.",
        examples=["{connections: 0}"],
    )
    validation: PostgresValidation = Field(default_factory=PostgresValidation, description="What the result must be.")

    @model_validator(mode="after")
    def _whole_login(self) -> Self:
        if "{{" not in self.url and not urlsplit(self.url).username:
            msg = "url names no user; write e.g. postgres://status@db.example.com:5432/shop"
            raise ValueError(msg)
        if self.ca_file and self.tls != "verify-full":
            msg = f"ca_file is of no use with tls: {self.tls}; write tls: verify-full"
            raise ValueError(msg)
        return self

    @property
    def login(self) -> Login:
        """Who logs in where; without a database in the address it is the one named like the user."""
        parts = urlsplit(self.url)
        host, port = place(self.url, PORT)
        user = unquote(parts.username or "")
        return Login(
            host=host,
            port=port,
            user=user,
            database=unquote(parts.path.strip("/")) or user,
            password=unquote(parts.password or "") if self.password is None else self.password,
            tls=self.tls,
            ca_file=self.ca_file,
        )


async def probe(check: Check, options: PostgresOptions, context: Context) -> Observation:
    """Up when the login and the query succeed and the rows hold."""
    step = "login"
    try:
        session = await _session(options, context)
        try:
            step = "query"
            context.trace.enter("body")
            found = await rows.rows(session, options.query, check.timeout_ms)
        finally:
            session.finish()
    except TargetError as error:
        return context.failed(check, error)
    except Refused as refused:
        return context.judged(check, (Failure(step, "no error", str(refused)),))
    context.trace.stop()
    failures = (*_failures(found, options.validation), *options.validation.measured(context))
    return context.judged(check, failures, dict(_captured(found, options)))


async def _session(options: PostgresOptions, context: Context) -> PGconn:
    """A session with the first address of the host that takes a connection."""
    login = options.login
    refusal = TargetError("dns_nxdomain", f"{login.host} has no address")
    for peer in await context.network.resolve(login.host, login.port, context.trace, family=options.family):
        try:
            return await libpq.connected(login, peer, context.trace)
        except TargetError as error:
            if error.code == "tls_protocol":
                raise await _tls_fault(login, peer, context, error) from error
            if context.trace.phase != "connect":
                raise
            refusal = error
    raise refusal


async def _tls_fault(login: Login, peer: Address, context: Context, told: TargetError) -> TargetError:
    """What is wrong with the TLS that libpq refused: a handshake of our own gives it the code of every other type."""
    context.trace.fault = told
    context.trace.stop()
    look = Trace()
    try:
        connection = await context.network.connect(peer[1][0], login.port, look)
        try:
            await _ask_for_tls(connection)
            await connection.start_tls(tls_context(Authority(login.ca_file)), login.host, prelude=_ask_for_tls)
        finally:
            connection.close()
    except TargetError as error:
        return error if error.code.startswith("tls_") else told
    finally:
        context.trace.certificate = look.certificate
    return told


async def _ask_for_tls(connection: Connection) -> None:
    await connection.write(SSL_REQUEST)
    if await connection.read_exactly(1) != b"S":
        raise TargetError("tls_protocol", "the server does not offer TLS")


def _failures(found: Rows, validation: PostgresValidation) -> Iterator[Failure]:
    """Everything about the result that is not as it should be."""
    if validation.rows is not None:
        yield from validation.rows.failures("rows", found.count)
    cell = found.first[0][1] if found.first else None
    if isinstance(validation.value, TextAssertion):
        yield from validation.value.failures("value", cell.text if cell else None)
    elif validation.value is not None and cell and cell.text is not None and cell.number is None:
        yield validation.value.failure("value", "a number", f"{shown(cell.text)}, which is not a number")
    elif validation.value is not None:
        yield from validation.value.failures("value", cell.number if cell else None)


def _captured(found: Rows, options: PostgresOptions) -> Iterator[tuple[str, float]]:
    """The number of rows where that has conditions, and each number that is there of those to capture."""
    if options.validation.rows is not None:
        yield "rows", found.count
    for name, column in options.capture.items():
        cell = _column(found, column)
        if cell is not None and cell.number is not None:
            yield name, cell.number


def _column(found: Rows, column: int | str) -> Cell | None:
    if isinstance(column, str):
        return dict(found.first).get(column)
    return found.first[column][1] if column < len(found.first) else None


async def warm(options: PostgresOptions) -> None:
    """Loads libpq before any clock runs."""
    libpq.prepare()


POSTGRES = ProbeType(
    name="postgres",
    schemes=("postgres", "postgresql"),
    options=PostgresOptions,
    probe=probe,
    summary="Logs in to PostgreSQL, asks one query that cannot write, and holds its rows against conditions.",
    extra="postgres",
    requires=("psycopg",),
    warm=warm,
)
