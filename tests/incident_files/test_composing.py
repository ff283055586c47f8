"""Records -> files that read as the same records; changes to a file that leave the rest of it as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statusledger.errors import UsageError
from statusledger.incident_files import Detected, IncidentFile, MaintenanceFile, MaintenanceStatus, Names, Update
from statusledger.incident_files.composing import incident_text, maintenance_text, with_key, with_update
from statusledger.incident_files.reading import read_incident, read_maintenance
from statusledger.incident_files.templates import DEFAULTS, filled, template
from statusledger.model import IncidentStatus, Severity, State

NAMES = Names(("api", "web"))
START = 1_795_226_760_000
ROOT = Path(__file__).parents[2]
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
LINE = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
TEXT = st.lists(st.one_of(LINE, st.sampled_from(["## 2026", "```", "---", "<!--", "# x", ""])), max_size=5).map(
    lambda lines: "\n".join(lines).strip()
)
STATES = st.dictionaries(st.sampled_from(["api", "web"]), st.sampled_from([State.DOWN, State.DEGRADED]), min_size=1)


@st.composite
def incidents(draw: st.DrawFn) -> IncidentFile:
    """Any incident that a file can tell of; texts have no markup of their own that would swallow a heading."""
    plain = LINE.filter(lambda text: not any(mark in text for mark in ("`", "~", "<", "#")))
    updates = draw(st.lists(plain, max_size=3))
    return IncidentFile(
        id="2026-11-21-x",
        file="2026-11-21-x.md",
        title=draw(LINE),
        components=draw(STATES),
        started_at=START + draw(st.integers(0, 999)),
        severity=draw(st.sampled_from([None, *Severity])),
        detected=draw(st.sampled_from(Detected)),
        counts=draw(st.booleans()),
        root_cause=draw(st.one_of(st.none(), LINE)),
        covers=draw(st.sampled_from([None, ("api-1", "web-2")])),
        summary=draw(plain),
        updates=tuple(
            Update(START + 60_000 * (n + 1), IncidentStatus.MONITORING, text, draw(STATES))
            for n, text in enumerate(updates)
        ),
        postmortem=draw(st.one_of(st.none(), plain)),
    )


@given(incidents())
def test_what_is_composed_reads_as_the_same_record(one: IncidentFile) -> None:
    """Whatever is in its title, texts and times."""
    outcome = read_incident(incident_text(one).encode(), "2026-11-21-x.md", NAMES)

    assert outcome.problems == ()
    assert outcome.record == one


@given(TEXT)
def test_no_text_can_become_an_update(text: str) -> None:
    """It stays text, so an update behind it is still found where no code block or comment was left open."""
    one = IncidentFile("2026-11-21-x", "2026-11-21-x.md", "T", {"api": State.DOWN}, START, summary=text)

    outcome = read_incident(incident_text(one).encode(), "2026-11-21-x.md", NAMES)
    assert outcome.problems == ()
    assert outcome.record is not None
    assert outcome.record.updates == ()


def test_maintenance_is_composed_too() -> None:
    """With its rule, and everything by its quoted star."""
    step = Update(START, MaintenanceStatus.IN_PROGRESS, "Here we go.", {})
    one = MaintenanceFile("2026-11-28-x", "2026-11-28-x.md", "T", ("*",), START, START + 60_000, repeats="FREQ=DAILY")
    whole = MaintenanceFile(
        **{name: getattr(one, name) for name in one.__slots__ if name not in {"updates", "cancelled"}},
        updates=(step,),
        cancelled=True,
    )

    assert read_maintenance(maintenance_text(whole).encode(), "2026-11-28-x.md", NAMES).record == whole


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("---\nresolved: x # why\n---\n", "---\nresolved: y\n---\n", id="in its line"),
        pytest.param("---\ntitle: T\n---\nB\n---\n", "---\ntitle: T\nresolved: y\n---\nB\n---\n", id="in a new one"),
        pytest.param("---\nnot_resolved: x\n---\n", "---\nnot_resolved: x\nresolved: y\n---\n", id="not in another"),
    ],
)
def test_a_key_is_changed_in_its_place(before: str, after: str) -> None:
    """Only in the front matter."""
    assert with_key(before, "resolved", "y") == after


@pytest.mark.parametrize("ending", ["", "\n", "\n\n\n"])
def test_an_update_is_added_behind_the_others(ending: str) -> None:
    """Whatever the file ended in."""
    update = Update(START, IncidentStatus.MONITORING, "A fix.\n", {"api": State.DEGRADED})

    changed = with_update(f"---\n---\nHello.{ending}", update)
    assert changed == "---\n---\nHello.\n\n## 2026-11-21T02:06Z monitoring {api: degraded}\nA fix.\n"


@pytest.mark.parametrize("folder", DEFAULTS)
def test_the_templates_of_the_repository_are_the_built_in_ones(folder: str, tmp_path: Path) -> None:
    """Who removes one gets the same."""
    name, text = DEFAULTS[folder]

    assert template(ROOT, folder) == text == template(tmp_path, folder)
    assert (ROOT / folder / "templates" / f"{name}.md").is_file()


def test_a_template_that_asks_for_more_is_refused() -> None:
    """Naming what it asks for, and what there is."""
    with pytest.raises(UsageError, match="the template asks for weather; what can be filled in is title"):
        filled("{{ title }} {{ weather }}", {"title": "T"})


def test_what_is_filled_in_is_not_filled_again() -> None:
    """A title may have braces."""
    assert filled("---\ntitle: {{ title }}\n---\n", {"title": "{{ title }}"}) == "---\ntitle: {{ title }}\n---\n"
