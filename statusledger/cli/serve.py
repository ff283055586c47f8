"""`statusledger serve`: build, then show the site on this machine."""

from __future__ import annotations

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from statusledger.cli import build
from statusledger.cli.place import place
from statusledger.errors import UsageError

HOST = "127.0.0.1"


def run(arguments: argparse.Namespace) -> int:
    """Serves until it is interrupted."""
    out = place(arguments).root / "_site"
    arguments.out, arguments.private_out, arguments.base_url, arguments.full = out, None, None, False
    build.run(arguments)
    handler = partial(SimpleHTTPRequestHandler, directory=str(out))
    try:
        server = ThreadingHTTPServer((HOST, arguments.port), handler)
    except OSError as error:
        message = f"--port {arguments.port}: {error.strerror}; choose another port, or 0 for any free one"
        raise UsageError(message) from error
    with server:
        print(f"http://{HOST}:{server.server_port}/ (stop with Ctrl-C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0
