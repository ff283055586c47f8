"""What is kept of an answer: masked first, then cut."""

from __future__ import annotations

from functools import partial

from probes.excerpt import BEGINNING_BYTES, EXCERPT_BYTES, excerpt, kept_headers


def hide(text: str) -> str:
    """Masks the one secret there is."""
    return text.replace("hunter2", "***")


def test_a_secret_on_the_edge_of_the_cut_is_hidden_whole():
    """What the cut would halve is recognised before it is made."""
    body = b"x" * (EXCERPT_BYTES - 3) + b"hunter2" + b"y" * 9

    kept = excerpt(body, hide)

    assert kept == "x" * (EXCERPT_BYTES - 3) + "***"


def test_no_character_is_halved():
    """The cut is counted in bytes of UTF-8 and made between characters."""
    kept = excerpt(("x" + "é" * EXCERPT_BYTES).encode(), str)

    assert kept == "x" + "é" * ((EXCERPT_BYTES - 1) // 2)


def test_what_is_no_text_is_replaced():
    """Bytes that are not UTF-8, and controls that no page may hold."""
    assert excerpt(b"a\xff\x00\x1b[0m\tb\n", str) == "a\ufffd\ufffd\ufffd[0m\tb\n"
    assert excerpt(b"", str) is None


def test_the_excerpt_is_shorter_than_what_is_remembered():
    """Whatever the body was, 4,096 bytes at most are kept."""
    kept = excerpt(b"\xff" * BEGINNING_BYTES, str)

    assert kept is not None
    assert len(kept.encode()) <= EXCERPT_BYTES


def test_headers_are_kept_in_order_until_there_are_too_many():
    """Those beyond the limit are left out whole."""
    headers = [("X-One", "a"), ("X-Long", "b" * EXCERPT_BYTES), ("X-Two", "c")]

    assert kept_headers(headers, str) == (("X-One", "a"),)


def test_no_cookie_is_kept():
    """Whoever holds one is let in; its name may say what was wrong."""
    kept = partial(kept_headers, mask=hide)

    assert kept([("set-cookie", "id=4711; Path=/"), ("X", "hunter2")]) == (("set-cookie", "id=***"), ("X", "***"))
