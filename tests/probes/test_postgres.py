"""PostgreSQL against the real server, and against peers that are none."""

from __future__ import annotations

import asyncio
import datetime
import ssl

import pytest
import trustme
from database_servers import PASSWORD, POSTGRES_USER, postgres_server
from one_check import PATIENT_MS, TIMEOUT_MS, Deed, against, free_port, observation, patience, reset, says, silence
from pydantic import ValidationError

from probes.postgres import POSTGRES, SSL_REQUEST, PostgresOptions
from probes.postgres.rows import MOST_ROWS

SERVER = POSTGRES_USER + "@127.0.0.1:{}"
ENVIRON = {"PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """(the authority, its file)."""
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    made = trustme.CA()
    made.cert_pem.write_to_path(file)
    return made, str(file)


@pytest.fixture(scope="module")
def port(authority):
    """The port of a real PostgreSQL."""
    with postgres_server(authority[0]) as listening:
        yield listening


def ask(port: int, url: str = f"postgres://{SERVER}/postgres", **options):
    """What a check of the PostgreSQL on that port says, with the right password unless said otherwise."""
    return observation(POSTGRES, {"password": "{{ PASSWORD }}", "url": url.format(port), **options}, environ=ENVIRON)


@pytest.mark.service
@pytest.mark.parametrize(
    ("options", "status", "told"),
    [
        pytest.param({}, "up", None, id="SELECT 1"),
        pytest.param({"validation": {"value": {"equals": 1}, "rows": {"equals": 1}}}, "up", None, id="value and rows"),
        pytest.param(
            {"query": "SELECT generate_series(1, 3)", "validation": {"rows": {"less": 3}}},
            "down", "rows: expected less than 3, found 3", id="too many rows",
        ),
        pytest.param(
            {"query": "SELECT 1 WHERE false", "validation": {"value": {"less": 3}}},
            "down", "value: expected less than 3, found nothing was measured", id="no row",
        ),
        pytest.param(
            {"query": "SELECT NULL::int", "validation": {"value": {"less": 3}}},
            "down", "nothing was measured", id="NULL",
        ),
        pytest.param(
            {"query": "SELECT '7'::text", "validation": {"value": {"less": 10}}},
            "down", 'value: expected a number, found "7", which is not a number', id="text is no number",
        ),
        pytest.param(
            {"query": "SELECT 'NaN'::float8", "validation": {"value": {"less": 10}}},
            "down", '"NaN", which is not a number', id="NaN is no number",
        ),
        pytest.param(
            {"query": "SELECT 2.5::numeric", "validation": {"value": {"greater": 3, "severity": "degraded"}}},
            "degraded", "value: expected more than 3, found 2.5", id="severity",
        ),
        pytest.param(
            {"query": "SHOW server_encoding", "validation": {"value": {"equals": "UTF8"}}}, "up", None, id="text"
        ),
        pytest.param(
            {"query": "SELECT 'grün'", "validation": {"value": {"matches": "^blau"}}}, "down", 'found "grün"', id="ü"
        ),
        pytest.param({"query": ""}, "up", None, id="an empty query"),
        pytest.param({"query": "SELEC 1"}, "down", "query: expected no error, found 42601 syntax", id="syntax"),
        pytest.param({"query": "SELECT * FROM nowhere"}, "down", "found 42P01 relation", id="no such table"),
        pytest.param({"query": "CREATE TABLE mine ()"}, "down", "found 25006 cannot execute", id="it cannot write"),
        pytest.param({"query": "COMMIT; CREATE TABLE mine ()"}, "down", "found 42601", id="one statement only"),
        pytest.param({"query": "COPY (SELECT 1) TO STDOUT"}, "down", "COPY_OUT", id="no rows but a copy"),
        pytest.param({"validation": {"time": {"total": {"less": 0}}}}, "down", "time.total", id="time"),
    ],
)  # fmt: skip
def test_queries(port, options, status, told):
    """The rows are held against their conditions, strictly; what the server refuses is told in its words."""
    got = ask(port, **options)

    assert (got.status, got.code) == (status, None if status == "up" else "assertion")
    assert told is None or told in got.detail


@pytest.mark.service
def test_numbers_are_captured(port):
    """By the name or the place of their column, where they are numbers."""
    capture = {"first": 0, "second": "lag", "text": 2, "none": 9, "unknown": "nobody"}
    query = "SELECT 3, 0.25::float8 AS lag, '7'::text"

    got = ask(port, query=query, capture=capture, validation={"rows": {"equals": 1}})

    assert (got.status, got.captured) == ("up", {"rows": 1, "first": 3.0, "second": 0.25})


@pytest.mark.service
def test_the_result_is_not_kept_in_memory(port):
    """A query with more rows than anyone checks ends."""
    assert ask(port, query=f"SELECT generate_series(0, {MOST_ROWS})").code == "too_large"


@pytest.mark.service
@pytest.mark.parametrize(
    ("url", "options", "told"),
    [
        pytest.param(f"postgres://{SERVER}/nowhere", {}, 'database "nowhere" does not exist', id="no such database"),
        pytest.param("postgresql://nobody@127.0.0.1:{}/postgres", {}, "password authentication failed", id="user"),
        pytest.param(
            f"postgres://{SERVER}/postgres", {"password": "wrong-password"}, "authentication failed", id="password"
        ),
        pytest.param(f"postgres://{SERVER}/postgres", {"password": None}, "no password supplied", id="no password"),
    ],
)
def test_logins_that_are_refused(port, url, options, told):
    """A failed assertion with the server's reason; no password shows."""
    got = ask(port, url, **options)

    assert (got.status, got.code) == ("down", "assertion")
    assert got.detail.startswith("login: expected no error, found ")
    assert told in got.detail
    assert PASSWORD not in repr(got)
    assert "wrong-password" not in repr(got)


@pytest.mark.service
def test_the_password_may_stand_in_the_address(port):
    """As in any connection string."""
    url = f"postgres://{POSTGRES_USER}:{{{{ PASSWORD }}}}@127.0.0.1:{port}/postgres"

    got = observation(POSTGRES, {"url": url}, environ=ENVIRON)

    assert (got.status, PASSWORD in repr(got)) == ("up", False)


@pytest.mark.service
def test_neither_environment_nor_files_at_home_are_read(port, monkeypatch, tmp_path):
    """Nothing but the options of the check says where it connects, as whom and how."""
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{PASSWORD}\n")
    (tmp_path / ".pgpass").chmod(0o600)
    (tmp_path / ".pg_service.conf").write_text(f"[mine]\npassword={PASSWORD}\n")
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").write_text("no certificate")
    variables = {
        "HOME": tmp_path, "PGHOST": "nowhere.invalid", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "x",
        "PGDATABASE": "x", "PGPASSWORD": PASSWORD, "PGSERVICE": "mine", "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "system", "PGOPTIONS": "-c nonsense=1", "PGCHANNELBINDING": "require", "PGTZ": "nonsense",
        "PGDATESTYLE": "nonsense", "PGREQUIREAUTH": "md5", "PGSSLNEGOTIATION": "direct", "PGSSLCERT": "/nowhere",
        "PGTARGETSESSIONATTRS": "standby", "PGMINPROTOCOLVERSION": "latest", "PGGSSENCMODE": "require",
    }  # fmt: skip
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))

    assert ask(port).status == "up"
    assert "no password supplied" in ask(port, password=None).detail


