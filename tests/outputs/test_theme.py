"""The theme: the package's own files, and a fork's files in front of them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from outputs import reports

from statusledger import outputs
from statusledger.errors import OutputError
from statusledger.outputs import minify, pages, theme


def write(folder: Path, name: str, text: str) -> None:
    """A file of a fork's overrides."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    """A fork without overrides has the package's theme."""
    assert theme.load(tmp_path / "overrides").static == theme.load().static


def test_static_files_of_a_fork_win(tmp_path: Path) -> None:
    """Its tokens replace the package's, its own rules come last, its own files are added, the others stay."""
    write(tmp_path, "static/tokens.css", ":root { --page: #fff; }\n")
    write(tmp_path, "static/custom.css", ".brand { color: red; }\n")
    write(tmp_path, "static/fonts/own.txt", "own")

    static = theme.load(tmp_path).static

    assert static["page.css"].startswith(b":root{--page:#fff}*,")
    assert static["page.css"].endswith(b".brand{color:red}")
    assert static["fonts/own.txt"] == b"own"
    assert static["detail.css"] == theme.load().static["detail.css"]
    assert not {"tokens.css", "custom.css"} & set(static)


def test_a_template_of_a_fork_may_extend_the_one_it_replaces(tmp_path: Path) -> None:
    """`builtin/` is the package's template under its own name."""
    write(
        tmp_path,
        "templates/404.html",
        '{% extends "builtin/404.html" %}{% block main %}<h1>Lost</h1>{{ super() }}{% endblock %}',
    )

    content = theme_page(theme.load(tmp_path), "404.html")

    assert b"<h1>Lost</h1>" in content
    assert b"There is no page at this address." in content


def test_fonts_of_a_fork_are_allowed_by_the_policy(tmp_path: Path) -> None:
    """Pages and headers allow fonts of the site as soon as it has one, and not before."""
    write(tmp_path, "static/inter.woff2", "font")

    without, with_font = (outputs.files(reports.empty(), theme.load(folder)) for folder in (None, tmp_path))

    for path in (PurePosixPath("index.html"), PurePosixPath("_headers")):
        assert b"font-src" not in without[path]
        assert b"font-src" in with_font[path]


def test_the_worked_example_of_the_documentation_works(tmp_path: Path) -> None:
    """Its files, written as it says, put the telephone number into the header of every page."""
    text = (Path(__file__).parents[2] / "docs" / "theming.md").read_text(encoding="utf-8")
    (template,) = re.findall(r"```html\n(.*?)```", text, re.DOTALL)
    (rules,) = re.findall(r"```css\n(.*?)```", text, re.DOTALL)
    write(tmp_path, "templates/base.html", template)
    write(tmp_path, "static/custom.css", rules)

    loaded = theme.load(tmp_path)

    assert b"On call: <a" in theme_page(loaded, "404.html").partition(b"</header>")[0]
    assert b"@font-face" in loaded.static["page.css"]


def theme_page(loaded: theme.Theme, name: str) -> bytes:
    """One page of the operational report."""
    return next(content for path, content in pages.files(reports.operational(), loaded).items() if path.name == name)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("\n{% if %}", r"404\.html:2: Expected an expression"),
        ("\n\n{{ nothing }}", r"404\.html:3: 'nothing' is undefined"),
        ("\n{{ root + 1 }}", r"404\.html:2: can only concatenate str"),
    ],
    ids=["syntax", "undefined", "expression"],
)
def test_a_broken_template_is_named(tmp_path: Path, template: str, message: str) -> None:
    """The error says which template is wrong, and in which line."""
    write(tmp_path, "templates/404.html", template)

    with pytest.raises(OutputError, match=message):
        theme_page(theme.load(tmp_path), "404.html")


def test_a_logo_beside_the_folders_is_published_and_shown(tmp_path: Path) -> None:
    """`page.logo` names it; without the file the mark of the theme stays."""
    write(tmp_path, "logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    report = reports.operational()
    named = replace(report, page=replace(report.page, logo="site_src/overrides/logo.svg"))

    with_file = {path.as_posix(): content for path, content in pages.files(named, theme.load(tmp_path)).items()}
    without = {path.as_posix(): content for path, content in pages.files(named, theme.load()).items()}

    assert b'<img class="mark" src="../../static/logo.svg" alt="">' in with_file["components/api/index.html"]
    assert "static/logo.svg" in with_file
    assert b'<svg class="mark"' in without["index.html"]


def test_styles_are_published_without_comments_and_indentation() -> None:
    """Rules, selectors with spaces, calculations and strings mean the same as before."""
    source = """
    /* a comment; with { braces } */
    .a :is(th, td) > b { margin: 0 calc((1px + 2px) / 3); }
    @media (min-width: 30rem) { summary::after { content: " \\25BE" / ""; } }
    """

    assert minify.css(source) == (
        ".a :is(th,td)>b{margin:0 calc((1px + 2px) / 3)}"
        '@media (min-width:30rem){summary::after{content:" \\25BE" / ""}}'
    )


def test_published_html_loses_indentation_but_not_in_preformatted_text() -> None:
    """Code that people show keeps its lines."""
    source = "<ul>\n\n    <li>one   two\n  </li>\n</ul>\n<pre><code>if x:\n    y\n\n    z\n</code></pre>\n  <p>\n"

    assert minify.html(source) == (
        "<ul>\n<li>one   two\n</li>\n</ul><pre><code>if x:\n    y\n\n    z\n</code></pre><p>\n"
    )
