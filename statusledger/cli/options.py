"""The whole command line: which commands there are, and what each of them can be told."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from statusledger.cli import incident_options
from statusledger.cli.chain import JOBS
from statusledger.cli.values import duration, from_environment, instant, shard


def parser() -> argparse.ArgumentParser:
    """The whole command line; the general options may stand before or after the command."""
    top = argparse.ArgumentParser(
        prog="statusledger", description="A status page whose numbers anyone can audit.", parents=[_general(first=True)]
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    general = _general(first=False)
    for name, (text, options) in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text, parents=[general])
        for add in options:
            add(command)
    return top


def _general(*, first: bool) -> argparse.ArgumentParser:
    """The options of every command; defaults live in the first parser, so that a second one never undoes them."""
    options = argparse.ArgumentParser(add_help=False, argument_default=None if first else argparse.SUPPRESS)

    def option(name: str, reads: Callable[[str], object], text: str, metavar: str, default: object = None) -> None:
        chosen = from_environment(name, default) if first else argparse.SUPPRESS
        options.add_argument(name, type=reads, default=chosen, metavar=metavar, help=text)

    option("--root", Path, "the repository (default: here)", "DIR", default=Path())
    option("--config", Path, "configuration (default: ROOT/checks.yml)", "FILE")
    option("--now", instant, "the instant to work at (default: the clock)", "ISO")
    option("--log-file", Path, "append messages to this file as well", "FILE")
    options.add_argument("--json", action="store_true", default=False if first else argparse.SUPPRESS, help="JSON")
    noise = options.add_mutually_exclusive_group()
    noise.add_argument("-q", "--quiet", action="store_const", dest="level", const=logging.WARNING, help="say less")
    noise.add_argument("-v", "--verbose", action="store_const", dest="level", const=logging.DEBUG, help="say more")
    return options


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
    command.add_argument("--for", type=duration, dest="for_ms", metavar="4m30s", help="sample each check for so long")
    command.add_argument("--only", action="append", metavar="ID", help="run this check or component now, due or not")
    command.add_argument("--shard", type=shard, metavar="I/N", help="only the I-th of N parts of the checks")
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
    command.add_argument("--from", type=instant, dest="start", required=True, metavar="ISO", help="first instant")
    command.add_argument("--to", type=instant, dest="end", required=True, metavar="ISO", help="first instant after it")
    subject = command.add_mutually_exclusive_group()
    for kind in ("component", "service", "contract"):
        subject.add_argument(f"--{kind}", metavar="ID", help=f"only this {kind}")
    command.add_argument("--private", action="store_true", help="private components too: not where others read along")


def _alert(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--dry-run", action="store_true", help="print what would be sent and why, and why not the rest"
    )
    command.add_argument("--test", metavar="CHANNEL", help="send one message that is marked as a test to this channel")


def _probe_publish(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--publish",
        action="store_true",
        help="push at the end, and with --for also when a check goes down or comes back (at most once a minute)",
    )


def _report(command: argparse.ArgumentParser) -> None:
    command.add_argument("--send", action="store_true", help="send it to every channel that takes reports as well")
    command.add_argument("--to", metavar="CHANNEL", help="with --send: to this channel only")


def _audit(command: argparse.ArgumentParser) -> None:
    command.add_argument("--site", type=Path, metavar="DIR", help="rebuild this site's api/ from the commit it names")
    command.add_argument(
        "--since", action="append", default=[], metavar="REF",
        help="go on from the commit of an earlier audit; history on a branch of its own has one more",
    )  # fmt: skip


def _incident(command: argparse.ArgumentParser) -> None:
    incident_options.incident(command, _general(first=False))


def _maintenance(command: argparse.ArgumentParser) -> None:
    incident_options.maintenance(command, _general(first=False))


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--port", type=int, default=8000, metavar="N", help="port on 127.0.0.1 (default 8000; 0: any)")


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
    option("--shard", "only the I-th of N parts of the checks", "I/N", shard)
    option("--interval", "how often to alert, build and publish (default 60s)", "60s", duration, "60s")
    option("--report-every", "how often to print the table of states (default 10m; 0s: never)", "10m", duration, "10m")
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

_COMMANDS: Mapping[str, tuple[str, Sequence[Callable[[argparse.ArgumentParser], None]]]] = {
    "validate": ("Check every file that people write and report all problems at once (exit 2).", [_validate]),
    "probe": (
        "Run the checks that are due and append the results (exit 3 if all of them are unknown).",
        [_probe, _probe_publish],
    ),
    "ingest": ("Record what other systems report of heartbeats: all of it, or nothing (exit 2).", [_ingest]),
    "build": ("Write the site, the JSON files and the feeds (exit 1 if something was left out).", [_build]),
    "sla": ("Figures of any interval, exactly.", [_sla]),
    "alert": ("Tell whoever is to be told what is firing, and when it is over (exit 4 if a channel failed).", [_alert]),
    "report": ("A line a component: state, uptime, failures, response time of the last 24 hours.", [_report]),
    "publish": ("Commit the history and push it without losing a row (exit 5 if it was refused).", [_publish]),
    "rollup": ("Seal the days that are over: a line a component and day that outlives the raw rows.", [_rollup]),
    "prune": ("Remove raw files that are old and sealed, in a commit of its own (exit 1 if some stay).", [_publish]),
    "audit": ("Prove from the git history that nothing was changed afterwards (exit 1 on any breach).", [_audit]),
    "incident": ("What is told of incidents, and the files that tell it.", [_incident]),
    "maintenance": ("The windows that are told, and the files that announce them.", [_maintenance]),
    "form": ("Make a filled issue form a file and a pull request.", [incident_options.form]),
    "private": ("The file of private components, its opaque ids, and the operators' site as an archive.", [_private]),
    "run": ("Every stage of a job in order, each although an earlier one failed.", [_chain]),
    "watch": ("Probe on schedule, alert, build, report and publish, until it is stopped.", [_watch]),
    "watchdog": ("Say which locations still measure (exit 1 if one is silent).", [_watchdog]),
    "serve": ("Build the site and preview it on this machine.", [_serve]),
    "init": ("Write a new repository that is a status page; files that are there stay as they are.", [_init]),
    "schema": ("Print the JSON Schema of checks.yml.", []),
    "action": ("Run the command that a step of action.yml names, and pass on its outcome to the job.", []),
}
