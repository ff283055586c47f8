"""A JSON Schema as a condition on a JSON text (the library behind it is an extra)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Annotated, Any

from pydantic import AfterValidator

from probes.comparison import shown
from probes.contract import MissingLibrary

_EXTRA = "json-schema"


def _schema(written: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema; ValueError when it is none. Where the library is missing, the run says so."""
    if find_spec("jsonschema") is None:
        return written
    from jsonschema import SchemaError  # noqa: PLC0415 - an extra, and slow to load
    from jsonschema.validators import validator_for  # noqa: PLC0415

    try:
        validator_for(written).check_schema(dict(written))
    except SchemaError as error:
        msg = f"is not a JSON Schema: {error.json_path}: {error.message}"
        raise ValueError(msg) from None
    return written


JsonSchema = Annotated[Mapping[str, Any], AfterValidator(_schema)]


def schema_fault(schema: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with the value, and where; None when it fulfils the schema."""
    try:
        from jsonschema import exceptions, validators  # noqa: PLC0415 - an extra, and slow to load
    except ModuleNotFoundError as error:
        raise MissingLibrary("jsonschema", _EXTRA) from error
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    validator = validators.validator_for(schema)(dict(schema))
    try:
        worst = exceptions.best_match(validator.iter_errors(value))
    except Unresolvable as error:
        return f"a schema with a reference that leads nowhere: {error}"
    return None if worst is None else f"at {worst.json_path}: {shown(worst.instance)} {_wanted(worst)}"


def _wanted(error: Any) -> str:
    return f"does not fulfil {error.validator}: {shown(error.validator_value)}"
