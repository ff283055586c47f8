"""What a registry says of a domain, asked over RDAP, and where the registry of a name is asked.

Sources: RFC 9082 (queries), RFC 9083 (answers), RFC 9224 (IANA's list of the servers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from probes.assertions.answer import MISSING
from probes.comparison import shown
from probes.contract import Context, TargetError
from probes.http import HttpOptions
from statusledger.clock import DAY_MS

MAX_REDIRECTS = 3
NOT_FOUND = 404
MEDIA_TYPE = "application/rdap+json"

# (when it was read in epoch ms, what it said) by the address of a list
_lists: dict[str, tuple[int, Any]] = {}


@dataclass(frozen=True, slots=True)
class Registration:
    """What the registry has on a domain: its states, and when it expires (epoch ms; None where that is not said)."""

    statuses: tuple[str, ...]
    expires_at: int | None


async def server_of(name: str, bootstrap: str, context: Context) -> str:
    """The base address of the server that knows the name: that of the longest label match, https before http.

    The list at `bootstrap` is read once a day; TargetError when it cannot be read or names no such server.
    """
    read_at, services = _lists.get(bootstrap, (None, None))
    fresh = read_at is not None and context.now - read_at <= DAY_MS
    if not fresh:
        services = await _json(bootstrap, context, accept="application/json")
        context.trace.restart()  # what was measured so far was not the registry
    try:
        bases = _longest_match(name, services)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise TargetError("protocol", f"{bootstrap} is not a list of RDAP servers (RFC 9224)") from error
    if not fresh:
        _lists[bootstrap] = context.now, services
    if not bases:
        told = f"no RDAP server is known for {name}; name one with rdap_server, if there is one"
        raise TargetError("not_permitted", told)
    return bases[0]


def _longest_match(name: str, answer: Any) -> list[str]:
    """The base addresses for the most labels, counted from the right, that an entry shares with the name."""
    labels = name.split(".")
    suffixes = {".".join(labels[index:]) for index in range(len(labels))}
    best = ""
    bases: list[str] = []
    for entries, addresses in answer["services"]:
        longest = max((entry.lower() for entry in entries if entry.lower() in suffixes), key=len, default="")
        if len(longest) > len(best):
            best, bases = longest, sorted(addresses, key=lambda base: not base.startswith("https:"))
    return bases


async def registration(name: str, server: str, context: Context) -> Registration | None:
    """What the server has on the name; None when it says that nobody registered it."""
    answer = await _json(f"{server.rstrip('/')}/domain/{name}", context, accept=MEDIA_TYPE)
    if answer is None:
        return None
    try:
        return _registration(name, answer)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise TargetError("protocol", f"the answer is not an RDAP domain (RFC 9083): {error}") from error


def _registration(name: str, answer: Mapping[str, Any]) -> Registration:
    if answer["objectClassName"] != "domain" or answer.get("ldhName", name).lower().rstrip(".") != name:
        msg = f"asked for the domain {name}, told of {shown(answer.get('ldhName'))}"
        raise ValueError(msg)
    return Registration(tuple(map(str, answer.get("status", ()))), min(_expirations(answer), default=None))


def _expirations(answer: Mapping[str, Any]) -> Iterator[int]:
    """The instants of the events that are expirations."""
    for event in answer.get("events", ()):
        if event["eventAction"] == "expiration":
            instant = datetime.fromisoformat(event["eventDate"])
            if instant.tzinfo is None:
                msg = f'"{event["eventDate"]}" has no offset from UTC (RFC 3339)'
                raise ValueError(msg)
            yield int(instant.timestamp() * 1000)


async def _json(url: str, context: Context, *, accept: str) -> Any:
    """The JSON that is answered; None for 404, TargetError for any other status and for what is no JSON."""
    from probes.http_client import fetch  # noqa: PLC0415 - 400 ms that a run without an HTTP check never pays

    answer = await fetch(HttpOptions(url=url, headers={"accept": accept}, max_redirects=MAX_REDIRECTS), context)
    if answer.status == NOT_FOUND:
        return None
    if answer.status != 200:
        raise TargetError(f"status:{answer.status}", f"{url} did not answer")
    if answer.json is MISSING:
        raise TargetError("protocol", f"{url} did not answer with JSON")
    return answer.json
