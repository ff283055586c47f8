"""Words of the command line as values; argparse turns what they raise into a message that names the option."""

from __future__ import annotations

import argparse
import os

from statusledger.clock import parse_duration, parse_instant


def instant(text: str) -> int:
    """An instant as epoch milliseconds."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def duration(text: str) -> int:
    """A duration in milliseconds."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def shard(text: str) -> tuple[int, int]:
    """(i, n) of `i/n`."""
    number, _, of = text.partition("/")
    if number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of):
        return int(number), int(of)
    message = f'"{text}" is not a shard; write e.g. 2/8 for the second of eight'
    raise argparse.ArgumentTypeError(message)


def days(text: str) -> int:
    """A number of days."""
    if text.isdigit() and 0 < int(text) <= 3660:
        return int(text)
    message = f'"{text}" is no number of days; write e.g. 30'
    raise argparse.ArgumentTypeError(message)


def from_environment(option: str, default: object = None) -> object:
    """STATUSLEDGER_LOG_FILE for `--log-file`, where that is set and not empty; argparse reads it as it reads words."""
    return os.environ.get(f"STATUSLEDGER_{option.strip('-').replace('-', '_').upper()}") or default
