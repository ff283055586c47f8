"""Messages of templates and code, and the catalogues that translate them.

`make translations` runs this file: it adds new messages to every catalogue, drops those that are gone, and says what
is missing. What is translated already is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
FOLDERS = (ROOT / "site_src" / "translations", ROOT / "site_src" / "overrides" / "translations")
METHODS = [("statusledger/**.py", "python"), ("site_src/templates/**.html", "jinja2")]
TEMPLATES = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
KEYWORDS = {**DEFAULT_KEYWORDS, "markup": None, "nmarkup": (1, 2)}
HEADER = """msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def catalogues() -> dict[str, Path]:
    """The catalogues of the package by language."""
    return {path.stem: path for path in sorted(FOLDERS[0].glob("*.po"))}


def extracted(root: Path = ROOT) -> Catalog:
    """Every message of templates and code, with the files that it stands in."""
    found = Catalog(charset="utf-8")
    options = {pattern: TEMPLATES if method == "jinja2" else {} for pattern, method in METHODS}
    for path, _, message, comments, context in extract_from_dir(
        root, METHODS, options, KEYWORDS, ["Translators:"], strip_comment_tags=True
    ):
        found.add(message, None, [(path, 0)], auto_comments=comments, context=context)
    return found


def read(path: Path) -> Catalog:
    """A catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"), abort_invalid=True)


def lacking(catalogue: Catalog) -> Iterator[Message]:
    """What it does not translate, or not surely, or not in every form of the plural."""
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            yield message


def update(path: Path, messages: Catalog) -> int:
    """Writes a catalogue that has exactly these messages; how many of them it does not translate."""
    catalogue = read(path)
    catalogue.update(messages, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    header = HEADER.format(language=path.stem, plural_forms=catalogue.plural_forms)
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(file, catalogue, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
    return len(list(lacking(catalogue)))


def main() -> None:
    """Updates every catalogue."""
    messages = extracted()
    for path in sorted(path for folder in FOLDERS for path in folder.glob("*.po")):
        # A fork's own catalogue holds what it words otherwise, and lacks the rest on purpose.
        own = path.parent == FOLDERS[1] and path.stem in catalogues()
        if not own:
            sys.stdout.write(f"{path.relative_to(ROOT)}: {update(path, messages)} of {len(messages)} untranslated\n")


if __name__ == "__main__":
    main()
