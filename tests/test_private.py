"""`statusledger private`, and what jobs do with private components in a public repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from database_servers import program
from operators import (
    IDENTITY,
    PRIVATE,
    PUBLISH_JOB,
    RECIPIENT,
    SALT,
    is_encrypted,
    opaque,
    opened,
    probe_job,
    public_repository,
)
from repository import Repository

from statusledger.sealed import seal_file

NOW = "2026-04-01T12:00:00Z"
DEAD = "http://127.0.0.1:9/gold"
WORDS = ("zanzibar", "Vault of gold", "internal", "/gold", SALT)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A public repository with a private component; nothing answers at either address."""
    return public_repository(tmp_path, public="http://127.0.0.1:9/", private=DEAD)


def everything(root: Path) -> bytes:
    """All that stands in the repository."""
    return b"\n".join(path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file())


# --- the command --------------------------------------------------------------------------------


def test_a_plain_file_becomes_the_encrypted_one(tmp_path: Path) -> None:
    """With a salt at its end where it has none; nothing of it can be read in the repository."""
    repository = Repository(tmp_path / "repository")
    public_repository(repository.root)
    (repository.root / "private" / "checks.yml.age").unlink()
    plain = tmp_path / "plain.yml"
    plain.write_text((PRIVATE % DEAD).replace(f"salt: {SALT}\n", ""))

    ran = repository.run("private", "encrypt", str(plain))
    shown = repository.run("private", "show", environment=PUBLISH_JOB)

    assert (ran.code, "1 private component\n" in ran.out) == (0, True)
    assert shown.out.startswith(plain.read_text() + "salt: ")
    assert not [word for word in WORDS if word.encode() in everything(repository.root)]


def test_a_mistake_is_told_in_full_and_nothing_is_written(repository: Repository, tmp_path: Path) -> None:
    """At the operator's own machine nobody reads along."""
    before = everything(tmp_path)
    (tmp_path.parent / "wrong.yml").write_text((PRIVATE % DEAD).replace("tier:", "tierr:"))

    ran = repository.run("private", "encrypt", str(tmp_path.parent / "wrong.yml"), environment=PUBLISH_JOB)

    assert (ran.code, everything(tmp_path)) == (2, before)
    assert "private/checks.yml:6:45 groups[0].components[0].tierr: unknown key 'tierr'; did you mean 'tier'?" in ran.err


@pytest.mark.parametrize(
    ("salt", "environment", "said"),
    [
        pytest.param("", PUBLISH_JOB, "", id="taken over"),
        pytest.param(f"salt: {'f' * 32}\n", PUBLISH_JOB, "salt: is not what it was", id="another"),
        pytest.param("", {}, "STATUSLEDGER_IDENTITY is not set", id="unknown"),
    ],
)
def test_the_salt_stays(
    repository: Repository, tmp_path: Path, salt: str, environment: dict[str, str], said: str
) -> None:
    """With another one each private component would begin a new history."""
    plain = tmp_path.parent / f"{tmp_path.name}.yml"
    plain.write_text((PRIVATE % DEAD).replace(f"salt: {SALT}\n", salt))

    ran = repository.run("private", "encrypt", str(plain), environment=environment)

    assert (ran.code, said in ran.err) == (2 if said else 0, True)
    ids = repository.run("private", "id", environment=PUBLISH_JOB)
    assert ids.out == f"{opaque('zanzibar')}  component  zanzibar  Vault of gold\n"


def test_the_file_is_edited_in_place(repository: Repository) -> None:
    """By $EDITOR; a second time nothing changes."""
    environment = {**PUBLISH_JOB, "EDITOR": "sed -i 's/of gold/of silver/'"}

    ran = [repository.run("private", "edit", environment=environment) for _ in range(2)]

    assert [one.code for one in ran] == [0, 0]
    assert "nothing was changed" in ran[1].out
    ids = repository.run("private", "id", opaque("zanzibar"), "--json", environment=PUBLISH_JOB).json["ids"]
    assert [one["name"] for one in ids] == ["Vault of silver"]


def test_a_draft_that_is_wrong_is_not_lost(repository: Repository) -> None:
    """The message says where it is and what to do."""
    ran = repository.run("private", "edit", environment={**PUBLISH_JOB, "EDITOR": "sed -i s/tier/tierr/"})

    draft = Path(ran.err.partition("mend ")[2].partition(",")[0])
    text = draft.read_text()
    draft.unlink()
    draft.parent.rmdir()
    assert (ran.code, "tierr: critical" in text) == (2, True)


@pytest.mark.parametrize("action", ["show", "id"])
def test_nothing_is_shown_in_ci(repository: Repository, action: str) -> None:
    """The log of a job may be public."""
    ran = repository.run("private", action, environment={**PUBLISH_JOB, "CI": "true"})

    assert (ran.code, ran.out) == (2, "")
    assert "this is a CI job" in ran.err


def test_without_the_identity_the_file_stays_closed(repository: Repository) -> None:
    """And the message says what is missing."""
    ran = repository.run("private", "show")

    assert ran.code == 2
    assert "is closed; set STATUSLEDGER_IDENTITY" in ran.err


