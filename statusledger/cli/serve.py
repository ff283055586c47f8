"""`statusledger serve`: build, show the site on this machine, and build it again whenever something changes."""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import site_src
from statusledger.cli import build, commits
from statusledger.cli.changes import Snapshot, changed, snapshot
from statusledger.cli.place import Place, place
from statusledger.cli.preview import HOST, Preview, server
from statusledger.errors import StatusledgerError, UsageError

LOG = logging.getLogger("statusledger")
LOOK_EVERY_SECONDS = 0.3
NAMES_SHOWN = 5


def run(arguments: argparse.Namespace) -> int:
    """Serves and rebuilds until it is interrupted; what is wrong at the start ends it."""
    where = place(arguments)
    out = where.root / "_site"
    arguments.out, arguments.private_out, arguments.base_url, arguments.full = out, None, None, False
    before = snapshot(_watched(where))
    try:
        build.run(arguments)
        preview = Preview(out, path=urlsplit(where.config(warns=False).page.url).path.rstrip("/") + "/")
        with _serving(preview, arguments.port):
            _keep_building(arguments, preview, before)
    except KeyboardInterrupt:
        print()
    return 0


@contextmanager
def _serving(preview: Preview, port: int) -> Iterator[None]:
    try:
        served = server(preview, port)
    except OSError as error:
        message = f"--port {port}: {error.strerror}; choose another port, or 0 for any free one"
        raise UsageError(message) from error
    with served:
        thread = threading.Thread(target=served.serve_forever, daemon=True)
        thread.start()
        print(f"http://{HOST}:{served.server_port}/ (built again with every change; stop with Ctrl-C)", flush=True)
        try:
            yield
        finally:
            served.shutdown()
            thread.join()


def _keep_building(arguments: argparse.Namespace, preview: Preview, before: Snapshot) -> None:
    """Builds after each change, for ever; what is wrong with a change is told here and in the preview."""
    where, pause = place(arguments), threading.Event()
    while not pause.wait(LOOK_EVERY_SECONDS):
        now = snapshot(_watched(where))
        differing, before = changed(before, now), now
        if not differing:
            continue
        print(f"changed: {_named(differing, where.root)}", flush=True)
        try:
            build.run(arguments)
        except (StatusledgerError, OSError) as error:
            LOG.error("%s", error)
            preview.built(failure=str(error))
        else:
            preview.built()


def _watched(where: Place) -> list[Path]:
    """What a build reads: the configuration, the user's and the ledger's folders, and the theme of the package."""
    folders = (where.root / name for name in commits.READ)
    return [where.config_path, where.history, *folders, Path(site_src.__file__).parent]


def _named(files: list[Path], root: Path) -> str:
    """The first few of the files, by their paths below the root where they are there."""
    names = [str(one.relative_to(root)) if one.is_relative_to(root) else str(one) for one in files[:NAMES_SHOWN]]
    return ", ".join(names) + (f" and {len(files) - NAMES_SHOWN} more" if len(files) > NAMES_SHOWN else "")
