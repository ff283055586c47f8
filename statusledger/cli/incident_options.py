"""The arguments of `statusledger incident`, `maintenance` and `form`."""

from __future__ import annotations

import argparse
from pathlib import Path

from statusledger.cli.values import days, duration, instant

STATUSES = ("ongoing", "investigating", "identified", "monitoring", "resolved")


def incident(command: argparse.ArgumentParser, general: argparse.ArgumentParser) -> None:
    """What can be done about incidents."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    _new_incident(actions.add_parser("new", help="write a file about an incident", parents=[general]))
    listed = actions.add_parser("list", help="every incident, newest first", parents=[general])
    listed.add_argument("--status", choices=STATUSES, help="only those that stand there (ongoing: not resolved)")
    listed.add_argument("--severity", metavar="S", help="only these: P1 to P4, or critical, high, medium, low")
    listed.add_argument("--component", metavar="ID", help="only those that affect it")
    listed.add_argument("--since", type=instant, metavar="ISO", help="only those that began then or later")
    show = actions.add_parser("show", help="one incident with its trail", parents=[general])
    show.add_argument("id", metavar="ID", help="of the incident, or of a measured one that it covers")
    resolve = actions.add_parser("resolve", help="say that an incident is over", parents=[general])
    resolve.add_argument("id", metavar="ID", help="of a file, or of a measured incident that gets one")
    resolve.add_argument("--notes", metavar="TEXT", help="what customers should know (Markdown)")
    resolve.add_argument("--at", type=instant, metavar="ISO", help="when it was over (default: now)")
    propose = "offer a file for each outage that nobody wrote about, as `incidents.open` says"
    actions.add_parser("propose", help=propose, parents=[general])
    stats = actions.add_parser("stats", help="how many, how long, how far apart", parents=[general])
    stats.add_argument("--days", type=days, default=30, metavar="N", help="of the last N days (default 30)")


def _new_incident(new: argparse.ArgumentParser) -> None:
    new.add_argument("--title", metavar="TEXT", help="what happened, in a few words")
    new.add_argument(
        "--component", action="append", metavar="ID[=STATE]", help="what is affected: down (default), degraded or up"
    )
    new.add_argument("--severity", metavar="S", help="P1 to P4, or critical, high, medium, low")
    new.add_argument("--started", type=instant, metavar="ISO", help="when it began (default: now)")
    new.add_argument("--text", metavar="TEXT", help="the first update (Markdown)")
    new.add_argument("--reported", action="store_true", help="probes could not see it: it adds downtime")
    new.add_argument("--covers", action="append", metavar="ID", help="a measured incident that it explains")
    new.add_argument("--template", metavar="NAME", help="of incidents/templates/ (default: incident)")


def maintenance(command: argparse.ArgumentParser, general: argparse.ArgumentParser) -> None:
    """What can be done about maintenance."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="write a file that announces a window", parents=[general])
    new.add_argument("--title", metavar="TEXT", help="what is done, in a few words")
    new.add_argument("--component", action="append", metavar="ID", help='component, group, service, or "*"')
    new.add_argument("--starts", type=instant, metavar="ISO", help="when it begins")
    length = new.add_mutually_exclusive_group()
    length.add_argument("--ends", type=instant, metavar="ISO", help="when it is over")
    length.add_argument("--for", type=duration, dest="for_ms", metavar="2h", help="how long it lasts")
    new.add_argument("--repeats", metavar="RULE", help="comes again by a rule of RFC 5545, e.g. FREQ=WEEKLY;BYDAY=SU")
    new.add_argument("--text", metavar="TEXT", help="what customers should know (Markdown)")
    new.add_argument("--template", metavar="NAME", help="of maintenance/templates/ (default: maintenance)")
    listed = actions.add_parser("list", help="every window, the latest first", parents=[general])
    which = listed.add_mutually_exclusive_group()
    for kind in ("active", "upcoming", "past"):
        which.add_argument(f"--{kind}", action="store_const", dest="which", const=kind, help=f"only what is {kind}")
    cancel = actions.add_parser("cancel", help="say that a window does not take place", parents=[general])
    cancel.add_argument("id", metavar="ID", help="of the file")
    cancel.add_argument("--notes", metavar="TEXT", help="what customers should know (Markdown)")


def form(command: argparse.ArgumentParser) -> None:
    """What a form is told by."""
    command.add_argument("event", type=Path, metavar="EVENT", help="the event of its issue, $GITHUB_EVENT_PATH")
    command.add_argument("--dry-run", action="store_true", help="print the file, offer nothing (exit 2 if it is wrong)")
