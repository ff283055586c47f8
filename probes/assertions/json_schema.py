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
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415 - an extra, and slow to load
    from jsonschema.validators import validator_for  # noqa: PLC0415

    try:
        validator_for(written, default=Draft202012Validator).check_schema(dict(written))
    except SchemaError as error:
        msg = f"is not a JSON Schema: {error.json_path}: {error.message}"
        raise ValueError(msg) from None
    return written


JsonSchema = Annotated[Mapping[str, Any], AfterValidator(_schema)]


def schema_fault(schema: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with the value, and where; None when it fulfils the schema."""
    try:
        from jsonschema import Draft202012Validator, exceptions, validators  # noqa: PLC0415 - an extra, and slow to load
    except ModuleNotFoundError as error:
        raise MissingLibrary("jsonschema", _EXTRA) from error
    from referencing import Registry  # noqa: PLC0415
    from referencing.exceptions import Unresolvable  # noqa: PLC0415

    kind = validators.validator_for(schema, default=Draft202012Validator)
    # Its default registry would fetch references by itself, past the guard of the network.
    validator = kind(dict(schema), registry=Registry())
    try:
        worst = exceptions.best_match(validator.iter_errors(value))
        return None if worst is None else f"at {worst.json_path}: {shown(worst.instance)} {_wanted(worst)}"
    except Unresolvable as error:
        return f"a schema with a reference that leads nowhere: {error}"
    except RecursionError:
        return "one that is nested too deeply"
    except OverflowError:
        return "a number that is too large to be judged"


def _wanted(error: Any) -> str:
    return f"does not fulfil {error.validator}: {shown(error.validator_value)}"
