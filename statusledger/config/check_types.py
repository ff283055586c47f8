"""Which type of check measures an address."""

from __future__ import annotations

import re

from probes import PROBES
from statusledger.written.faults import Faults
from statusledger.written.source import Path
from statusledger.written.wording import did_you_mean, listed

IN_VARIABLE = "http"
"""The type of a check that does not say it and whose address begins with a variable."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def check_type(named: object, url: object, path: Path, faults: Faults) -> str | None:
    """The type that `type:` says, else the one that the address means; None when `faults` has the reason."""
    scheme = scheme_of(url)
    if named is not None:
        name = _named_type(named, (*path, "type"), faults)
        if name and url is not None and not PROBES[name].schemes:
            faults.add((*path, "url"), f"a {name} check has no address of its own; remove url:")
            return None
        if name and scheme and scheme not in PROBES[name].schemes:
            own = listed(f"{known}://" for known in PROBES[name].schemes)
            faults.add((*path, "type"), f"the address of a {name} check begins with {own}, not {scheme}://")
            return None
        return name
    if url is None:
        message = "says neither url: nor type:, so there is nothing to measure; write e.g. url: https://example.com/"
        faults.add(path, message)
    elif scheme is None and type_of_address(url) is None:
        message = f'"{url}" has no scheme; write e.g. https://example.com/ or tcp://example.com:443'
        faults.add((*path, "url"), message)
    elif type_of_address(url) is None:
        schemes = [known for probe in PROBES.values() for known in probe.schemes]
        message = f"this version has no check type for {scheme}://{did_you_mean(scheme, schemes)}{_there_are()}"
        faults.add((*path, "url"), message)
    return type_of_address(url)


def scheme_of(url: object) -> str | None:
    """The scheme of an address in lower case; None where it has none or a variable hides it."""
    match = _SCHEME.match(url) if isinstance(url, str) else None
    return match[1].lower() if match else None


def type_of_address(url: object) -> str | None:
    """The name of the type that measures such addresses; None where this version has none."""
    if isinstance(url, str) and url.lstrip().startswith("{{"):
        return IN_VARIABLE
    return PROBES.of_scheme(scheme_of(url))


def _named_type(named: object, place: Path, faults: Faults) -> str | None:
    if not isinstance(named, str):
        return None
    name = named if named in PROBES else PROBES.of_scheme(named)
    if name is None:
        faults.add(place, f"this version has no check type '{named}'{did_you_mean(named, PROBES)}{_there_are()}")
    return name


def _there_are() -> str:
    return f"; there are {listed(PROBES, 'and')}"
