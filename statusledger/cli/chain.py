"""`statusledger run JOB`: the stages of a job in order, each although an earlier one failed."""

from __future__ import annotations

import argparse
import importlib
import logging
from collections.abc import Mapping, Sequence

from statusledger.errors import StatusledgerError

LOG = logging.getLogger("statusledger")
# job -> its stages: modules below statusledger.cli, imported when their turn comes (a probe job never pays for a build)
JOBS: Mapping[str, Sequence[str]] = {"probe": ("probe", "publish"), "publish": ("rollup", "build", "publish")}


def run(arguments: argparse.Namespace) -> int:
    """The first exit code of a stage that is not 0."""
    codes = [_stage(name, arguments) for name in JOBS[arguments.job]]
    failed = next((code for code in codes if code), 0)
    if not failed and arguments.job == "probe":
        _stage("heartbeat", arguments)
    return failed


def _stage(name: str, arguments: argparse.Namespace) -> int:
    try:
        code = int(importlib.import_module(f"statusledger.cli.{name}").run(arguments))
    except StatusledgerError as error:
        LOG.error("%s: %s", name, error)
        return error.exit_code
    if code:
        LOG.warning("%s: ended with exit code %d", name, code)
    return code
