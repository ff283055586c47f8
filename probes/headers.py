"""Request headers as they are configured: names and values that can be sent (RFC 9110 section 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# A CI secret that ends in a newline is the most frequent of those that do not fit.
_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")


def header_value(text: str) -> str:
    """The value; ValueError (which does not repeat it) when no header can hold it. Variables pass unread."""
    if "{{" not in text and not _VALUE.fullmatch(text):
        msg = "no header can hold this value: it begins or ends with a space or line break, or is not printable ASCII"
        raise ValueError(msg)
    return text


def _headers(given: Mapping[str, str]) -> Mapping[str, str]:
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            msg = f'"{name}" is not the name of a header; write e.g. X-Api-Key'
            raise ValueError(msg)
        try:
            header_value(value)
        except ValueError as error:
            msg = f"{name}: {error}"
            raise ValueError(msg) from None
    return given


HeaderValue = Annotated[str, AfterValidator(header_value)]
Headers = Annotated[Mapping[str, str], AfterValidator(_headers)]
