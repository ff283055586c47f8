"""The look that checks.yml asks for: its style sheet, and what it makes hard to read."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from outputs import reports

from statusledger.config import Look
from statusledger.config.page import ThemeBlock
from statusledger.outputs import look, pages, theme

THEME = theme.load()
CSS = THEME.static[theme.STYLE].decode()


def both(colour: str) -> dict[str, str]:
    """A colour for light and dark."""
    return {"light": colour, "dark": colour}


def test_colours_and_fonts_become_tokens_behind_those_of_the_theme() -> None:
    """Each mode in its own rule, only where nobody asked for more contrast."""
    asked = Look({"link": {"light": "#112233", "dark": "#ddeeff"}}, {"sans": "Inter, sans-serif"})

    css = look.style(asked)

    assert css == (
        ":root{--sans:Inter, sans-serif;}"
        f"@media {look.CHOSEN}{{:root{{--link:#112233;}}}}"
        f"@media screen and (prefers-color-scheme:dark) and {look.CHOSEN}{{:root{{--link:#ddeeff;}}}}"
    )


def test_a_page_without_a_look_has_the_themes_style_sheet() -> None:
    """Nothing is added for nothing."""
    report = reports.operational()
    asked = replace(report, page=replace(report.page, look=Look({"link": both("#112233")})))

    plain, coloured = (
        {path.as_posix(): content for path, content in pages.files(one, THEME).items()}["static/page.css"]
        for one in (report, asked)
    )

    assert plain == THEME.static[theme.STYLE]
    assert coloured.startswith(plain)
    assert b"--link:#112233" in coloured


def test_every_token_of_the_configuration_is_one_of_the_theme() -> None:
    """What checks.yml may colour is what the style sheet uses, and the other way round."""
    written = {name.replace("_", "-") for name in ThemeBlock.model_fields}
    tokens = set(re.findall(r"--([a-z-]+):(?:#|-apple|ui-mono)", CSS))

    assert written == tokens


def test_the_themes_own_colours_can_be_read() -> None:
    """Every pair of every mode, checked by asking for what is there already."""
    tokens = re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", CSS.partition("@media")[0])
    asked = Look({name: {"light": colour} for name, colour in tokens})
    dark = re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", CSS.partition("prefers-color-scheme:dark")[2])
    night = Look({name: {"dark": colour} for name, colour in dark})

    assert list(look.faint(CSS, asked)) == []
    assert list(look.faint(CSS, night)) == []


def test_what_is_hard_to_read_is_told_with_its_contrast() -> None:
    """A pale link in light mode; a pair without a chosen colour is not judged."""
    told = list(look.faint(CSS, Look({"link": {"light": "#bbccff"}})))

    assert told[0] == "page.theme: link on page is 1.6:1 in light mode; it needs 4.5:1 to be read"
    assert all("link on" in sentence and "light" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    """Known pairs, in either order."""
    assert look.contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert look.contrast(other, one) == look.contrast(one, other)


def test_header_footer_and_icon_stand_on_every_page(tmp_path: Path) -> None:
    """The words are text, the icon is the file that was named."""
    (tmp_path / "own.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    report = reports.operational()
    page = replace(report.page, header="Status of <EU>", footer="Acme Ltd", favicon="site_src/overrides/own.svg")

    files = pages.files(replace(report, page=page), theme.load(tmp_path))

    html = {path: content.decode() for path, content in files.items() if path.suffix == ".html"}
    assert all('<p class="notice"><bdi>Status of &lt;EU&gt;</bdi></p>' in text for text in html.values())
    assert all("<p><bdi>Acme Ltd</bdi></p>" in text for text in html.values())
    assert all(re.search(r'rel="icon" href="[./]*static/own.svg"', text) for text in html.values())
