"""`statusledger validate`: every problem of checks.yml at once, and what is worth a look in view of the ledger."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterator

from statusledger import schedule, words
from statusledger.cli.place import Place, place
from statusledger.clock import format_instant, to_datetime
from statusledger.config import Config
from statusledger.history.name_hash import crowded

LOG = logging.getLogger("statusledger")


def run(arguments: argparse.Namespace) -> int:
    """0 if the configuration is usable; the loader raises with every problem otherwise."""
    where = place(arguments)
    config = where.config()
    cautions = [*_alike_for_git(config, to_datetime(where.started_at).year), *_gone(where, config)]
    for caution in cautions:
        LOG.warning("warning: %s: %s", where.config_path, caution)
    counts = f"{words.plural(len(config.components), 'component')}, {words.plural(len(config.checks), 'check')}"
    warnings = len(config.warnings) + len(cautions)
    warned = f", {words.plural(warnings, 'warning')}" if warnings else ""
    print(f"{where.config_path}: valid, {counts}{warned}")
    return 0


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
    known = {name for check in config.checks.values() for name in (check.id, *check.was)}
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
