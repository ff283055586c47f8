"""`statusledger private`: the file of private components and the operators' site, for operators."""

from __future__ import annotations

import argparse
import io
import logging
import os
import secrets
import shlex
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import orjson

from statusledger import sealed
from statusledger.cli import confidential
from statusledger.cli.place import Place, place
from statusledger.config import Config
from statusledger.config.private import PRIVATE_FILE, PrivateChecks, private_path, salt_of
from statusledger.errors import ConfigurationError, UsageError
from statusledger.written.wording import plural

_NEWLINE = orjson.OPT_APPEND_NEWLINE
LOG = logging.getLogger("statusledger")
STANDARD_INPUT = "-"
MARK = "api/v1/evidence.json"
TEMPLATE = """\
# Private components, written like those of checks.yml; kept encrypted as private/checks.yml.age.
# The salt makes their opaque ids: whoever knows it can try names out, and with another one every history begins anew.
salt: {salt}
groups: []
#  - id: internal
#    name: Internal
#    components:
#      - {{id: database, name: Database, url: "tcp://db.internal.example:5432"}}
"""


def run(arguments: argparse.Namespace) -> int:
    """0; 2 when there is nothing to read, or what was written is wrong."""
    return ACTIONS[arguments.action](place(arguments), arguments)


# --- write --------------------------------------------------------------------------------------


def _encrypt(where: Place, arguments: argparse.Namespace) -> int:
    """A plain file becomes the encrypted one."""
    if str(arguments.file) == STANDARD_INPUT:
        text = sys.stdin.buffer.read()
    else:
        try:
            text = Path(arguments.file).read_bytes()
        except OSError as error:
            message = (
                f"{arguments.file}: could not be read: {error.strerror}; write a YAML file, or - for standard input"
            )
            raise UsageError(message) from error
    _keep(where, _salted(text, _present(where)))
    return 0


def _edit(where: Place, arguments: argparse.Namespace) -> int:
    """The encrypted file in an editor; what is wrong with it is kept as a draft, so that no work is lost."""
    before = _present(where)
    begun = TEMPLATE.format(salt=_new_salt()).encode() if before is None else before
    folder = Path(tempfile.mkdtemp(prefix="private-", dir=_memory()))
    draft = folder / "checks.yml"
    draft.write_bytes(begun)
    try:
        _open_editor(draft)
        text = draft.read_bytes()
        if text == begun:
            print(f"{private_path(where.root)}: nothing was changed")
        else:
            _keep(where, _salted(text, before))
    except (ConfigurationError, UsageError):
        command = f"statusledger private encrypt {draft}"
        LOG.error("the draft is kept in plain: mend %s, run %s, then remove it", draft, command)
        raise
    draft.unlink()
    folder.rmdir()
    return 0


def _open_editor(draft: Path) -> None:
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    try:
        code = subprocess.run([*editor, str(draft)], check=False).returncode  # noqa: S603 - the user's own editor
    except OSError as error:
        message = f"{editor[0]}: could not be started: {error.strerror}; set EDITOR to one that waits for you"
        raise UsageError(message) from error
    if code:
        message = f"{editor[0]} ended with exit code {code}, so nothing was written"
        raise UsageError(message)


