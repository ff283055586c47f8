"""The only door to the network for alerts: a message goes out, and what became of it comes back.

Nothing here raises for what the other side does. Secrets are masked by whoever prints an outcome.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parseaddr
from functools import lru_cache
from typing import Any

import httpx

from statusledger.channels.contract import Answer, Channel, Mail, Message, Notice, Outcome, Request

LOG = logging.getLogger("statusledger")
TIMEOUT_SECONDS = 10.0
ANSWER_BYTES = 64 * 1024
SMTP_REFUSED = 500


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a message is tried within one run: the pause before the n-th repetition is first x 4^n.

    A pause that the other side asks for holds instead, unless it is longer than `longest_seconds`: then a later run
    tries again.
    """

    attempts: int = 3
    first_seconds: float = 1.0
    longest_seconds: float = 30.0
    timeout_seconds: float = TIMEOUT_SECONDS
    sleep: Callable[[float], None] = time.sleep

    def pauses(self) -> Iterator[float]:
        """Seconds before each repetition."""
        yield from (self.first_seconds * 4**attempt for attempt in range(self.attempts - 1))


def send(channel: Channel, message: Message, retry: Retry) -> Outcome:
    """What became of the message in the end, after every repetition that was worth it."""
    outcome = attempt(channel, message, retry.timeout_seconds)
    doubtful = outcome.doubtful
    for pause in retry.pauses():
        asked = pause if outcome.wait_ms is None else outcome.wait_ms / 1000
        if outcome.taken or outcome.permanent or asked > retry.longest_seconds:
            break
        retry.sleep(asked)
        outcome = attempt(channel, message, retry.timeout_seconds)
        doubtful = doubtful or outcome.doubtful
    if outcome.taken:
        return outcome
    return Outcome(outcome.code, outcome.detail, outcome.permanent, doubtful, outcome.wait_ms)


def attempt(channel: Channel, message: Message, timeout_seconds: float) -> Outcome:
    """What became of the message at one attempt."""
    if isinstance(message, Request):
        answered = _request(message, timeout_seconds)
        return channel.understand(answered) if isinstance(answered, Answer) else answered
    if isinstance(message, Mail):
        return _mail(message, timeout_seconds)
    return _notice(message)


# --- HTTP ---------------------------------------------------------------------------------------

# what happened before anything was sent, and what may have happened after it arrived
_HTTP_FAULTS: tuple[tuple[type[Exception], str, bool], ...] = (
    (httpx.ConnectTimeout, "connect_timeout", False),
    (httpx.PoolTimeout, "connect_timeout", False),
    (httpx.ConnectError, "refused", False),
    (httpx.ProxyError, "refused", False),
    (httpx.ReadTimeout, "ttfb_timeout", True),
    (httpx.TimeoutException, "deadline", True),
    (httpx.TransportError, "reset", True),
)


def _request(request: Request, timeout_seconds: float) -> Answer | Outcome:
    deadline = time.monotonic() + 2 * timeout_seconds
    try:
        with (
            httpx.Client(timeout=timeout_seconds, verify=_tls()) as client,
            client.stream(request.method, request.url, content=request.body, headers=dict(request.headers)) as response,
        ):
            body = b""
            for part in response.iter_bytes(4096):
                body += part
                # an answer without an end says enough by its beginning
                if len(body) >= ANSWER_BYTES or time.monotonic() > deadline:
                    break
            return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError) as error:
        return Outcome("protocol", f"the address or a header cannot be used: {error}", permanent=True)
    except httpx.HTTPError as error:
        code, doubtful = next((code, doubt) for kind, code, doubt in _http_faults() if isinstance(error, kind))
        return Outcome(code, str(error), doubtful=doubtful)


def _http_faults() -> Iterator[tuple[type[Exception], str, bool]]:
    yield from _HTTP_FAULTS
    yield httpx.HTTPError, "protocol", True


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The authorities that this machine trusts."""
    return ssl.create_default_context()


# --- mail ---------------------------------------------------------------------------------------


def _mail(mail: Mail, timeout_seconds: float) -> Outcome:
    handed_over = False
    try:
        with _connected(mail, timeout_seconds) as server:
            if mail.security == "starttls":
                server.starttls(context=_tls())
            if mail.user:
                server.login(mail.user, mail.password)
            handed_over = True
            refused = server.send_message(mail.content)
    except (smtplib.SMTPNotSupportedError, smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
        return _refused(error)
    except smtplib.SMTPException as error:
        return Outcome("reset", str(error), doubtful=handed_over)
    except ssl.SSLError as error:
        return Outcome("tls_untrusted", str(error))
    except TimeoutError as error:
        return Outcome("deadline", str(error), doubtful=handed_over)
    except OSError as error:
        return Outcome("refused", str(error), doubtful=handed_over)
    for recipient, (code, said) in refused.items():
        LOG.warning("a mail went to others, but %s was refused: %d %s", recipient, code, said.decode(errors="replace"))
    return Outcome()


def _connected(mail: Mail, timeout_seconds: float) -> smtplib.SMTP:
    name = parseaddr(str(mail.content["From"]))[1].rpartition("@")[2] or "localhost"
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, name, timeout=timeout_seconds, context=_tls())
    return smtplib.SMTP(mail.host, mail.port, name, timeout=timeout_seconds)


def _refused(error: Any) -> Outcome:
    """What the server said no with; 4yz passes (RFC 5321, 4.2.1)."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        said = f"{error}; write security: tls, or none for a server on this machine"
        return Outcome("tls_protocol", said, permanent=True)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        told = "; ".join(f"{name}: {said.decode(errors='replace')}" for name, (_, said) in error.recipients.items())
        return Outcome(f"status:{min(codes)}", told, permanent=min(codes) >= SMTP_REFUSED)
    said = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
    return Outcome(f"status:{error.smtp_code}", said, permanent=error.smtp_code >= SMTP_REFUSED)


# --- by another library -------------------------------------------------------------------------


def _notice(notice: Notice) -> Outcome:
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ImportError:
        said = 'apprise is not installed; install it with: pip install "statusledger[apprise]"'
        return Outcome("internal", said, permanent=True)
    speaker = apprise.Apprise()
    if not speaker.add(notice.url):
        return Outcome("protocol", "this is no address that apprise knows", permanent=True)
    with apprise.LogCapture(level=logging.WARNING) as said:
        try:
            taken = speaker.notify(body=notice.text, title=notice.title, notify_type=notice.level)
        except Exception as error:  # a plugin's call, whatever it raises
            return Outcome("internal", f"apprise: {type(error).__name__}: {error}", doubtful=True)
        told = said.getvalue().strip()
    return Outcome() if taken else Outcome("status:refused", told or "apprise could not deliver it")
