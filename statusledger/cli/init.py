"""`statusledger init DIR`: a new repository that is a status page, ready to push; a file that is there stays."""

from __future__ import annotations

import argparse
import json
import re
from importlib.metadata import distribution, version
from pathlib import Path
from urllib.parse import unquote, urlsplit

from statusledger.cli.place import place
from statusledger.clock import to_datetime
from statusledger.errors import UsageError
from statusledger.git import find
from statusledger.starter import Engine, Start, repository_files

_COMMIT = re.compile(r"[0-9a-f]{40}")
_REMOTE = re.compile(r"(?:https?://|ssh://|git@)?(?:[^@/]*@)?(?P<host>[^/:]+)[/:](?P<path>.+?)(?:\.git)?/?$")
_EXAMPLE = "https://status.example.com"


def run(arguments: argparse.Namespace) -> int:
    """0; says of every file whether it is new."""
    folder: Path = arguments.folder
    if folder.exists() and not folder.is_dir():
        message = f"{folder}: is a file; name a folder, which may be new"
        raise UsageError(message)
    start = Start(
        name=arguments.name or folder.resolve().name,
        url=arguments.url or _pages_url(folder),
        since=f"{to_datetime(place(arguments).started_at):%Y-%m-%d}",
        engine=_given(arguments.engine) if arguments.engine else _installed(),
    )
    new = [_write(folder / path, text) for path, text in repository_files(start).items()]
    print(f"{folder}: {sum(new)} files written, {len(new) - sum(new)} were there and stay as they are")
    if start.url == _EXAMPLE:
        print(f"page.url is {_EXAMPLE}: say in checks.yml where the page will be")
    print("next: edit checks.yml, commit, push, and switch Pages on (README.md says where)")
    return 0


def _write(path: Path, text: str) -> bool:
    """Whether the file is new."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        is_other = path.is_file() and path.read_text(encoding="utf-8", errors="replace") != text
        print(f"kept {path}{' (this version would write another one)' if is_other else ''}")
        return False
    except OSError as error:
        message = f"{path}: could not be written: {error.strerror}; make the place writable, then run init again"
        raise UsageError(message) from error
    return True


def _pages_url(folder: Path) -> str:
    """Where GitHub Pages serves the folder's repository; an example's address where that cannot be told."""
    repository = find(folder) if folder.exists() else None
    is_its_own = repository is not None and repository.top == folder.resolve()
    address = repository.answer("remote", "get-url", "origin") if repository and is_its_own else None
    found = _REMOTE.fullmatch(address) if address else None
    if not found or found["host"] != "github.com" or found["path"].count("/") != 1:
        return _EXAMPLE
    owner, name = found["path"].lower().split("/")
    return f"https://{owner}.github.io" if name == f"{owner}.github.io" else f"https://{owner}.github.io/{name}"


# --- where the engine is ------------------------------------------------------------------------


def _given(text: str) -> Engine:
    """The engine that --engine names: `OWNER/NAME@COMMIT`, or a whole address in place of the name."""
    address, _, commit = text.rpartition("@")
    found = _REMOTE.fullmatch(address)
    if not _COMMIT.fullmatch(commit) or not found:
        message = f"--engine {text}: write OWNER/NAME@COMMIT with all 40 digits of the commit"
        raise UsageError(message)
    if "://" not in address:
        return _engine(f"https://github.com/{address}", commit)
    return _engine(address, commit)


def _installed() -> Engine:
    """The engine that this program was installed from: a commit of a repository, or a clone (PEP 610)."""
    origin = json.loads(distribution("statusledger").read_text("direct_url.json") or "{}")
    if commit := origin.get("vcs_info", {}).get("commit_id"):
        return _engine(origin["url"], commit)
    clone = find(Path(unquote(urlsplit(origin.get("url", "")).path))) if "dir_info" in origin else None
    address, commit = (clone.answer("remote", "get-url", "origin"), clone.commit()) if clone else (None, None)
    if not address or not commit:
        message = "init cannot tell where this program comes from; write --engine OWNER/statusledger@COMMIT"
        raise UsageError(message)
    return _engine(address, commit)


def _engine(address: str, commit: str) -> Engine:
    found = _REMOTE.fullmatch(address)
    if not found or address.startswith(("file:", "/", ".")):
        message = f"{address}: is no address that a workflow could use; write --engine OWNER/statusledger@COMMIT"
        raise UsageError(message)
    web = f"https://{found['host']}/{found['path']}"
    return Engine(web, found["path"], commit, version("statusledger"))