@pytest.mark.service
@pytest.mark.parametrize(
    ("host", "options", "code"),
    [
        pytest.param("127.0.0.1", {"tls": "disable"}, None, id="never"),
        pytest.param("127.0.0.1", {"tls": "prefer"}, None, id="if offered"),
        pytest.param("127.0.0.1", {"tls": "require"}, None, id="whatever the certificate"),
        pytest.param("localhost", {"tls": "verify-full", "ca_file": "{{ CA }}"}, None, id="verified"),
        pytest.param("127.0.0.1", {"tls": "verify-full", "ca_file": "{{ CA }}"}, "tls_hostname", id="another host"),
        pytest.param("localhost", {"tls": "verify-full"}, "tls_untrusted", id="unknown authority"),
    ],
)
def test_tls(port, authority, host, options, code):
    """As strict as was asked for; a certificate that is refused has the code of every other type, and its facts."""
    url = f"postgres://{POSTGRES_USER}@{host}:{port}/postgres"
    query = {"query": "SELECT ssl::text FROM pg_stat_ssl WHERE pid = pg_backend_pid()"}
    wanted = {"validation": {"value": {"equals": "false" if options["tls"] == "disable" else "true"}}}

    got = observation(
        POSTGRES,
        {"url": url, "password": "{{ PASSWORD }}", **options, **query, **wanted},
        environ={**ENVIRON, "CA": authority[1]},
    )

    assert got.code == code
    assert code is None or got.certificate is not None


@pytest.mark.service
def test_a_query_that_hangs_ends_with_the_time(port):
    """The attempt does not wait for the server to take note."""
    url = f"postgres://{SERVER}/postgres".format(port)
    options = {"url": url, "password": "{{ PASSWORD }}", "query": "SELECT pg_sleep(30)"}

    got = observation(POSTGRES, options, environ=ENVIRON, timeout_ms=1_000)

    assert (got.status, got.code) == ("down", "body_timeout")
    assert got.ms < 5_000


