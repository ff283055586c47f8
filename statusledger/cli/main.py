"""`statusledger COMMAND`: reads the arguments, runs the stage, turns an error of ours into one message and a code."""

from __future__ import annotations

import argparse
import importlib
import logging
import logging.handlers
import os
import sys
from collections.abc import Sequence

from statusledger.cli.extras import lacking
from statusledger.cli.options import parser
from statusledger.errors import StatusledgerError

LOG = logging.getLogger("statusledger")
INTERRUPTED = 130
# command -> the module below statusledger.cli whose `run(arguments)` does it
COMMANDS = {
    "validate": "validate",
    "probe": "probe",
    "ingest": "ingest",
    "build": "build",
    "sla": "sla",
    "alert": "alert",
    "report": "report",
    "publish": "publish",
    "rollup": "rollup",
    "prune": "prune",
    "audit": "audit",
    "incident": "incident",
    "maintenance": "maintenance",
    "form": "form",
    "private": "private",
    "run": "chain",
    "watch": "watch",
    "watchdog": "watchdog",
    "serve": "serve",
    "init": "init",
    "schema": "schema",
    "action": "action",
}


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of one command; 2 for wrong arguments, 130 when interrupted."""
    return execute(parser().parse_args(argv))


def execute(arguments: argparse.Namespace) -> int:
    """The exit code of the command that was parsed into these arguments."""
    _log(arguments)
    try:
        module = importlib.import_module(f"statusledger.cli.{COMMANDS[arguments.command]}")
        return int(module.run(arguments))
    except StatusledgerError as error:
        LOG.error("%s", error)
        return error.exit_code
    except ModuleNotFoundError as error:
        missing = lacking(error, arguments.command)
        if missing is None:
            raise
        LOG.error("%s", missing)
        return missing.exit_code
    except KeyboardInterrupt:
        LOG.error("interrupted; everything that was measured so far is in history")
        return INTERRUPTED
    except BrokenPipeError:
        # the reader of our output has gone (`| head`): nothing is left to say to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _log(arguments: argparse.Namespace) -> None:
    """Messages go to standard error (results to standard output), with their time also to the log file, if any."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if arguments.log_file:
        file = logging.handlers.WatchedFileHandler(arguments.log_file, encoding="utf-8")
        file.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
        handlers.append(file)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=handlers, force=True)
    LOG.setLevel(arguments.level or logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
