"""`statusledger COMMAND`: reads the arguments, runs the stage, turns an error of ours into one message and a code."""

from __future__ import annotations

import argparse
import importlib
import logging
import logging.handlers
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from statusledger.cli import incident_options
from statusledger.cli.chain import JOBS
from statusledger.cli.extras import lacking
from statusledger.clock import parse_duration, parse_instant
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


def parser() -> argparse.ArgumentParser:
    """The whole command line; the general options may stand before or after the command."""
    top = argparse.ArgumentParser(
        prog="statusledger", description="A status page whose numbers anyone can audit.", parents=[_general(first=True)]
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    general = _general(first=False)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[general])

    _validate(command("validate", "Check every file that people write and report all problems at once (exit 2)."))
    probe = command("probe", "Run the checks that are due and append the results (exit 3 if all of them are unknown).")
    _probe(probe)
    probe.add_argument(
        "--publish",
        action="store_true",
        help="push at the end, and with --for also when a check goes down or comes back (at most once a minute)",
    )
    _ingest(command("ingest", "Record what other systems report of heartbeats: all of it, or nothing (exit 2)."))
    _build(command("build", "Write the site, the JSON files and the feeds (exit 1 if something was left out)."))
    _sla(command("sla", "Figures of any interval, exactly."))
    _alert(
        command("alert", "Tell whoever is to be told what is firing, and when it is over (exit 4 if a channel failed).")
    )
    report = command("report", "A line a component: state, uptime, failures, response time of the last 24 hours.")
    report.add_argument("--send", action="store_true", help="send it to every channel that takes reports as well")
    report.add_argument("--to", metavar="CHANNEL", help="with --send: to this channel only")
    _publish(command("publish", "Commit the history and push it without losing a row (exit 5 if it was refused)."))
    _rollup(command("rollup", "Seal the days that are over: a line a component and day that outlives the raw rows."))
    prune = command("prune", "Remove raw files that are old and sealed, in a commit of its own (exit 1 if some stay).")
    _publish(prune)
    audit = command("audit", "Prove from the git history that nothing was changed afterwards (exit 1 on any breach).")
    audit.add_argument("--site", type=Path, metavar="DIR", help="rebuild this site's api/ from the commit it names")
    audit.add_argument("--since", metavar="REF", help="go on from the commit of an earlier audit")
    incident_options.incident(
        command("incident", "What is told of incidents, and the files that tell it."), general, _instant
    )
    incident_options.maintenance(
        command("maintenance", "The windows that are told, and the files that announce them."),
        general,
        _instant,
        _duration,
    )
    incident_options.form(command("form", "Make a filled issue form a file and a pull request."))
    _private(
        command("private", "The file of private components, its opaque ids, and the operators' site as an archive.")
    )
    _chain(command("run", "Every stage of a job in order, each although an earlier one failed."))
    _watch(command("watch", "Probe on schedule, alert, build, report and publish, until it is stopped."))
    _watchdog(command("watchdog", "Say which locations still measure (exit 1 if one is silent)."))
    serve = command("serve", "Build the site and preview it on this machine.")
    serve.add_argument("--port", type=int, default=8000, metavar="N", help="port on 127.0.0.1 (default 8000; 0: any)")
    _init(command("init", "Write a new repository that is a status page; files that are there stay as they are."))
    command("schema", "Print the JSON Schema of checks.yml.")
    command("action", "Run the command that a step of action.yml names, and pass on its outcome to the job.")
    return top


def _general(*, first: bool) -> argparse.ArgumentParser:
    """The options of every command; defaults live in the first parser, so that a second one never undoes them."""
    options = argparse.ArgumentParser(add_help=False, argument_default=None if first else argparse.SUPPRESS)

    def option(name: str, reads: Callable[[str], object], text: str, metavar: str, default: object = None) -> None:
        chosen = from_environment(name, default) if first else argparse.SUPPRESS
        options.add_argument(name, type=reads, default=chosen, metavar=metavar, help=text)

    option("--root", Path, "the repository (default: here)", "DIR", default=Path())
    option("--config", Path, "configuration (default: ROOT/checks.yml)", "FILE")
    option("--now", _instant, "the instant to work at (default: the clock)", "ISO")
    option("--log-file", Path, "append messages to this file as well", "FILE")
    options.add_argument("--json", action="store_true", default=False if first else argparse.SUPPRESS, help="JSON")
    noise = options.add_mutually_exclusive_group()
    noise.add_argument("-q", "--quiet", action="store_const", dest="level", const=logging.WARNING, help="say less")
    noise.add_argument("-v", "--verbose", action="store_const", dest="level", const=logging.DEBUG, help="say more")
    return options


