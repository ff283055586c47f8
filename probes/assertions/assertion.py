"""What every assertion is: conditions that say something, a weight, and a failure in words."""

from __future__ import annotations

from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from statusledger.model import Failure, Status


class Assertion(BaseModel):
    """What every assertion may say of its own weight."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    severity: Literal["degraded", "down"] = Field("down", description="What the check is when this does not hold.")

    def failure(self, name: str, expected: str, actual: str) -> Failure:
        """One failure of this assertion."""
        return Failure(name, expected, actual, Status(self.severity))


Asserting = TypeVar("Asserting", bound=BaseModel)


def one_at_least(assertion: Asserting, *conditions: str) -> Asserting:
    """The assertion; ValueError when it states none of these conditions."""
    if all(getattr(assertion, condition) is None for condition in conditions):
        msg = f"asserts nothing; write at least one of {', '.join(conditions)}"
        raise ValueError(msg)
    return assertion
