"""The kinds of values: exact, and refused with a way out."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusledger.clock import format_duration
from statusledger.config import values
from statusledger.written.source import scalar


@given(st.integers(0, 400 * 86_400_000))
def test_a_duration_is_read_back_from_its_shortest_spelling(duration_ms: int) -> None:
    """Milliseconds survive being written down."""
    assert values.duration(format_duration(duration_ms)) == duration_ms


@given(st.text(max_size=12))
def test_a_duration_is_read_or_refused_with_an_example(word: str) -> None:
    """No other text passes."""
    try:
        assert values.duration(word) >= 0
    except ValueError as error:
        assert "write" in str(error)


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_fraction_is_exact(numerator: int, denominator: int) -> None:
    """`1/3` is a third, not 0.333."""
    assert values.exact(f"{numerator}/{denominator}") == Fraction(numerator, denominator)


@given(st.integers(0, 10**12), st.integers(1, 12))
def test_a_decimal_is_exact_bare_or_quoted(digits: int, places: int) -> None:
    """The YAML number and the quoted text mean the same fraction."""
    text = f"{digits // 10**places}.{digits % 10**places:0{places}d}"

    assert values.exact(scalar(text)) == values.exact(text) == Fraction(digits, 10**places)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (Decimal("99.95"), Fraction(9995, 10_000)),
        ("99.95", Fraction(9995, 10_000)),
        ("200/3", Fraction(2, 3)),
        (0, Fraction(0)),
        (100, Fraction(1)),
    ],
)
def test_a_percentage_is_a_fraction_of_one(written: object, meant: Fraction) -> None:
    """99.95 percent is 1999/2000."""
    assert values.percent(written) == meant


@pytest.mark.parametrize(
    "parse, written",
    [
        (values.percent, "99,9"),
        (values.percent, "99.9 %"),
        (values.percent, -1),
        (values.percent, True),
        (values.percent, None),
        (values.percent, "1e999999999"),
        (values.exact, "1/0"),
        (values.exact, "-1/3"),
        (values.weight, Decimal("1.1")),
        (values.positive, 0),
        (values.high_percent, Decimal("0.999")),
        (values.duration, True),
        (values.duration, ["5s"]),
        (values.identifier, "-a"),
        (values.identifier, "ä"),
        (values.identifier, "a" * 64),
        (values.location, "a"),
        (values.location, "generated"),
        (values.instant, "2026-01-01"),
        (values.instant, "2026-01-01T10:00"),
        (values.day, "2026-13-01"),
        (values.day, "01.01.2026"),
        (values.zone, "../../etc/passwd"),
        (values.zone, "CET/Nowhere"),
        (values.web_address, "//example.com"),
        (values.web_address, "ftp://example.com"),
        (values.web_address, "https://exa mple.com"),
        (values.web_address, "https://[::1"),
        (values.network, "10.0.0.0/99"),
        (values.text, False),
        (values.text, "  "),
    ],
)
def test_what_does_not_fit_is_refused_in_words(parse: object, written: object) -> None:
    """Never another exception than the one that becomes a problem."""
    with pytest.raises(ValueError, match=r" (is|names|divides|has) "):
        parse(written)  # type: ignore[operator]


@pytest.mark.parametrize(("written", "kept"), [("Acme", "Acme"), (404, "404"), (Decimal("1.10"), "1.10"), ("no", "no")])
def test_text_keeps_the_digits_that_were_written(written: object, kept: str) -> None:
    """A name may look like a number."""
    assert values.text(written) == kept
