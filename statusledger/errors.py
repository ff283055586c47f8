"""Everything that can go wrong, as one tree; `exit_code` is what the command line ends with.

StatusledgerError                1  the request could not be carried out
├── UsageError                   2  an argument, or the place a command was started in
├── ConfigurationError           2  checks.yml: every problem at once, each with file, line and column
├── LedgerError                  1  history could not be read or written; what was recorded stays as it was
│   └── PublishError             5  the rows are kept here, but could not be pushed
├── ForgeError                   1  the host of the repository did not do what it was asked by its API
└── OutputError                  2  the site could not be written; the earlier one stays as it was

A failing target is none of these: it is an observation.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend in a file: where, what was found, what is expected and what to do.

    `line` and `column` count from 1; 0 means that the place inside the file, or in its line, is not known.
    """

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        place = ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])
        return f"{place} {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class StatusledgerError(Exception):
    """The request could not be carried out; the text says where, what was found and what to do."""

    exit_code = 1


class UsageError(StatusledgerError):
    """An argument, or the folder that a command was started in, is not usable."""

    exit_code = 2


class ConfigurationError(StatusledgerError):
    """A file that people write is wrong; `problems` holds all of its faults in file order."""

    exit_code = 2

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(map(str, self.problems)))


class LedgerError(StatusledgerError):
    """History could not be read or written; what was already recorded is untouched."""


class PublishError(LedgerError):
    """Rows are committed or kept on this machine, but the remote did not take them."""

    exit_code = 5


class OutputError(StatusledgerError):
    """The site could not be written; the one that was there before is untouched."""

    exit_code = 2


class ForgeError(StatusledgerError):
    """The host of the repository did not do what it was asked; `status` is its answer's, None when it gave none."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
