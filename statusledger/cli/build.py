"""`statusledger build`: configuration and ledger -> the whole site."""

from __future__ import annotations

import argparse
import logging
from importlib.metadata import version

from statusledger import outputs, words
from statusledger.cli import files, operators_site
from statusledger.cli.commits import Commits, commits_of
from statusledger.cli.outcome import Outcome, outcome
from statusledger.cli.place import Place, place
from statusledger.config import Config
from statusledger.errors import UsageError
from statusledger.outputs import look, theme
from statusledger.outputs.api.document import SCHEMA
from statusledger.outputs.write import Written, write
from statusledger.report import reading
from statusledger.report.build import report
from statusledger.report.records import BuiltFrom, Report
from statusledger.written.wording import plural

LOG = logging.getLogger("statusledger")
DAMAGE_SHOWN = 20
WINDOWS = ("24h", "30d")  # of the uptime that a job's summary shows


def run(arguments: argparse.Namespace) -> int:
    """0, 1 when a file of incidents or maintenance was left out; says what was built and what could not be read.

    The operators' site comes last: whatever is wrong with it, the public one is there.
    """
    where = place(arguments)
    config = where.config(base_url=arguments.base_url).public
    out, private_out = operators_site.folders(where, arguments)
    made = make(where, config, full=arguments.full)
    loaded = theme.load(where.root / "site_src" / "overrides", made.page.languages)
    written = write(outputs.files(made, loaded), out)
    _tell_damage(made)
    _tell_left_out(made)
    for sentence in look.faint(loaded.static[theme.STYLE].decode(), config.page.look):
        LOG.warning("%s", sentence)
    counts = f"{plural(written.total, 'file')}, {written.changed} changed, {written.removed} removed"
    print(f"{out}: {made.verdict.headline}; {counts}")
    _pass_on(outcome(arguments), made, written)
    operators_site.run(where, made, loaded, private_out)
    return 1 if made.left_out else 0


def _pass_on(told: Outcome, made: Report, written: Written) -> None:
    """What the job tells of the page: the verdict, and a row a component."""
    told.status, told.headline, told.incidents = str(made.verdict.shown), str(made.verdict.headline), len(made.active)
    told.built, told.changed = True, told.changed or bool(written.changed + written.removed)
    told.did.append(f"built {plural(written.total, 'file')}, {written.changed} changed")
    told.columns = ("Component", "State", "24 h", "30 d")
    told.rows = [
        (one.name, words.SHOWN_WORDS[one.shown], *(words.percentage(one.figures[window].ratio) for window in WINDOWS))
        for one in made.components.values()
    ]


def make(where: Place, config: Config, *, full: bool = False, commits: Commits | None = None) -> Report:
    """The report of a repository at the instant the command was started at; `full` reads every raw row there is.

    `commits` are those that its files are known to come from.
    """
    if where.history.exists() and not where.history.is_dir():
        message = f"{where.history}: is a file; history is a folder of append-only files"
        raise UsageError(message)
    commit, ledger_commit = commits or commits_of(where, config)
    built = BuiltFrom(
        as_of=where.started_at,
        commit=commit,
        ledger_commit=ledger_commit,
        engine=f"statusledger {version('statusledger')}",
        schema=SCHEMA,
    )
    filed = files.filed(where, config)
    history, evaluation = reading.evaluated(where.history, config, as_of=where.started_at, full=full, filed=filed)
    return report(config, history, built, filed=filed, evaluation=evaluation)


def _tell_left_out(made: Report) -> None:
    told = {*(one.file for one in made.incidents), *(one.file for one in made.maintenance)}
    for problem in made.left_out:
        LOG.error("%s%s", problem, "" if problem.file in told else "; this file is left out")


def _tell_damage(made: Report) -> None:
    damage = made.monitor.damage
    for one in damage[:DAMAGE_SHOWN]:
        LOG.warning("%s:%d: %s; every intact row of it is counted", one.file, one.line, one.reason)
    if len(damage) > DAMAGE_SHOWN:
        LOG.warning("and %d more damaged lines (api/v1/health.json lists them)", len(damage) - DAMAGE_SHOWN)
    if made.monitor.dropped_future:
        LOG.warning("%d samples lie after the instant of this build and are left out", made.monitor.dropped_future)
