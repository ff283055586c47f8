"""Variables filled in from the environment, and their values masked everywhere."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusledger.secrets import MissingVariable, Secrets, variables

TOKEN = "s3cr+t/ value=?"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://example.com/", ()),
        ("{{ BASE_URL }}/api/", ("BASE_URL",)),
        ("{{BASE_URL}}", ("BASE_URL",)),
        ("{{ A }}:{{ B | default('x') }}", ("A", "B")),
        ('{{ A | default("it\'s") }}', ("A",)),
        ("{{ A | default('') }}", ("A",)),
        ('{"a": {"b": {{ NUMBER }}}}', ("NUMBER",)),
        ('{"a": {"b": 1}}', ()),
        ("{{{ A }}{", ("A",)),
    ],
)
def test_the_variables_of_a_text_are_found(text: str, names: tuple[str, ...]) -> None:
    """In order; braces that begin none are text."""
    assert variables(text) == names


@pytest.mark.parametrize(
    "text",
    ["{{ }}", "{{ 1A }}", "{{ A B }}", "{{ A", "{{ A | defalt('x') }}", "{{ A | default(x) }}", "{{ A | default('x' }}",
     "{{ A.b }}", "{{{{"],
)  # fmt: skip
def test_a_variable_that_is_not_written_right_is_refused(text: str) -> None:
    """The message quotes it and shows both ways to write one."""
    with pytest.raises(ValueError, match=r"is not a variable; write \{\{ NAME \}\} or"):
        variables(text)


def test_values_come_from_the_environment_and_defaults_where_it_is_silent() -> None:
    """An empty variable counts as not set: that is how CI passes a secret that it does not have."""
    secrets = Secrets({"HOST": "example.com", "EMPTY": ""})

    assert secrets.fill("https://{{ HOST }}/{{ PATH | default('a b') }}") == "https://example.com/a b"
    assert secrets.fill("{{ EMPTY | default('fallback') }}") == "fallback"
    assert secrets.fill('{{ EMPTY | default("") }}') == ""


@pytest.mark.parametrize("environ", [{}, {"AUTH_TOKEN": ""}], ids=["unset", "empty"])
def test_a_variable_that_is_not_set_names_itself(environ: dict[str, str]) -> None:
    """The command ends with 2 before anything runs."""
    with pytest.raises(MissingVariable, match="AUTH_TOKEN is not set") as missing:
        Secrets(environ).fill("Bearer {{ AUTH_TOKEN }}")

    assert missing.value.name == "AUTH_TOKEN"
    assert missing.value.exit_code == 2


def test_a_whole_structure_is_filled_in() -> None:
    """Texts in mappings, lists and tuples; everything else stays."""
    secrets = Secrets({"A": "1"})

    assert secrets.fill_all({"x": ["{{ A }}", 2, None], "y": ("{{ A }}",), "{{ A }}": True}) == {
        "x": ["1", 2, None],
        "y": ("1",),
        "{{ A }}": True,
    }


@pytest.mark.parametrize(
    "shown",
    [
        TOKEN,
        quote(TOKEN),
        quote(TOKEN, safe=""),
        quote_plus(TOKEN),
        quote_plus(TOKEN).replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d").replace("%3F", "%3f"),
        b64encode(TOKEN.encode()).decode(),
        urlsafe_b64encode(TOKEN.encode()).decode(),
    ],
)
def test_a_secret_is_masked_in_every_spelling(shown: str) -> None:
    """Plain, URL-encoded and base64."""
    secrets = Secrets({"TOKEN": TOKEN})
    secrets.fill("{{ TOKEN }}")

    assert secrets.mask(f"GET /?key={shown}&x=1") == "GET /?key=***&x=1"


def test_only_what_was_used_is_secret() -> None:
    """The rest of the environment is nobody's business, and public or very short values may be seen."""
    secrets = Secrets({"TOKEN": TOKEN, "BASE": "https://example.com", "PIN": "12345"}, frozenset({"BASE"}))

    secrets.fill("{{ BASE }} {{ PIN }} {{ OTHER | default('a default') }}")

    text = f"{TOKEN} https://example.com 12345 a default"
    assert secrets.mask(text) == text


def test_a_secret_within_a_longer_one_leaves_nothing_behind() -> None:
    """The longest form goes first."""
    secrets = Secrets({"SHORT": "abcdef", "LONG": "abcdef-and-more"})
    secrets.fill("{{ SHORT }}{{ LONG }}")

    assert secrets.mask("abcdef-and-more abcdef") == "*** ***"


@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=6, max_size=40),
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
)
def test_a_secret_within_base64_of_something_longer_is_masked(secret: str, before: bytes, after: bytes) -> None:
    """As in `user:password`: at most the characters that it shares with its neighbours stay."""
    secrets = Secrets({"TOKEN": secret})
    secrets.fill("{{ TOKEN }}")

    masked = secrets.mask(b64encode(before + secret.encode() + after).decode())

    assert "***" in masked


def test_a_secret_that_is_not_text_is_masked_all_the_same() -> None:
    """The environment may hold bytes that are not UTF-8."""
    secret = b"p\xe4ssword".decode(errors="surrogateescape")
    secrets = Secrets({"TOKEN": secret})

    assert secrets.mask(secrets.fill("login {{ TOKEN }} p%E4ssword")) == "login *** ***"


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("{secret}", id="plain"),
        pytest.param('{{"key": "a\\/b+c\'d-0123456789-efghij"}}', id="JSON with / escaped"),
        pytest.param("612f622b6327642d303132333435363738392d656667686968", id="hexadecimal, cut"),
        pytest.param("A/B+C'D-0123456789-EFGHIJ", id="in capitals"),
        pytest.param("http://a/b%2Bc%27d-0123456789-efghij/x", id="in an address"),
        pytest.param("you said a/b+c'd-012345", id="the first half"),
    ],
)
def test_a_secret_is_masked_however_it_is_spelled(told):
    """Encoded by a server, in another case, or cut."""
    secret = "a/b+c'd-0123456789-efghij"
    known = Secrets({"KEY": secret})
    known.fill("{{ KEY }}")

    masked = known.mask(told.format(secret=secret))

    assert "***" in masked
    assert "0123" not in masked
