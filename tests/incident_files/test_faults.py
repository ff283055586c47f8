"""Every broken incident or maintenance file is a file named by its fault, with what must be said about it beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusledger.incident_files import Names, read_folder
from statusledger.incident_files.reading import LARGEST_BYTES, read_incident, read_maintenance

FAULTS = sorted((Path(__file__).parents[1] / "data" / "incidents").glob("*.md"))
NAMES = Names(components=("api", "web", "db"), groups=("core",), services=("shop",))
GOOD = "---\ntitle: API requests fail\ncomponents: {api: down}\nstarted: 2026-11-21T02:06Z\n---\n"
WINDOW = "---\ntitle: Upgrade\ncomponents: api\nstarts: 2026-11-28T02:00Z\nends: 2026-11-28T04:00Z\n---\n"


def folder(root: Path, files: dict[str, str]) -> list[str]:
    """What is said of a folder with these files."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [str(problem) for problem in read_folder(root, NAMES).problems]


@pytest.mark.parametrize("broken", FAULTS, ids=lambda path: path.stem)
def test_every_fault_is_told_with_its_line_and_the_way_out(broken: Path) -> None:
    """All problems of the file, in the order of lines, in exactly the words beside it."""
    read = read_maintenance if broken.stem.startswith("maintenance_") else read_incident

    outcome = read(broken.read_bytes(), broken.name, NAMES)

    told = "".join(f"{problem}\n" for problem in outcome.problems)
    assert told == broken.with_suffix(".txt").read_text(encoding="utf-8")
    assert told
    assert outcome.record is None


def test_a_file_without_end_is_refused() -> None:
    """A bomb is not read."""
    outcome = read_incident(GOOD.encode() + b"x" * LARGEST_BYTES, "x.md", NAMES)

    assert [str(one) for one in outcome.problems] == ["x.md: is larger than 512 KiB; tell it in fewer words"]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        pytest.param("incidents/2026-11-21-x.md", "move it to incidents/2026/2026-11-21-x.md", id="outside of a year"),
        pytest.param("incidents/2025/2026-11-21-x.md", "move it to incidents/2026/2026-11-21-x.md", id="other year"),
        pytest.param("incidents/2026/11/2026-11-21-x.md", "move it to incidents/2026/2026-11-21-x.md", id="too deep"),
        pytest.param("incidents/2026/x.md", "'x.md' is no name for a file here; write e.g. 2026-11-21-", id="no day"),
        pytest.param("incidents/2026/2026-11-31-x.md", "is no name for a file here", id="no such day"),
        pytest.param("incidents/2026/2026-11-21.md", "is no name for a file here", id="no words"),
        pytest.param("incidents/2026/2026-11-21-API.md", "with small letters a-z", id="capitals"),
        pytest.param("incidents/2026/2026-11-21-a b.md", "is no name for a file here", id="space"),
        pytest.param("incidents/2026/2026-11-21-x.markdown", "rename it to 2026-11-21-x.md", id="long suffix"),
        pytest.param("incidents/2026/2026-11-21-x.MD", "rename it to 2026-11-21-x.md", id="suffix in capitals"),
        pytest.param("incidents/2026/2026-11-21-x.txt", "rename it to 2026-11-21-x.md", id="text"),
        pytest.param("incidents/2026/2026-11-21-x.yml", "rename it to 2026-11-21-x.md", id="YAML"),
    ],
)
def test_a_file_at_the_wrong_place_is_told_not_overlooked(tmp_path: Path, file: str, said: str) -> None:
    """Somebody who puts it there means it to be published."""
    (told,) = folder(tmp_path, {file: GOOD})

    assert told.startswith(f"{file}: ")
    assert said in told


def test_what_nobody_means_as_an_incident_is_passed_over(tmp_path: Path) -> None:
    """Templates, READMEs, hidden files and pictures."""
    files = ["incidents/templates/outage.md", "incidents/README.md", "incidents/2026/.draft.md", "incidents/2026/x.png"]

    assert folder(tmp_path, dict.fromkeys(files, "not an incident")) == []


def test_one_id_has_one_file(tmp_path: Path) -> None:
    """An incident and a maintenance of one name would share an address in feeds."""
    name = "2026/2026-11-28-upgrade.md"

    (told,) = folder(tmp_path, {f"incidents/{name}": GOOD, f"maintenance/{name}": WINDOW})
    assert told == (
        f"maintenance/{name}: the id '2026-11-28-upgrade' belongs to incidents/{name} already; rename this file"
    )


def test_no_measured_incident_has_two_files(tmp_path: Path) -> None:
    """The first file keeps it, the other one is told where it stands."""
    text = GOOD.replace("started", "covers: [api-20261121T020600Z]\nstarted")

    (told,) = folder(tmp_path, {f"incidents/2026/2026-11-21-{name}.md": text for name in "ab"})
    assert told == (
        "incidents/2026/2026-11-21-b.md:4 covers: 'api-20261121T020600Z' is covered by "
        "incidents/2026/2026-11-21-a.md already; no measured incident has two files"
    )


def test_a_broken_file_hides_no_other(tmp_path: Path) -> None:
    """All good ones are read; only the broken one is told."""
    files = {f"incidents/2026/2026-11-21-n{number}.md": GOOD for number in range(20)}
    files["incidents/2026/2026-11-21-n7.md"] = "---\n"
    told = folder(tmp_path, files)

    reading = read_folder(tmp_path, NAMES)
    assert (len(reading.incidents), reading.files) == (19, 20)
    assert [line.partition(":")[0] for line in told] == ["incidents/2026/2026-11-21-n7.md"]
