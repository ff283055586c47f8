"""Problems collected while a file is read: each at its place, in plain words, with a suggestion.

pydantic finds what is wrong with a block; this module says it the way the rest of the program speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from statusledger.errors import Problem
from statusledger.written.source import Path, Source
from statusledger.written.wording import did_you_mean, found

B = TypeVar("B", bound=BaseModel)
Locate = Callable[[Path], Path]


class Faults:
    """Everything that is wrong so far; each place and message once."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._problems: dict[Problem, None] = dict.fromkeys(source.problems)
        self._settled: set[Path] = set()

    def __bool__(self) -> bool:
        return bool(self._problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self._problems)

    def add(self, path: Path, message: str) -> None:
        """One more, unless the place has its one decisive fault already."""
        if path not in self._settled:
            self._problems[self._source.problem(path, message)] = None

    def settle(self, path: Path, message: str) -> None:
        """One more that makes any other complaint about the same value pointless."""
        self.add(path, message)
        self._settled.add(path)

    def block(self, kind: type[B], given: object, path: Path, *, apart: Collection[str] = ()) -> B | None:
        """The validated block, or None; the keys in `apart` are left for the caller to read by themselves."""
        if isinstance(given, Mapping):
            given = {key: value for key, value in given.items() if key not in apart}
        return self.validated(kind, given, lambda inner: path + inner, apart=apart)

    def validated(
        self, kind: type[B], given: object, locate: Locate, *, apart: Collection[str] = (), known: Collection[str] = ()
    ) -> B | None:
        """The block, or None and a fault for everything wrong in it; `locate` says where a path of it stands.

        `known` are keys that the surroundings read, proposed when a key of the block itself is unknown.
        """
        try:
            return kind.model_validate(given)
        except ValidationError as error:
            for path, details in _decisive(error, given):
                if path[:1] and path[0] in apart and details["type"] == "missing":
                    continue
                keys = (*keys_at(kind, path[:-1]), *(known if len(path) == 1 else ()))
                self.add(locate(path), in_plain_words(details, path, keys, field_at(kind, path)))
        return None


def _decisive(error: ValidationError, given: object) -> Iterator[tuple[Path, ErrorDetails]]:
    """Each fault with its path in the data, the innermost only: what is wrong around one follows from it."""
    details = [(_path_in(detail, given), detail) for detail in error.errors(include_url=False)]
    for path, detail in details:
        if not any(len(other) > len(path) and other[: len(path)] == path for other, _ in details):
            yield path, detail


def _path_in(detail: ErrorDetails, given: object) -> Path:
    """A location of pydantic's without the names of union members and validators that it mixes in."""
    missing = detail["loc"][-1:] if detail["type"] == "missing" else ()
    path: list[int | str] = []
    for step in detail["loc"][: -len(missing) or None]:
        if isinstance(given, Mapping):
            if step in given:
                given = given[step]
                path.append(step)
        elif isinstance(given, list | tuple) and isinstance(step, int) and step < len(given):
            given = given[step]
            path.append(step)
    return (*path, *missing)


def in_plain_words(details: ErrorDetails, path: Path, keys: Collection[str], field: FieldInfo | None) -> str:
    """What was found, what is expected, what to write; `keys` are those that the block around it knows."""
    kind = details["type"]
    if kind == "missing":
        return _missing(path, field)
    if kind == "extra_forbidden":
        return unknown_key(path[-1], keys)
    if kind in ("literal_error", "enum"):
        return _not_one_of(details["input"], details["ctx"]["expected"])
    if kind in ("value_error", "assertion_error"):
        return str(details["ctx"]["error"])
    return f"{found(details['input'])} {_unfit(details)}"


def _unfit(details: ErrorDetails) -> str:
    kind = details["type"]
    if kind.startswith("bool_"):
        return "is neither true nor false" + _TRUTH_MEANT.get(str(details["input"]).lower(), "")
    for prefix, expected in _EXPECTED.items():
        if kind.startswith(prefix):
            return f"is not {expected}"
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**details["ctx"])
    return f"does not fit: {details['msg'][:1].lower()}{details['msg'][1:]}"


_TRUTH_MEANT = dict.fromkeys(("yes", "on", "y", "true", "1"), "; write true") | dict.fromkeys(
    ("no", "off", "n", "false", "0"), "; write false"
)
_EXPECTED = {
    "int_": "a whole number",
    "float_": "a number",
    "decimal_": "a number",
    "string_type": "text; put it in quotes",
    "list_type": "a list; write [one, two] or lines that begin with '- '",
    "tuple_type": "a list; write [one, two] or lines that begin with '- '",
    "dict_type": "a block of keys",
    "mapping_type": "a block of keys",
    "model_": "a block of keys",
}
_BOUNDS = {
    "greater_than_equal": "is too small; write {ge} or more",
    "greater_than": "is too small; write more than {gt}",
    "less_than_equal": "is too large; write {le} or less",
    "less_than": "is too large; write less than {lt}",
    "too_short": "is too short; give at least {min_length}",
    "too_long": "is too long; give at most {max_length}",
    "string_too_short": "is too short; write at least {min_length} characters",
    "string_too_long": "is too long; write at most {max_length} characters",
    "string_pattern_mismatch": "does not have the form {pattern}",
}


def _missing(path: Path, field: FieldInfo | None) -> str:
    message = f"required key '{path[-1]}' is missing"
    if field and field.description:
        message += f" ({field.description[:1].lower()}{field.description[1:].rstrip('.')})"
    if field and field.examples:
        message += f"; write e.g. {path[-1]}: {field.examples[0]}"
    return message


def unknown_key(key: object, known: Collection[str]) -> str:
    """That the key is unknown, and which one was meant or which there are."""
    if not known:
        return f"unknown key '{key}'; nothing can be set here"
    here = f"; known here: {', '.join(sorted(known))}" if len(known) <= 12 else "; docs/configuration.md lists the keys"
    return f"unknown key '{key}'" + (did_you_mean(key, known) or here)


def _not_one_of(value: object, expected: str) -> str:
    words = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    if words == ["1"]:
        return f"{found(value)} is not 1, the only version there is"
    meant = did_you_mean(value, words)
    return f"{found(value)} is not known here{meant}" if meant else f"{found(value)} is none of {', '.join(words)}"


def keys_at(kind: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The keys that the block at a path inside `kind` knows."""
    return tuple(field.alias or name for block in _blocks_at(kind, path) for name, field in block.model_fields.items())


def field_at(kind: type[BaseModel], path: Path) -> FieldInfo | None:
    """The field that a path inside `kind` ends in."""
    for block in _blocks_at(kind, path[:-1]):
        for name, field in block.model_fields.items():
            if path and (field.alias or name) == path[-1]:
                return field
    return None


def _blocks_at(kind: type[BaseModel], path: Path) -> tuple[type[BaseModel], ...]:
    blocks: tuple[type[BaseModel], ...] = (kind,)
    for step in path:
        inner = tuple(
            found_block
            for block in blocks
            for name, field in block.model_fields.items()
            if (field.alias or name) == step
            for found_block in _blocks_in(field.annotation)
        )
        # list positions and the free keys of a mapping lead to the same kinds of block
        blocks = inner or blocks
    return blocks


def _blocks_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _blocks_in(part)
