"""`{{ NAME }}` in, the environment's value out; and every such value masked in whatever is written or shown.

`{{ NAME | default('x') }}` stands for x where NAME is not set. An empty variable counts as not set: that is how CI
passes a secret that it does not have.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from statusledger.errors import StatusledgerError

MASK = "***"
MIN_SECRET_LENGTH = 6
MIN_CUT_LENGTH = 24
_LEFT_IN_ADDRESSES = "!#$%&'()*+,-./:;=?@[\\]^_`{|}~"

_VARIABLE = re.compile(
    r"""\{\{ \s* (?P<name>[A-Za-z_][A-Za-z0-9_]*) \s*
        (?: \| \s* default\( \s* (?: '(?P<single>[^']*)' | "(?P<double>[^"]*)" ) \s* \) \s* )? \}\}""",
    re.VERBOSE,
)


class MissingVariable(StatusledgerError):  # noqa: N818 - the tree of errors names what happened
    """A value that this command needs is in neither the environment nor the file."""

    exit_code = 2

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"the variable {name} is not set; set it in the environment, "
            f"or write {{{{ {name} | default('…') }}}} in checks.yml"
        )


def variables(text: str) -> tuple[str, ...]:
    """The names of the variables in the text, in order; ValueError where a `{{` begins none."""
    rest = _VARIABLE.sub("\0", text)
    at = rest.find("{{")
    if at >= 0:
        msg = f"\"{_excerpt(rest[at:])}\" is not a variable; write {{{{ NAME }}}} or {{{{ NAME | default('text') }}}}"
        raise ValueError(msg)
    return tuple(match["name"] for match in _VARIABLE.finditer(text))


def _excerpt(text: str) -> str:
    end = text.find("}}")
    return text[: end + 2] if 0 <= end <= 60 else text[:40]


class Secrets:
    """The environment as checks.yml may use it; what was filled in from it is secret from then on."""

    def __init__(self, environ: Mapping[str, str], public: frozenset[str] = frozenset()) -> None:
        self._environ = environ
        self._public = public
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def fill(self, text: str) -> str:
        """The text with every variable replaced; MissingVariable for one that is not set and has no default."""
        variables(text)
        return _VARIABLE.sub(self._value, text)

    def fill_all(self, value: Any) -> Any:
        """The same shape with every text in it filled: lists, tuples and the values of mappings."""
        if isinstance(value, str):
            return self.fill(value)
        if isinstance(value, Mapping):
            return {key: self.fill_all(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self.fill_all(item) for item in value)
        return value

    def mask(self, text: str) -> str:
        """The text with each secret replaced by `***`: plain, encoded, or the first half of a long one."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def shown(self, text: str) -> str:
        """The text as anyone may read it: public variables filled in, `***` for every other one, set or not."""
        return self.mask(_VARIABLE.sub(self._shown, text))

    def _shown(self, match: re.Match[str]) -> str:
        public = match["name"] in self._public
        return self._environ.get(match["name"], "") or match["single"] or match["double"] or MASK if public else MASK

    def _value(self, match: re.Match[str]) -> str:
        name = match["name"]
        value = self._environ.get(name, "")
        if value:
            if name not in self._public:
                self.hide(value)
            return value
        for default in (match["single"], match["double"]):
            if default is not None:
                return default
        raise MissingVariable(name)

    def hide(self, value: str) -> None:
        """From now on this text is masked as well, unless it is too short to be a secret."""
        if len(value) < MIN_SECRET_LENGTH or value in self._secrets:
            return
        self._secrets.add(value)
        forms = {form for secret in self._secrets for form in _forms(secret)}
        # longest first, so that a short form never leaves the rest of a longer one behind
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        whole = map(re.escape, longest_first)
        # an answer that was cut, or an address that ended at a `#`, shows the first part of one
        parts = (re.escape(form[: len(form) // 2]) + r"\S*" for form in longest_first if len(form) >= MIN_CUT_LENGTH)
        self._pattern = re.compile("|".join([*whole, *parts]), re.IGNORECASE)


def _forms(value: str) -> Iterator[str]:
    """The spellings in which a secret may turn up; capital and small letters are the same to the mask."""
    octets = value.encode(errors="surrogateescape")
    for text in (value, *_in_addresses(octets), octets.hex(), repr(octets)[2:-1]):
        yield text
        for ascii_only in (True, False):
            yield from _in_json(text, ascii_only=ascii_only)
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(octets).decode()
        yield from (_inside(encode(bytes(before) + octets), before) for before in range(3))


def _in_addresses(octets: bytes) -> Iterator[str]:
    """As a path, as a part of one, as a value of a form, and with no more than what no address can hold escaped."""
    yield from (quote(octets), quote(octets, safe=""), quote_plus(octets), quote(octets, safe=_LEFT_IN_ADDRESSES))


def _in_json(text: str, *, ascii_only: bool) -> Iterator[str]:
    """As JSON, with and without `/` escaped, and as a text that quotes that JSON and is shown as JSON itself."""
    escaped = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
    for form in (escaped, escaped.replace("/", "\\/")):
        yield form
        yield json.dumps(form, ensure_ascii=ascii_only)[1:-1]


def _inside(encoded: bytes, before: int) -> str:
    """The base64 characters that depend on the secret alone, when `before` other bytes precede it in its triple."""
    text = encoded.decode()
    unpadded = text.rstrip("=")
    end = len(unpadded) - (1 if unpadded != text else 0)
    return text[(0, 2, 3)[before] : end]
