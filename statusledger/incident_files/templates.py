"""What a new file begins with: a text in which `{{ name }}` stands for what is known.

A repository may have its own in `incidents/templates/` and `maintenance/templates/`; the one that a folder is named
after (`incident.md`, `maintenance.md`) is taken unless another is asked for. A key whose value is empty is not written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from statusledger.errors import UsageError
from statusledger.incident_files.placement import INCIDENTS, MAINTENANCE, TEMPLATES

DEFAULTS: Mapping[str, tuple[str, str]] = {
    INCIDENTS: (
        "incident",
        """\
---
title: {{ title }}
severity: {{ severity }}
components: {{ components }}
started: {{ started }}
---
{{ summary }}

## {{ now }} investigating
{{ text }}
""",
    ),
    MAINTENANCE: (
        "maintenance",
        """\
---
title: {{ title }}
components: {{ components }}
starts: {{ starts }}
ends: {{ ends }}
repeats: {{ repeats }}
---
{{ text }}
""",
    ),
}
_PLACEHOLDER = re.compile(r"\{\{[ ]*([a-z_]*)[ ]*\}\}")
_EMPTY_KEY = re.compile(r"^[a-z_]+:[ ]*\n", re.MULTILINE)


def template(root: Path, folder: str, name: str | None = None) -> str:
    """The text of a template of the repository, or the one that comes with the program; UsageError if there is none."""
    default, text = DEFAULTS[folder]
    path = root / folder / TEMPLATES / f"{name or default}.md"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if name in {None, default}:
            return text
        known = sorted(one.stem for one in path.parent.glob("*.md")) or [default]
        msg = f"there is no template {path.relative_to(root).as_posix()}; there is {', '.join(known)}"
        raise UsageError(msg) from None


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in their places; UsageError names a placeholder for which nothing is known."""
    unknown = sorted({name for name in _PLACEHOLDER.findall(text) if name not in values})
    if unknown:
        msg = f"the template asks for {', '.join(unknown)}; what can be filled in is {', '.join(sorted(values))}"
        raise UsageError(msg)
    head, fence, body = text.partition("\n---")
    front = _EMPTY_KEY.sub("", _put(head + "\n", values)).removesuffix("\n")
    told = re.sub(r"\n{3,}", "\n\n", _put(fence + body, values))
    return front + re.sub(r"\A(\n---[ \t]*\n)\n+", r"\1", told).rstrip("\n") + "\n"


def _put(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)
