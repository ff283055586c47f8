"""What a command did, as a job passes it on: a line of words, the outputs for later steps, a table for people."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field

Row = tuple[str, ...]


@dataclass(slots=True)
class Outcome:
    """Filled by the stages of one command, in their order.

    `status` is the state of the page after a build, of the checks after a probe run; `incidents` counts those that
    last; `changed`: history or site are not what they were; `built`: there is a site to deploy. `did` are a few words a
    stage. Nothing of a private component is ever put in here, because a CI log may be public.
    """

    status: str = ""
    incidents: int | None = None
    changed: bool = False
    built: bool = False
    did: list[str] = field(default_factory=list)
    headline: str = ""
    columns: Row = ()
    rows: Sequence[Row] = ()


def outcome(arguments: argparse.Namespace) -> Outcome:
    """The outcome of the command that these arguments are of."""
    if not hasattr(arguments, "outcome"):
        arguments.outcome = Outcome()
    told: Outcome = arguments.outcome
    return told
