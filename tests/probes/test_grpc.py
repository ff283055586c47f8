"""gRPC health against the real grpcio server, and against peers that break one rule each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
import trustme
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import StreamEnded
from one_check import TIMEOUT_MS, against, free_port, observation, patience, reset, says, silence
from pydantic import ValidationError

from probes.grpc import GRPC, GrpcOptions, messages

URL = "grpc://127.0.0.1:{}"
Status = health_pb2.HealthCheckResponse
SERVICES = {"": Status.SERVING, "shop.Cart": Status.SERVING, "shop.Pay": Status.NOT_SERVING, "shop.New": Status.UNKNOWN}


class _Log(grpc.ServerInterceptor):
    """Remembers the metadata of every call."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def intercept_service(self, continuation, details):
        """Passes the call on."""
        self.calls.append({"method": details.method, **dict(details.invocation_metadata)})
        return continuation(details)


@contextmanager
def health_server(credentials: grpc.ServerCredentials | None = None) -> Iterator[tuple[int, _Log]]:
    """(port, log) of a real server with the standard health service."""
    log = _Log()
    server = grpc.server(ThreadPoolExecutor(2), interceptors=[log])
    servicer = health.HealthServicer()
    for service, status in SERVICES.items():
        servicer.set(service, status)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield port, log
    finally:
        server.stop(None).wait()


@pytest.fixture(scope="module")
def served():
    """A server in plain text."""
    with health_server() as server:
        yield server


@pytest.mark.parametrize(
    ("service", "status", "told"),
    [
        pytest.param("", "up", None, id="the server as a whole"),
        pytest.param("shop.Cart", "up", None, id="a service"),
        pytest.param("shop.Pay", "down", "health: expected SERVING, found NOT_SERVING", id="not serving"),
        pytest.param("shop.New", "down", "health: expected SERVING, found UNKNOWN", id="unknown"),
        pytest.param(
            "shop.None", "down", "health: expected SERVING, found grpc-status 5 NOT_FOUND", id="no such service"
        ),
    ],
)
def test_anything_but_serving_fails(served, service, status, told):
    """The real health service, asked about a service or about itself."""
    got = observation(GRPC, {"url": URL.format(served[0]), "service": service})

    assert (got.status, got.code) == (status, None if status == "up" else "assertion")
    assert told is None or told in got.detail
    assert got.http_status == 200


def test_metadata_is_sent(served):
    """Headers arrive as metadata, beside what gRPC itself wants."""
    port, log = served

    got = observation(
        GRPC,
        {"url": URL.format(port), "headers": {"authorization": "Bearer {{ TOKEN }}"}},
        environ={"TOKEN": "token-of-a-test"},
    )

    assert got.status == "up"
    assert log.calls[-1]["method"] == messages.PATH
    assert log.calls[-1]["authorization"] == "Bearer token-of-a-test"
    assert log.calls[-1]["user-agent"] == "statusledger"


def test_a_server_without_the_health_service():
    """UNIMPLEMENTED is a refusal, in the words of gRPC."""
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    got = observation(GRPC, {"url": URL.format(port)})
    server.stop(None).wait()

    assert (got.status, got.code) == ("down", "assertion")
    assert "found grpc-status 12 UNIMPLEMENTED" in got.detail


