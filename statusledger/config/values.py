"""The kinds of values in checks.yml: what people write -> exact integers, fractions and checked words.

Each parser takes what the YAML reader found and raises ValueError with what was found, what is expected and what to
write. Durations and instants become milliseconds, percentages fractions of one (99.9 is 999/1000).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, PlainValidator, StrictBool, StrictInt, WithJsonSchema

from statusledger.clock import UNITS_MS, format_duration, parse_duration, zone_info
from statusledger.written.values import instant, text
from statusledger.written.wording import did_you_mean, found

ID = r"[a-z0-9][a-z0-9_-]{0,62}"
LOCATION = "[a-z0-9-]{2,12}"
RESERVED_LOCATIONS = {"generated": "rows that were not measured", "push": "what other systems report"}

_NUMBER = re.compile(r"\d{1,18}(?:\.\d{1,30})?")
_FRACTION = re.compile(r"(\d{1,18})\s*/\s*(\d{1,18})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def duration(value: object) -> int:
    """Milliseconds."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        msg = f"{value} has no unit; write e.g. {value}s"
        raise ValueError(msg)
    if not isinstance(value, str):
        msg = f"{found(value)} is not a duration; write e.g. 5s or 500ms"
        raise ValueError(msg)
    return parse_duration(value)


def within(low: str, high: str) -> Callable[[int], int]:
    """A check that a duration is from `low` to `high`."""
    low_ms, high_ms = parse_duration(low), parse_duration(high)

    def check(duration_ms: int) -> int:
        if low_ms <= duration_ms <= high_ms:
            return duration_ms
        side = "shorter" if duration_ms < low_ms else "longer"
        msg = f"{format_duration(duration_ms)} is {side} than allowed; write {low} to {high}"
        raise ValueError(msg)

    return check


