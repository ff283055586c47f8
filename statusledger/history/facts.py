"""Slow facts of what is watched: a line when they change, at most one a check and day; and the newest of each check.

`facts/<location>.jsonl` under the history folder has those of public components, under its folder `sealed` those of
private ones. Instants are epoch milliseconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from statusledger.clock import DAY_MS
from statusledger.history.files import Damage
from statusledger.history.opening import file_lines
from statusledger.history.reading import FORMAT
from statusledger.model import Certificate, Observation, Tick
from statusledger.sealed import OpenLine

_MARKER = re.compile(r'\{\s*"t"\s*:')
_NUMBER_OR_NONE = (int, type(None))


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Until when a certificate is valid (epoch ms), the earliest end in the chain above it, by whom, over which TLS."""

    not_after: int
    issuer: str
    tls_version: str
    chain_not_after: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of the target of one check since the tick at `t`; None where it never showed."""

    t: int
    check: str
    certificate: CertificateFacts | None = None
    address: str | None = None


def facts_path(root: Path, location: str) -> Path:
    """The file under the history folder `root` that takes the facts of a location, of all its shards."""
    return root / "facts" / f"{location}.jsonl"


def changed_facts(tick: Tick, newest: Mapping[str, Facts], *, addresses: Collection[str] = ()) -> list[Facts]:
    """What the tick says that was not known; a change on the day of the check's newest line waits for the next day.

    `addresses` names the checks whose address may be told. What a failed measurement did not get to see stays as known.
    """
    found = []
    for seen in tick.observations:
        known = newest.get(seen.check)
        now = _seen(seen, tick.t, known, with_address=seen.check in addresses)
        if now.certificate is None and now.address is None:
            continue
        if known is None or (tick.t // DAY_MS > known.t // DAY_MS and replace(now, t=known.t) != known):
            found.append(now)
    return found


def _seen(seen: Observation, t: int, known: Facts | None, *, with_address: bool) -> Facts:
    before = known or Facts(t, seen.check)
    return Facts(
        t=t,
        check=seen.check,
        certificate=_of(seen.certificate) if seen.certificate else before.certificate,
        address=(seen.address or before.address) if with_address else None,
    )


def _of(certificate: Certificate) -> CertificateFacts:
    return CertificateFacts(
        not_after=certificate.not_after,
        issuer=certificate.issuer,
        tls_version=certificate.tls_version,
        chain_not_after=certificate.chain_not_after,
    )


def facts_line(facts: Facts) -> bytes:
    """One line of history with its newline; what is not known is left out."""
    # half a surrogate pair, as broken certificates hold them, cannot be written as UTF-8
    text = json.dumps(_without_none(asdict(facts)), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    nested = {key: _without_none(value) if isinstance(value, dict) else value for key, value in fields.items()}
    return {key: value for key, value in nested.items() if value is not None}


def newest_facts(root: Path, location: str, *, now: int, open_line: OpenLine | None = None) -> dict[str, Facts]:
    """The newest facts of each check at the location, of those told up to `now`; later ones had a wrong clock."""
    found, _ = read_facts(facts_path(root, location), root=root, open_line=open_line)
    past = sorted((facts for facts in found if facts.t <= now), key=lambda facts: facts.t)
    return {facts.check: facts for facts in past}


def read_facts(path: Path, *, root: Path, open_line: OpenLine | None = None) -> tuple[list[Facts], list[Damage]]:
    """Every intact line's facts, in file order, and a Damage for each line that is not as it should be.

    A file that is not there has none. `root` is the history folder.
    """
    if not path.exists():
        return [], []
    lines = file_lines(path, root=root, open_line=open_line)
    found: list[Facts] = []
    damage: list[Damage] = []
    for number, line in lines.numbered:
        text = line.decode(errors="replace")
        intact = list(_intact(text))
        found += [facts for facts, _ in intact]
        if [spelled for _, spelled in intact] != [text.strip()] or text.encode() != line:
            damage.append(Damage(lines.name, number, f"torn or no facts, {len(intact)} line(s) of it read"))
    return found, sorted([*lines.damage, *damage])


def _intact(text: str) -> Iterator[tuple[Facts, str]]:
    """The facts at each place where a line can start, with the text they were read from."""
    for start in (place.start() for place in _MARKER.finditer(text)):
        try:
            found, end = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        facts = _read(found)
        if facts:
            yield facts, text[start:end]


def _read(found: Mapping[str, Any]) -> Facts | None:
    t, check, certificate, address = (found.get(key) for key in ("t", "check", "certificate", "address"))
    known = _read_certificate(certificate) if isinstance(certificate, dict) else None
    right_types = type(t) is int and isinstance(check, str) and isinstance(address, str | None)
    if found.get("v", FORMAT) != FORMAT or not right_types or (known is None and certificate is not None):
        return None
    return Facts(t, check, known, address)  # type: ignore[arg-type]


def _read_certificate(found: Mapping[str, Any]) -> CertificateFacts | None:
    fields = {key: found.get(key) for key in ("not_after", "issuer", "tls_version", "chain_not_after")}
    texts = isinstance(fields["issuer"], str) and isinstance(fields["tls_version"], str)
    usable = type(fields["not_after"]) is int and type(fields["chain_not_after"]) in _NUMBER_OR_NONE and texts
    return CertificateFacts(**fields) if usable else None  # type: ignore[arg-type]
