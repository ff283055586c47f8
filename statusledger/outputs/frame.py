"""What all pages of one build have in common: report, theme, zones, languages, and the frame of every template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from statusledger import words
from statusledger.language import Language, speaking
from statusledger.model import Shown
from statusledger.outputs import hosting, shapes
from statusledger.outputs.theme import Theme
from statusledger.outputs.times import Times
from statusledger.outputs.views.site import Site, site
from statusledger.report.records import Report


@dataclass(frozen=True, slots=True)
class Edition:
    """A page in one of the languages: its address for a link on the page itself, and the absolute one."""

    language: Language
    path: str
    url: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Renders the pages of one report in one language, which are in `folder`; statements have times of their own."""

    report: Report
    theme: Theme
    times: Times
    statement_times: Times
    site: Site
    language: Language
    folder: PurePosixPath

    def page(self, path: PurePosixPath, template: str, *, archived: bool = False, **names: object) -> bytes:
        """A rendered page; `root` leads to the pages of its language, `shared` to what exists once.

        An archived one tells of what is over: it does not say when it was built, so that it stays as it is.
        """
        root = "../" * (len(path.parts) - 1)
        return self._render(
            root, root + "../" * len(self.folder.parts), path, template, {"archived": archived, **names}
        )

    def not_found(self) -> bytes:
        """The page for any wrong address: nobody knows how deep it is, so its links begin at the site's own path."""
        shared = urlsplit(self.report.page.url).path.rstrip("/") + "/"
        root = shared + "".join(f"{part}/" for part in self.folder.parts)
        return self._render(root, shared, PurePosixPath("index.html"), "404.html", {"archived": True})

    def _render(self, root: str, shared: str, path: PurePosixPath, template: str, names: Mapping[str, object]) -> bytes:
        frame = {
            "root": root,
            "shared": shared,
            "language": self.language,
            "editions": self._editions(shared, path),
            "site": self.site,
            "policy": hosting.policy(self.theme.static),
            "state_words": words.SHOWN_WORDS,
            "sprite": shapes.sprite,
            "operational": Shown.OPERATIONAL,
        }
        return self.theme.render(template, {**frame, **names})

    def _editions(self, shared: str, path: PurePosixPath) -> tuple[Edition, ...]:
        """The page in every language, that of the site first."""
        places = [(one, folder(self.theme, one) / path) for one in self.theme.languages]
        home = self.report.page.url
        return tuple(Edition(one, f"{shared}{place}", hosting.absolute(home, place)) for one, place in places)


def editions(
    report: Report, theme: Theme, made: Callable[[Frame], Mapping[PurePosixPath, bytes]]
) -> dict[PurePosixPath, bytes]:
    """Pages in every language: those of the first one at the root, those of each other one under its own path."""
    found: dict[PurePosixPath, bytes] = {}
    for language in theme.languages:
        with speaking(language):
            frame = _frame(report, theme, language)
            found |= {frame.folder / path: content for path, content in made(frame).items()}
    return found


def folder(theme: Theme, language: Language) -> PurePosixPath:
    """Where the pages of a language are."""
    return PurePosixPath("" if language is theme.languages[0] else language.tag)


def _frame(report: Report, theme: Theme, language: Language) -> Frame:
    times = Times(report.page.timezone, report.built.as_of)
    return Frame(
        report=report,
        theme=theme,
        times=times,
        statement_times=Times(report.sla_zone, report.built.as_of),
        site=site(report, times, theme.static),
        language=language,
        folder=folder(theme, language),
    )
