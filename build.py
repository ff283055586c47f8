"""The same as `statusledger build`, for hosts that ask for a script: `python build.py [options of build]`.

It runs from a checkout and is not part of the installed package.
"""

from __future__ import annotations

import sys

from statusledger.cli import main

if __name__ == "__main__":
    sys.exit(main(["build", *sys.argv[1:]]))
