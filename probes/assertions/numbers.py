"""Conditions on a number: a time, a size, a count, days that are left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AllowInfNan, Field, StrictFloat, StrictInt, model_validator

from probes.assertions.assertion import Assertion, one_at_least
from probes.comparison import COMPARISONS, fault
from statusledger.model import Failure

Finite = Annotated[StrictFloat, AllowInfNan(False)]
Number = StrictInt | Finite
CONDITIONS = ("equals", "not_equals", *COMPARISONS)
_WORDS = {
    "equals": "",
    "not_equals": "not ",
    "less": "less than ",
    "less_equal": "at most ",
    "greater": "more than ",
    "greater_equal": "at least ",
}


class NumberAssertion(Assertion):
    """What a number must be."""

    equals: Number | None = Field(None, description="The exact number.")
    not_equals: Number | None = Field(None, description="A number that it must not be.")
    less: Number | None = Field(None, description="The number is less.")
    less_equal: Number | None = Field(None, description="The number is less or equal.")
    greater: Number | None = Field(None, description="The number is greater.")
    greater_equal: Number | None = Field(None, description="The number is greater or equal.")

    @model_validator(mode="after")
    def _says_something(self) -> NumberAssertion:
        return one_at_least(self, *CONDITIONS)

    def failures(self, name: str, value: float | None, unit: str = "") -> Iterator[Failure]:
        """One for each condition that does not hold; what was not measured fails them all."""
        for condition in CONDITIONS:
            wanted: Any = getattr(self, condition)
            if wanted is None:
                continue
            expected = f"{_WORDS[condition]}{_told(wanted, unit)}"
            if value is None:
                yield self.failure(name, expected, "nothing was measured")
            elif fault(condition, wanted, value) is not None:
                yield self.failure(name, expected, _told(value, unit))


def _told(number: float, unit: str) -> str:
    """The number without digits that say nothing, and its unit."""
    digits = str(number) if isinstance(number, int) else f"{number:.10g}"
    return f"{digits} {unit}".rstrip()
