"""Web servers on loopback that do as the standards say: a scripted one, a proxy, a token server, nginx."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import ssl
import subprocess
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import pytest
import trustme

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter
GRACE_SECONDS = 20


@dataclass(frozen=True)
class Asked:
    """One request as it came; names of headers are in lower case."""

    line: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def method(self) -> str:
        """The request method."""
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        """The request target, mostly a path."""
        return self.line.split(" ")[1]


@dataclass
class Web:
    """Where a server listens, and what it was asked over how many connections."""

    host: str = "127.0.0.1"
    scheme: str = "http"
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{path}"


Deed = Callable[[Web, Reader, Writer], Awaitable[None]]
Reply = Callable[[Asked], bytes]
Serving = AbstractAsyncContextManager[Web]


def answer(body: bytes | str = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A complete answer; `Set_Cookie="…"` becomes a header."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def redirect(location: str, status: int = 302) -> bytes:
    """A redirect."""
    return answer(b"", f"{status} Elsewhere", Location=location)


async def request(reader: Reader) -> Asked:
    """The next request of a connection; IncompleteReadError when none comes."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name}
    return Asked(head[0], headers, await reader.readexactly(int(headers.get("content-length", 0))))


@asynccontextmanager
async def listening(deed: Deed, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Web]:
    """A server that does this with every connection, for as long as the block lasts."""
    told = Web(host, "https" if tls else "http")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: Reader, writer: Writer) -> None:
        told.connections += 1
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await deed(told, reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    told.port = server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def web(reply: Reply, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Serving:
    """A server that answers every request and keeps its connections open."""

    async def deed(told: Web, reader: Reader, writer: Writer) -> None:
        while True:
            told.asked.append(await request(reader))
            writer.write(reply(told.asked[-1]))
            await writer.drain()

    return listening(deed, host=host, tls=tls)


def paths(answers: Mapping[str, bytes]) -> Reply:
    """An answer for each path, 404 elsewhere."""
    return lambda asked: answers.get(asked.target, answer("nothing here", "404 Not Found"))


# --- proxy --------------------------------------------------------------------------------------


def proxy(*, credentials: str | None = None, refuses: str | None = None) -> Serving:
    """A forward proxy for which every name is loopback; it may want `name:password`, or refuse with a status line."""

    async def deed(told: Web, reader: Reader, writer: Writer) -> None:
        told.asked.append(await request(reader))
        refusal = refuses or (None if _may(told.asked[-1], credentials) else "407 Proxy Authentication Required")
        if refusal:
            writer.write(answer("refused", refusal))
            await writer.drain()
        else:
            await _forwarded(told.asked[-1], reader, writer)

    return listening(deed)


def _may(asked: Asked, credentials: str | None) -> bool:
    kind, _, pair = asked.headers.get("proxy-authorization", "").partition(" ")
    return credentials is None or (kind == "Basic" and b64decode(pair).decode() == credentials)


async def _forwarded(asked: Asked, reader: Reader, writer: Writer) -> None:
    """A tunnel for CONNECT; else the request in origin form."""
    tunnel = asked.method == "CONNECT"
    parts = urlsplit(f"//{asked.target}" if tunnel else asked.target)
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", parts.port)
    if tunnel:
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        headers = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items() if "proxy" not in name)
        far_writer.write(f"{asked.method} {parts.path or '/'} HTTP/1.1\r\n{headers}\r\n".encode() + asked.body)
    try:
        await asyncio.gather(_pumped(reader, far_writer), _pumped(far_reader, writer))
    finally:
        far_writer.close()


async def _pumped(source: Reader, sink: Writer) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    sink.write_eof() if sink.can_write_eof() else sink.close()


# --- tokens -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TokenServer:
    """Hands out one token for client credentials, and is strict about RFC 6749 (sections 2.3.1, 4.4, 5.1, 5.2)."""

    client_id: str
    client_secret: str
    token: str = "2YotnFZFEjr1zCsicMWpAA"

    def __call__(self, asked: Asked) -> bytes:
        """The token, or the error that the standard has for this request."""
        form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True, strict_parsing=True))
        media = asked.headers.get("content-type", "").partition(";")[0]
        if asked.method != "POST" or media != "application/x-www-form-urlencoded" or "grant_type" not in form:
            return _oauth({"error": "invalid_request"}, "400 Bad Request")
        if form["grant_type"] != "client_credentials":
            return _oauth({"error": "unsupported_grant_type"}, "400 Bad Request")
        if not self._is_client(asked.headers.get("authorization"), form):
            return _oauth({"error": "invalid_client"}, "401 Unauthorized", WWW_Authenticate="Basic")
        return _oauth({"access_token": self.token, "token_type": "Bearer", "expires_in": 3600})

    def _is_client(self, authorization: str | None, form: Mapping[str, str]) -> bool:
        """One way of saying who asks, never two."""
        in_body = (form.get("client_id"), form.get("client_secret"))
        if authorization is None:
            return in_body == (self.client_id, self.client_secret)
        kind, _, pair = authorization.partition(" ")
        name, _, secret = b64decode(pair).decode("ascii").partition(":")
        said = (unquote_plus(name), unquote_plus(secret))
        return kind == "Basic" and in_body == (None, None) and said == (self.client_id, self.client_secret)


def _oauth(content: Mapping[str, object], status: str = "200 OK", **headers: str) -> bytes:
    return answer(json.dumps(content), status, Content_Type="application/json", Cache_Control="no-store", **headers)


# --- TLS ----------------------------------------------------------------------------------------


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """A server's TLS context with a certificate for these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def written(folder: Path, name: str, *pems: trustme.Blob) -> Path:
    """A file with these PEM blobs."""
    path = folder / name
    path.write_bytes(b"".join(pem.bytes() for pem in pems))
    return path


def certificate(folder: Path, authority: trustme.CA, *names: str) -> str:
    """The directives of nginx for a new certificate for these names."""
    made = authority.issue_cert(*names)
    chain = written(folder, "chain.pem", *made.cert_chain_pems)
    key = written(folder, "key.pem", made.private_key_pem)
    return f"ssl_certificate {chain}; ssl_certificate_key {key};"


# --- nginx --------------------------------------------------------------------------------------

_NGINX = """
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_protocols TLSv1.2 TLSv1.3;
  {servers}
}}
"""


@contextmanager
def nginx(folder: Path, *servers: tuple[str, str]) -> Iterator[Sequence[int]]:
    """The ports of servers, each given by the flags of `listen` (`ssl http2`) and its directives."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        told = "nginx is not installed (Debian package nginx-light)"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)
    # nginx takes over sockets that listen already: no port can be lost to somebody else, and nobody waits for it.
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in servers]
    ports = [door.getsockname()[1] for door in doors]
    blocks = (
        f"server {{ listen 127.0.0.1:{port} {flags}; {directives} }}"
        for port, (flags, directives) in zip(ports, servers, strict=True)
    )
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, servers="\n".join(blocks)), encoding="utf-8")
    running = subprocess.Popen(
        [str(program), "-p", str(folder), "-c", str(config)],
        env={"NGINX": "".join(f"{door.fileno()};" for door in doors)},
        pass_fds=[door.fileno() for door in doors],
        stderr=subprocess.PIPE,
        text=True,
    )
    for door in doors:
        door.close()
    try:
        yield ports
    finally:
        was_running = running.poll() is None
        running.terminate()
        told = running.communicate(timeout=GRACE_SECONDS)[1]
        assert was_running, f"nginx ended by itself ({running.returncode}): {told}"
