"""Statusledger's own environment for one CI job: what `action.yml` calls before there is a console script.

`describe` says where it goes and what it depends on, so that it can be kept between runs; `install` makes it, from the
locks beside this file: nothing is installed that is not pinned by hash. Nothing but the standard library is used here.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ENGINE = Path(__file__).resolve().parent
PACKAGES = ("statusledger", "probes", "site_src")
NEWEST_FIRST_USABLE = (3, 11)


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """0; 1 when an installer failed, 2 for arguments, extras or a Python that cannot be used."""
    extras = sorted({*environment.get("EXTRAS", "").replace(",", " ").split()})
    problem = _problem(arguments, extras)
    if problem:
        print(f"install.py: {problem}", file=sys.stderr)
        return 2
    folder = Path(environment.get("RUNNER_TEMP") or ".").resolve() / "statusledger-environment"
    key = f"statusledger-{platform.system()}-{platform.machine()}-{digest(extras, folder)}"
    if list(arguments) == ["describe"]:
        _output(environment, {"folder": str(folder), "key": key})
        return 0
    return install(folder, locks(extras))


def _problem(arguments: Sequence[str], extras: Sequence[str]) -> str | None:
    if list(arguments) not in (["describe"], ["install"]):
        return "write install.py describe, or install.py install"
    if sys.version_info < NEWEST_FIRST_USABLE:
        return f"this is Python {platform.python_version()}; 3.11 or newer is needed"
    unknown = [extra for extra in extras if not _lock(extra).is_file()]
    if unknown:
        known = sorted(path.stem.removeprefix("requirements-") for path in ENGINE.glob("requirements-*.txt"))
        choice = ", ".join(name for name in known if name not in {"backend", "bench", "probe"})
        return f"there is no extra {', '.join(unknown)}; known: {choice}"
    return None


def _lock(name: str) -> Path:
    return ENGINE / f"requirements-{name}.txt"


def locks(extras: Sequence[str]) -> list[Path]:
    """The locks to install from: what builds packages, what every command needs, and the extras."""
    return [_lock(name) for name in ("backend", "probe", *extras)]


def digest(extras: Sequence[str], folder: Path) -> str:
    """A name for this engine with these extras on this Python in this folder; any change of them changes it."""
    found = hashlib.sha256(repr((sys.version, sys.executable, str(folder), list(extras))).encode())
    for path in _files(extras):
        content = path.read_bytes()
        found.update(f"{path.relative_to(ENGINE).as_posix()} {len(content)}\n".encode() + content)
    return found.hexdigest()[:32]


def _files(extras: Sequence[str]) -> Iterator[Path]:
    yield from (ENGINE / "pyproject.toml", ENGINE / "install.py", *locks(extras))
    for package in PACKAGES:
        found = (path for path in sorted((ENGINE / package).rglob("*")) if path.is_file())
        yield from (path for path in found if path.suffix != ".pyc")


def install(folder: Path, requirements: Sequence[Path]) -> int:
    """The exit code of the first installer that failed, else 0; the folder is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin" / "python"
    uv = shutil.which("uv")
    pip = [uv, "pip", "install", "--quiet", "--python", str(python)] if uv else [
        str(python), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
    ]  # fmt: skip
    hashed = [*pip, "--no-build-isolation", "--require-hashes"]
    steps = [
        [sys.executable, "-I", "-m", "venv", *(("--without-pip",) if uv else ()), str(folder)],
        *([*hashed, "-r", str(lock)] for lock in requirements),
        [*pip, "--no-build-isolation", "--no-deps", str(ENGINE)],
    ]
    return next((code for step in steps if (code := subprocess.run(step, check=False).returncode)), 0)


def _output(environment: Mapping[str, str], values: Mapping[str, str]) -> None:
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    print(text, end="")
    if path := environment.get("GITHUB_OUTPUT"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
