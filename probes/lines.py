"""Protocols of lines (SMTP, FTP, IMAP, POP3, SSH): the next line, and the next numbered reply."""

from __future__ import annotations

import re
from dataclasses import dataclass

from probes.comparison import shown
from probes.contract import TargetError
from probes.network import Connection
from probes.trace import Trace

LONGEST_LINE_BYTES = 4_096
MOST_LINES = 100
_FIRST_LINE = re.compile(r"([1-5]\d\d)([ -].*)?")


@dataclass(frozen=True, slots=True)
class Reply:
    """A numbered reply (RFC 5321 section 4.2.1, RFC 959 section 4.2): its code, and its lines without the code."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines, one below the other."""
        return "\n".join(self.lines)

    def require(self, code: int) -> Reply:
        """The reply itself; TargetError `status` when it has another code."""
        if self.code != code:
            raise TargetError(f"status:{self.code}", f"expected {code}, found {self.code} {self.text}")
        return self


async def ask(connection: Connection, trace: Trace, command: str) -> Reply:
    """The reply to a command."""
    await connection.write(f"{command}\r\n".encode())
    return await read_reply(connection, trace)


async def read_reply(connection: Connection, trace: Trace) -> Reply:
    """The next numbered reply; TargetError `protocol` when what comes is none."""
    line = await first_line(connection, trace)
    if not _FIRST_LINE.fullmatch(line):
        raise unlike("a reply that begins with three digits", line)
    code, more = line[:3], line[3:4] == "-"
    lines = [line[4:]]
    while more:
        if len(lines) == MOST_LINES:
            raise TargetError("too_large", f"the reply has more than {MOST_LINES} lines")
        line = await next_line(connection, trace)
        # Only the last line has a space after the code; those between begin with it in SMTP, with anything in FTP.
        more = line != code and not line.startswith(f"{code} ")
        lines.append(line[4:] if line.startswith(code) else line)
    return Reply(int(code), tuple(lines))


async def first_line(connection: Connection, trace: Trace) -> str:
    """The line with which an answer begins."""
    trace.enter("ttfb")
    return await next_line(connection, trace)


async def next_line(connection: Connection, trace: Trace) -> str:
    """The next line without its end; from its first byte on, the answer has begun."""
    first = await connection.read_exactly(1)
    trace.enter("body")
    rest = b"" if first == b"\n" else await connection.read_until(b"\n", LONGEST_LINE_BYTES)
    return (first + rest).decode("utf-8", "replace").rstrip("\r\n")


def unlike(expected: str, said: str) -> TargetError:
    """What was said is not what this protocol begins with."""
    return TargetError("protocol", f"expected {expected}, found {shown(said)}")
