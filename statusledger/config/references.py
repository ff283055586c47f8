"""Rules that reach across checks.yml: ids are unique, every name leads somewhere, nothing depends on itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from statusledger.config.entries import Entry, Written, blocks, entries, values, word
from statusledger.config.private import OPAQUE
from statusledger.written.faults import Faults
from statusledger.written.source import Path, Place
from statusledger.written.wording import did_you_mean


def check_references(data: Mapping[str, Any], places: Mapping[Path, Place], faults: Faults) -> None:
    """Report every id and every name of another thing that cannot stand."""
    known = tuple(entries(data))
    _unique_ids(known, places, faults)
    for kind in ("component", "check"):
        _former_ids([entry for entry in known if entry.kind == kind], faults)
    components = [entry for entry in known if entry.kind == "component"]
    ids = {kind: _ids(known, kind) for kind in ("component", "service")}
    for component in components:
        for path, name in values(component.written, "depends_on", component.path):
            _exists("component", name, ids["component"], path, faults)
    _no_cycles(components, faults)
    codes = _locations(data, known, faults)
    for entry in known:
        if entry.kind == "service":
            _members(entry, ids["component"], faults)
        elif entry.kind == "contract":
            _subject(entry, ids, faults)
    _alerts(
        data.get("alerts"),
        {"component": ids["component"], "group": _ids(known, "group"), "location": codes},
        faults,
    )


def _ids(known: Iterable[Entry], kind: str) -> set[str]:
    return {entry.id for entry in known if entry.kind == kind and entry.id}


def _exists(kind: str, name: object, known: Collection[str], path: Path, faults: Faults) -> None:
    wanted = word(name)
    if wanted is not None and wanted not in known:
        there_are = f"; known here: {', '.join(sorted(known))}" if 0 < len(known) <= 8 else ""
        faults.add(path, f"unknown {kind} '{wanted}'{did_you_mean(wanted, known) or there_are}")


def _unique_ids(known: Iterable[Entry], places: Mapping[Path, Place], faults: Faults) -> None:
    first: dict[str, Entry] = {}
    for entry in known:
        if entry.inline or entry.id is None:
            continue
        owner = first.setdefault(entry.id, entry)
        if owner is not entry:
            place = places[(*owner.path, "id")]
            message = f"the id '{entry.id}' belongs to the {owner.kind} at {place.file}:{place.line} already"
            faults.add(
                (*entry.path, "id"), f"{message}; groups, components, checks, services and contracts share one list"
            )


def _former_ids(known: Iterable[Entry], faults: Faults) -> None:
    present = {entry.id for entry in known}
    claimed: dict[str, str | None] = {}
    for entry in known:
        for path, name in values(entry.written, "was", entry.path):
            former = word(name)
            if former is None:
                continue
            if former in present:
                faults.add(path, f"'{former}' is in use, so it is no earlier id; remove it or rename the other one")
            elif former in claimed:
                faults.add(
                    path, f"'{former}' is an earlier id of '{claimed[former]}' already; one history has one heir"
                )
            claimed.setdefault(former, entry.id)


def _no_cycles(components: Iterable[Entry], faults: Faults) -> None:
    places = {
        (entry.id, word(name)): path
        for entry in components
        for path, name in values(entry.written, "depends_on", entry.path)
    }
    while circle := _circle(places):
        message = f"depends on itself: {' -> '.join(circle)}; remove one of these"
        faults.add(places.pop((circle[-2], circle[-1])), message)


def _circle(needs: Iterable[tuple[str | None, str | None]]) -> list[str]:
    """Some chain of components that ends where it begins, each needing the next; empty where there is none."""
    order: TopologicalSorter[str | None] = TopologicalSorter()
    for component, needed in needs:
        order.add(component, needed)
    try:
        order.prepare()
    except CycleError as error:
        return [str(component) for component in reversed(error.args[1])]
    return []


def _locations(data: Mapping[str, Any], known: Iterable[Entry], faults: Faults) -> set[str]:
    """The codes that there are."""
    codes: set[str] = set()
    for path, item in values(data.get("monitor"), "locations", ("monitor",)):
        code = word(item.get("id") if isinstance(item, Mapping) else item)
        if code is None:
            continue
        if code in codes:
            faults.add(path, f"the location '{code}' is there twice; remove one")
        codes.add(code)
    users: list[tuple[Path, Written]] = [(entry.path, entry.written) for entry in known if not entry.inline]
    if isinstance(data.get("defaults"), Mapping):
        users.append((("defaults",), data["defaults"]))
    for path, written in users:
        for place, name in values(written, "locations", path):
            if codes:
                _exists("location", name, codes, place, faults)
    return codes


def _members(service: Entry, components: Collection[str], faults: Faults) -> None:
    """Members have to be there, but for private ones, whose opaque ids only the private file knows."""
    seen: set[str] = set()
    members = list(values(service.written, "members", service.path))
    mode = service.written.get("mode")
    for path, item in members:
        name = word(item.get("component") if isinstance(item, Mapping) else item)
        place = (*path, "component") if isinstance(item, Mapping) else path
        if not OPAQUE.fullmatch(name or ""):
            _exists("component", name, components, place, faults)
        if name in seen:
            faults.add(place, f"'{name}' is a member twice; remove one")
        if isinstance(item, Mapping) and "weight" in item and mode != "weighted":
            faults.add((*path, "weight"), "weights are used with mode: weighted only; set that or remove the weight")
        if name is not None:
            seen.add(name)
    if isinstance(mode, int) and mode > len(members) > 0:
        faults.add(
            (*service.path, "mode"), f"{mode} members must work, but there are {len(members)}; write a smaller number"
        )


def _subject(contract: Entry, ids: Mapping[str, Collection[str]], faults: Faults) -> None:
    named = [kind for kind in ("component", "service") if contract.written.get(kind) is not None]
    if len(named) != 1:
        fault = "names neither a component nor a service" if not named else "names a component and a service"
        faults.add(contract.path, f"the contract {fault}; write one of component: and service:")
    for kind in named:
        _exists(kind, contract.written[kind], ids[kind], (*contract.path, kind), faults)


def _alerts(alerts: object, ids: Mapping[str, Collection[str]], faults: Faults) -> None:
    """Report names in routes and escalations that lead nowhere."""
    channels = alerts.get("channels") if isinstance(alerts, Mapping) else None
    known = {**ids, "channel": set(channels) if isinstance(channels, Mapping) else set()}
    for block in ("routes", "escalate"):
        for path, written in blocks(alerts, block, ("alerts",)):
            for kind, there in known.items():
                for place, name in values(written, f"{kind}s", path):
                    _exists(kind, name, there, place, faults)
