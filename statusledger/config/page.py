"""The `page:` block of checks.yml: who publishes the page, and how it looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from statusledger.config.values import Day, Text, WebAddress, Zone, matching
from statusledger.written.block import Block
from statusledger.written.wording import found

_STRING = WithJsonSchema({"type": "string"})
_LANGUAGE = r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"
_BELOW_ROOT = r"(?!/|.*\.\.)[^\\]+"
_BELOW_ROOT_EXPECTED = "a path below the folder of checks.yml; write it without a leading / and without .."
_HEX = r"#[0-9A-Fa-f]{6}"
_HEX_EXPECTED = 'a colour; write six hexadecimal digits after a #, in quotes: "#1a4796"'
# A style sheet is made of these: nothing in a font's name may end the rule that it stands in.
_FONTS = r"[A-Za-z0-9 ,'\"-]+"

Language = Annotated[str, PlainValidator(matching(_LANGUAGE, "a language; write e.g. en or pt-BR")), _STRING]
BelowRoot = Annotated[str, PlainValidator(matching(_BELOW_ROOT, _BELOW_ROOT_EXPECTED)), _STRING]
Fonts = Annotated[
    str, PlainValidator(matching(_FONTS, "a list of fonts; write names and commas: Inter, sans-serif")), _STRING
]
MODES = ("light", "dark")


def _colour(value: object) -> Mapping[str, str]:
    """`"#1a4796"` for both modes, or one for each."""
    parse = matching(_HEX, _HEX_EXPECTED)
    if not isinstance(value, Mapping):
        return dict.fromkeys(MODES, parse(value))
    if not value or set(value) - set(MODES):
        msg = f'{found(value)} is not a colour for each mode; write {{light: "#1a4796", dark: "#93b7ff"}}'
        raise ValueError(msg)
    return {mode: parse(value[mode]) for mode in MODES if mode in value}


_HEX_SCHEMA = {"title": "colour", "type": "string", "pattern": f"^{_HEX}$"}
_COLOUR_SCHEMA = {
    "anyOf": [
        _HEX_SCHEMA,
        {
            "title": "`light` and `dark`",
            "type": "object",
            "properties": dict.fromkeys(MODES, _HEX_SCHEMA),
            "additionalProperties": False,
        },
    ],
}
Colour = Annotated[Mapping[str, str], PlainValidator(_colour), WithJsonSchema(_COLOUR_SCHEMA)]


class LinkBlock(Block):
    """A link in the footer."""

    name: Text = Field(description="What it says.", examples=["Support"])
    url: WebAddress = Field(description="Where it leads.", examples=["https://example.com/support"])


class ThemeBlock(Block):
    """Colours and fonts in place of the theme's own, each for both modes or for light and dark apart."""

    page: Colour | None = Field(None, description="The ground of every page.", examples=['"#ffffff"'])
    surface: Colour | None = Field(None, description="The ground of what is set off, as how we count.")
    text: Colour | None = Field(None, description="What is read.")
    muted: Colour | None = Field(None, description="Notes, labels and axes.")
    line: Colour | None = Field(None, description="Hairlines between rows.")
    link: Colour | None = Field(None, description="Links and the ring around what has the focus.")
    operational: Colour | None = Field(None, description="Operational: bars and lanes.")
    operational_text: Colour | None = Field(None, description="Operational: words and icons.")
    operational_tint: Colour | None = Field(None, description="Operational: the ground of its banner.")
    degraded: Colour | None = Field(None, description="Degraded: bars and lanes.")
    degraded_text: Colour | None = Field(None, description="Degraded: words and icons.")
    degraded_tint: Colour | None = Field(None, description="Degraded: the ground of its banner.")
    partial: Colour | None = Field(None, description="Partial outage: bars and lanes.")
    partial_text: Colour | None = Field(None, description="Partial outage: words and icons.")
    partial_tint: Colour | None = Field(None, description="Partial outage: the ground of its banner.")
    major: Colour | None = Field(None, description="Major outage: bars and lanes.")
    major_text: Colour | None = Field(None, description="Major outage: words and icons.")
    major_tint: Colour | None = Field(None, description="Major outage: the ground of its banner.")
    maintenance: Colour | None = Field(None, description="Maintenance: bars and lanes.")
    maintenance_text: Colour | None = Field(None, description="Maintenance: words and icons.")
    maintenance_tint: Colour | None = Field(None, description="Maintenance: the ground of its banner.")
    nodata: Colour | None = Field(None, description="No data: bars and lanes.")
    nodata_text: Colour | None = Field(None, description="No data: words and icons.")
    nodata_tint: Colour | None = Field(None, description="No data: the ground of its banner.")
    sans: Fonts | None = Field(None, description="The fonts of everything but code.", examples=["Inter, sans-serif"])
    mono: Fonts | None = Field(None, description="The fonts of code.")

    @model_validator(mode="before")
    @classmethod
    def _colours_are_no_comments(cls, given: Any) -> Any:
        """`link: #1a4796` is a key without a value: YAML takes the rest for a comment."""
        empty = [key for key, value in given.items() if value is None] if isinstance(given, dict) else []
        if empty:
            msg = f"{', '.join(map(str, empty))} is empty; a bare # begins a comment, so write colours in quotes"
            raise ValueError(msg)
        return given


class PageBlock(Block):
    """Who publishes the page."""

    name: Text = Field(description="The title of the page.", examples=["Acme Status"])
    url: WebAddress = Field(
        description="Where the page will be, for feeds and link previews.", examples=["https://status.example.com"]
    )
    since: Day = Field(
        description="The day on which the page began; part of every feed id, so never change it.",
        examples=["2026-01-01"],
    )
    timezone: Zone = Field("UTC", description="The zone of the days on the bars and the times on the pages.")
    language: Language = Field(
        "en", description="The language of the pages at the root, of the feeds and of the words in the API."
    )
    languages: tuple[Language, ...] = Field(
        (), description="Other languages; each has all pages under its own path.", examples=[["de", "fr"]]
    )
    environment: Text | None = Field(None, description="Which environment is watched.", examples=["production"])
    logo: BelowRoot | None = Field(
        None, description="A picture for the header.", examples=["site_src/overrides/logo.svg"]
    )
    favicon: BelowRoot | None = Field(
        None,
        description="The icon of the tab. Default: bars in the colour of the verdict.",
        examples=["site_src/overrides/favicon.svg"],
    )
    header: Text | None = Field(
        None, description="A sentence under the header of every page.", examples=["Status of the production platform."]
    )
    footer: Text | None = Field(
        None, description="A sentence in the footer of every page.", examples=["Acme Ltd, 1 Example Street"]
    )
    links: tuple[LinkBlock, ...] = Field((), description="Links in the footer.")
    theme: ThemeBlock = Field(ThemeBlock(), description="Colours and fonts in place of the theme's own.")
