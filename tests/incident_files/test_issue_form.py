"""Bodies of filled issue forms become files that say what was answered, whatever was answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drafts.issues import INCIDENT, MAINTENANCE, body
from hypothesis import given
from hypothesis import strategies as st

from statusledger.clock import parse_instant
from statusledger.errors import ConfigurationError
from statusledger.incident_files import Detected, IncidentFile, MaintenanceFile, Names
from statusledger.incident_files.form_file import Sheet
from statusledger.incident_files.issue_form import FOLDER, Form, forms
from statusledger.model import IncidentStatus, Severity, State

ROOT = Path(__file__).resolve().parents[2]
NAMES = Names(components=("api", "web", "db"), groups=("core",))
OPENED = parse_instant("2026-04-01T00:31:20Z")
FORMS = {form.folder: form for form in forms(ROOT)}


def sheet(text: str, title: str = "API is slow") -> Sheet:
    """The form that a body was filled in."""
    filled = [(form, told) for form in FORMS.values() if (told := form.answers(text)) is not None]
    return Sheet(*filled[0], title, OPENED)


def record(text: str, title: str = "API is slow") -> IncidentFile | MaintenanceFile:
    """What the file of a body says; it is right."""
    one = sheet(text, title)
    read = one.read(one.text, one.path("UTC").as_posix(), NAMES)
    assert (read.problems, read.record is None) == ((), False)
    return read.record


def test_an_incident_says_what_was_answered():
    """What nobody answered has its default: it began when the issue was opened."""
    one = record(body(INCIDENT))

    assert isinstance(one, IncidentFile)
    assert (one.id, one.title, one.components) == ("2026-04-01-api-is-slow", "API is slow", {"api": State.DEGRADED})
    assert (one.started_at, one.severity, one.detected) == (
        parse_instant("2026-04-01T00:31Z"), None, Detected.MEASURED,
    )  # fmt: skip
    (update,) = one.updates
    assert (update.at, update.status) == (one.started_at, IncidentStatus.INVESTIGATING)
    assert update.text == "Requests time out.\n\nWe are looking."


def test_every_answer_is_read():
    """Choices by their first word; an incident that began later than it was reported has its update then."""
    answers = {
        "Affected components": "api\n- web = degraded,  `db`: up",
        "Where it stands": "resolved",
        "When it began": "2026-04-01T02:00:00+01:00",
        "Severity": "P1 critical",
        "Who noticed": "reported: probes cannot see it; this adds downtime",
    }

    one = record(body(INCIDENT, answers))

    assert isinstance(one, IncidentFile)
    assert one.components == {"api": State.DOWN, "web": State.DEGRADED, "db": State.UP}
    assert (one.severity, one.detected, one.started_at) == (
        Severity.P1, Detected.REPORTED, parse_instant("2026-04-01T01:00Z"),
    )  # fmt: skip
    assert (one.updates[0].at, one.resolved_at) == (one.started_at, one.started_at)


@pytest.mark.parametrize("ends", ["2h", "2026-04-03T04:00Z", "2026-04-03T06:00+02:00"])
def test_maintenance_ends_at_an_instant_or_after_a_time(ends):
    """As people think of it."""
    one = record(body(MAINTENANCE, {"When it is over": ends}), "Database upgrade")

    assert isinstance(one, MaintenanceFile)
    assert (one.id, one.components, one.summary) == ("2026-04-03-database-upgrade", ("api",), "")
    assert (one.starts_at, one.ends_at) == (parse_instant("2026-04-03T02:00Z"), parse_instant("2026-04-03T04:00Z"))


@pytest.mark.parametrize(
    ("answer", "components"), [("*", ("*",)), ("core, web", ("core", "web")), ("- core\n* web\n", ("core", "web"))]
)
def test_maintenance_of_several_things(answer, components):
    """By commas, by lines of a list, or everything."""
    one = record(body(MAINTENANCE, {"Affected components": answer, "When it comes again": "freq=weekly"}))

    assert isinstance(one, MaintenanceFile)
    assert (one.components, one.repeats) == (components, "FREQ=WEEKLY")


@pytest.mark.parametrize(
    ("answers", "changed", "question", "said"),
    [
        (INCIDENT, {"Affected components": "apii"}, "Affected components", "no component 'apii'; did you mean 'api'?"),
        (INCIDENT, {"Affected components": "core"}, "Affected components", "'core' is a group; name the components"),
        (INCIDENT, {"Affected components": "api: broken"}, "Affected components", '"broken" is none of up, degraded'),
        (INCIDENT, {"Affected components": "api, api"}, "Affected components", "duplicate key 'api'"),
        (INCIDENT, {"Affected components": "_No response_"}, "Affected components", "says no component's state"),
        (INCIDENT, {"When it began": "5 pm"}, "When it began", '"5 pm"'),
        (INCIDENT, {"When it began": "2026-04-01T00:31"}, "When it began", "offset"),
        (INCIDENT, {"Severity": "P9"}, "Severity", '"p9" is no severity'),
        (INCIDENT, {"Where it stands": "mending"}, "What customers should know", '"mending" is no state'),
        (INCIDENT, {"Who noticed": "guessed"}, "Who noticed", '"guessed"'),
        (MAINTENANCE, {"When it is over": "2026-04-03T01:00Z"}, "When it is over", "is not after starts"),
        (MAINTENANCE, {"When it is over": "soon"}, "When it is over", '"soon"'),
        (MAINTENANCE, {"When it begins": "_No response_"}, "When it begins", "'starts' is missing"),
        (MAINTENANCE, {"When it comes again": "every week"}, "When it comes again", "is no recurrence rule"),
        (MAINTENANCE, {"Affected components": "mail"}, "Affected components", "no component, group or service 'mail'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_question(answers, changed, question, said):
    """The author sees a form, not a file."""
    one = sheet(body(answers, changed))

    told = [(one.asked(problem), problem.message) for problem in one.read(one.text, "x.md", NAMES).problems]
    assert [asked for asked, message in told if said in message] == [question]


HOSTILE = {
    "ends the front matter": "x\n---\ncounts: true\n",
    "adds a key": "x\nseverity: P1\ndetected: reported",
    "closes a quote": 'x"\nseverity: P1\n#',
    "YAML tag": "!!python/object/apply:os.system [id]",
    "anchor": "&a [*a, *a]",
    "shell": "$(touch /tmp/x); `id` | sh; ${IFS} && exit 1",
    "expression": "${{ github.token }}",
    "workflow command": "::set-output name=x::y\n::add-mask::a",
    "update": "## 2026-04-01T00:00Z resolved\nAll is well.",
    "indented update": "  ## 2026-04-01T00:00Z resolved {api: up}",
    "postmortem": "## postmortem\nNothing happened.",
    "null": "null",
    "path": "../../.github/workflows/evil.yml",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "mention": "@everyone fixes #1, closes #2 [x](javascript:alert(1))",
    "turned around": "\u202etxt.exe\u202c \u2066x\u2069 \x00\x1b[31m\u200b",
    "line separators": "x\u2028severity: P1\u2029y\x85z",
    "fence": "```\n## 2026-04-01T00:40Z resolved\n",
    "template": "{{ title }} {% raw %}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
@pytest.mark.parametrize("question", ["title", *dict.fromkeys([*INCIDENT, *MAINTENANCE])])
def test_no_answer_reaches_beyond_its_question(question, text):
    """Whatever stands in one of them, the others stay as they were: the file is refused, or says this one otherwise."""
    for kind, answers in (("incidents", INCIDENT), ("maintenance", MAINTENANCE)):
        if question not in (*answers, "title"):
            continue
        plain = sheet(body(answers))
        told = Sheet(
            plain.form,
            {name: text if label == question else plain.answers[name] for name, label in plain.form.labels.items()},
            text if question == "title" else plain.title,
            OPENED,
        )
        path = told.path("UTC")

        read = told.read(told.text, path.as_posix(), NAMES).record
        expected = plain.read(plain.text, plain.path("UTC").as_posix(), NAMES).record
        assert path.parts[0] == kind
        assert len(path.parts) == 3
        if read is not None and expected is not None:
            assert changed_by(read, expected) <= ALLOWED[question]


ALLOWED = {
    "title": {"id", "file", "title"},
    "Affected components": {"components"},
    "What customers should know": {"updates", "summary"},
    "Where it stands": {"updates", "resolved_at"},
    "When it began": {"started_at", "updates", "id", "file"},
    "Severity": {"severity"},
    "Who noticed": {"detected"},
    "When it begins": {"starts_at", "ends_at", "id", "file"},
    "When it is over": {"ends_at"},
    "When it comes again": {"repeats"},
}


def changed_by(one: object, other: object) -> set[str]:
    """The fields in which two records differ; of updates also how many there are."""
    names = [name for name in type(one).__slots__ if getattr(one, name) != getattr(other, name)]
    assert len(one.updates) == len(other.updates)
    return set(names)


@given(text=st.text(max_size=300), title=st.text(max_size=60))
def test_any_text_is_a_first_update_and_nothing_else(text, title):
    """One update, one component, no end, no postmortem; or the title is empty, and that is told."""
    one = sheet(body(INCIDENT, {"Affected components": "api", "What customers should know": text}), title)

    read = one.read(one.text, one.path("UTC").as_posix(), NAMES)
    if read.record is None:
        assert {one.asked(problem) for problem in read.problems} == {"title"}
        return
    told = read.record
    assert isinstance(told, IncidentFile)
    assert (len(told.updates), dict(told.components), told.resolved_at) == (1, {"api": State.DOWN}, None)
    assert (told.postmortem, told.covers, told.severity) == (None, None, None)


@pytest.mark.parametrize(
    "text",
    ["", "It is broken!", "### Affected components\n\napi", body(INCIDENT).replace("### Severity\n", "")],
    ids=["empty", "by hand", "one label", "a label is missing"],
)
def test_an_issue_that_is_of_no_form_is_left_alone(text):
    """People open issues about other things."""
    assert [form.answers(text) for form in FORMS.values()] == [None, None]


def test_labels_may_be_in_any_language(tmp_path):
    """The ids lead; a question that a repository left out has its default."""
    (tmp_path / FOLDER).mkdir(parents=True)
    questions = [("components", "Betroffen"), ("text", "Was Kunden wissen sollen")]
    elements = [{"type": "input", "id": name, "attributes": {"label": label}} for name, label in questions]
    (tmp_path / FOLDER / "incident.yml").write_text(json.dumps({"name": "Störung", "body": elements}))

    (form,) = forms(tmp_path)

    assert form.answers("### Betroffen\n\napi\n\n### Was Kunden wissen sollen\n\nWir suchen.") == {
        "components": "api", "text": "Wir suchen.",
    }  # fmt: skip
    assert isinstance(form, Form)


def test_a_form_that_lacks_a_question_is_told(tmp_path):
    """Its file would never be right."""
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / "incident.yml").write_text("name: x\nbody: []\n")

    with pytest.raises(ConfigurationError) as told:
        list(forms(tmp_path))

    assert str(told.value).splitlines() == [
        ".github/ISSUE_TEMPLATE/incident.yml body: no question has the id 'components'; give it one",
        ".github/ISSUE_TEMPLATE/incident.yml body: no question has the id 'text'; give it one",
    ]
