"""gRPC: what the standard health service says of a server, or of one service on it; anything but SERVING fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from probes.assertions.measured import MeasuredTls
from probes.certificates import tls_context
from probes.comparison import shown
from probes.connecting import Securing, address, place
from probes.contract import Context, ProbeType, TargetError
from probes.grpc import messages
from statusledger.model import Check, Failure, Observation

ALPN = ("h2",)
USER_AGENT = "statusledger"
RESERVED = frozenset({"te", "content-type", "user-agent"})  # codespell:ignore te


def _not_reserved(name: str) -> str:
    if name.startswith("grpc-") or name in RESERVED:
        msg = f'the header "{name}" is gRPC\'s own; leave it out'
        raise ValueError(msg)
    return name


HeaderName = Annotated[str, Field(pattern="^[a-z0-9_.-]+$"), AfterValidator(_not_reserved)]
HeaderValue = Annotated[str, Field(pattern=r"^[\x20-\x7e]*$")]


class GrpcOptions(Securing):
    """Which server to ask about which service."""

    url: Annotated[str, AfterValidator(address("grpc", "grpcs", port=True, example="grpcs://api.example.com:443"))] = (
        Field(description="Address, grpc:// or (TLS) grpcs://, with its port.")
    )
    service: str = Field("", max_length=1024, description="Full name of the service; empty: the server as a whole.")
    headers: Mapping[HeaderName, HeaderValue] = Field(
        {}, description="Metadata to send: names in small letters, values in ASCII (those of `-bin` names in base64)."
    )
    validation: MeasuredTls = Field(MeasuredTls(), description="What the measurement must be besides SERVING.")

    @property
    def secure(self) -> bool:
        """Whether TLS comes first."""
        return urlsplit(self.url).scheme == "grpcs"


async def probe(check: Check, options: GrpcOptions, context: Context) -> Observation:
    """Up when the health service says SERVING."""
    try:
        failures = await _asked(options, context)
    except TargetError as error:
        return context.failed(check, error)
    context.trace.stop()
    return context.judged(check, (*failures, *options.validation.measured(context)))


async def _asked(options: GrpcOptions, context: Context) -> tuple[Failure, ...]:
    from probes.grpc.call import Call  # noqa: PLC0415 - h2 is loaded by those who need it

    host, port = place(options.url)
    connection = await context.network.connect(host, port, context.trace, family=options.family)
    try:
        if options.secure:
            await connection.start_tls(tls_context(options.authority, ALPN), options.server_name or host)
            _require_http2(connection.tls.selected_alpn_protocol() if connection.tls else None)
        reply = await Call(connection, context.trace).reply(list(_headers(options)), messages.request(options.service))
    finally:
        connection.close()
    found = _health(reply.body) if reply.status == 0 else _refusal(reply.status, reply.message)
    return () if found == messages.SERVING else (Failure("health", messages.SERVING, found),)


def _require_http2(agreed: str | None) -> None:
    if agreed not in ALPN:
        raise TargetError("protocol", f"the server does not speak HTTP/2: by ALPN it chose {shown(agreed)}")


def _headers(options: GrpcOptions) -> Iterator[tuple[str, str]]:
    """The request headers in the order that gRPC wants."""
    parts = urlsplit(options.url)
    yield from (
        (":method", "POST"),
        (":scheme", "https" if options.secure else "http"),
        (":path", messages.PATH),
        (":authority", parts.netloc.rpartition("@")[2]),
        ("te", "trailers"),  # codespell:ignore te
        ("content-type", "application/grpc"),
        ("user-agent", USER_AGENT),
    )
    yield from options.headers.items()


def _health(body: bytes) -> str:
    try:
        return messages.serving_status(body)
    except ValueError as error:
        raise TargetError("protocol", f"the answer is not a HealthCheckResponse: {error}") from error


def _refusal(status: int, message: str) -> str:
    told = f"grpc-status {messages.status_code(status)}"
    return f"{told}: {message}" if message else told


async def warm(options: GrpcOptions) -> None:
    """Loads HTTP/2 and the authorities before any clock runs."""
    import h2.connection  # noqa: F401, PLC0415 - for its import alone

    if options.secure:
        tls_context(options.authority, ALPN)


GRPC = ProbeType(
    name="grpc",
    schemes=("grpc", "grpcs"),
    options=GrpcOptions,
    probe=probe,
    summary="Asks the standard gRPC health service of a server; anything but SERVING fails.",
    warm=warm,
)