def exact(value: object) -> Fraction:
    """The number without any rounding: `99.95`, `1/3`, as a number or in quotes."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Fraction(value)
    parts = _FRACTION.fullmatch(value) if isinstance(value, str) else None
    if not parts:
        msg = f"{found(value)} is not an exact number; write a decimal or a fraction, e.g. 99.95 or 1/3"
        raise ValueError(msg)
    if int(parts[2]) == 0:
        msg = f"{found(value)} divides by zero; write a decimal or a fraction, e.g. 99.95 or 1/3"
        raise ValueError(msg)
    return Fraction(int(parts[1]), int(parts[2]))


def percent(value: object) -> Fraction:
    """A fraction of one, from 0 to 1."""
    number = exact(value)
    if not 0 <= number <= 100:
        msg = f"{found(value)} is not a percentage; write a number from 0 to 100, e.g. 99.9"
        raise ValueError(msg)
    return number / 100


def high_percent(value: object) -> Fraction:
    """A fraction of one; a ratio (0.999) in the place of a percentage is a slip, not a target of less than 1 %."""
    ratio = percent(value)
    if ratio < Fraction(1, 100):
        msg = f"{found(value)} is less than one percent; write percent, e.g. 99.9, not a ratio such as 0.999"
        raise ValueError(msg)
    return ratio


def weight(value: object) -> Fraction:
    """A share from 0 to 1."""
    number = exact(value)
    if not 0 <= number <= 1:
        msg = f"{found(value)} is not a weight; write a number from 0 to 1, e.g. 0.5 or 1/3"
        raise ValueError(msg)
    return number


def positive(value: object) -> Fraction:
    """An exact number above 0."""
    number = exact(value)
    if number <= 0:
        msg = f"{found(value)} is not above 0"
        raise ValueError(msg)
    return number


def identifier(value: object) -> str:
    """A name for machines, part of file names and addresses for ever."""
    word = text(value)
    if not re.fullmatch(ID, word):
        proposal = re.sub(r"[^a-z0-9_-]+", "_", word.lower()).strip("_-")[:63]
        msg = f"{found(word)} is not an id; write up to 63 of a-z 0-9 _ -, a letter or digit first"
        raise ValueError(msg + (f", e.g. {proposal}" if re.fullmatch(ID, proposal) else ""))
    return word


def location(value: object) -> str:
    """The code of a place that probes."""
    word = text(value)
    if not re.fullmatch(LOCATION, word):
        msg = f"{found(word)} is not a location; write 2 to 12 of a-z 0-9 -, e.g. gh-us"
        raise ValueError(msg)
    if word in RESERVED_LOCATIONS:
        msg = f'"{word}" is reserved for {RESERVED_LOCATIONS[word]}; choose another code, e.g. gh-us'
        raise ValueError(msg)
    return word


def day(value: object) -> str:
    """A date, as written."""
    word = text(value)
    try:
        if _DAY.fullmatch(word):
            return date.fromisoformat(word).isoformat()
    except ValueError:
        pass
    msg = f"{found(word)} is not a date; write e.g. 2026-01-01"
    raise ValueError(msg)


def zone(value: object) -> str:
    """The name of an IANA time zone."""
    word = text(value)
    try:
        zone_info(word)
    except ValueError as error:
        names = {name.lower(): name for name in available_timezones()}
        close = get_close_matches(word.lower(), names, n=1)
        raise ValueError(str(error) + (f"; did you mean {names[close[0]]}?" if close else "")) from None
    return word


def web_address(value: object) -> str:
    """An absolute http or https address."""
    word = text(value)
    try:
        parts = urlsplit(word)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in word
    except ValueError:
        complete = False
    if not complete:
        msg = f"{found(word)} is not an absolute web address; write e.g. https://status.example.com"
        raise ValueError(msg)
    return word


def secret_address(value: object) -> str:
    """A web address, or text with a variable in it that becomes one."""
    word = text(value)
    return word if "{{" in word else web_address(word)


def network(value: object) -> str:
    """An address or a network in CIDR notation."""
    word = text(value)
    try:
        return str(ip_network(word))
    except ValueError:
        msg = f"{found(word)} is not a network; write e.g. 10.0.0.0/8, 127.0.0.1 or fd00::/8"
        raise ValueError(msg) from None


def matching(pattern: str, expected: str) -> Callable[[object], str]:
    """A parser for text of one form."""

    def parse(value: object) -> str:
        word = text(value)
        if not re.fullmatch(pattern, word):
            msg = f"{found(word)} is not {expected}"
            raise ValueError(msg)
        return word

    return parse


def word_or_count(*words: str) -> Callable[[object], str | int]:
    """A parser for one of the words or a number from 1."""

    def parse(value: object) -> str | int:
        if isinstance(value, str) and value in words:
            return value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        msg = f"{found(value)} is none of {', '.join(words)} or a number from 1{did_you_mean(value, words)}"
        raise ValueError(msg)

    return parse


def _shown(title: str, *types: str, **bounds: Any) -> WithJsonSchema:
    """The JSON Schema of a kind of value; its title is what the reference calls it."""
    return WithJsonSchema({"title": title, "type": list(types) if len(types) > 1 else types[0], **bounds})


_NUMBERS = ("number", "string")
_WORDS = ("string", "number", "integer")
_DURATION = rf"^([0-9]+({'|'.join(UNITS_MS)}))+$"

Text = Annotated[str, PlainValidator(text), _shown("text", *_WORDS)]
Id = Annotated[str, PlainValidator(identifier), _shown("id", "string", "integer", pattern=f"^{ID}$")]
Duration = Annotated[int, PlainValidator(duration), _shown("duration", "string", pattern=_DURATION)]
Interval = Annotated[Duration, AfterValidator(within("10s", "24h"))]
Timeout = Annotated[Duration, AfterValidator(within("1ms", "60s"))]
Percent = Annotated[Fraction, PlainValidator(percent), _shown("percent", *_NUMBERS, minimum=0, maximum=100)]
Target = Annotated[Fraction, PlainValidator(high_percent), _shown("percent", *_NUMBERS, minimum=1, maximum=100)]
Weight = Annotated[Fraction, PlainValidator(weight), _shown("exact number", *_NUMBERS, minimum=0, maximum=1)]
Positive = Annotated[Fraction, PlainValidator(positive), _shown("exact number", *_NUMBERS, exclusiveMinimum=0)]
LocationId = Annotated[str, PlainValidator(location), _shown("location", "string", "integer", pattern=f"^{LOCATION}$")]
Instant = Annotated[int, PlainValidator(instant), _shown("instant", "string", format="date-time")]
Day = Annotated[str, PlainValidator(day), _shown("date", "string", format="date")]
Zone = Annotated[str, PlainValidator(zone), _shown("time zone", "string")]
WebAddress = Annotated[str, PlainValidator(web_address), _shown("web address", "string", format="uri")]
SecretAddress = Annotated[str, PlainValidator(secret_address), _shown("web address", "string")]
Network = Annotated[str, PlainValidator(network), _shown("network", "string")]
Truth = StrictBool
Whole = StrictInt
