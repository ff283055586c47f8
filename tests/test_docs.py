"""What the documentation shows is what happens."""

from __future__ import annotations

import doctest
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_examples_for_python_run():
    """Every example of docs/python.md, in the order of the page."""
    outcome = doctest.testfile(str(DOCS / "python.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)

    assert (outcome.failed, outcome.attempted > 30) == (0, True)
