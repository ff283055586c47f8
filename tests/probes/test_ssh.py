"""SSH against Debian's sshd, and against servers on loopback that are rude or none."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from fault_proxy import fault_proxy
from one_check import PATIENT_MS, against, free_port, observation, observed, patience, peer
from starttls_servers import plain

from probes.ssh import SSH

URL = "ssh://127.0.0.1:{}"
GRACE_SECONDS = 20
CONFIG = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
PidFile none
UsePAM no
"""


def program(name):
    """The path of a program of OpenSSH; sshd wants to be called by its whole path."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        told = f"{name} is not installed (Debian package openssh-server)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    return found


@pytest.fixture(scope="module")
def sshd():
    """The port of an sshd with a host key of its own; it needs no rights, so root runs it as nobody."""
    server, keygen = program("sshd"), program("ssh-keygen")
    with tempfile.TemporaryDirectory() as temporary:
        folder, port = Path(temporary), free_port()
        key = folder / "host_key"
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        config = folder / "sshd_config"
        config.write_text(CONFIG.format(port=port, folder=folder))
        running = subprocess.Popen(
            [server, "-D", "-e", "-f", config], stderr=subprocess.PIPE, text=True, **unprivileged(folder, key, config)
        )
        try:
            told = running.stderr.readline()
            assert "Server listening on" in told, told + running.stderr.read()
            yield port
        finally:
            running.terminate()
            running.communicate(timeout=GRACE_SECONDS)


def unprivileged(*paths):
    """Who runs the server, as subprocess wants it; these files are theirs."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    for path in paths:
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def said(turns, timeout_ms=PATIENT_MS, **options):
    """What a check says of a server that says this."""
    return against(SSH, plain(turns), URL, timeout_ms=timeout_ms, options=options)


@pytest.mark.service
@pytest.mark.parametrize(
    ("banner", "status"),
    [
        pytest.param({"matches": r"^SSH-2\.0-OpenSSH_\d"}, "up", id="OpenSSH"),
        pytest.param({"contains": "dropbear"}, "down", id="another one"),
        pytest.param({"contains": "dropbear", "severity": "degraded"}, "degraded", id="another one, mildly"),
    ],
)
def test_sshd(sshd, banner, status):
    """A real server identifies itself."""
    got = observation(SSH, {"url": URL.format(sshd), "validation": {"banner": banner}})

    assert (got.status, got.code) == (status, None if status == "up" else "assertion")
    assert None not in (got.phases.connect, got.phases.ttfb)


@pytest.mark.parametrize(
    ("said_at_once", "code"),
    [
        pytest.param(b"SSH-2.0-x\r\n", None, id="2.0"),
        pytest.param(b"SSH-1.99-x\r\n", None, id="1.99"),
        pytest.param(b"SSH-2.0-x a comment\n", None, id="a comment, and an old line end"),
        pytest.param(b"Welcome\r\n\r\nkeep out\r\nSSH-2.0-x\r\n", None, id="lines before it"),
        pytest.param(b"SSH-1.5-x\r\n", "protocol", id="1.5"),
        pytest.param(b"SSH-2.0\r\n", "protocol", id="no software"),
        pytest.param(b"220 mail.example.org\r\n", "protocol", id="SMTP"),
        pytest.param(b"Welcome\r\n" * 200, "protocol", id="lines without end"),
        pytest.param(b"x" * 100_000, "too_large", id="a line without end"),
        pytest.param(b"", "ttfb_timeout", id="silence"),
        pytest.param(b"SSH-2.0-", "body_timeout", id="silence in the middle"),
    ],
)
def test_identifications(said_at_once, code):
    """RFC 4253 section 4.2, and what it is not."""
    waits = code if said_at_once[:3] != b"220" else "body_timeout"

    assert said([(b"", said_at_once)], patience(waits)).code == code


def test_another_protocol_is_quoted():
    """Also when the time is up: a line of something else was heard, and no more."""
    got = said([(b"", b"220 mail.example.org\r\n")], patience("body_timeout"))

    assert got.detail == 'expected a line that begins with SSH-, found "220 mail.example.org"'


def test_a_server_that_has_no_place_left():
    """It says so, and leaves."""

    async def deed(reader, writer):
        writer.write(b"Exceeded MaxStartups\r\n")

    got = against(SSH, deed, URL, timeout_ms=PATIENT_MS)

    assert (got.code, "Exceeded MaxStartups" in got.detail) == ("protocol", True)


@pytest.mark.parametrize(
    ("fault", "after", "code"),
    [
        pytest.param("reset", 0, "reset", id="reset"),
        pytest.param("cut", 0, "reset", id="closed at once"),
        pytest.param("cut", 5, "reset", id="closed in the middle"),
        pytest.param("half-close", 5, "reset", id="half closed"),
        pytest.param("silence", 0, "ttfb_timeout", id="silence"),
        pytest.param("drip", 0, "body_timeout", id="drip"),
    ],
)
def test_an_identification_through_a_bad_network(fault, after, code):
    """Every fault has its code."""

    async def ask():
        turns = [(b"", b"SSH-2.0-" + b"x" * 240 + b"\r\n")]
        async with peer(plain(turns)) as port, fault_proxy(port, fault, after=after) as proxy:
            return await observed(SSH, {"url": URL.format(proxy)}, timeout_ms=patience(code))

    assert asyncio.run(ask()).code == code


def test_the_server_hears_who_is_there():
    """An identification comes back, so that its log holds no error."""

    async def ask():
        heard = asyncio.get_running_loop().create_future()

        async def deed(reader, writer):
            writer.write(b"SSH-2.0-x\r\n")
            heard.set_result(await reader.readline())

        async with peer(deed) as port:
            await observed(SSH, {"url": URL.format(port)})
            return await heard

    assert asyncio.run(ask()) == b"SSH-2.0-statusledger\r\n"