def _memory() -> str | None:
    """A folder that is never on a disk, where there is one."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - what is made there is for us only


def _present(where: Place) -> bytes | None:
    """The text of the encrypted file, None where there is no such file yet; UsageError when it cannot be opened."""
    path = private_path(where.root)
    if not path.exists():
        return None
    opener = where.opener()
    if opener is None:
        message = f"{path}: is there already, and {sealed.IDENTITY_VARIABLE} is not set; set it to what age-keygen made"
        raise UsageError(message)
    return confidential.opened(path, opener)


def _salted(text: bytes, before: bytes | None) -> bytes:
    """The text with a salt: its own, or the one there is, or the first one; UsageError for a new one in its place."""
    own, known = salt_of(text), None if before is None else salt_of(before)
    if own is None:
        # at the end, so that messages name the lines as they are in the file
        return text.rstrip(b"\n") + f"\nsalt: {known or _new_salt()}\n".encode()
    if known not in (None, own):
        message = (
            "salt: is not what it was, so every private component would begin a new history; write the old one again"
        )
        raise UsageError(message)
    return text


def _new_salt() -> str:
    return secrets.token_hex(16)


def _keep(where: Place, text: bytes) -> None:
    """Writes the encrypted file, if all that it says can be used."""
    config = where.config_with(PrivateChecks(text))
    path = private_path(where.root)
    _put(path, sealed.seal_file(text, config.settings["private"]["recipients"], armoured=True))
    print(f"{path}: {plural(len(config.private.components), 'private component')}")
    print(
        f"Commit it, and give probe jobs the variable {confidential.VARIABLE}: what `statusledger private show` prints."
    )


# --- carry away ---------------------------------------------------------------------------------


def _pack(where: Place, arguments: argparse.Namespace) -> int:
    """The operators' site as one encrypted archive, which may leave this machine."""
    site = arguments.private_out or where.root / "_private"
    if not (site / MARK).is_file():
        message = (
            f"{site}: is no operators' site; `statusledger build` writes one where {sealed.IDENTITY_VARIABLE} is set"
        )
        raise UsageError(message)
    recipients = where.config().settings["private"]["recipients"]
    packed = arguments.out or where.root / "_private.tar.age"
    _put(packed, sealed.seal_file(_archive(site), recipients, armoured=False))
    print(f"{packed}: age -d -i key.txt {packed.name} | tar -x")
    return 0


def _archive(site: Path) -> bytes:
    """Every file of the folder below one of its name; the same files give the same bytes."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            entry = tarfile.TarInfo(f"_private/{path.relative_to(site).as_posix()}")
            entry.size = path.stat().st_size
            with path.open("rb") as file:
                archive.addfile(entry, file)
    return content.getvalue()


def _put(path: Path, content: bytes) -> None:
    """Writes the file whole or not at all; UsageError when it cannot be written."""
    successor = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        successor.write_bytes(content)
        successor.replace(path)
    except OSError as error:
        message = f"{path}: could not be written: {error.strerror}"
        raise UsageError(message) from error


# --- read ---------------------------------------------------------------------------------------


def _show(where: Place, arguments: argparse.Namespace) -> int:
    """The text as it is."""
    sys.stdout.buffer.write(_read(where).text)
    return 0


def _ids(where: Place, arguments: argparse.Namespace) -> int:
    """Opaque ids with what they stand for."""
    config = where.config_with(_read(where))
    rows = [row for row in _rows(config) if not arguments.names or {row["opaque"], row["id"]} & set(arguments.names)]
    unknown = [name for name in arguments.names if not any(name in (row["opaque"], row["id"]) for row in rows)]
    if unknown:
        message = f"{PRIVATE_FILE}: there is no private component or check {', '.join(unknown)}"
        raise UsageError(message)
    if arguments.json:
        sys.stdout.buffer.write(orjson.dumps({"schema": 1, "ids": rows}, option=orjson.OPT_INDENT_2 | _NEWLINE))
    else:
        for row in rows:
            print(f"{row['opaque']}  {row['kind']:<9}  {row['id']}  {row['name']}")
    return 0


def _rows(config: Config) -> Iterator[Mapping[str, str]]:
    written = {opaque: name for name, opaque in config.opaque.items()}
    for component in config.private.components.values():
        if component.id in written:
            yield {"opaque": component.id, "kind": "component", "id": written[component.id], "name": component.name}
        for check in component.checks:
            if check.id in written and check.id != component.id:
                yield {"opaque": check.id, "kind": "check", "id": written[check.id], "name": check.name}


def _read(where: Place) -> PrivateChecks:
    """The private checks, as far as this job may know them and nobody reads along."""
    if os.environ.get("CI"):
        message = "this is a CI job (CI is set), and others may read its log; run this on a machine of your own"
        raise UsageError(message)
    found = confidential.private_checks(where.root, where.opener())
    if found is None:
        path = private_path(where.root)
        closed = f"is closed; set {sealed.IDENTITY_VARIABLE} to what age-keygen made"
        message = f"{path}: {closed if path.exists() else 'is not there; `statusledger private edit` begins one'}"
        raise UsageError(message)
    return found


ACTIONS: Mapping[str, Callable[[Place, argparse.Namespace], int]] = {
    "edit": _edit,
    "encrypt": _encrypt,
    "show": _show,
    "id": _ids,
    "pack": _pack,
}
