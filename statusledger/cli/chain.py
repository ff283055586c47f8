"""`statusledger run JOB`: the stages of a job in order, each although an earlier one failed."""

from __future__ import annotations

import argparse
import importlib
import logging
from collections.abc import Mapping, Sequence

from statusledger.cli.extras import lacking
from statusledger.cli.outcome import outcome
from statusledger.errors import StatusledgerError

LOG = logging.getLogger("statusledger")
# job -> its stages: modules below statusledger.cli, imported when their turn comes, so that a probe pays for no build.
# A stage is `run(arguments) -> exit code`; what it has to tell the whole job it puts into `outcome(arguments)`.
JOBS: Mapping[str, Sequence[str]] = {
    "probe": ("receive", "probe", "publish"),
    "ingest": ("ingest", "publish"),
    # history, and with it what was told, is published before the page is built from it, so that the page can name the
    # commit that it follows from
    "publish": ("receive", "rollup", "alert", "drafts", "publish", "tidy", "build", "deploy"),
    "page": ("rollup", "alert", "build", "deploy"),
    "preview": ("receive", "validate", "build"),
    "watchdog": ("receive", "silence", "publish", "watchdog"),
}
# the jobs that tell the dead man's switch when every stage went well; others do so when they are asked to
MEASURING = ("probe",)
CRASHED = 1


def run(arguments: argparse.Namespace) -> int:
    """The first exit code of a stage that is not 0; says in a line what was done and what failed."""
    codes = {name: stage(name, arguments) for name in JOBS[arguments.job]}
    failed = {name: code for name, code in codes.items() if code}
    if not failed and (arguments.job in MEASURING or arguments.heartbeat):
        stage("heartbeat", arguments)
    done = [*outcome(arguments).did, *(f"{name} ended with exit code {code}" for name, code in failed.items())]
    print(f"run {arguments.job}: {'; '.join(done) or 'nothing to do'}")
    return next(iter(failed.values()), 0)


def stage(name: str, arguments: argparse.Namespace) -> int:
    """The exit code of one stage; whatever becomes of it, those after it have their turn."""
    try:
        return int(importlib.import_module(f"statusledger.cli.{name}").run(arguments))
    except StatusledgerError as error:
        LOG.error("%s: %s", name, error)
        return error.exit_code
    except Exception as error:  # the edge around one stage: a fault in it must not stop the page
        missing = lacking(error, name)
        if missing is not None:
            LOG.error("%s", missing)
            return missing.exit_code
        LOG.exception("%s: a fault in the program; please report it", name)
        return CRASHED
