"""What probing costs and how honest its times are, each held against a floor or a peer in the same run."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import socket
import ssl
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import trustme

from probes import PROBES
from probes.run import Settings, run
from statusledger.clock import now_ms
from statusledger.model import Check, Observation
from statusledger.secrets import Secrets

HOST = "127.0.0.1"
CHECKS = 1_000
ROUNDS = 3
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{"status":"ok","queue": 12}'
VALIDATION = {
    "status_code": 200,
    "body": {"type": "json", "contains_any": ["status"]},
    "json": [{"path": "$.queue", "less": 100}],
}
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def check(identity: str, options: dict[str, object], kind: str = "http", **settings: object) -> Check:
    """One check, of HTTP unless said otherwise."""
    made = PROBES[kind].options.model_validate(options)
    return Check(identity, identity, kind, made, 60_000, **{"timeout_ms": 5_000, "retries": 0, **settings})  # type: ignore[arg-type]


def observed(checks: Sequence[Check]) -> list[Observation]:
    """What one run of these checks says."""
    settings = Settings(allow_networks=("127.0.0.0/8",), per_host=10)
    ticks = asyncio.run(
        run([(one, 0) for one in checks], location="here", secrets=Secrets({}), settings=settings, now=now_ms)
    )
    return [observation for tick in ticks for observation in tick.observations]


# --- CPU ----------------------------------------------------------------------------------------


def cpu() -> None:
    """CPU of 1,000 cold HTTPS checks with assertions, against raw asyncio and the blackbox exporter."""
    with tempfile.TemporaryDirectory() as folder:
        authority = trustme.CA()
        ca_file, key = Path(folder) / "ca.pem", Path(folder) / "server.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        authority.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(str(key))
        with served(key, 0.0) as port:
            checks = [
                check(
                    f"c{index}", {"url": f"https://{HOST}:{port}/", "ca_file": str(ca_file), "validation": VALIDATION}
                )
                for index in range(CHECKS)
            ]
            rounds = [
                (_cpu(lambda: _expect_up(observed(checks), CHECKS)), _cpu(lambda: asyncio.run(_raw(port, ca_file))))
                for _ in range(ROUNDS)
            ]
            ours = statistics.median(seconds for seconds, _ in rounds)
            ratio = statistics.median(seconds / raw for seconds, raw in rounds)
            print(f"{'1,000 cold HTTPS checks, CPU : raw asyncio':<58} {ours:8.2f} s  {ratio:6.2f} x  (<= 2.8)  "
                  f"{'ok' if ratio <= 2.8 else 'OVER'}")  # fmt: skip
            peer = _blackbox(port, ca_file, Path(folder))
            if peer is None:
                print("  prometheus-blackbox-exporter is not installed: not compared")
            else:
                print(f"{'  the same : prometheus-blackbox-exporter':<58} {ours:8.2f} s  {ours / peer:6.2f} x")


def _cpu(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


def _expect_up(observations: Sequence[Observation], count: int) -> None:
    up = [one for one in observations if one.status == "up" and not one.reused]
    if len(up) != count:
        raise SystemExit(f"{count - len(up)} of {count} checks were not up and cold, e.g. {observations[0]}")


async def _raw(port: int, ca_file: Path) -> None:
    """The same handshakes, requests and answers, and nothing else."""
    context = ssl.create_default_context(cafile=str(ca_file))
    places = asyncio.Semaphore(10)

    async def one() -> None:
        async with places:
            reader, writer = await asyncio.open_connection(HOST, port, ssl=context, server_hostname=HOST)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await reader.readexactly(len(ANSWER))
            writer.transport.abort()

    await asyncio.gather(*(one() for _ in range(CHECKS)))


def _blackbox(port: int, ca_file: Path, folder: Path) -> float | None:
    """CPU seconds of the exporter for as many probes of the same server; None where it is not installed."""
    program = shutil.which("prometheus-blackbox-exporter")
    if program is None:
        return None
    module = {"prober": "http", "timeout": "5s", "http": {"tls_config": {"ca_file": str(ca_file)}}}
    module["http"] |= {"fail_if_body_not_matches_regexp": ["status"]}  # type: ignore[operator]
    config = folder / "blackbox.yml"
    config.write_text(json.dumps({"modules": {"https": module}}))
    door = _free_port()
    process = subprocess.Popen(
        [program, f"--config.file={config}", f"--web.listen-address={HOST}:{door}", "--log.level=error"]
    )
    try:
        target = f"http://{HOST}:{door}/probe?module=https&target=https://{HOST}:{port}/"
        _ask(target, tries=50)
        before = _spent(process.pid)
        for _ in range(CHECKS):
            _ask(target)
        return _spent(process.pid) - before
    finally:
        process.terminate()
        process.wait()


def _ask(url: str, tries: int = 1) -> None:
    for left in reversed(range(tries)):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own address
                if b"probe_success 1" not in answer.read():
                    raise SystemExit("the exporter could not probe the server")
                return
        except OSError:
            if not left:
                raise
            time.sleep(0.1)


def _spent(pid: int) -> float:
    """CPU seconds of a process so far (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


# --- times --------------------------------------------------------------------------------------


def burst() -> None:
    """100 checks at once against a server that answers after 100 ms: the reported times are the server's."""
    with served(None, 0.1) as port:
        seen = observed([check(f"c{index}", {"url": f"http://{HOST}:{port}/"}) for index in range(100)])
    _expect_up(seen, 100)
    times = sorted(one.ms or 0 for one in seen)
    print(f"{'100 checks, answer after 100 ms: p50, p95, worst':<58} {statistics.median(times):.0f}, {times[94]}, "
          f"{times[-1]} ms  (p95 < 125)  {'ok' if times[94] < 125 else 'OVER'}")  # fmt: skip


def dead() -> None:
    """100 services of which 10 say nothing: the run takes one timeout for each attempt, and the pauses between."""
    timeout, retries = 2.0, 2
    budget = timeout * (retries + 1) + 0.5 + 2.0
    with served(None, 0.0) as port, served(None, 3_600.0) as silent:
        checks = [
            check(f"c{i}", {"url": f"http://{HOST}:{silent if i % 10 == 0 else port}/"}, timeout_ms=2_000, retries=2)
            for i in range(100)
        ]
        began = time.perf_counter()
        seen = observed(checks)
        took = time.perf_counter() - began
    down = sum(one.status == "down" for one in seen)
    print(f"{'100 services, 10 dead: run : timeouts and pauses':<58} {took:8.2f} s  {took / budget:6.2f} x  (<= 1.25)  "
          f"{'ok' if down == 10 and took <= 1.25 * budget else 'OVER'}")  # fmt: skip


def deadline() -> None:
    """What talks for ever or not at all ends with the code of its phase, at most 0.2 s after the time limit."""
    timeout_ms = 500
    cases = {
        "header drip": ("http", "http://{}/", b"HTTP/1.1 200 OK\r\n", b"X-Drip: y\r\n", "ttfb_timeout"),
        "body drip": (
            "http",
            "http://{}/",
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
            b"x",
            "body_timeout",
        ),
        "silent TLS": ("http", "https://{}/", b"", b"", "tls_timeout"),
        "silent WebSocket": ("websocket", "ws://{}/", b"", b"", "ttfb_timeout"),
        "silent SMTP": ("smtp", "smtp://{}", b"", b"", "ttfb_timeout"),
    }
    for name, (kind, url, first, then, code) in cases.items():
        with served(None, 0.0, (first, then)) as port:
            one = check(name, {"url": url.format(f"{HOST}:{port}")}, kind, timeout_ms=timeout_ms)
            began = time.perf_counter()
            (seen,) = observed([one])
            over_ms = (seen.ms or 0) - timeout_ms
            took = time.perf_counter() - began
        good = seen.code == code and over_ms <= 200
        print(f"{name + ': ' + str(seen.code):<58} {took:8.2f} s  {over_ms:4d} ms after its limit  (<= 200)  "
              f"{'ok' if good else 'OVER'}")  # fmt: skip


# --- a server in a process of its own -----------------------------------------------------------


@contextmanager
def served(
    key: Path | None, after_seconds: float, drip: tuple[bytes, bytes] | None = None, *, host: str = HOST
) -> Iterator[int]:
    """The port of a server that answers every request after so long, over TLS with a key, or that drips for ever."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, host, key, after_seconds, drip), daemon=True
    )
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(
    door: Connection, host: str, key: Path | None, after_seconds: float, drip: tuple[bytes, bytes] | None
) -> None:
    async def talk(writer: asyncio.StreamWriter, first: bytes, then: bytes) -> None:
        writer.write(first)
        while True:
            writer.write(then)
            await writer.drain()
            await asyncio.sleep(0.02)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if drip:
                await talk(writer, *drip)
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(after_seconds)
            writer.write(ANSWER)
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.transport.abort()

    async def serve() -> None:
        context = None
        if key is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(key)
        server = await asyncio.start_server(answer, host, 0, ssl=context, backlog=1_000)
        door.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])
