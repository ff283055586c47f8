"""`${{ … }}` of workflow files, evaluated: contexts, comparisons, `&&`, `||`, `!` and the functions that the files use.

Source: https://docs.github.com/actions/reference/evaluate-expressions-in-workflows-and-actions
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Context = Mapping[str, Any]
_MARKED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|(==|!=|&&|\|\||[!(),\[\]])|([A-Za-z_][\w.-]*)|(\d+))")
_STATUS = re.compile(r"\b(success|failure|cancelled|always)\(")


def filled(value: Any, context: Context) -> Any:
    """The value with every expression in it replaced, at any depth."""
    if isinstance(value, Mapping):
        return {key: filled(one, context) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, context) for one in value]
    if not isinstance(value, str):
        return value
    return _MARKED.sub(lambda found: spelled(evaluate(found[1], context)), value)


def holds(condition: str | None, context: Context) -> bool:
    """Whether a step or job with this `if:` runs; without a status function it also needs that all went well."""
    bare = _MARKED.sub(lambda found: found[1], condition or "success()")
    well = bool(_STATUS.search(bare)) or context["status"] == "success"
    return well and truth(evaluate(bare, context))


def spelled(value: Any) -> str:
    """A value as text."""
    return {True: "true", False: "false", None: ""}.get(value, str(value)) if not isinstance(value, str) else value


def truth(value: Any) -> bool:
    """Empty text, 0, false and null are not true."""
    return bool(value)


def evaluate(text: str, context: Context) -> Any:
    """The value of one expression."""
    tokens = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        assert found, f"not understood: {text[at:]!r}"
        tokens.append(found[0].strip())
        at = found.end()
    reader = _Reader(tokens, context)
    value = reader.either()
    assert not reader.tokens, f"not understood: {reader.tokens} in {text!r}"
    return value


class _Reader:
    """Takes tokens from the front; the operators bind as documented."""

    def __init__(self, tokens: list[str], context: Context) -> None:
        self.tokens = tokens
        self.context = context

    def next_is(self, *tokens: str) -> bool:
        if self.tokens and self.tokens[0] in tokens:
            self.tokens.pop(0)
            return True
        return False

    def either(self) -> Any:
        value = self.both()
        while self.next_is("||"):
            other = self.both()
            value = value if truth(value) else other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self.next_is("&&"):
            other = self.compared()
            value = other if truth(value) else value
        return value

    def compared(self) -> Any:
        value = self.single()
        if self.next_is("=="):
            return spelled(value).lower() == spelled(self.single()).lower()
        if self.next_is("!="):
            return spelled(value).lower() != spelled(self.single()).lower()
        return value

    def single(self) -> Any:
        if self.next_is("!"):
            return not truth(self.single())
        if self.next_is("("):
            value = self.either()
            assert self.next_is(")")
            return value
        token = self.tokens.pop(0)
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if token.isdigit():
            return int(token)
        return self.called(token) if self.next_is("(") else self.found(token)

    def called(self, name: str) -> Any:
        given = []
        while not self.next_is(")"):
            given.append(self.either())
            self.next_is(",")
        if name == "contains":
            where, what = given
            return spelled(what).lower() in (
                [spelled(one).lower() for one in where] if isinstance(where, list) else spelled(where).lower()
            )
        if name == "fromJSON":
            return json.loads(given[0])
        known: Mapping[str, Callable[[], bool]] = {
            "always": lambda: True,
            "success": lambda: self.context["status"] == "success",
            "failure": lambda: self.context["status"] == "failure",
            "cancelled": lambda: self.context["status"] == "cancelled",
        }
        return known[name]()

    def found(self, path: str) -> Any:
        """A value of a context; what is not there is null, but an unknown context is a mistake."""
        if path in {"true", "false", "null"}:
            return {"true": True, "false": False, "null": None}[path]
        first, *rest = path.split(".")
        value = self.context[first]
        for name in rest:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value
