"""`statusledger …` in a process of its own that need not import everything first.

One process a test worker imports the program once; each command is a fork of it with the arguments, environment, folder
and files of the caller. What is left out is only the start: `Repository.run(fresh=True)` takes the console script.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

LONGEST_MESSAGE = 1 << 20
TIMEOUT_SECONDS = 90


# --- the caller ---------------------------------------------------------------------------------


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command; TimeoutError after 90 s."""
    message = _message(arguments, environment)
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line,
    ):
        line.connect(started())
        line.settimeout(TIMEOUT_SECONDS)
        socket.send_fds(line, [message], [out.fileno(), err.fileno()])
        process = int(line.recv(32))
        try:
            code = int(line.recv(32))
        except TimeoutError:
            os.kill(process, signal.SIGKILL)
            raise
        return code, *(_text(file.fileno()) for file in (out, err))


def console_script(path: Path) -> None:
    """Writes a `statusledger` for those who start programs by their path; it passes on signals and exit code."""
    path.parent.mkdir(parents=True, exist_ok=True)
    here = Path(__file__).parent
    call = f"import sys; sys.path.insert(0, {str(here)!r}); import warm_start"
    path.write_text(f"#!{sys.executable} -IS\n{call}\nsys.exit(warm_start.relayed({started()!r}, sys.argv[1:]))\n")
    path.chmod(0o755)


def relayed(address: str, arguments: Sequence[str]) -> int:
    """The exit code of one command that has this process's files, environment and signals."""
    early: list[int] = []
    pass_on: Callable[[int], object] = early.append
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda number, _frame: pass_on(number))
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(address)
        socket.send_fds(line, [_message(arguments, os.environ)], [1, 2])
        process = int(line.recv(32))
        pass_on = functools.partial(os.kill, process)
        for number in early:
            pass_on(number)
        code = int(line.recv(32))
    return code if code >= 0 else 128 - code


def _message(arguments: Sequence[str], environment: Mapping[str, str]) -> bytes:
    return json.dumps({"argv": list(arguments), "environment": dict(environment), "folder": str(Path.cwd())}).encode()


@functools.cache
def started() -> str:
    """The address of this worker's process, which ends with the worker."""
    folder = tempfile.TemporaryDirectory(prefix="warm-", ignore_cleanup_errors=True)
    address = f"{folder.name}/line"
    server = subprocess.Popen(
        [sys.executable, __file__, address],
        stdin=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"},
    )

    def end() -> None:
        assert server.stdin is not None
        server.stdin.close()
        server.wait()
        folder.cleanup()

    atexit.register(end)
    while not Path(address).exists():
        assert server.poll() is None, "the process that runs the commands did not start"
        time.sleep(0.01)
    return address


def _text(file: int) -> str:
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(os.dup(file), encoding="utf-8") as reader:
        return reader.read()


# --- the process that forks ---------------------------------------------------------------------


def _import_everything() -> None:
    import statusledger  # noqa: PLC0415

    for module in pkgutil.walk_packages(statusledger.__path__, "statusledger."):
        importlib.import_module(module.name)


def _next_command(address: str) -> list[str] | None:
    """The arguments that this process, now a fork, shall run; none when the caller has gone."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.bind(f"{address}.new")
        server.listen(16)
        Path(f"{address}.new").rename(address)
        while True:
            ready, _, _ = select.select([server, sys.stdin], [], [])
            if sys.stdin in ready:
                return None
            line, _ = server.accept()
            message, files, _, _ = socket.recv_fds(line, LONGEST_MESSAGE, 2)
            if os.fork() == 0:
                return _command(line, json.loads(message), files)
            line.close()
            for file in files:
                os.close(file)


def _command(line: socket.socket, message: dict, files: Sequence[int]) -> list[str]:
    """One fork waits for the other and tells how it ended; the other one becomes the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # who starts tests in the background ignores it
    process = os.fork()
    if process:
        line.send(str(process).encode())
        _, status = os.waitpid(process, 0)
        line.send(str(os.waitstatus_to_exitcode(status)).encode())
        os._exit(0)
    line.close()
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
    for target, file in zip((1, 2), files, strict=True):
        os.dup2(file, target)
        os.close(file)
    os.chdir(message["folder"])
    os.environ.clear()
    os.environ.update(message["environment"])
    time.tzset()
    return list(message["argv"])


if __name__ == "__main__":
    _import_everything()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    command = _next_command(sys.argv[1])
    if command is not None:
        sys.argv = ["statusledger", *command]
        sys.exit(importlib.import_module("statusledger.cli").main())
