"""`statusledger validate`: every problem of checks.yml, incidents and maintenance at once, and what is worth a look."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from statusledger import schedule
from statusledger.cli import confidential, files, marks
from statusledger.cli.outcome import outcome
from statusledger.cli.place import Place, place
from statusledger.clock import format_duration, format_instant, to_datetime
from statusledger.config import Config
from statusledger.config.private import private_path
from statusledger.errors import ConfigurationError, Problem
from statusledger.history.name_hash import crowded
from statusledger.incident_files import Reading
from statusledger.incident_files.folder import line_of, unknown_covers
from statusledger.incident_files.preview import preview
from statusledger.report import reading as history_of
from statusledger.report.doubts import Measured, doubts
from statusledger.sealed import IDENTITY_VARIABLE
from statusledger.written.wording import plural

LOG = logging.getLogger("statusledger")
STANDARD_OUTPUT = "-"


def run(arguments: argparse.Namespace) -> int:
    """0 if everything is usable; ConfigurationError (2) with every problem otherwise."""
    where = place(arguments)
    try:
        _validate(where, arguments)
    except ConfigurationError as error:
        _annotate(error.problems, where, arguments)
        raise
    return 0


def _validate(where: Place, arguments: argparse.Namespace) -> None:
    whole = where.whole_config()
    config = whole.public if whole.opaque else whole
    only = files.changed_since(where, arguments.changed_since) if arguments.changed_since else None
    reading = files.written(where, config, only=only)
    if arguments.preview:
        _preview(reading, config, arguments.preview, only)
    measured = _measured(where, config, reading, whole=only is None)
    unknown = unknown_covers(where.root, reading, measured.ids) if measured and measured.ids else ()
    problems = (*reading.problems, *(one for one in unknown if only is None or one.file in only))
    if problems:
        raise ConfigurationError(problems)
    cautions = list(_cautions(where, whole)) if only is None else []
    for caution in cautions:
        LOG.warning("warning: %s: %s", where.config_path, caution)
    found = [*_late(where, config, reading, only), *_doubts(where, measured, reading, only)]
    for doubt in found:
        LOG.warning("warning: %s", doubt)
    _annotate([*whole.warnings, *found], where, arguments, level="warning")
    _tell(where, whole, reading, only, len(whole.warnings) + len(cautions) + len(found))
    outcome(arguments).did.append("everything is valid")


def _tell(where: Place, config: Config, reading: Reading, only: Sequence[str] | None, warnings: int) -> None:
    counts = f"{plural(len(config.components), 'component')}, {plural(len(config.checks), 'check')}"
    warned = f", {plural(warnings, 'warning')}" if warnings else ""
    print(f"{where.config_path}: valid, {counts}{warned}")
    if only is not None:
        print(f"{plural(len(only), 'changed file')} of incidents and maintenance: valid")
    elif reading.files:
        print(f"{plural(reading.files, 'file')} of incidents and maintenance: valid")
    if confidential.is_closed(where.root):
        print(f"{private_path(where.root)}: closed, not looked into ({IDENTITY_VARIABLE} is not set)")


def _annotate(
    problems: Sequence[Problem], where: Place, arguments: argparse.Namespace, *, level: str = "error"
) -> None:
    if marks.wanted(arguments):
        for problem in problems:
            print(marks.annotation(problem, where.root, level))


def _measured(where: Place, config: Config, reading: Reading, *, whole: bool) -> Measured | None:
    """What was measured, if there is an incident file to compare it with."""
    if not reading.incidents or not where.history.is_dir():
        return None
    filed = files.plans(where, config, reading, whole=whole)
    _, evaluation = history_of.evaluated(where.history, config.public, as_of=where.started_at, filed=filed)
    return Measured(evaluation.components, where.started_at)


def _doubts(
    where: Place, measured: Measured | None, reading: Reading, only: Collection[str] | None
) -> Iterator[Problem]:
    """What files say otherwise than the measurement; told where they name their components."""
    for file, text in doubts(measured, reading.incidents) if measured else ():
        if only is None or file in only:
            yield Problem(file, line_of(where.root / file, "components:"), 0, "components", text)


def _late(where: Place, config: Config, reading: Reading, only: Collection[str] | None) -> Iterator[Problem]:
    """Maintenance that will not count, as if what is not recorded yet were announced now."""
    announced = files.announced(where, config)
    for one in reading.maintenance:
        late = announced.late(one, config) if (only is None or one.file in only) and not one.cancelled else []
        if late:
            notice = format_duration(announced.notice_ms)
            which = "the window" if len(late) == 1 else f"{len(late)} windows, the first"
            message = (
                f"{which} at {format_instant(late[0][0])} will not count: it is announced less than {notice} ahead, so "
                "downtime in it is downtime"
            )
            yield Problem(one.file, line_of(where.root / one.file, "starts:"), 0, "starts", message)


def _preview(reading: Reading, config: Config, file: Path, only: Sequence[str] | None) -> None:
    """How the files will read, as Markdown at the end of a file."""
    text = preview(reading, config.page.timezone, only=only)
    if str(file) == STANDARD_OUTPUT:
        sys.stdout.write(f"{text}\n")
        return
    with file.open("a", encoding="utf-8") as summary:
        summary.write(f"{text}\n")


def _cautions(where: Place, config: Config) -> Iterator[str]:
    confidential.guard(config)  # a recipient that is none, or a missing library, would stop the first probe
    yield from _alike_for_git(config, to_datetime(where.started_at).year)
    yield from _gone(where, config)


def _alike_for_git(config: Config, year: int) -> Iterator[str]:
    """Location codes whose files git would store badly, this year or the next."""
    codes = [place.id for place in config.monitor.locations]
    crowds = [crowd for crowd in (crowded(codes, year), crowded(codes, year + 1)) if crowd]
    if crowds:
        worst = max(crowds, key=lambda crowd: crowd.files)
        instead = ", ".join(f"{there} in place of {here}" for here, there in worst.instead.items())
        advice = f"choose e.g. {instead}" if instead else "choose codes that are less alike"
        yield (
            f"monitor.locations: git takes {worst.files} files a day for versions of one another, because the codes "
            f"are so much alike, and a repack from scratch would grow to a multiple; {advice}"
        )


def _gone(where: Place, config: Config) -> Iterator[str]:
    """Checks that were measured within the last day and are not configured any more."""
    checks = (check for component in (*config.components.values(), *config.stand_ins) for check in component.checks)
    known = {name for check in checks for name in (check.id, *check.was)}
    last: dict[str, int] = {}
    for location in config.monitor.locations:
        for check, t in schedule.last_rows(where.history, location.id, where.started_at).items():
            last[check] = max(t, last.get(check, t))
    for check, t in sorted(last.items()):
        if check not in known:
            yield (
                f"'{check}' was measured until {format_instant(t)} and is not there any more, so its past counts no "
                "longer; leave it in with active_until: …, or write was: [id] where it was renamed"
            )
