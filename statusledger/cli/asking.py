"""Questions on a terminal, for what the options did not say; without one, what is missing is an error."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from statusledger.errors import UsageError

T = TypeVar("T")


def ask(option: str, question: str, read: Callable[[str], T], default: str = "") -> T:
    """The answer, asked again until it can be read; UsageError where nobody can be asked."""
    if not sys.stdin.isatty():
        msg = f"{option} is missing; without a terminal everything that is needed has to be said by options"
        raise UsageError(msg)
    while True:
        hint = f" [{default}]" if default else ""
        try:
            return read(input(f"{question}{hint}: ").strip() or default)
        except ValueError as error:
            print(f"  {error}")
        except EOFError:
            msg = f"{option}: there was no answer; nothing was written"
            raise UsageError(msg) from None


def something(text: str) -> str:
    """The text; ValueError for nothing."""
    if not text:
        msg = "please write something"
        raise ValueError(msg)
    return text