@pytest.mark.service
def test_the_server_gives_up_with_us(port):
    """A query that hangs is ended by the server, too, and not left behind at every attempt."""
    got = ask(port, query="SHOW statement_timeout", validation={"value": {"equals": f"{PATIENT_MS // 1000}s"}})

    assert got.status == "up"


def tls_peer(context: ssl.SSLContext, then: Deed) -> Deed:
    """A deed: offers TLS, agrees on it, and goes on as said."""

    async def deed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(8) == SSL_REQUEST
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(context)
        await then(reader, writer)

    return deed


def test_the_server_is_quoted_and_not_interpreted():
    """What it says as a reason to refuse is no fault of this connection, whatever words it uses."""
    words = b"SFATAL\0VFATAL\0C08006\0Mserver login failed: Connection refused\0\0"

    got = against(
        POSTGRES,
        says(b"E" + (len(words) + 4).to_bytes(4, "big") + words),
        "postgres://a@127.0.0.1:{}/b",
        timeout_ms=PATIENT_MS,
        options={"tls": "disable"},
    )

    assert (got.status, got.code) == ("down", "assertion")
    assert "found FATAL:  server login failed: Connection refused" in got.detail


async def goes_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A deed: no TLS, anyone may enter, and at the first query the connection ends."""
    await reader.readexactly(8)
    writer.write(b"N")
    await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big") - 4)
    writer.write(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")
    await reader.read(1)


def test_a_server_that_goes_away_in_the_middle():
    """Logged in, asked, and nobody there any more."""
    got = against(POSTGRES, goes_away, "postgres://a@127.0.0.1:{}/b", timeout_ms=PATIENT_MS)

    assert (got.status, got.code) == ("down", "reset")


def test_a_certificate_that_has_expired(authority):
    """Its code and its facts, though libpq tells neither."""
    made, ca_file = authority
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made.issue_cert("localhost", not_after=past, not_before=past).configure_cert(context)

    got = against(
        POSTGRES,
        tls_peer(context, silence),
        "postgres://a@localhost:{}/b",
        timeout_ms=PATIENT_MS,
        options={"tls": "verify-full", "ca_file": ca_file},
    )

    assert got.code == "tls_expired"
    assert got.certificate.not_after == int(past.timestamp() * 1000)


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        pytest.param(silence, "ttfb_timeout", id="silence"),
        pytest.param(reset, "reset", id="reset"),
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol", id="HTTP"),
        pytest.param(says(b"S"), "tls_timeout", id="silence in the handshake"),
        pytest.param(says(b"N"), "ttfb_timeout", id="silence after a no"),
    ],
)
def test_every_fault_has_its_code(deed, code):
    """The same word as on every other type, in time."""
    got = against(POSTGRES, deed, "postgres://a@127.0.0.1:{}/b", timeout_ms=patience(code))

    assert (got.status, got.code) == ("down", code)
    assert got.ms < 5 * TIMEOUT_MS


def test_tls_that_is_not_offered():
    """`require` means it."""
    got = against(
        POSTGRES, says(b"N"), "postgres://a@127.0.0.1:{}/b", timeout_ms=PATIENT_MS, options={"tls": "require"}
    )

    assert got.code == "tls_protocol"


def test_refused_and_blocked():
    """Nobody listens; or the address is not to be asked."""
    url = f"postgres://a@127.0.0.1:{free_port()}/b"

    assert observation(POSTGRES, {"url": url}).code == "refused"
    assert observation(POSTGRES, {"url": url}, allow=()).code == "blocked_address"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"url": "mysql://x@y"}, "not an address of this type", id="scheme"),
        pytest.param({"url": "postgres://db.example.com/shop"}, "url names no user", id="no user"),
        pytest.param({"url": "postgres://a@x", "ca_file": "ca.pem"}, "tls: verify-full", id="an authority for nothing"),
        pytest.param({"url": "postgres://a@x", "capture": {"n": -1}}, "capture", id="a column before the first"),
        pytest.param({"url": "postgres://a@x", "validation": {"value": {}}}, "asserts nothing", id="nothing"),
    ],
)
def test_options_that_are_wrong(options, message):
    """Found with the configuration, with what to write instead."""
    with pytest.raises(ValidationError, match=message):
        PostgresOptions.model_validate(options)


def test_passwords_are_not_shown():
    """Neither the options nor the login print them."""
    options = PostgresOptions.model_validate({"url": "postgres://a:planted-one@x/b", "password": "planted-two"})

    assert "planted" not in repr(options) + repr(options.login)
