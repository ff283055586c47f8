"""A real authoritative name server (NSD) on loopback, with zones that are given as text."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CONFIGURATION = """
server:
  ip-address: {address}@{port}
  username: ""
  database: ""
  pidfile: ""
  zonesdir: "{folder}"
  xfrdir: "{folder}"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  server-count: 1
  verbosity: 1
remote-control:
  control-enable: no
zone:
  name: "{zone}"
  zonefile: "zone"
"""


@dataclass(frozen=True)
class NameServer:
    """Where it listens, over UDP and TCP."""

    address: str
    port: int


@contextmanager
def name_server(
    zone_text: str, *, zone: str = "example.test", address: str = "127.0.0.1", port: int | None = None
) -> Iterator[NameServer]:
    """The server of this one zone, for as long as the block lasts; it refuses questions about any other."""
    server = NameServer(address, free_port(address) if port is None else port)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "zone").write_text(zone_text)
        path = Path(folder, "nsd.conf")
        path.write_text(CONFIGURATION.format(address=address, port=server.port, folder=folder, zone=zone))
        running = subprocess.Popen([_program(), "-d", "-c", path], stderr=subprocess.PIPE, text=True)
        try:
            _wait_until_it_serves(running)
            yield server
        finally:
            running.terminate()
            running.communicate()


def free_port(address: str = "127.0.0.1") -> int:
    """A port that nothing listens on, neither over TCP nor over UDP."""
    while True:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as tcp, socket.socket(family, socket.SOCK_DGRAM) as udp:
            tcp.bind((address, 0))
            port: int = tcp.getsockname()[1]
            try:
                udp.bind((address, port))
            except OSError:
                continue
            return port


def _program() -> str:
    # Debian keeps it where only root looks.
    found = shutil.which("nsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        told = "NSD is not installed (Debian package nsd)"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    return found


def _wait_until_it_serves(running: subprocess.Popen[str]) -> None:
    said = []
    for line in running.stderr or ():
        said.append(line)
        if "nsd started" in line:
            return
    message = f"NSD did not start:\n{''.join(said)}"
    raise RuntimeError(message)
