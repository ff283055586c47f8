"""The only door to the network for alerts: a message goes out, and what became of it comes back.

Nothing here raises for what the other side does. Secrets are masked by whoever prints an outcome.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from statusledger.channels.contract import Answer, Channel, Mail, Message, Notice, Outcome, Request

LOG = logging.getLogger("statusledger")
TIMEOUT_SECONDS = 10.0


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
        from statusledger.alerts.web import asked  # noqa: PLC0415 - most runs have nothing to tell

        answered = asked(message, timeout_seconds, _tls())
        return channel.understand(answered) if isinstance(answered, Answer) else answered
    if isinstance(message, Mail):
        from statusledger.alerts.mail import mailed  # noqa: PLC0415 - as above

        return mailed(message, timeout_seconds, _tls())
    return _notice(message)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The authorities that this machine trusts."""
    return ssl.create_default_context()


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
