"""Facts: a line when something slow changed, at most one a check and day; the newest of each check, despite damage."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from statusledger.clock import DAY_MS, parse_instant
from statusledger.history.facts import (
    CertificateFacts,
    Facts,
    changed_facts,
    facts_line,
    facts_path,
    newest_facts,
    read_facts,
)
from statusledger.history.files import append
from statusledger.model import Certificate, Observation, Status, Tick

T = parse_instant("2026-04-01T23:59:00Z")
NEXT_DAY = T + 2 * 60_000
CERTIFICATE = Certificate(T + 90 * DAY_MS, T + 900 * DAY_MS, "Acme CA", True, 0, "TLSv1.3", "AES", "h2")
SEEN = Observation("api", "eu", T, T, Status.UP, 120, certificate=CERTIFICATE, address="203.0.113.7")
TOLD = CertificateFacts(T + 90 * DAY_MS, "Acme CA", "TLSv1.3", T + 900 * DAY_MS)
KNOWN = Facts(T - DAY_MS, "api", TOLD)
RENEWED = replace(SEEN, certificate=replace(CERTIFICATE, not_after=T + 180 * DAY_MS))


def tick(*observations: Observation, t: int = T) -> Tick:
    """The tick of these observations."""
    return Tick(t, t, observations)


def test_a_line_says_the_certificate_and_no_address() -> None:
    """An address is public only for checks with public details."""
    (found,) = changed_facts(tick(SEEN), {})

    assert facts_line(found) == (
        b'{"t":1775087940000,"check":"api","certificate":{"not_after":1782863940000,"issuer":"Acme CA",'
        b'"tls_version":"TLSv1.3","chain_not_after":1852847940000}}\n'
    )


def test_an_address_is_told_where_it_may_be() -> None:
    """Also of a check without TLS."""
    (found,) = changed_facts(tick(replace(SEEN, certificate=None)), {}, addresses={"api"})

    assert facts_line(found) == b'{"t":1775087940000,"check":"api","address":"203.0.113.7"}\n'


CHANGES = {
    "first": (SEEN, None, True),
    "the same": (SEEN, KNOWN, False),
    "renewed": (RENEWED, KNOWN, True),
    "another TLS": (replace(SEEN, certificate=replace(CERTIFICATE, tls_version="TLSv1.2")), KNOWN, True),
    "another issuer": (replace(SEEN, certificate=replace(CERTIFICATE, issuer="Other CA")), KNOWN, True),
    "another cipher": (replace(SEEN, certificate=replace(CERTIFICATE, cipher="CHACHA")), KNOWN, False),
    "another address": (replace(SEEN, address="203.0.113.8"), KNOWN, False),
    "a line today": (RENEWED, replace(KNOWN, t=T - 60_000), False),
    "nothing seen": (replace(SEEN, certificate=None), KNOWN, False),
    "nothing ever": (replace(SEEN, certificate=None), None, False),
}


@pytest.mark.parametrize(("seen", "known", "told"), CHANGES.values(), ids=CHANGES)
def test_only_a_change_is_told(seen: Observation, known: Facts | None, told: bool) -> None:
    """And only once a day; a connection that failed says nothing of the certificate."""
    found = changed_facts(tick(seen), {"api": known} if known else {})

    assert len(found) == told


def test_a_second_change_of_a_day_is_told_on_the_next() -> None:
    """It is not lost, only late."""
    known = {"api": replace(KNOWN, t=T - 60_000)}

    assert changed_facts(tick(RENEWED), known) == []
    (found,) = changed_facts(tick(RENEWED, t=NEXT_DAY), known)
    assert (found.t, found.certificate) == (NEXT_DAY, replace(TOLD, not_after=T + 180 * DAY_MS))


def test_what_was_not_seen_this_time_stays_known() -> None:
    """The newest line of a check says all that is known."""
    known = {"api": replace(KNOWN, address="203.0.113.7")}
    moved = replace(SEEN, certificate=None, address="203.0.113.8")

    assert changed_facts(tick(moved), known, addresses={"api"}) == [Facts(T, "api", TOLD, "203.0.113.8")]


# --- reading ------------------------------------------------------------------------------------


def kept(root: Path, *lines: bytes) -> Path:
    """The facts of location eu."""
    path = facts_path(root, "eu")
    append(path, lines)
    return path


def test_the_newest_of_each_check_is_found(tmp_path: Path) -> None:
    """Whatever the order of the lines; what a wrong clock wrote does not hide it."""
    root = tmp_path / "history"
    other = Facts(T - 9, "web", None, "203.0.113.9")
    late = replace(KNOWN, t=T, certificate=None, address="203.0.113.8")
    kept(root, *map(facts_line, [late, KNOWN, other, replace(KNOWN, t=T + 1)]))

    assert newest_facts(root, "eu", now=T) == {"api": late, "web": other}


def test_a_location_without_facts_has_none(tmp_path: Path) -> None:
    """A new location is no damage."""
    assert newest_facts(tmp_path / "history", "eu", now=T) == {}
    assert read_facts(facts_path(tmp_path / "history", "eu"), root=tmp_path / "history") == ([], [])


GOOD = facts_line(KNOWN)
DAMAGE = {
    "torn": (GOOD[:50] + b"\n", 0),
    "torn and glued": (GOOD[:50] + GOOD, 1),
    "glued": (GOOD[:-1] + GOOD, 2),
    "NUL bytes behind": (GOOD[:-1] + b"\0\0\n", 1),
    "NUL bytes": (b"\0\0\0\n", 0),
    "invalid UTF-8": (GOOD.replace(b"Acme", b"Acm\xff"), 1),
    "no check": (b'{"t":1775087940000,"address":"203.0.113.7"}\n', 0),
    "no instant": (b'{"t":"now","check":"api"}\n', 0),
    "no certificate": (b'{"t":1775087940000,"check":"api","certificate":{"issuer":"x"}}\n', 0),
    "a newer format": (b'{"t":1775087940000,"v":2,"check":"api"}\n', 0),
    "a list": (b"[]\n", 0),
    "empty": (b" \n", 0),
}


@pytest.mark.parametrize(("line", "read"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_told_and_intact_lines_are_read(tmp_path: Path, line: bytes, read: int) -> None:
    """File and line of it; the lines around it count."""
    path = kept(tmp_path / "history", GOOD, line, GOOD)

    found, damage = read_facts(path, root=tmp_path / "history")
    assert len(found) == read + 2
    assert [(one.file, one.line) for one in damage] == [("history/facts/eu.jsonl", 2)]


def test_facts_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """A folder in the place of the file is damage, never an exception."""
    path = facts_path(tmp_path / "history", "eu")
    path.mkdir(parents=True)

    found, damage = read_facts(path, root=tmp_path / "history")
    assert (found, damage[0].line) == ([], 0)
    assert "could not be read" in damage[0].reason


def test_a_line_is_json_whatever_the_issuer_is_called() -> None:
    """Half a surrogate pair and quotes must not cost the line."""
    line = facts_line(replace(KNOWN, certificate=replace(TOLD, issuer='\ud800 {"t":1')))

    assert json.loads(line)["certificate"]["issuer"] == '? {"t":1'
