"""Lines of history that only operators can read: encrypted to their age recipients (X25519), base64 on one line.

What is encrypted is the line with its newline, so `base64 -d | age -d -i KEY` prints what a plain file would hold. A
sealed line begins with the base64 of age's first line, a plain one with `{`: a file may hold both.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from statusledger.errors import LedgerError, UsageError

IDENTITY_VARIABLE = "STATUSLEDGER_IDENTITY"
SEALED_START = b64encode(b"age-encryption.org/v1")  # 21 bytes: whole groups of base64, whatever follows

Guard = Callable[[bytes], bytes]
OpenLine = Callable[[bytes], bytes]

_KEY_START = "AGE-SECRET-KEY-1"


class NotOpened(LedgerError):  # noqa: N818 - the tree of errors names what happened
    """A sealed line stays closed; the text is the reason, without a place."""


def is_sealed(line: bytes) -> bool:
    """Whether the line is an encrypted one; says nothing about who can open it."""
    return line.startswith(SEALED_START)


def guard(recipients: Sequence[str], *, plain: bool) -> Guard | None:
    """What makes a private line fit for the repository: sealed, or as it is where the repository itself is private.

    None where the configuration allows neither. UsageError for a recipient that is none.
    """
    if recipients:
        return sealer(recipients)
    return bytes if plain else None


def seal(line: bytes, recipients: Sequence[str]) -> bytes:
    """One base64 line, with its newline, that each of the recipients can open."""
    return sealer(recipients)(line)


def sealer(recipients: Sequence[str]) -> Guard:
    """`seal` for many lines; UsageError, before any line is made, for a recipient that is none."""
    age, keys = _age(), _keys(recipients)
    return lambda line: b64encode(age.encrypt(line.rstrip(b"\n") + b"\n", keys)) + b"\n"


def seal_file(content: bytes, recipients: Sequence[str], *, armoured: bool) -> bytes:
    """The content as a file that the age tool opens with each recipient's identity; armoured it is plain ASCII."""
    encrypted: bytes = _age().encrypt(content, _keys(recipients), armored=armoured)
    return encrypted


def _keys(recipients: Sequence[str]) -> list[object]:
    keys = [_recipient(text) for text in recipients]
    if not keys:
        msg = "private.recipients is empty; write at least one age recipient (age1…), as age-keygen prints it"
        raise UsageError(msg)
    return keys


def _recipient(text: str) -> object:
    age = _age()
    try:
        return age.x25519.Recipient.from_str(text.strip())
    except age.RecipientError as error:
        msg = f'private.recipients: "{text}" is no age recipient ({error}); write the public key age1… of age-keygen'
        raise UsageError(msg) from error


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens the lines that are sealed to one of its identities; made by `opener`, may be sent to another process."""

    keys: tuple[str, ...] = field(repr=False)

    def __call__(self, line: bytes) -> bytes:
        """The line as it was before it was sealed; NotOpened when it is not for these identities, or not whole."""
        try:
            encrypted = b64decode(line.strip(), validate=True)
        except binascii.Error as error:
            msg = "a sealed line that was cut or changed: not base64"
            raise NotOpened(msg) from error
        try:
            return self.file(encrypted)
        except NotOpened as error:
            msg = f"a sealed line that cannot be opened: {error}"
            raise NotOpened(msg) from error

    def file(self, encrypted: bytes) -> bytes:
        """What a file of the age tool holds, armoured or not; NotOpened as for a line."""
        age = _age()
        try:
            opened: bytes = age.decrypt(encrypted, _identities(self.keys))
        except age.DecryptError as error:
            told = str(error).partition("\n")[0]
            fault = "not sealed for this identity" if told.startswith("No matching keys") else f"cut or changed: {told}"
            raise NotOpened(fault) from error
        return opened


def opener(identity_text: str) -> Opener:
    """What opens lines with these identities; a key file's comments and empty lines are passed over.

    UsageError where the text is no identity; it never quotes any of it.
    """
    lines = [(number, line.strip()) for number, line in enumerate(identity_text.splitlines(), 1)]
    keys = [(number, line) for number, line in lines if line and not line.startswith("#")]
    for number, key in keys or [(1, "")]:
        _require_identity(number, key)
    return Opener(tuple(key for _, key in keys))


def opener_of(environ: Mapping[str, str], hide: Callable[[str], None]) -> Opener | None:
    """What opens lines with the identity in the environment, None without one; `hide` masks it from then on."""
    text = environ.get(IDENTITY_VARIABLE, "").strip()
    for line in text.splitlines():
        if not line.startswith("#"):
            hide(line.strip())
    return opener(text) if text else None


def _require_identity(number: int, key: str) -> None:
    try:
        _identities((key,))
    except _age().IdentityError:
        msg = f"{IDENTITY_VARIABLE}: line {number} is no age identity; write the {_KEY_START}… that age-keygen made"
        raise UsageError(msg) from None


@lru_cache(maxsize=16)
def _identities(keys: tuple[str, ...]) -> list[Any]:
    return [_age().x25519.Identity.from_str(key) for key in keys]


def _age() -> Any:
    """The library, which only who has private components needs."""
    try:
        import pyrage  # type: ignore[import-untyped]  # noqa: PLC0415 - a probe without private checks needs none
    except ImportError as error:
        msg = 'private lines need pyrage, which is not installed; install it with: pip install "statusledger[sealed]"'
        raise UsageError(msg) from error
    return pyrage
