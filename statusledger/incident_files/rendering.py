"""Markdown that people wrote -> sanitised HTML and the same as plain text: the only door to pages, feeds and JSON.

CommonMark with tables; whatever HTML results is cut to an allow-list, so that nothing in it runs, loads or navigates
by itself. Needs the `build` extra; reading and validating files does not.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import lru_cache
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_BLOCKS = frozenset({"p", "hr", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "tr"})
_INLINE = frozenset({"a", "abbr", "br", "code", "del", "em", "kbd", "strong", "sub", "sup"})
TAGS = _BLOCKS | _INLINE | {"thead", "tbody", "th", "td"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "abbr": {"title"}}
SCHEMES = frozenset({"http", "https", "mailto"})
# What is dropped together with everything inside it; of any other tag only the tag goes.
_CODE = {"script", "style", "template", "iframe", "object", "embed", "math", "svg", "select", "title", "textarea"}
SILENT = frozenset(_CODE | {"noscript", "noembed", "noframes", "xmp"})
DEEPEST_HEADING = 6

# Letters, digits, spaces and punctuation that Markdown never reads as markup.
_PLAIN = re.compile(r"[\w ,.;:?!'\"/()%=\n\u2013\u2014-]*")
_LINE_START = re.compile(r"^ {0,3}(?:[-=]|\d+[.)])|^ {4}|^\t| {2}$|www\.|:-", re.MULTILINE)


@lru_cache(maxsize=65_536)
def to_html(text: str, heading: int = 4) -> str:
    """Sanitised HTML; headings begin at level `heading` and leave no level out."""
    if _is_plain(text):
        return plain_html(text)
    parser = _parser()
    tokens = parser.parse(text)
    _set_headings(tokens, heading)
    rendered = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        rendered,
        tags=set(TAGS),
        clean_content_tags=set(SILENT),
        attributes=ATTRIBUTES,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).strip()


@lru_cache(maxsize=65_536)
def to_text(text: str) -> str:
    """What the HTML says, in words alone: an empty line between paragraphs, the address of a link behind it."""
    if _is_plain(text):
        return "\n\n".join(_paragraphs(text))
    reader = _TextReader()
    reader.feed(to_html(text))
    reader.close()
    return reader.text()


def plain_html(text: str) -> str:
    """Plain text as paragraphs of HTML."""
    return "\n".join(f"<p>{html.escape(part, quote=False)}</p>" for part in _paragraphs(text))


def _is_plain(text: str) -> bool:
    """Whether it has no markup at all, as most texts."""
    return _PLAIN.fullmatch(text) is not None and _LINE_START.search(text) is None


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n{2,}", text) if part.strip()]


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.add_render_rule("image", _image)
    return parser


def _image(
    _renderer: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _environment: EnvType
) -> str:
    """A picture as a link: pages load nothing from elsewhere."""
    token = tokens[index]
    address = html.escape(str(token.attrGet("src") or ""))
    return f'<a href="{address}">{html.escape(token.content) or address}</a>'


def _set_headings(tokens: Sequence[Token], first: int) -> None:
    """Gives headings the levels that their outline asks for, beginning below the page's own."""
    outline: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            while outline and outline[-1] >= level:
                outline.pop()
            outline.append(level)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(first + len(outline) - 1, DEEPEST_HEADING)}"


class _TextReader(HTMLParser):
    """Collects the words of sanitised HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._address = ""
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._break(1 if tag in {"li", "tr"} or self._ends_with("- ") else 2)
        self._verbatim += tag == "pre"
        if tag == "a":
            self._address = dict(attrs).get("href") or ""
        elif tag in {"li", "br"}:
            self._parts.append("- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._address and not self._ends_with(self._address):
            self._parts.append(f" ({self._address})")
        self._verbatim -= tag == "pre"
        if tag in {"td", "th"}:
            self._parts.append("  ")
        elif tag in _BLOCKS - {"li", "tr"}:
            self._break(2)

    def handle_data(self, data: str) -> None:
        if self._verbatim:
            self._parts.append(data)
        elif data.strip() or not self._ends_with("\n"):
            self._parts.append(re.sub(r"\s+", " ", data))

    def _ends_with(self, text: str) -> bool:
        return "".join(self._parts[-3:]).endswith(text)

    def _break(self, lines: int) -> None:
        if self._parts and not self._ends_with("- "):
            self._parts.append("\n" * lines)

    def text(self) -> str:
        lines = "\n".join(line.rstrip() for line in "".join(self._parts).splitlines())
        return re.sub(r"\n{3,}", "\n\n", lines).strip()
