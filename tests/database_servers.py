"""The real redis-server and PostgreSQL from Debian's packages, each on loopback in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from one_check import free_port

PASSWORD = "hunter2-hunter2"
POSTGRES_USER = "status"
GRACE_SECONDS = 20


def program(name: str, package: str) -> str:
    """The path of a server; without it the test fails in CI and is skipped elsewhere."""
    places = [os.environ.get("PATH", ""), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        told = f"{name} is not installed (Debian package {package})"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    return str(found)


@contextmanager
def running(command: Sequence[str], ready: str, **settings: Any) -> Iterator[None]:
    """A server from the line that says it is ready to the end of the block, when it is told not to wait for anyone."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **settings)
    said = []
    try:
        for line in server.stdout:
            said.append(line)
            if ready in line:
                break
        else:
            pytest.fail(f"{command[0]} did not start: {''.join(said)}")
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=GRACE_SECONDS)


@contextmanager
def redis_server(folder: Path, *arguments: str) -> Iterator[int]:
    """The port of a Redis without persistence."""
    port = free_port()
    command = [
        program("redis-server", "redis-server"), "--port", str(port), "--bind", "127.0.0.1",
        "--dir", str(folder), "--save", "", "--appendonly", "no", *arguments,
    ]  # fmt: skip
    with running(command, "Ready to accept connections"):
        yield port


@contextmanager
def redis_over_tls(folder: Path, authority: trustme.CA) -> Iterator[int]:
    """The TLS port of a Redis whose certificate is for localhost."""
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "redis.pem")
    port = free_port()
    tls = ["--tls-port", str(port), "--tls-auth-clients", "no", "--tls-ca-cert-dir", "/etc/ssl/certs"]
    files = ["--tls-cert-file", str(folder / "redis.pem"), "--tls-key-file", str(folder / "redis.pem")]
    with redis_server(folder, *tls, *files):
        yield port


@contextmanager
def postgres_server(authority: trustme.CA) -> Iterator[int]:
    """The port of a PostgreSQL that takes passwords (SCRAM) and offers TLS for localhost."""
    initdb, postgres = program("initdb", "postgresql"), program("postgres", "postgresql")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "password").write_text(PASSWORD)
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
        (folder / "server.pem").chmod(0o600)
        owner = _as_a_user(folder)
        subprocess.run(
            [initdb, "-D", "data", "-U", POSTGRES_USER, "--pwfile=password", "-A", "scram-sha-256", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            cwd=folder, check=True, capture_output=True, **owner,
        )  # fmt: skip
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "", "fsync": "off",
            "ssl": "on", "ssl_cert_file": str(folder / "server.pem"), "ssl_key_file": str(folder / "server.pem"),
        }  # fmt: skip
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with running(
            [postgres, "-D", str(folder / "data"), *options], "ready to accept connections", cwd=folder, **owner
        ):
            yield port


def _as_a_user(folder: Path) -> dict[str, Any]:
    """Who runs the server, as subprocess wants it, and the owner of the folder: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("nobody")
    for path in (folder, *folder.iterdir()):
        os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
