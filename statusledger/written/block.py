"""A mapping in a file that people write, as pydantic checks it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Block(BaseModel):
    """A mapping; a key without a value is as good as not written."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_keys(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if value is not None or key not in keys_of(cls)}


def keys_of(block: type[BaseModel]) -> dict[str, str]:
    """The field behind every key that the block knows, in the order of the block."""
    return {field.alias or name: name for name, field in block.model_fields.items()}
