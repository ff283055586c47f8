"""The command line: one module per stage, imported only when its command is called."""

from statusledger.cli.main import main

__all__ = ["main"]
