"""Every type of page as HTML: two checkers that agree on nothing else agree that it is valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from browser.checkers import html_validate_errors, nu_errors
from browser.test_every_state import ALIKE, LOOKS

pytestmark = pytest.mark.browser


BROKEN = '<!doctype html>\n<html lang="en"><head><title>x</title></head><body><img src="a"></body></html>\n'


@pytest.fixture(scope="module")
def pages(ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both directions of every type, and every state, of the ledger and of what operators see of it; one is broken."""
    broken = tmp_path_factory.mktemp("broken") / "broken.html"
    broken.write_text(BROKEN, encoding="utf-8")
    folders = {"everything": ledger / "_site", "operators": ledger / "_private"}
    return [broken, *(folders[site] / path for site, path, *_ in (*LOOKS.values(), *ALIKE) if site in folders)]


@pytest.mark.parametrize("errors", [nu_errors, html_validate_errors], ids=["nu", "html-validate"])
def test_only_the_broken_page_is_invalid(errors: Callable[[Sequence[Path]], list[str]], pages: list[Path]) -> None:
    """The checker of the W3C; the standard and the accessibility rules of html-validate."""
    found = errors(pages)

    assert [one for one in found if "broken.html" not in one] == []
    assert any("alt" in one for one in found)
