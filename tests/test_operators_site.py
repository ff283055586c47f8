"""The operators' site: everything is on it, and the public one has the same bytes whether it is written or not."""

from __future__ import annotations

import json
import posixpath
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest
from database_servers import program
from operators import ERROR_TEXT, IDENTITY, PRIVATE, PUBLISH_JOB, SALT, lay, opaque, public_repository
from repository import Ran, Repository, git, tree

from statusledger.clock import HOUR_MS, MINUTE_MS, format_instant, parse_instant
from statusledger.sealed import guard

START = parse_instant("2026-04-01T00:00:00Z")
END = START + 6 * HOUR_MS
OUTAGE = tuple(range(START + 2 * HOUR_MS, START + 2 * HOUR_MS + 20 * MINUTE_MS, 5 * MINUTE_MS))
NOW = format_instant(END)
VAULT = opaque("zanzibar")
SERVICE = f"services: [{{id: platform, name: Platform, members: [api, {VAULT}]}}]\n"
WORDS = ("zanzibar", "Vault of gold", "internal", "vault.acme", ERROR_TEXT, "203.0.113.77", SALT)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Six hours of both components, the private one down for 20 minutes; both are members of a public service."""
    root = tmp_path_factory.mktemp("operators")
    repository = public_repository(root, more=SERVICE)
    lay(root, START, END, down=OUTAGE, told=True)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "Begin")
    return repository


@pytest.fixture(scope="module")
def built(repository: Repository) -> tuple[dict[str, bytes], Ran]:
    """The public site without the identity; and then what a build with it said."""
    assert repository.run("build", "--now", NOW).code == 0
    assert not (repository.root / "_private").exists()
    without = tree(repository.root / "_site")
    return without, repository.run("build", "--now", NOW, "-v", environment=PUBLISH_JOB)


Built = tuple[dict[str, bytes], Ran]


def document(repository: Repository, site: str, name: str) -> Any:
    """A document of one of the sites."""
    return json.loads((repository.root / site / "api" / "v1" / name).read_bytes())


def test_the_public_bytes_are_the_same_with_and_without_the_identity(repository: Repository, built: Built) -> None:
    """To the byte; and nothing of what is private is among them, nor on the console of the job."""
    without, ran = built

    assert ran.code == 0, ran.err
    assert tree(repository.root / "_site") == without
    told = b"\n".join([*without.values(), *map(str.encode, without), ran.out.encode(), ran.err.encode()])
    assert not [word for word in WORDS if word.encode() in told]


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"STATUSLEDGER_IDENTITY": str(pyrage.x25519.Identity.generate())}, id="of somebody else"),
        pytest.param({"STATUSLEDGER_IDENTITY": "AGE-SECRET-KEY-1NONE"}, id="no identity"),
        pytest.param(
            {**PUBLISH_JOB, "STATUSLEDGER_PRIVATE_CHECKS": PRIVATE.replace("tier", "tear")}, id="wrong checks"
        ),
    ],
)
def test_a_job_whose_secrets_are_wrong_builds_the_public_site(
    repository: Repository, built: Built, tmp_path: Path, environment: Mapping[str, str]
) -> None:
    """The same bytes, and an exit code that says so."""
    out, private = tmp_path / "site", tmp_path / "private"

    ran = repository.run(
        "build", "--now", NOW, "--out", str(out), "--private-out", str(private), environment=environment
    )

    assert ran.code == 2
    assert tree(out) == built[0]
    assert not private.exists()
    assert not [word for word in WORDS if word in ran.out + ran.err]


def test_the_operators_site_has_everything(repository: Repository, built: Built) -> None:
    """The private component on every kind of page, with its error and its evidence, under its opaque id."""
    pages = tree(repository.root / "_private")
    incident = f"{VAULT}-20260401T020000Z"

    assert not tree(repository.root / "_site").keys() - pages.keys()
    for page in ("index.html", f"components/{VAULT}/index.html", f"incidents/{incident}/index.html", "history.atom"):
        assert b"Vault of gold" in pages[page], page
    for page in ("evidence/index.html", f"evidence/{VAULT}/index.html", "api/v1/evidence.json"):
        assert ERROR_TEXT.encode() in pages[page], page
    assert f'href="../../evidence/{VAULT}/index.html"'.encode() in pages[f"incidents/{incident}/index.html"]
    assert b"Disallow: /\n" in pages["robots.txt"]
    (evidence,) = document(repository, "_private", "evidence.json")["evidence"]
    assert (evidence["at"], evidence["component"]) == ("2026-04-01T02:00:00.000Z", VAULT)


def test_everybody_counts_a_service_with_a_private_member(repository: Repository, built: Built) -> None:
    """By the bare status in the public rows, and operators see the same figures."""
    public, private = (document(repository, site, "sla.json") for site in ("_site", "_private"))

    assert public["services"]["platform"]["down_ms"] == len(OUTAGE) * 5 * MINUTE_MS
    assert public["services"]["platform"]["members"] == ["api", VAULT]
    assert private["services"] == public["services"]
    assert list(public["components"]) == ["api"]
    assert private["components"][VAULT]["down_ms"] == public["services"]["platform"]["down_ms"]


@pytest.mark.parametrize("site", ["_site", "_private"])
def test_links_of_a_site_lead_somewhere(repository: Repository, built: Built, site: str) -> None:
    """Also where a service names a member that has no page."""
    pages = tree(repository.root / site)

    links = {
        (page, posixpath.normpath(posixpath.join(posixpath.dirname(page), link.decode())))
        for page, content in pages.items()
        if page.endswith(".html") and page != "404.html"
        for link in re.findall(rb'(?:href|src)="([^"#:]+)[#"]', content)
    }
    assert len(links) > 100
    assert [(page, target) for page, target in sorted(links) if target not in pages] == []


def test_an_auditor_needs_no_key(repository: Repository, built: Built) -> None:
    """The site is built again from a clone, to the byte."""
    ran = repository.run("audit", "--site", str(repository.root / "_site"))

    assert ran.code == 0, ran.out
    assert "rebuilt to the byte" in ran.out


@pytest.mark.parametrize("private_out", ["_site", "_site/private", "."])
def test_the_two_sites_are_kept_apart(repository: Repository, private_out: str) -> None:
    """One inside of the other would be published, or removed."""
    ran = repository.run("build", "--now", NOW, "--private-out", str(repository.root / private_out))

    assert (ran.code, "is not apart from --out" in ran.err) == (2, True)


@pytest.mark.service
def test_the_site_leaves_the_machine_encrypted(repository: Repository, built: Built, tmp_path: Path) -> None:
    """One archive, which the age tool and tar unpack."""
    archive, key = tmp_path / "site.tar.age", tmp_path / "key.txt"
    key.write_text(f"{IDENTITY}\n")

    ran = repository.run("private", "pack", "--out", str(archive))

    assert ran.code == 0, ran.err
    opened = subprocess.run([program("age", "age"), "-d", "-i", key, archive], capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x"], input=opened, cwd=tmp_path, check=True)
    assert tree(tmp_path / "_private") == tree(repository.root / "_private")
    assert ERROR_TEXT.encode() not in archive.read_bytes()


def test_a_private_repository_needs_no_key(tmp_path: Path) -> None:
    """Its private lines are plain, so whoever builds there may read them."""
    repository = Repository(tmp_path).checks(extra="}\n      - {id: vault, name: Vault of gold, visibility: private, "
                                            'url: "https://vault.acme.example/"')  # fmt: skip
    repository.write("checks.yml", (tmp_path / "checks.yml").read_text() + "private: {plain: true}\n")
    keep = guard([], plain=True)
    assert keep is not None
    row = tmp_path / "history" / "sealed" / "raw" / "2026" / "eu-0401.jsonl"
    row.parent.mkdir(parents=True)
    row.write_bytes(keep(b'{"t":%d,"r":{"vault":99}}\n' % START))

    ran = repository.run("build", "--now", "2026-04-01T00:05:00Z")

    assert (ran.code, "for operators" in ran.out) == (0, True)
    assert document(repository, "_private", "summary.json")["components"] == {"api": "nodata", "vault": "operational"}
    assert b"Vault" not in b"".join(tree(tmp_path / "_site").values())
    shutil.rmtree(tmp_path / "_private")
