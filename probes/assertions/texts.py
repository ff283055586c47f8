"""Conditions on a text: a header, a greeting, a reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from probes.assertions.assertion import Assertion, one_at_least
from probes.comparison import found, shown
from statusledger.model import Failure


def regular(text: str) -> str:
    """The expression; ValueError when it is none. One with a variable in it is judged when that is filled in."""
    if "{{" not in text:
        import regex  # noqa: PLC0415 - only checks with an expression pay for it

        try:
            regex.compile(text)
        except regex.error as error:
            msg = f'"{text}" is not a regular expression ({error})'
            raise ValueError(msg) from None
    return text


Regular = Annotated[str, AfterValidator(regular)]
Texts = Annotated[tuple[str, ...], Field(min_length=1)]

_HOLDS: Mapping[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "contains": str.__contains__,
    "not_contains": lambda text, unwanted: unwanted not in text,
    "matches": found,
}


class TextAssertion(Assertion):
    """What a text must be."""

    equals: str | None = Field(None, description="The exact text.")
    contains: str | None = Field(None, description="A part of it.")
    not_contains: str | None = Field(None, description="A text that must not be in it.")
    matches: Regular | None = Field(None, description="A regular expression found in it.")

    @model_validator(mode="after")
    def _says_something(self) -> TextAssertion:
        return one_at_least(self, *_HOLDS)

    def failures(self, name: str, text: str | None) -> Iterator[Failure]:
        """One for each condition that does not hold; a text that is not there fails them all."""
        for condition, holds in _HOLDS.items():
            wanted = getattr(self, condition)
            if wanted is None:
                continue
            if text is None:
                yield self.failure(name, f"{condition} {shown(wanted)}", "nothing")
            elif not holds(text, wanted):
                yield self.failure(name, f"{condition} {shown(wanted)}", shown(text))
