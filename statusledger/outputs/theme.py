"""The look of the pages: templates and static files of the package, each replaceable by a fork's file of that name.

A fork's folder holds `templates/` (a template may extend the one that it replaces as `builtin/<name>`), `static/`,
and pictures of its own (a logo) beside them, which are published among the static files.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)

import site_src
from statusledger.errors import OutputError
from statusledger.language import ENGLISH, Language, markup_functions, number
from statusledger.outputs import minify, translations

PICTURES = frozenset({".svg", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".ico"})
# Published as one, in this order; `custom.css` is a fork's own.
STYLE = "page.css"
STYLE_SHEETS = ("tokens.css", STYLE, "custom.css")
# What an expression in a fork's template may raise: it is no program of ours.
FAULTS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Theme:
    """Templates ready to render, the static files by name as they are published, and what the pages speak.

    The first language is the one of whatever exists once.
    """

    environment: Environment
    static: Mapping[str, bytes]
    languages: tuple[Language, ...] = (ENGLISH,)

    def render(self, template: str, names: Mapping[str, object]) -> bytes:
        """The page in UTF-8, without indentation; OutputError names the template that is wrong."""
        try:
            text = self.environment.get_template(template).render(names)
        except TemplateSyntaxError as error:
            msg = f"{error.filename or error.name}:{error.lineno}: {error.message}; mend the template"
            raise OutputError(msg) from error
        except (TemplateError, *FAULTS) as error:
            msg = f"{_place(error, template)}: {error}; mend the template or remove it from the overrides"
            raise OutputError(msg) from error
        return minify.html(text).encode("utf-8", "replace")


def load(overrides: Path | None = None, languages: Iterable[str] = ("en",)) -> Theme:
    """The theme of the installed package, with a fork's files in front where the folder exists."""
    builtin = Path(site_src.__file__).parent
    folders = [folder for folder in (overrides, builtin) if folder is not None and folder.is_dir()]
    loader = ChoiceLoader(
        [
            *(FileSystemLoader(folder / "templates") for folder in folders),
            PrefixLoader({"builtin": FileSystemLoader(builtin / "templates")}),
        ]
    )
    environment = Environment(
        loader=loader,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.extend(newstyle_gettext=True)
    environment.globals |= markup_functions()
    environment.filters["number"] = number
    static = _joined({name: content for folder in reversed(folders) for name, content in _static(folder)})
    spoken = translations.load(languages, [folder / "translations" for folder in folders])
    return Theme(environment, dict(sorted(static.items())), spoken)


def _place(error: Exception, template: str) -> str:
    """The file and line of the innermost template that was at work."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno}" for frame in frames if frame.filename.endswith(".html")]
    return places[-1] if places else f"template {template}"


def _joined(static: Mapping[str, bytes]) -> dict[str, bytes]:
    """The style sheets that every page needs as one: a request less, and a fork's own rules come last."""
    parts = [static[name] for name in STYLE_SHEETS if name in static]
    return {name: content for name, content in static.items() if name not in STYLE_SHEETS} | {STYLE: b"".join(parts)}


def _static(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted((folder / "static").rglob("*")):
        if path.is_file():
            yield path.relative_to(folder / "static").as_posix(), _published(path)
    for path in sorted(folder.iterdir()):
        if path.suffix in PICTURES:
            yield path.name, path.read_bytes()


def _published(path: Path) -> bytes:
    content = path.read_bytes()
    try:
        return minify.css(content.decode()).encode() if path.suffix == ".css" else content
    except UnicodeDecodeError as error:
        msg = f"{path}: is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8"
        raise OutputError(msg) from error
