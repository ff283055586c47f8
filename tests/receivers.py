"""Receivers of alerts on loopback that are as strict as the documented APIs: Slack, PagerDuty, a webhook of one's own.

Each keeps what it took, and can be told to fail in its own ways before it goes on.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Posted:
    """One request as it came; names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer; `hangs` answers nothing at all, `drops` closes the connection instead."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    hangs: bool = False
    drops: bool = False


@dataclass
class Receiver:
    """Where a receiver listens, what it was asked, and how it answers."""

    answer: Callable[[Posted], Reply]
    port: int = 0
    asked: list[Posted] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)
    down: Reply | None = None

    def url(self, path: str = "/") -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def reply(self, posted: Posted) -> Reply:
        """Its own answer, unless it is down or has faults left to make."""
        self.asked.append(posted)
        if self.down is not None:
            return self.down
        return self.faults.pop(0) if self.faults else self.answer(posted)


@contextmanager
def receiving(answer: Callable[[Posted], Reply]) -> Iterator[Receiver]:
    """A receiver that answers so for as long as the block lasts."""
    receiver = Receiver(answer)
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.reply(Posted(self.command, self.path, headers, body))
            if reply.hangs:
                released.wait(30)
            if reply.hangs or reply.drops:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            content = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST  # noqa: N815 - the names that the server looks for

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        released.set()
        server.shutdown()
        server.server_close()
        thread.join()


# --- Slack --------------------------------------------------------------------------------------


@dataclass
class Slack:
    """An incoming webhook at /services/…, chat.postMessage at /api/chat.postMessage.

    Limits as in Slack's reference of blocks: 50 blocks, 3,000 characters of a section's text, ten fields of 2,000,
    ten elements of a context; an unescaped `<` begins a link.
    """

    token: str = "xoxb-123456789012-abcdefghijkl"
    secret: str = "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
    posts: list[Mapping[str, Any]] = field(default_factory=list)

    def __call__(self, posted: Posted) -> Reply:
        """What Slack would say."""
        if posted.path == "/api/chat.postMessage":
            return Reply(200, json.dumps(self._api(posted)))
        if posted.path != self.secret:
            return Reply(404, "no_service")
        if posted.method != "POST" or not posted.headers.get("content-type", "").startswith("application/json"):
            return Reply(400, "invalid_payload")
        try:
            content = posted.json
        except ValueError:
            return Reply(400, "invalid_payload")
        if fault := self._fault(content):
            return Reply(400, fault)
        self.posts.append(content)
        return Reply(200, "ok")

    def _api(self, posted: Posted) -> Mapping[str, Any]:
        if posted.headers.get("authorization") != f"Bearer {self.token}":
            return {"ok": False, "error": "invalid_auth"}
        content = posted.json
        if content.get("channel") != "C0123456":
            return {"ok": False, "error": "channel_not_found"}
        thread = content.get("thread_ts")
        if thread is not None and thread not in {post.get("ts") for post in self.posts}:
            return {"ok": False, "error": "thread_not_found"}
        if fault := self._fault(content):
            return {"ok": False, "error": fault}
        ts = f"1795226760.{len(self.posts):06d}"
        self.posts.append({**content, "ts": ts})
        return {"ok": True, "ts": ts, "channel": "C0123456"}

    def _fault(self, content: Mapping[str, Any]) -> str | None:
        if not content.get("text") and not content.get("blocks"):
            return "no_text"
        if len(content.get("text", "")) > 40_000:
            return "msg_too_long"
        for attachment in content.get("attachments", []):
            if not _good_blocks(attachment.get("blocks", [])):
                return "invalid_blocks"
        return None


def _good_blocks(blocks: list[Mapping[str, Any]]) -> bool:
    return len(blocks) <= 50 and all(map(_good_block, blocks))


def _good_block(block: Mapping[str, Any]) -> bool:
    if block["type"] == "section":
        fields = block.get("fields", [])
        whole = "text" not in block or _good_words(block["text"], 3000)
        return (
            whole
            and ("text" in block or bool(fields))
            and len(fields) <= 10
            and all(_good_words(one, 2000) for one in fields)
        )
    return block["type"] == "context" and 1 <= len(block["elements"]) <= 10


def _good_words(words: Mapping[str, Any], most: int) -> bool:
    text = words["text"]
    return words["type"] in {"mrkdwn", "plain_text"} and 1 <= len(text) <= most and "<script" not in text


# --- PagerDuty ----------------------------------------------------------------------------------


@dataclass
class PagerDuty:
    """Events API v2: /v2/enqueue and /v2/change/enqueue; `alerts` are the open ones by deduplication key."""

    routing_key: str = "0123456789abcdef0123456789abcdef"
    alerts: dict[str, str] = field(default_factory=dict)
    changes: list[Mapping[str, Any]] = field(default_factory=list)
    events: list[Mapping[str, Any]] = field(default_factory=list)

    def __call__(self, posted: Posted) -> Reply:
        """What PagerDuty would say: 202, or 400 with what is wrong with the event."""
        if len(posted.body) > MEGABYTE // 2:
            return Reply(413, "Request Entity Too Large")
        event = posted.json
        faults = {"/v2/enqueue": _faults_of_event, "/v2/change/enqueue": _faults_of_change}.get(posted.path)
        if faults is None:
            return Reply(404, "Not Found")
        wrong = [fault for fault, there in faults(event) if there]
        if event.get("routing_key") != self.routing_key or wrong:
            return _invalid(wrong or ["Invalid routing key"])
        if posted.path == "/v2/enqueue":
            return self._taken(event)
        self.changes.append(event)
        return Reply(202, json.dumps({"status": "success", "message": "Change event processed"}))

    def _taken(self, event: Mapping[str, Any]) -> Reply:
        key, action = event["dedup_key"], event["event_action"]
        self.events.append(event)
        if action == "trigger":
            self.alerts.setdefault(key, "triggered")
        elif action == "resolve":
            self.alerts.pop(key, None)
        elif key in self.alerts:
            self.alerts[key] = "acknowledged"
        return Reply(202, json.dumps({"status": "success", "message": "Event processed", "dedup_key": key}))


def _invalid(faults: list[str]) -> Reply:
    return Reply(400, json.dumps({"status": "invalid event", "message": "Event object is invalid", "errors": faults}))


def _faults_of_change(event: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    yield "'payload.summary' is missing or blank", not event.get("payload", {}).get("summary")


def _faults_of_event(event: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """(what is wrong, whether it is)."""
    action, key = event.get("event_action"), event.get("dedup_key")
    yield "'event_action' is invalid", action not in {"trigger", "acknowledge", "resolve"}
    yield "'dedup_key' is missing or longer than 255 characters", not key or len(key) > 255
    if action == "trigger":
        payload = event.get("payload", {})
        summary = payload.get("summary")
        yield "'payload.summary' is missing or longer than 1024 characters", not summary or len(summary) > 1024
        yield "'payload.source' is missing", not payload.get("source")
        yield "'payload.severity' is invalid", payload.get("severity") not in {"critical", "error", "warning", "info"}
    for link in event.get("links", []):
        yield "'links' is invalid", bool(set(link) - {"href", "text"}) or not link.get("href")