def from_environment(option: str, default: object = None) -> object:
    """STATUSLEDGER_LOG_FILE for `--log-file`, where that is set and not empty; argparse reads it as it reads words."""
    return os.environ.get(f"STATUSLEDGER_{option.strip('-').replace('-', '_').upper()}") or default


def _validate(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--changed-since", metavar="REF", help="of incidents and maintenance only what differs from this commit"
    )
    command.add_argument(
        "--annotate",
        action=argparse.BooleanOptionalAction,
        help="mark problems in the lines of a pull request (default: in a job of GitHub Actions)",
    )
    command.add_argument(
        "--preview", type=Path, metavar="FILE", help="append how the files will read, as Markdown (-: standard output)"
    )


def _probe(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--location", metavar="ID", help="where this runs (default: STATUSLEDGER_LOCATION, the only one)"
    )
    command.add_argument("--for", type=_duration, dest="for_ms", metavar="4m30s", help="sample each check for so long")
    command.add_argument("--only", action="append", metavar="ID", help="run this check or component now, due or not")
    command.add_argument("--shard", type=_shard, metavar="I/N", help="only the I-th of N parts of the checks")
    command.add_argument("--dry-run", action="store_true", help="measure and print, write nothing")
    command.add_argument("--private", action="store_true", help="name private checks too: not where others read along")
    command.set_defaults(message=None, publish=False)


def _ingest(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "file",
        nargs="?",
        type=Path,
        default=Path("-"),
        metavar="FILE",
        help="one report, an array, one a line, or the payload of a CI event (default: standard input). A report is "
        "{name, status: up|degraded|down, response_time_ms, timestamp, component, service}; other keys are left out. "
        "timestamp is ISO 8601 with an offset, or seconds or milliseconds since 1970; without one it is now, and the "
        "same report sent twice counts twice.",
    )


def _build(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, metavar="DIR", help="where the site goes (default: ROOT/_site)")
    command.add_argument(
        "--private-out",
        type=Path,
        metavar="DIR",
        default=from_environment("--private-out"),
        help="where the operators' site goes, where there is one (default: ROOT/_private)",
    )
    command.add_argument("--full", action="store_true", help="read every raw row there is, also of sealed days")
    command.add_argument("--base-url", metavar="URL", help="where the site will be served, instead of page.url")


def _sla(command: argparse.ArgumentParser) -> None:
    command.add_argument("--from", type=_instant, dest="start", required=True, metavar="ISO", help="first instant")
    command.add_argument("--to", type=_instant, dest="end", required=True, metavar="ISO", help="first instant after it")
    subject = command.add_mutually_exclusive_group()
    for kind in ("component", "service", "contract"):
        subject.add_argument(f"--{kind}", metavar="ID", help=f"only this {kind}")
    command.add_argument("--private", action="store_true", help="private components too: not where others read along")


def _alert(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dry-run", action="store_true", help="print what would be sent and why, and why not the rest"
    )
    command.add_argument("--test", metavar="CHANNEL", help="send one message that is marked as a test to this channel")


def _publish(command: argparse.ArgumentParser) -> None:
    command.add_argument("--message", metavar="M", help="subject of the commit")


def _rollup(command: argparse.ArgumentParser) -> None:
    command.add_argument("--recompute", action="store_true", help="look at every sealed day anew, not at changed ones")
    command.add_argument("--policy", choices=["current"], help="with --recompute: count all days as one would today")


