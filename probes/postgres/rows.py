"""The rows of one query to PostgreSQL, which cannot write and ends at once when the time is up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probes.contract import TargetError
from probes.postgres.libpq import Refused, ready

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

MOST_ROWS = 100_000
NUMERIC_TYPES = frozenset({20, 21, 23, 26, 700, 701, 1700})
"""OIDs of int8, int2, int4, oid, float4, float8 and numeric (catalogue `pg_type`)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as PostgreSQL writes it (None: NULL), and as the number that it is, if any."""

    text: str | None
    number: float | None


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows a query had, and the first of them by the names of its columns, in their order."""

    count: int
    first: tuple[tuple[str, Cell], ...]


async def rows(session: PGconn, query: str, timeout_ms: int) -> Rows:
    """What one statement selects in a transaction that cannot write; TargetError or Refused.

    The server gives up with us: a query that hangs is not left behind to hang there.
    """
    from psycopg import OperationalError  # noqa: PLC0415 - see probes.postgres.libpq.prepare

    try:
        session.send_query(f"BEGIN READ ONLY; SET LOCAL statement_timeout = {timeout_ms}".encode())
        await _result(session)
        session.send_query_params(query.encode(), [])  # unlike send_query it takes one statement only
        session.set_single_row_mode()
        return await _result(session)
    except OperationalError as error:
        raise _lost() from error


async def _result(session: PGconn) -> Rows:
    """The rows as they come, one at a time: only the first is kept."""
    from psycopg.pq import ExecStatus  # noqa: PLC0415 - see probes.postgres.libpq.prepare

    count = 0
    first: tuple[tuple[str, Cell], ...] = ()
    while (result := await _next(session)) is not None:
        if result.status == ExecStatus.SINGLE_TUPLE:
            first = first or _row(result)
            count += 1
            if count > MOST_ROWS:
                raise TargetError("too_large", f"the query has more than {MOST_ROWS} rows")
        elif result.status not in {ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK, ExecStatus.EMPTY_QUERY}:
            raise _fault(result)
    return Rows(count, first)


async def _next(session: PGconn) -> PGresult | None:
    from psycopg.pq import PollingStatus  # noqa: PLC0415 - see probes.postgres.libpq.prepare

    while session.is_busy():
        await ready(session.socket, PollingStatus.READING)
        session.consume_input()
    return session.get_result()


def _row(result: PGresult) -> tuple[tuple[str, Cell], ...]:
    return tuple((_decoded(result.fname(index)) or "", _cell(result, index)) for index in range(result.nfields))


def _cell(result: PGresult, index: int) -> Cell:
    text = _decoded(result.get_value(0, index))
    number = float(text) if text is not None and result.ftype(index) in NUMERIC_TYPES else math.nan
    return Cell(text, number if math.isfinite(number) else None)


def _decoded(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def _fault(result: PGresult) -> TargetError | Refused:
    """A failed statement: the server's error, or without one a connection that was lost."""
    from psycopg.pq import DiagnosticField, ExecStatus  # noqa: PLC0415 - see probes.postgres.libpq.prepare

    state = _decoded(result.error_field(DiagnosticField.SQLSTATE))
    if state is not None:
        return Refused(f"{state} {_decoded(result.error_field(DiagnosticField.MESSAGE_PRIMARY))}")
    if result.status == ExecStatus.FATAL_ERROR:
        return _lost()
    return Refused(f"{ExecStatus(result.status).name}, which is no rows")


def _lost() -> TargetError:
    return TargetError("reset", "the connection was closed before the answer was complete")
