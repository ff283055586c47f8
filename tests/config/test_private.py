"""The private file: its components under opaque ids, and nothing of it in any message that others may read."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest

from statusledger.config import Config, load
from statusledger.config.private import PrivateChecks, opaque_id
from statusledger.errors import ConfigurationError
from statusledger.model import Visibility

RECIPIENT = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudgdpq5shyhjqm"
PUBLIC = f"""\
schema: 1
page: {{name: Acme Status, url: "https://status.acme.example", since: 2026-01-01}}
monitor: {{locations: [eu]}}
groups:
  - id: core
    components:
      - {{id: api, name: API, url: "https://api.acme.example/"}}
private: {{recipients: [{RECIPIENT}]}}
"""
SALT = "00112233445566778899aabbccddeeff"
PRIVATE = f"""\
salt: {SALT}
groups:
  - id: internal
    components:
      - {{id: zanzibar, name: Vault, url: "https://vault.acme.example/", depends_on: [api]}}
      - id: timbuktu
        depends_on: [zanzibar]
        checks:
          - {{id: timbuktu_tcp, url: "tcp://timbuktu.acme.example:5432"}}
          - {{id: timbuktu_load, url: "https://timbuktu.acme.example/", informational: true}}
"""
WORDS = ("zanzibar", "timbuktu", "Vault", "acme.example/", SALT)


def loaded(folder: Path, private: str | None = PRIVATE, public: str = PUBLIC, *, tells: bool = False) -> Config:
    """checks.yml with the text of a private file."""
    (folder / "checks.yml").write_text(public)
    text = None if private is None else PrivateChecks(private.encode())
    return load(folder / "checks.yml", text, tells=tells)


def refused(folder: Path, private: str, public: str = PUBLIC, *, tells: bool = False) -> str:
    """Why it cannot be used."""
    with pytest.raises(ConfigurationError) as error:
        loaded(folder, private, public, tells=tells)
    return str(error.value)


def opaque(identity: str, salt: str = SALT) -> str:
    """The opaque id, as docs/private.md defines it."""
    return "x" + hmac.new(bytes.fromhex(salt), identity.encode(), hashlib.sha256).hexdigest()[:8]


def test_private_components_stand_under_opaque_ids(tmp_path: Path) -> None:
    """Theirs, those of their checks and of what they depend on; names stay, for operators."""
    config = loaded(tmp_path)
    vault, database = config.private.components.values()

    assert opaque_id(SALT, "zanzibar") == opaque("zanzibar") == "x0e3a8298"
    assert (vault.id, vault.name, vault.depends_on) == (opaque("zanzibar"), "Vault", ("api",))
    assert vault.checks[0].id == vault.id
    assert (database.id, database.name) == (opaque("timbuktu"), "timbuktu")
    assert database.depends_on == (opaque("zanzibar"),)
    assert [check.id for check in database.checks] == [opaque("timbuktu_tcp"), opaque("timbuktu_load")]
    assert {one.visibility for one in (vault, database)} == {Visibility.PRIVATE}
    assert config.opaque["timbuktu_tcp"] == opaque("timbuktu_tcp")


def test_what_is_public_is_the_same_with_and_without_the_private_file(tmp_path: Path) -> None:
    """Every build starts from it."""
    whole, alone = loaded(tmp_path), loaded(tmp_path, None)

    assert list(alone.components) == list(whole.public.components) == ["api"]
    assert [group.components for group in whole.public.groups[:1]] == [group.components for group in alone.groups]


def test_another_salt_makes_other_ids(tmp_path: Path) -> None:
    """Who does not know it cannot tell whether a name is watched."""
    assert opaque_id("f" * 32, "zanzibar") != opaque_id(SALT, "zanzibar")


def test_a_renamed_component_keeps_its_opaque_id(tmp_path: Path) -> None:
    """That of its oldest id; rows under those of other ids are read as its own."""
    renamed = PRIVATE.replace("id: zanzibar,", "id: malindi, was: [zanzibar, lamu],").replace("[zanzibar]", "[malindi]")

    vault = next(iter(loaded(tmp_path, renamed).private.components.values()))
    assert (vault.id, vault.was) == (opaque("zanzibar"), (opaque("lamu"), opaque("malindi")))


FAULTS = {
    "no salt": (
        PRIVATE.replace(f"salt: {SALT}\n", ""),
        "salt: is missing; write at least 32 random hexadecimal digits",
    ),
    "a short salt": (PRIVATE.replace(SALT, "abc123"), "salt: is no salt; write at least 32"),
    "another key": (PRIVATE + "page: {}\n", "'page' may stand in the first file only"),
    "not YAML": ("groups: [\n" + PRIVATE, "is not closed"),
    "public": (PRIVATE.replace("name: Vault", "visibility: public"), "what stands in the private file is private"),
    "a mistake": (PRIVATE.replace("name: Vault", "names: Vault"), "unknown key 'names'; did you mean 'name'?"),
    "an id that is taken": (PRIVATE.replace("id: internal", "id: api"), "the id 'api' belongs to the component"),
    "a stranger": (PRIVATE.replace("[zanzibar]", "[zanzibarr]"), "did you mean 'zanzibar'?"),
    "a heartbeat": (
        PRIVATE.replace('url: "https://vault.acme.example/"', "type: heartbeat, every: 1h"),
        "the probe job that has to notice when one is missing cannot read them",
    ),
}


@pytest.mark.parametrize(("private", "said"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_to_operators_only(tmp_path: Path, private: str, said: str) -> None:
    """In full where nobody reads along, else by its place: the log of a CI job may be public."""
    told, hidden = refused(tmp_path, private, tells=True), refused(tmp_path, private)

    assert said in told
    assert "`statusledger private edit` says why" in hidden
    assert not [word for word in WORDS if word in hidden]


def test_opaque_ids_that_collide_are_refused(tmp_path: Path) -> None:
    """With the id of a public component, here."""
    public = PUBLIC.replace("id: api", f"id: {opaque('zanzibar')}")
    private = PRIVATE.replace("[api]", "[]")

    assert "of 'zanzibar' is taken; rename that" in refused(tmp_path, private, public, tells=True)
    assert "zanzibar" not in refused(tmp_path, private, public)


def test_a_private_component_is_refused_in_the_public_file(tmp_path: Path) -> None:
    """And told where it belongs."""
    with pytest.raises(ConfigurationError, match="move the component to the private file"):
        loaded(tmp_path, None, PUBLIC.replace("name: API", "visibility: private"))


def test_the_heartbeat_of_a_private_repository_is_refused_where_it_would_be_sealed(tmp_path: Path) -> None:
    """In plain it is fine: the probe job reads its reports."""
    plain = PUBLIC.replace('url: "https://api.acme.example/"', "type: heartbeat, every: 1h, visibility: private")

    with pytest.raises(ConfigurationError, match="cannot read them"):
        loaded(tmp_path, None, plain.replace("private: {", "private: {plain: true, "))
    assert loaded(tmp_path, None, plain.replace(f"recipients: [{RECIPIENT}]", "plain: true")).private.components


# --- members of public services -----------------------------------------------------------------


def serving(*members: str) -> str:
    """The public file with a service of these members."""
    return PUBLIC + f"services: [{{id: platform, members: [{', '.join(members)}]}}]\n"


def test_a_service_names_a_private_member_by_its_opaque_id(tmp_path: Path) -> None:
    """Everybody counts it as one check under that id, by the rules that hold for all."""
    config = loaded(tmp_path, None, serving("api", "x12345678"))
    (stand_in,) = config.stand_ins

    assert (stand_in.id, stand_in.checks[0].id, stand_in.checks[0].interval_ms) == ("x12345678", "x12345678", 60_000)
    assert list(config.subjects) == ["api", "x12345678"]
    assert "x12345678" not in config.components
    assert [service.id for service in config.public.services] == ["platform"]


CAUTIONS = {
    "is not there": ("x12345678", "no private component has the opaque id x12345678"),
    "has two checks": (opaque("timbuktu"), "several checks that count"),
    "has its own rules": (opaque("zanzibar"), "its own rules"),
}


@pytest.mark.parametrize(("member", "said"), CAUTIONS.values(), ids=CAUTIONS)
def test_a_member_that_everybody_would_count_otherwise(tmp_path: Path, member: str, said: str) -> None:
    """A warning by its opaque id, for everybody to read."""
    private = PRIVATE.replace(", informational: true", "").replace("depends_on: [api]", "confirm_down: 1")

    warnings = "\n".join(map(str, loaded(tmp_path, private, serving("api", member)).warnings))
    assert said in warnings
    assert not [word for word in WORDS if word in warnings]


def test_a_member_that_is_fine_is_not_warned_of(tmp_path: Path) -> None:
    """One check that counts, by the rules of all."""
    assert loaded(tmp_path, PRIVATE, serving("api", opaque("zanzibar"), opaque("timbuktu"))).warnings == ()


def test_warnings_about_private_components_are_counted(tmp_path: Path) -> None:
    """They name what they are about."""
    private = PRIVATE.replace("name: Vault", "target: 100")

    assert [one.message for one in loaded(tmp_path, private).warnings] == [
        "1 warning about private components; `statusledger private edit` shows them"
    ]
    assert "allows no downtime" in loaded(tmp_path, private, tells=True).warnings[0].message
