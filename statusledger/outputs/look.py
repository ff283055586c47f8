"""The look that checks.yml asks for: its colours and fonts as a style sheet, and what is hard to read in them.

Contrast is that of WCAG 2.2 (1.4.3 for text, 1.4.11 for bars): the ratio of relative luminances.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from statusledger.config import Look
from statusledger.model import Shown

TEXT_CONTRAST, BAR_CONTRAST = 4.5, 3.0
GROUNDS = ("page", "surface")
TEXTS = ("text", "muted", "link")
# Whoever asks for more contrast or for colours of their own gets those instead of the page's.
CHOSEN = "(forced-colors:none) and (prefers-contrast:no-preference)"
_TOKEN = re.compile(r"--([a-z-]+):(#[0-9a-fA-F]{6})\b")
_DARK = re.compile(r"@media screen and \(prefers-color-scheme:dark\)[^{]*\{:root\{([^}]*)\}\}")


def style(look: Look) -> str:
    """What stands behind the theme's own style sheet; empty where nothing was asked for."""
    fonts = "".join(f"--{name}:{value};" for name, value in look.fonts.items())
    light, dark = (
        "".join(f"--{name}:{colours[mode]};" for name, colours in look.colours.items() if mode in colours)
        for mode in ("light", "dark")
    )
    return (
        (f":root{{{fonts}}}" if fonts else "")
        + (f"@media {CHOSEN}{{:root{{{light}}}}}" if light else "")
        + (f"@media screen and (prefers-color-scheme:dark) and {CHOSEN}{{:root{{{dark}}}}}" if dark else "")
    )


def faint(css: str, look: Look) -> Iterator[str]:
    """A sentence for each pair with a colour of checks.yml that is too hard to tell apart, in either mode."""
    base = {"light": dict(_TOKEN.findall(css.partition("@media")[0]))}
    base["dark"] = base["light"] | dict(_TOKEN.findall("".join(_DARK.findall(css))))
    for mode, tokens in base.items():
        chosen = {name: colours[mode] for name, colours in look.colours.items() if mode in colours}
        for front, back, least in _pairs():
            if not {front, back} & chosen.keys():
                continue
            found = contrast((tokens | chosen)[front], (tokens | chosen)[back])
            if found < least:
                yield (
                    f"page.theme: {front.replace('-', '_')} on {back.replace('-', '_')} is {found:.1f}:1 in {mode} "
                    f"mode; it needs {least:g}:1 to be read"
                )


def _pairs() -> Iterator[tuple[str, str, float]]:
    """What stands on what, and the least contrast between them."""
    for ground in GROUNDS:
        yield from ((text, ground, TEXT_CONTRAST) for text in TEXTS)
        for shown in Shown:
            yield f"{shown}-text", ground, TEXT_CONTRAST
            yield shown, ground, BAR_CONTRAST
    for shown in Shown:
        yield "text", f"{shown}-tint", TEXT_CONTRAST
        yield f"{shown}-text", f"{shown}-tint", TEXT_CONTRAST


def contrast(one: str, other: str) -> float:
    """The contrast of two colours `#rrggbb`, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
