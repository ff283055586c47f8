"""States are told apart by shape: in screenshots as somebody sees them who sees no colours, or fewer."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from itertools import combinations

import pytest
from browser.conftest import Open
from playwright.sync_api import Locator, Page

from statusledger.model import Shown

pytestmark = pytest.mark.browser

DEFICIENCIES = ("achromatopsia", "protanopia", "deuteranopia", "tritanopia")
# Short pages whose legend has every shape.
LEGENDS = {"bars": ("bare", "index.html"), "cells": ("everything", "components/fresh/index.html")}
SCALE = 2
# A pixel is another one when its lightness differs by a fifth of the way from black to white.
DIFFERENT = 50
# The least share of pixels in which two marks differ: a tenth of a bar or cell, less of an icon, which is mostly air.
LEAST_OF_DAYS, LEAST_OF_ICONS = 1 / 10, 1 / 16
LIGHTNESS = """async ([data, boxes]) => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + data;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d', {willReadFrequently: true});
    canvas.drawImage(image, 0, 0);
    return boxes.map(({x, y, width, height}) => {
        const pixels = canvas.getImageData(x, y, width, height).data, found = [];
        for (let i = 0; i < pixels.length; i += 4)
            found.push(Math.round(0.2126 * pixels[i] + 0.7152 * pixels[i + 1] + 0.0722 * pixels[i + 2]));
        return found;
    });
}"""
# The first entry of each state in one row, and nothing else: six icons in a screenshot of their own.
ONLY_ICONS = """body => {
    const row = document.createElement('main');
    for (const shown of %s) {
        row.append(document.querySelector(`li.entry .state[data-status=${shown}]`).closest('li').cloneNode(true));
    }
    body.querySelectorAll('header, main, footer').forEach(one => one.remove());
    body.append(row);
}""" % [str(shown) for shown in Shown]
Seen = Sequence[int]


def marks(page: Page, whole: Locator, parts: Sequence[Locator]) -> Mapping[Shown, Seen]:
    """The lightness of every pixel of each state's mark, cut out of one screenshot of what holds them all."""
    frame = whole.bounding_box() or {}
    cuts = []
    for part in parts:
        box = part.bounding_box() or {}
        sizes = {name: round(box[name] * SCALE) for name in ("width", "height")}
        cuts.append(sizes | {name: round((box[name] - frame[name]) * SCALE) for name in ("x", "y")})
    data = base64.b64encode(whole.screenshot()).decode()
    return dict(zip(Shown, page.evaluate(LIGHTNESS, [data, cuts]), strict=True))


def shapes(drawn: Mapping[Shown, Seen]) -> Mapping[Shown, Seen]:
    """The marks in white on black, whatever colour they have; the ground is most of what stands for no data."""
    ground = max(set(drawn[Shown.NODATA]), key=drawn[Shown.NODATA].count)
    return {state: [255 * (abs(one - ground) > DIFFERENT) for one in seen] for state, seen in drawn.items()}


def alike(drawn: Mapping[Shown, Seen], least: float) -> list[tuple[str, str, float]]:
    """Every two states that look too much like each other, with the share of pixels in which they differ."""
    shares = {
        (str(a), str(b)): sum(abs(p - q) > DIFFERENT for p, q in zip(drawn[a], drawn[b], strict=True)) / len(drawn[a])
        for a, b in combinations(drawn, 2)
    }
    return [(*pair, round(share, 3)) for pair, share in shares.items() if share < least]


def see_as(page: Page, deficiency: str) -> None:
    """From now on the page is painted as somebody with the deficiency sees it."""
    page.context.new_cdp_session(page).send("Emulation.setEmulatedVisionDeficiency", {"type": deficiency})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("site", "path"), LEGENDS.values(), ids=LEGENDS)
def test_days_of_any_two_states_are_told_apart(visit: Open, site: str, path: str, scheme: str) -> None:
    """Bars and cells, as painted and by their shape alone."""
    page = visit(site, path, color_scheme=scheme, device_scale_factor=SCALE)
    legend = page.locator(".legend")
    samples = legend.locator("svg.sample").all()

    for deficiency in DEFICIENCIES:
        see_as(page, deficiency)
        drawn = marks(page, legend, samples)

        assert (deficiency, alike(drawn, LEAST_OF_DAYS)) == (deficiency, [])
        assert (deficiency, alike(shapes(drawn), LEAST_OF_DAYS)) == (deficiency, [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_icons_of_any_two_states_are_told_apart(visit: Open, scheme: str) -> None:
    """The icon beside the word, for all who see no or other colours; at NOW there is a component in each state."""
    page = visit("everything", color_scheme=scheme, device_scale_factor=SCALE)
    states = page.locator("main")
    icons = [page.locator(f'li.entry .state[data-status="{shown}"] svg').first for shown in Shown]
    page.locator("body").evaluate(ONLY_ICONS)

    for deficiency in DEFICIENCIES:
        see_as(page, deficiency)
        drawn = marks(page, states, icons)

        assert (deficiency, alike(drawn, LEAST_OF_ICONS)) == (deficiency, [])
        assert (deficiency, alike(shapes(drawn), LEAST_OF_ICONS)) == (deficiency, [])