@pytest.mark.service
def test_the_age_tool_reads_and_writes_the_private_file(repository: Repository, tmp_path: Path) -> None:
    """Nobody needs this program to get at his own file."""
    path, key = tmp_path / "private" / "checks.yml.age", tmp_path.parent / "key.txt"
    key.write_text(f"{IDENTITY}\n")
    age = program("age", "age")

    plain = subprocess.run([age, "-d", "-i", key, path], capture_output=True, check=True).stdout
    renamed = plain.replace(b"of gold", b"of silver")
    path.write_bytes(subprocess.run([age, "-r", RECIPIENT], input=renamed, capture_output=True, check=True).stdout)

    assert plain.decode() == PRIVATE % DEAD
    assert "Vault of silver" in repository.run("private", "id", environment=PUBLISH_JOB).out


# --- jobs ---------------------------------------------------------------------------------------


def test_a_probe_job_seals_what_it_may_not_tell(repository: Repository, tmp_path: Path) -> None:
    """Rows, details and evidence, under the opaque id; neither repository nor console has a word of it."""
    ran = repository.run("probe", "--now", NOW, "-v", environment=probe_job(DEAD))

    sealed = tmp_path / "history" / "sealed" / "raw" / "2026" / "eu-0401.jsonl"
    row, evidence = opened(sealed)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "and 1 private")
    assert list(row["r"]) == [opaque("zanzibar")]
    assert evidence["e"][opaque("zanzibar")]["code"] == row["r"][opaque("zanzibar")][2] == "refused"
    assert all(map(is_encrypted, sealed.read_bytes().splitlines()))
    told = ran.out.encode() + ran.err.encode() + everything(tmp_path)
    assert not [word for word in (*WORDS, opaque("zanzibar")) if word.encode() in told]


def test_operators_see_their_checks_by_name(repository: Repository) -> None:
    """Where they ask for it."""
    ran = repository.run("probe", "--now", NOW, "--private", "--only", "zanzibar", environment=probe_job(DEAD))

    assert ran.out.split()[:2] == ["down", "zanzibar"]


def test_a_job_without_the_checks_measures_the_public_ones(repository: Repository, tmp_path: Path) -> None:
    """As a fork does; it says that others are left out."""
    ran = repository.run("probe", "--now", NOW)

    assert (ran.code, "private/checks.yml.age is not measured here" in ran.err) == (0, True)
    assert (tmp_path / "history" / "raw").exists()


def test_wrong_private_checks_cost_no_public_measurement(repository: Repository, tmp_path: Path) -> None:
    """They are told by their place, and by the exit code."""
    wrong = {name: text.replace("tier:", "tierr:") for name, text in probe_job(DEAD).items()}

    ran = repository.run("probe", "--now", NOW, environment=wrong)

    assert ran.code == 2
    assert "STATUSLEDGER_PRIVATE_CHECKS:6:45: is not as it should be" in ran.err
    assert "tierr" not in ran.err
    assert (tmp_path / "history" / "raw").exists()


def test_a_private_check_that_cannot_be_asked_is_not_told_by_name(repository: Repository) -> None:
    """What its variable is called may tell too much."""
    address = "http://127.0.0.1:9/{{ GOLD_TOKEN }}"

    hidden = repository.run("probe", "--now", NOW, environment=probe_job(address))
    told = repository.run("probe", "--now", NOW, "--private", environment=probe_job(address))

    assert (hidden.code, told.code) == (2, 2)
    assert "GOLD_TOKEN" not in hidden.err
    assert "a private check: probe --private tells" in hidden.err
    assert "the variable GOLD_TOKEN is not set" in told.err


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        pytest.param({}, "valid, 1 component, 1 check\nprivate/checks.yml.age: closed", id="closed"),
        pytest.param(PUBLISH_JOB, "valid, 2 components, 2 checks", id="open"),
    ],
)
def test_validate_looks_into_what_it_can_open(repository: Repository, environment: dict[str, str], said: str) -> None:
    """A pull request from a fork needs no secret."""
    ran = repository.run("validate", environment=environment)

    assert ran.code == 0, ran.err
    assert said in ran.out.replace(f"{repository.root}/", "")


def test_validate_refuses_what_could_not_be_sealed(repository: Repository) -> None:
    """A recipient that is none is found here, not when the first result is lost."""
    text = (repository.root / "checks.yml").read_text()
    repository.write("checks.yml", text.replace(RECIPIENT, RECIPIENT[:-1]))

    ran = repository.run("validate")

    assert (ran.code, "is no age recipient" in ran.err) == (2, True)


def test_a_job_of_no_recipient_is_refused_the_file(repository: Repository) -> None:
    """Its identity is not quoted."""
    encrypted = seal_file(b"groups: []", [RECIPIENT], armoured=False)
    repository.write("private/checks.yml.age", "x" + encrypted.decode("latin-1"))

    ran = repository.run("validate", environment=PUBLISH_JOB)

    assert (ran.code, "could not be opened" in ran.err, str(IDENTITY) in ran.err) == (2, True, False)