@pytest.mark.parametrize(
    ("host", "trusted", "code"),
    [
        pytest.param("localhost", True, None, id="trusted"),
        pytest.param("localhost", False, "tls_untrusted", id="unknown authority"),
        pytest.param("127.0.0.1", True, "tls_hostname", id="another host"),
    ],
)
def test_tls(tmp_path, host, trusted, code):
    """HTTP/2 is agreed on by ALPN; the certificate is verified and its facts are kept."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = authority.issue_cert("localhost")
    credentials = grpc.ssl_server_credentials([(issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes())])
    options = {"ca_file": str(tmp_path / "ca.pem")} if trusted else {}

    with health_server(credentials) as (port, _):
        got = observation(GRPC, {"url": f"grpcs://{host}:{port}", **options})

    assert (got.code, got.certificate is not None) == (code, True)
    assert got.code is not None or got.certificate.alpn == "h2"


# --- peers that break one rule each -------------------------------------------------------------

GOOD = {":status": "200", "content-type": "application/grpc"}
SERVING = b"\0\0\0\0\2\x08\1"


def http2(answer: Callable[[H2Connection], None]):
    """A deed: speaks HTTP/2, and answers the request as the function does."""

    async def deed(reader, writer):
        session = H2Connection(H2Configuration(client_side=False))
        session.initiate_connection()
        while True:
            writer.write(session.data_to_send())
            data = await reader.read(65_536)
            if not data:
                return
            if any(isinstance(event, StreamEnded) for event in session.receive_data(data)):
                answer(session)

    return deed


def replies(
    headers: Mapping[str, str] = GOOD, body: bytes = SERVING, trailers: Mapping[str, str] | None = None
) -> Callable[[H2Connection], None]:
    """An answer made of these parts; without trailers the body is the end."""

    def answer(session: H2Connection) -> None:
        session.send_headers(1, list(headers.items()))
        session.send_data(1, body, end_stream=trailers is None)
        if trailers is not None:
            session.send_headers(1, list(trailers.items()), end_stream=True)

    return answer


OK = {"grpc-status": "0"}


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        pytest.param(replies(trailers=OK), None, None, id="a good one"),
        pytest.param(replies(headers={**GOOD, ":status": "503"}), "status:503", "refused", id="HTTP status"),
        pytest.param(replies(headers={**GOOD, "content-type": "text/html"}), "protocol", "text/html", id="HTML"),
        pytest.param(replies(), "protocol", 'grpc-status is ""', id="no grpc-status"),
        pytest.param(replies(trailers={"grpc-status": "OK"}), "protocol", 'is "OK"', id="grpc-status is no number"),
        pytest.param(replies(body=b"", trailers=OK), "protocol", "exactly one message", id="no message"),
        pytest.param(replies(body=SERVING * 2, trailers=OK), "protocol", "exactly one message", id="two messages"),
        pytest.param(replies(body=b"\1" + SERVING[1:], trailers=OK), "protocol", "compressed", id="compressed"),
        pytest.param(replies(body=b"\0\0\0\0\1\x08", trailers=OK), "protocol", "cut off", id="cut off"),
        pytest.param(replies(body=b"x" * 15_000, trailers=OK), "protocol", "exactly one", id="another body"),
        pytest.param(
            replies(body=b"", trailers={"grpc-status": "14", "grpc-message": "no%20room"}),
            "assertion", "found grpc-status 14 UNAVAILABLE: no room", id="grpc-status and message",
        ),
        pytest.param(
            replies(body=b"", trailers={"grpc-status": "99"}), "assertion", "grpc-status 99", id="unknown grpc-status"
        ),
        pytest.param(
            lambda session: session.send_headers(1, [*GOOD.items(), ("grpc-status", "7")], end_stream=True),
            "assertion", "grpc-status 7 PERMISSION_DENIED", id="trailers only",
        ),
        pytest.param(
            lambda session: session.reset_stream(1, ErrorCodes.REFUSED_STREAM), "reset", "7 REFUSED_STREAM", id="reset"
        ),
        pytest.param(
            lambda session: session.close_connection(ErrorCodes.ENHANCE_YOUR_CALM), "reset", "ENHANCE", id="GOAWAY"
        ),
        pytest.param(lambda session: session.send_headers(1, list(GOOD.items())), "body_timeout", None, id="no end"),
    ],
)  # fmt: skip
def test_answers_that_break_a_rule(answer, code, told):
    """Each with its own code, and nothing taken for SERVING that is not."""
    got = against(GRPC, http2(answer), URL, timeout_ms=patience(code))

    assert got.code == code
    assert told is None or told in got.detail


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        pytest.param(silence, "ttfb_timeout", id="silence"),
        pytest.param(reset, "reset", id="reset"),
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol", id="HTTP/1.1"),
    ],
)
def test_every_fault_has_its_code(deed, code):
    """The same word as on every other type, in time."""
    got = against(GRPC, deed, URL, timeout_ms=patience(code))

    assert (got.status, got.code) == ("down", code)
    assert got.ms < 5 * TIMEOUT_MS


def test_refused_and_blocked():
    """Nobody listens; or the address is not to be asked."""
    url = URL.format(free_port())

    assert observation(GRPC, {"url": url}).code == "refused"
    assert observation(GRPC, {"url": url}, allow=()).code == "blocked_address"


# --- messages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("service", ["", "a", "shop.Cart", "x" * 127, "x" * 128, "x" * 1024, "ü"])
def test_requests_are_those_of_protobuf(service):
    """The same bytes as the real library writes, behind the prefix of gRPC."""
    message = health_pb2.HealthCheckRequest(service=service).SerializeToString()

    assert messages.request(service) == b"\0" + len(message).to_bytes(4, "big") + message


@pytest.mark.parametrize(
    ("message", "status"),
    [
        pytest.param(b"", "UNKNOWN", id="the default is left out"),
        pytest.param(b"\x08\1", "SERVING", id="serving"),
        pytest.param(b"\x08\3", "SERVICE_UNKNOWN", id="service unknown"),
        pytest.param(b"\x08\x63", "status 99", id="a status of the future"),
        pytest.param(b"\x08\2\x08\1", "SERVING", id="the last one counts"),
        pytest.param(b"\x12\2hi\x08\1", "SERVING", id="an unknown field of bytes"),
        pytest.param(
            b"\x11" + b"\0" * 8 + b"\x1d" + b"\0" * 4 + b"\x08\1", "SERVING", id="unknown fields of fixed width"
        ),
    ],
)
def test_responses_are_read(message, status):
    """As protobuf says, unknown fields are skipped."""
    body = b"\0" + len(message).to_bytes(4, "big") + message

    assert messages.serving_status(body) == status


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"\x08", id="cut in a number"),
        pytest.param(b"\x08" + b"\xff" * 11, id="a number without an end"),
        pytest.param(b"\x0a\5hi", id="cut in bytes"),
        pytest.param(b"\x0a\1\1", id="the status as bytes"),
        pytest.param(b"\x0b", id="a group"),
        pytest.param(b"\0\1", id="field 0"),
        pytest.param(b"\x11\0", id="cut in a fixed width"),
    ],
)
def test_damaged_responses_are_refused(message):
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"message|status is not a number|wire type"):
        messages.serving_status(b"\0" + len(message).to_bytes(4, "big") + message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "http://x:1"}, "not an address of this type", id="scheme"),
        pytest.param({"url": "grpc://x"}, "not an address of this type", id="no port"),
        pytest.param({"url": "grpc://x:1", "headers": {"Accept": "a"}}, "should match pattern", id="capital letters"),
        pytest.param({"url": "grpc://x:1", "headers": {"grpc-timeout": "1S"}}, "gRPC's own", id="reserved"),
        pytest.param({"url": "grpc://x:1", "headers": {"a": "b\r\nc: d"}}, "should match pattern", id="a line break"),
    ],
)
def test_options_that_are_wrong(options, message):
    """Found with the configuration."""
    with pytest.raises(ValidationError, match=message):
        GrpcOptions.model_validate(options)
