"""Catalogues of the package and of a fork: who wins, what is refused, and where the mistake is."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusledger import words
from statusledger.errors import OutputError
from statusledger.language import gettext, ngettext, speaking
from statusledger.outputs import theme, translations

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
ROOT = Path(__file__).resolve().parents[2]
DAYS = 'msgid "%(count)s day"\nmsgid_plural "%(count)s days"\n'


def folder(path: Path, **catalogues: str) -> Path:
    """A folder with these catalogues."""
    path.mkdir(exist_ok=True)
    for name, messages in catalogues.items():
        (path / f"{name.replace('_', '-')}.po").write_text(HEADER + messages, encoding="utf-8")
    return path


def test_a_fork_words_one_thing_otherwise(tmp_path: Path) -> None:
    """Its catalogue wins, what it lacks comes from the package, and from the language where a region has no own."""
    own = folder(tmp_path / "own", pt_BR='msgid "Up"\nmsgstr "No ar"\n')
    builtin = folder(tmp_path / "builtin", pt='msgid "Up"\nmsgstr "Ativo"\nmsgid "Down"\nmsgstr "Fora do ar"\n')

    (language,) = translations.load(["pt-BR"], [own, builtin])

    with speaking(language):
        assert [gettext("Up"), gettext("Down"), gettext("Other")] == ["No ar", "Fora do ar", "Other"]


def test_plural_forms_follow_the_language(tmp_path: Path) -> None:
    """Russian has three, by CLDR's rule, also where the catalogue does not state it."""
    forms = 'msgstr[0] "%(count)s день"\nmsgstr[1] "%(count)s дня"\nmsgstr[2] "%(count)s дней"\n'

    (language,) = translations.load(["ru"], [folder(tmp_path, ru=DAYS + forms)])

    with speaking(language):
        told = [ngettext("%(count)s day", "%(count)s days", count) for count in (1, 2, 5, 11, 21, 1204)]
    assert told == ["1 день", "2 дня", "5 дней", "11 дней", "21 день", "1\u00a0204 дня"]


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    """A placeholder that is not there, a missing form, a file that is no catalogue, languages that do not exist."""
    wrong = folder(
        tmp_path,
        de='msgid "%(count)s more"\nmsgstr "%(zahl)s weitere"\n',
        fr=DAYS + 'msgstr[0] "%(count)s jour"\n',
        es='msgid "Up\n',
    )

    with pytest.raises(OutputError) as caught:
        translations.load(["de", "fr", "es", "nl", "qq"], [wrong])

    lines = str(caught.value).splitlines()
    assert lines[0].startswith(f"{wrong}/de.po:5: unknown named placeholder 'zahl'")
    assert lines[1].startswith(f"{wrong}/fr.po:5: 1 of 2 plural forms are missing")
    assert lines[2].startswith(f"{wrong}/es.po:5: missing msgstr")
    assert lines[3].startswith("page.languages: there is no translation to nl (there is de, en, es, fr)")
    assert lines[4].startswith("page.languages: qq is not a language")


@pytest.mark.parametrize(
    ("tag", "expected"), [("en", "API, Web and Docs"), ("de", "API, Web und Docs"), ("ja", "API、Web、Docs")]
)
def test_names_are_joined_as_the_language_does(tag: str, expected: str) -> None:
    """The components of an incident, in a sentence."""
    (language,) = translations.load([tag], [ROOT / "site_src" / "translations"])

    with speaking(language):
        assert [words.together(names) for names in (["API"], ["API", "Web", "Docs"])] == ["API", expected]


def test_plural_forms_of_the_package_are_those_of_the_language() -> None:
    """Three in Russian, six in Arabic, where one and two have no figure; one in Japanese."""
    languages = theme.load(None, ("ru", "ar", "ja")).languages
    counts = {"ru": (1, 2, 5, 11, 21, 22), "ar": (0, 1, 2, 3, 11, 100, 103), "ja": (1, 2)}

    told = {}
    for language in languages:
        with speaking(language):
            told[language.tag] = [
                ngettext("%(count)s day with downtime", "%(count)s days with downtime", count)
                for count in counts[language.tag]
            ]

    assert told == {
        "ru": [f"{told_day} с простоем" for told_day in ("1 день", "2 дня", "5 дней", "11 дней", "21 день", "22 дня")],  # noqa: RUF001 - Cyrillic
        "ar": [
            "0 يوم به توقف",
            "يوم واحد به توقف",
            "يومان بهما توقف",
            "3 أيام بها توقف",
            "11 يومًا به توقف",
            "100 يوم به توقف",
            "103 أيام بها توقف",
        ],
        "ja": ["停止のあった日 1 日", "停止のあった日 2 日"],
    }
