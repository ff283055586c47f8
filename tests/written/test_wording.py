"""How messages count."""

from __future__ import annotations

from statusledger.written.wording import plural


def test_counts_have_their_plural_and_their_thousands() -> None:
    """One day, two days, 5,760 checks."""
    assert [plural(count, "check") for count in (0, 1, 5760)] == ["0 checks", "1 check", "5,760 checks"]
