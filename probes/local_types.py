"""A fork's own check types: every file of its `probes/local/` that sets `PROBE`, loaded by path."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from probes import BUILT_IN
from probes.contract import ProbeType
from statusledger.errors import UsageError


def load(folder: Path) -> dict[str, ProbeType]:
    """The types by name; UsageError names the file that cannot be loaded or sets no `PROBE`."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        if path.name != "__init__.py":
            probe = _probe(path)
            if probe.name in BUILT_IN or probe.name in found:
                message = f"{path}: there is a type {probe.name} already; give this one another name"
                raise UsageError(message)
            found[probe.name] = probe
    return found


def _probe(path: Path) -> ProbeType:
    spec = importlib.util.spec_from_file_location(f"probes.local.{path.stem}", path)
    if spec is None or spec.loader is None:
        message = f"{path}: is not a Python file"
        raise UsageError(message)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        message = f"{path}: cannot be loaded: {type(error).__name__}: {error}"
        raise UsageError(message) from error
    probe = getattr(module, "PROBE", None)
    if not isinstance(probe, ProbeType):
        message = f"{path}: sets no PROBE; end it with PROBE = ProbeType(name=..., schemes=..., options=..., probe=...)"
        raise UsageError(message)
    return probe
