"""SSH: the identification string (RFC 4253 section 4.2). Nobody logs in, and no key is looked at."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from probes.assertions.measured import Measured
from probes.assertions.texts import TextAssertion
from probes.connecting import Connecting, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.lines import MOST_LINES, first_line, next_line, unlike
from probes.network import Connection
from probes.trace import Trace
from statusledger.model import Check, Failure, Observation

PORT = 22
IDENTIFICATION = b"SSH-2.0-statusledger\r\n"
# 1.99 is a server that speaks 2.0 and once spoke 1.x as well (RFC 4253 section 5.1)
_BANNER = re.compile(r"SSH-(2\.0|1\.99)-\S.*")


class SshValidation(Measured):
    """What the server must say."""

    banner: TextAssertion | None = Field(
        None, description="Conditions on the identification string, e.g. SSH-2.0-OpenSSH_9.2."
    )

    def failures(self, banner: str, context: Context) -> Iterator[Failure]:
        """One for each condition that does not hold."""
        if self.banner is not None:
            yield from self.banner.failures("banner", banner)
        yield from self.measured(context)


class SshOptions(Connecting):
    """Which server to listen to."""

    url: Annotated[str, AfterValidator(address("ssh", port=False, example="ssh://example.com:22"))] = Field(
        description="Address, ssh://host; the port is 22 if it names none."
    )
    validation: SshValidation = Field(default_factory=SshValidation, description="What the server must say.")


async def probe(check: Check, options: SshOptions, context: Context) -> Observation:
    """Up when the server identifies itself as one that speaks SSH 2.0."""
    try:
        banner = await _banner(options, context)
    except TargetError as error:
        return context.failed(check, error)
    return context.judged(check, list(options.validation.failures(banner, context)))


async def _banner(options: SshOptions, context: Context) -> str:
    connection = await context.network.connect(*place(options.url, PORT), context.trace, family=options.family)
    try:
        banner = await _identification(connection, context.trace)
        context.trace.stop()
        # A server that hears who is there writes no error into its log.
        with contextlib.suppress(TargetError):
            await connection.write(IDENTIFICATION)
    finally:
        connection.close()
    if not _BANNER.fullmatch(banner):
        raise unlike("an identification that begins with SSH-2.0-", banner)
    return banner


async def _identification(connection: Connection, trace: Trace) -> str:
    """The line that begins with SSH-; others may come before it. Where it does not follow, it was no SSH that spoke."""
    line = await first_line(connection, trace)
    for _ in range(MOST_LINES):
        if line.startswith("SSH-"):
            trace.fault = None
            return line
        trace.fault = unlike("a line that begins with SSH-", line)
        try:
            line = await next_line(connection, trace)
        except TargetError as error:
            if error.code == "reset":
                raise trace.fault from error
            raise
    raise TargetError("protocol", f"no line of {MOST_LINES} begins with SSH-")


SSH = ProbeType(
    name="ssh",
    schemes=("ssh",),
    options=SshOptions,
    probe=probe,
    summary="Listens to how an SSH server identifies itself, without logging in.",
)
