"""The operators' site: the pages and files of the public one with private components, details and evidence among them.

It is written where this job can read all of that, and nothing of it ever goes into the public site.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from statusledger import outputs
from statusledger.cli import files
from statusledger.cli.ledgers import Part, private_part
from statusledger.cli.place import Place
from statusledger.errors import UsageError
from statusledger.outputs.theme import Theme
from statusledger.outputs.write import write
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.operators import operators_report
from statusledger.report.promised import ContractReport
from statusledger.report.records import Report, ServiceReport
from statusledger.rollup.reading import joined
from statusledger.written.wording import plural

R = TypeVar("R", ServiceReport, ContractReport)


def folders(where: Place, arguments: argparse.Namespace) -> tuple[Path, Path]:
    """Where the public site goes, and where that of operators; UsageError when one of them holds the other."""
    out = arguments.out or where.root / "_site"
    private = arguments.private_out or where.root / "_private"
    if out.resolve().is_relative_to(private.resolve()) or private.resolve().is_relative_to(out.resolve()):
        message = (
            f"--private-out {private}: is not apart from --out {out}, which everybody may read; choose another folder"
        )
        raise UsageError(message)
    return out, private


def run(where: Place, public: Report, theme: Theme, out: Path) -> None:
    """Writes the site beside the `public` one, if there is something private that this job can read."""
    part = private_part(where)
    if part is None:
        return
    made = make(where, part, public)
    written = write(outputs.files(made, theme), out)
    counts = f"{plural(written.total, 'file')}, {written.changed} changed, {written.removed} removed"
    print(f"{out}: for operators; {counts}")


def make(where: Place, part: Part, public: Report) -> Report:
    """The report with everything in it; services and contracts have the figures that everybody sees."""
    as_of, whole = where.started_at, where.whole_config(warns=False)
    config = replace(whole, page=public.page)
    known = reading.read(where.history, whole.public, as_of=as_of, filed=files.filed(where, whole.public))
    hidden = reading.read(part.root, part.config, as_of=as_of, open_line=part.open_line)
    filed = files.filed(where, whole)
    made = report(config, joined(known, hidden), public.built, filed=filed, private=True)
    seen = operators_report(config, [(where.history, None), (part.root, part.open_line)], made.incidents, as_of=as_of)
    return replace(
        made,
        services=_as_told(made.services, public.services),
        contracts=_as_told(made.contracts, public.contracts),
        operators=seen,
    )


def _as_told(all_of_them: Sequence[R], public: Sequence[R]) -> tuple[R, ...]:
    """Each as everybody sees it, where everybody does."""
    told = {_identity(one): one for one in public}
    return tuple(told.get(_identity(one), one) for one in all_of_them)


def _identity(one: ServiceReport | ContractReport) -> str:
    return one.id if isinstance(one, ServiceReport) else one.contract.id