def _private(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    general = _general(first=False)
    actions.add_parser("edit", help="open it in $EDITOR, check it, encrypt it again", parents=[general])
    encrypt = actions.add_parser("encrypt", help="check a plain file and make it the encrypted one", parents=[general])
    encrypt.add_argument("file", type=Path, metavar="FILE", help="the plain file (- for standard input)")
    actions.add_parser("show", help="print it in plain (never in CI)", parents=[general])
    ids = actions.add_parser("id", help="the opaque ids, and what they stand for (never in CI)", parents=[general])
    ids.add_argument("names", nargs="*", metavar="ID", help="only these, by either id")
    pack = actions.add_parser("pack", help="the operators' site as one encrypted archive", parents=[general])
    pack.add_argument(
        "--private-out",
        type=Path,
        metavar="DIR",
        default=from_environment("--private-out"),
        help="the site (default: ROOT/_private)",
    )
    pack.add_argument("--out", type=Path, metavar="FILE", help="the archive (default: ROOT/_private.tar.age)")


def _watch(command: argparse.ArgumentParser) -> None:
    """Every option of it can come from the environment: STATUSLEDGER_INTERVAL for --interval."""
    command.set_defaults(message=None, private=False, for_ms=None)

    def option(name: str, text: str, metavar: str, reads: Callable[[str], object] = str, default: str = "") -> None:
        chosen = from_environment(name, default or None)
        command.add_argument(name, type=reads, default=chosen, metavar=metavar, help=text)

    def flag(name: str, text: str) -> None:
        chosen = str(from_environment(name, "")).lower() in {"1", "true", "yes", "on"}
        command.add_argument(name, action=argparse.BooleanOptionalAction, default=chosen, help=text)

    option("--location", "where this runs (default: the only one)", "ID")
    option("--shard", "only the I-th of N parts of the checks", "I/N", _shard)
    option("--interval", "how often to alert, build and publish (default 60s)", "60s", _duration, "60s")
    option("--report-every", "how often to print the table of states (default 10m; 0s: never)", "10m", _duration, "10m")
    flag("--report-send", "send that table to every channel that takes reports as well")
    option("--out", "where the site goes (default: ROOT/_site)", "DIR", Path)
    option("--base-url", "where the site will be served, instead of page.url", "URL")
    _deploy(command)
    flag("--publish", "bring the clone up to its remote, and push history, in every round")
    flag("--dry-run", "run every check once, print, write nothing")


def _watchdog(command: argparse.ArgumentParser) -> None:
    command.add_argument("--location", metavar="ID", help="only this one (default: STATUSLEDGER_LOCATION, or all)")
    command.add_argument(
        "--issue", action="store_true", help="open an issue while one is silent, close it afterwards (GITHUB_TOKEN)"
    )


def _init(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, metavar="DIR", help="where to; may be new, or a clone")
    command.add_argument("--name", metavar="NAME", help="the title of the page (default: the folder's name)")
    command.add_argument("--url", metavar="URL", help="where the page will be (default: GitHub Pages of the clone)")
    command.add_argument(
        "--engine", metavar="OWNER/NAME@COMMIT", help="whose action to use (default: where this program comes from)"
    )


def _chain(command: argparse.ArgumentParser) -> None:
    """`run probe` and `run publish` take the options of the stages that they run."""
    jobs = command.add_subparsers(dest="job", required=True, metavar="JOB")
    general = _general(first=False)
    for name, stages in JOBS.items():
        job = jobs.add_parser(name, help=", ".join(stages), parents=[general])
        job.set_defaults(recompute=False, policy=None, pull=False, heartbeat=False, dry_run=False, test=None)
        for options in _JOB_OPTIONS[name]:
            options(job)
        if "publish" in stages:
            _publish(job)


def _pull(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--pull", action="store_true", help="first bring the whole clone up to its remote: checks.yml, incidents, all"
    )


def _deploy(command: argparse.ArgumentParser) -> None:
    chosen = str(from_environment("--deploy", "")).split() or None
    command.add_argument(
        "--deploy",
        action="append",
        default=chosen,
        metavar="PLACE",
        help="where the site goes once it is built: branch:gh-pages, s3://bucket/folder; may be said again",
    )


def _heartbeat(command: argparse.ArgumentParser) -> None:
    command.add_argument("--heartbeat", action="store_true", help="tell monitor.heartbeat_url when all went well")


_JOB_OPTIONS = {
    "probe": (_probe, _pull),
    "ingest": (_ingest,),
    "publish": (_build, _pull, _deploy, _heartbeat),
    "page": (_build, _deploy, _heartbeat),
    "preview": (_validate, _build),
    "watchdog": (_watchdog,),
}


def _instant(text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _duration(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _shard(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of):
        return int(number), int(of)
    message = f'"{text}" is not a shard; write e.g. 2/8 for the second of eight'
    raise argparse.ArgumentTypeError(message)


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
