"""The pages as files: complete, escaped, linked, small, and the same bytes for the same report."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import PurePosixPath
from posixpath import normpath

import pytest
from outputs import reports

from statusledger import model, outputs
from statusledger.clock import HOUR_MS, MINUTE_MS
from statusledger.outputs import hosting, theme
from statusledger.report.records import Interval, Report
from statusledger.report.spans import Counted
from statusledger.sla import promise

THEME = theme.load()
VOID = {"base", "br", "circle", "col", "hr", "img", "input", "link", "meta", "path", "rect", "use"}
INLINE = {"a", "b", "code", "time"}


class Page(HTMLParser):
    """What a test asks of a page: elements with their attributes, ids, links, words."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Every element, in order; where a block begins, its words do not touch those before it."""
        self.text += "" if tag in INLINE else " "
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        """The words between them."""
        self.text += data

    def values(self, attribute: str) -> list[str]:
        """Every value of an attribute."""
        return [attrs[attribute] for _, attrs in self.elements if attribute in attrs]

    def with_class(self, name: str) -> list[dict[str, str]]:
        """The attributes of every element of a class."""
        return [attrs for _, attrs in self.elements if name in attrs.get("class", "").split()]


def built(report: Report) -> dict[str, bytes]:
    """The files of a report by path."""
    return {path.as_posix(): content for path, content in outputs.files(report, THEME).items()}


def state_files(name: str) -> dict[str, bytes]:
    """The files of one of the hand-made states."""
    return dict(reports.site(name))


def html(files: dict[str, bytes]) -> dict[str, Page]:
    """The pages among them, read."""
    return {path: Page(content) for path, content in files.items() if path.endswith(".html")}


def words_of(content: bytes) -> str:
    """The text of a page in one line, narrow spaces made plain."""
    return " ".join(Page(content).text.replace("\u202f", " ").split())


@dataclass(frozen=True)
class State:
    """The files of a state, and the pages among them."""

    files: dict[str, bytes]
    pages: dict[str, Page]


@pytest.fixture(scope="module", params=sorted(reports.STATES))
def state(request: pytest.FixtureRequest) -> State:
    """Every state in turn."""
    files = state_files(request.param)
    return State(files, html(files))


# --- every page of every state -------------------------------------------------------------------


def test_links_lead_to_a_file_of_the_site(state: State) -> None:
    """A relative address ends at a file that is there, from whatever folder the page lies in."""
    dead = [
        (path, address)
        for path, page in state.pages.items()
        if path != "404.html"
        for address in page.values("href") + page.values("src")
        if "://" not in address and not address.startswith(("#", "data:", "mailto:"))
        and normpath(PurePosixPath(path).parent / address.partition("#")[0]) not in state.files
    ]  # fmt: skip

    assert dead == []


def test_anchors_and_references_name_an_element(state: State) -> None:
    """Fragments, labels and shapes point at an id that is on the page, and no id is there twice."""
    for path, page in state.pages.items():
        ids = page.values("id")
        labels = [name for value in page.values("aria-labelledby") for name in value.split()]
        fragments = [value[1:] for value in page.values("href") if value.startswith("#")]

        assert len(ids) == len(set(ids)), path
        assert set(labels + fragments) <= set(ids), path


def test_fragments_of_other_pages_exist(state: State) -> None:
    """A link into another page finds its place there."""
    ids = {path: set(page.values("id")) for path, page in state.pages.items()}
    missing = [
        address
        for path, page in state.pages.items()
        if path != "404.html"
        for address in page.values("href")
        if "index.html#" in address
        and address.partition("#")[2] not in ids[normpath(PurePosixPath(path).parent / address.partition("#")[0])]
    ]

    assert missing == []


def test_nothing_runs_and_nothing_is_styled_inline(state: State) -> None:
    """One script, a file of our own; no style, no handler, no javascript: address, whatever the names say."""
    for path, page in state.pages.items():
        tags = {tag for tag, _ in page.elements}
        attributes = {name for _, attrs in page.elements for name in attrs}
        scripts = [attrs for tag, attrs in page.elements if tag == "script"]

        assert [set(attrs) for attrs in scripts] == [{"src", "defer"}], path
        assert scripts[0]["src"].endswith("static/page.js"), path
        assert tags.isdisjoint({"style", "iframe", "object", "embed", "form"}), path
        assert not [name for name in attributes if name == "style" or name.startswith("on")], path
        assert not [value for value in page.values("href") if value.startswith("javascript:")], path


def test_pages_carry_the_policy_and_the_feeds(state: State) -> None:
    """Hosts that ignore `_headers` get the same policy, readers find both feeds."""
    for path, page in state.pages.items():
        policies = [a["content"] for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
        feeds = [a["type"] for tag, a in page.elements if tag == "link" and a.get("rel") == "alternate"]

        assert policies == [hosting.CONTENT_SECURITY_POLICY], path
        text = ["text/markdown"] if path == "index.html" else []
        assert feeds == [*text, "application/rss+xml", "application/atom+xml"], path


def test_times_name_their_instant_and_pages_have_one_heading(state: State) -> None:
    """Every time is readable by machines; a page has one h1."""
    for path, page in state.pages.items():
        instants = [attrs["datetime"] for tag, attrs in page.elements if tag == "time"]

        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?", instant) for instant in instants), path
        assert [tag for tag, _ in page.elements].count("h1") == 1, path


def test_same_report_gives_the_same_bytes() -> None:
    """A second theme and a second report of the same facts change nothing."""
    again = {path.as_posix(): content for path, content in outputs.files(reports.major(), theme.load()).items()}

    assert state_files("major") == again


# --- the banner ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "shown", "headline"),
    [
        ("operational", "operational", "All systems operational"),
        ("degraded", "degraded", "Exports: degraded"),
        ("partial", "partial", "API: partial outage"),
        ("major", "major", "API: major outage"),
        ("maintenance", "maintenance", "API: maintenance"),
        ("stale", "nodata", "Data is 3 h old"),
        ("offline", "nodata", "The monitor is offline"),
        ("empty", "nodata", "Nothing has been measured yet"),
    ],
)
def test_banner_says_the_verdict(name: str, shown: str, headline: str) -> None:
    """The banner has the state and the words of the verdict."""
    content = state_files(name)["index.html"]

    assert [banner["data-status"] for banner in Page(content).with_class("verdict")] == [shown]
    assert f"{headline} \u2013 Acme Status" in words_of(content)


def test_outage_tells_since_when_and_until_when_an_answer_is_due() -> None:
    """While an incident lasts, the home page shows its trail and the strip says since when."""
    text = words_of(state_files("major")["index.html"])

    assert "Down since 02:31 UTC API, 29 min so far" in text
    assert "Active for 29 min Investigating 02:33 UTC Measured as down (timeout)." in text
    assert "Affected: API. Severity P1: an answer was due by 02:48 UTC." in text
    assert "Measured from 1 of 2 locations overdue: Virginia" in text
    assert "since 02:31 UTC, down from Frankfurt, Virginia" in text
    assert "Left out: 2 lines of history that could not be read." in text


def test_generated_past_is_told_wherever_its_rows_are_shown() -> None:
    """Home, components, statements, history and the incidents of that time carry the note; measured pages do not."""
    note = "Everything up to 20 Nov 2026, 12:00 UTC was generated for the demo, not measured."
    telling = {path for path, content in state_files("generated").items() if note in words_of_page(path, content)}
    measured = state_files("operational")

    assert telling == {path for path in measured if path.endswith(".html")} - {"404.html", "subscribe/index.html"}
    assert not [path for path, content in measured.items() if b"generated for the demo" in content]


def words_of_page(path: str, content: bytes) -> str:
    """The words of a page; nothing for other files."""
    return words_of(content) if path.endswith(".html") else ""


def test_pages_of_what_is_over_do_not_change_with_the_build() -> None:
    """An hour later and in another state, a resolved incident and a month that is over have the same bytes."""
    report = reports.operational()
    later = replace(report, built=replace(report.built, as_of=reports.NOW + HOUR_MS, commit="0" * 40))
    changed = replace(later, verdict=replace(report.verdict, shown=model.Shown.MAJOR, headline="API: major outage"))

    before, after = state_files("operational"), built(changed)

    same = {path for path, content in before.items() if after.get(path) == content}
    assert {
        "404.html",
        "history/2026-10/index.html",
        "incidents/api-20261014T020000Z/index.html",
        "static/page.css",
    } <= same
    assert "index.html" not in same


def test_page_says_until_when_it_may_be_believed() -> None:
    """The hold of the measurements and ten minutes of cache; nothing where the page says itself that it is old."""
    live = Page(state_files("major")["index.html"])
    stale = Page(state_files("stale")["index.html"])

    assert live.values("data-stale-after") == ["2026-11-21T03:21:00.000Z"]
    assert live.with_class("aged") == [{"class": "aged", "role": "status", "hidden": ""}]
    assert stale.values("data-stale-after") == []


# --- figures -------------------------------------------------------------------------------------


def test_percentages_name_their_own_window() -> None:
    """90 and 30 bars have figures of their own; 60 bars borrow those of 90 days and say so."""
    content = state_files("operational")["index.html"].decode().replace("\u202f", " ")

    assert '<span class="w90">90 days: <b>99.943 %</b>, 2 days with downtime</span>' in content
    assert '<span class="w60">90 days: <b>99.943 %</b>, 2 days with downtime</span>' in content
    assert '<span class="w30">30 days: <b>100.000 %</b>, no downtime</span>' in content
    assert '<span class="coverage w30">99.07 % measured</span>' in content


def test_sixty_bars_use_the_figures_of_sixty_days_where_there_are_some() -> None:
    """A report with a 60-day period is told by it."""
    api = reports.component("api", "API", reports.API_DAYS)
    sixty = reports.figures(reports.rolling(60, reports.NOW), api.days[-60:])
    counts = {name: {**getattr(api, name), "60d": 9} for name in ("checks_total", "checks_failed")}
    report = reports.report({"Core": [replace(api, figures={**api.figures, "60d": sixty}, **counts)]})

    content = built(report)["index.html"].decode().replace("\u202f", " ")

    assert '<span class="w60">60 days: <b>99.914 %</b>, 2 days with downtime</span>' in content


def test_downtime_before_the_oldest_bar_is_not_called_none() -> None:
    """A rolling window begins a day earlier than its bars; its downtime is told in minutes then."""
    first = reports.TODAY - timedelta(days=90)
    api = reports.component("api", "API", {first: {"down": 7}})
    counted = reports.figures(reports.rolling(90, reports.NOW), api.days[-91:])
    report = reports.report({"Core": [replace(api, figures={**api.figures, "90d": counted})]})

    assert "99.994 %, 7 min of downtime" in words_of(built(report)["index.html"])


def test_young_component_says_since_when_instead_of_a_window_it_does_not_fill() -> None:
    """Ten days old: its figure names its first day, and so does the page of the component."""
    files = state_files("young")

    assert "Since 12 Nov: 99.977 %, 1 day with downtime" in words_of(files["index.html"])
    assert "API: 99.977 % up since 12 Nov, 1 day with downtime" in files["index.html"].decode().replace("\u202f", " ")
    assert "Measured since 12 Nov 2026: longer windows hold no more than that." in words_of(
        files["components/api/index.html"]
    )


def test_component_that_was_never_measured_has_no_table_of_dashes() -> None:
    """Nothing to say about uptime, budget and response times: the page says when it was last measured, never."""
    text = words_of(state_files("empty")["components/api/index.html"])

    assert "Last measured Never" in text
    assert "Uptime" not in text


def test_many_groups_fold_and_open_where_something_is_wrong() -> None:
    """200 components: nine groups are folded, the tenth is open and begins with what is wrong."""
    content = state_files("crowded")["index.html"]
    folds = Page(content).with_class("fold")
    text = words_of(content)

    assert ["open" in fold for fold in folds] == [i == 3 for i in range(10)]
    assert "Region 3 1 of 20 affected" in text
    assert text.index("Component 3-7 Degraded") < text.index("Component 3-0 Operational")
    assert "Region 0 20 operational" in text


def test_component_page_has_five_windows_with_bounds_and_coverage() -> None:
    """Each row: uptime, down, unknown, what it could have been, what was measured."""
    text = words_of(state_files("operational")["components/api/index.html"])

    assert "90 d 99.943 % 1 h 12 min 6 h 30 min 99.639 to 99.943 % 99.69 %" in text
    for window in ("24 h", "7 d", "30 d", "365 d"):
        assert f"{window} 1" in text or f"{window} 9" in text, window


def test_component_page_tells_what_is_checked() -> None:
    """Type, rhythm, confirmation, quorum, threshold and hold stand beside the figures."""
    text = words_of(state_files("operational")["components/web/index.html"])

    assert "Check HTTP Every 30 s from Frankfurt, Virginia Down when 2 failures in a row, at a majority of its" in text
    assert "Slow when over 300 ms Unknown after 15 min without a result" in text
    assert "Depends on API" in text


def test_component_page_names_no_dependency_that_is_not_on_the_site() -> None:
    """An id that the report does not show as a component is not printed."""
    web = reports.component("web", "Dashboard", depends_on=("secret-database",))

    files = built(reports.report({"Core": [web]}))

    assert not [path for path, page in files.items() if path.endswith(".html") and b"secret-database" in page]


def test_statement_states_the_arithmetic_of_its_month() -> None:
    """October of the API: 72 minutes down of 44,580 that count."""
    text = words_of(state_files("operational")["sla/2026-10/index.html"])

    assert "API, October 2026 1 Oct 2026, 00:00 UTC to 1 Nov 2026, 00:00 UTC" in text
    assert "Breached. Up 99.838 % of the time that counts, promised 99.900 %." in text
    assert "Target 99.900 % Achieved 99.838 % Bounds 99.838 to 99.838 % Coverage 100.000 % Credit 10 %" in text
    assert "Used 72.000 min Allowed 44.580 min Remaining \u221227.420 min Consumed 161.5 %" in text
    assert "0.1 % of 44,580 minutes" in text
    assert "Down 2 Oct, 02:00 to 02:11 UTC 11.000 API: outage" in text
    assert "Maintenance 18 Oct, 02:00 to 03:00 UTC 60.000 Announced in time" in text
    assert "44,508.000 ÷ 44,580.000 minutes, cut to three decimals" in text
    assert "statusledger sla --component api --from 2026-10-01T00:00:00.000Z --to 2026-11-01T00:00:00.000Z" in text


def test_overview_puts_every_subject_beside_its_target() -> None:
    """The running month of each component and service, and the way to every statement."""
    content = state_files("operational")["sla/index.html"]
    text = words_of(content)

    assert "November 2026, so far" in text
    assert "API On target 99.900 % 100.000 % 98.65 % 0.000 min 42.810 min" in text
    assert "Whole platform On target 99.900 %" in text
    assert {"2026-10/index.html", "2026-11/index.html"} <= {
        link.removeprefix("../sla/") for link in Page(content).values("href")
    }


def test_running_statement_is_provisional() -> None:
    """The month of the build says that it still runs, and its command ends at the build."""
    text = words_of(state_files("operational")["sla/2026-11/index.html"])

    assert "of the time that counts so far, promised" in text
    assert "Provisional while the month runs; 0 % can no longer be avoided." in text
    assert "--to 2026-11-21T03:00:00.000Z" in text


def test_statement_of_a_service_has_its_own_intervals() -> None:
    """They lead to the incidents of its members, and the rules say how these become one."""
    text = words_of(state_files("operational")["sla/2026-10/index.html"]).partition("Whole platform, October 2026")[2]

    assert "Down 14 Oct, 02:00 to 03:01 UTC 61.000 API: outage" in text
    assert "The whole is up while all of API, Dashboard are." in text
    assert "Down (API, Dashboard) from the first failed check" in text
    assert "statusledger sla --service platform --from" in text


def test_statement_says_when_too_little_was_measured() -> None:
    """Coverage under the bar of the terms is told beside the result."""
    text = words_of(state_files("operational")["sla/2026-11/index.html"])

    assert text.count("Insufficient data: too little was measured to rely on it.") == 1


def test_statement_sums_the_short_gaps_that_it_does_not_list() -> None:
    """Of forty gaps the longest 25 are lines and the others one line: no minute gets lost."""
    start = reports.at(date(2026, 10, 1))
    gaps = tuple(
        Interval(start + i * HOUR_MS, start + i * HOUR_MS + (i + 1) * MINUTE_MS, model.State.UNKNOWN) for i in range(40)
    )
    api = reports.component("api", "API", intervals=gaps)

    text = words_of(built(reports.report({"Core": [api]}))["sla/2026-10/index.html"])

    assert text.count("Nothing was measured: in the bounds") == 25
    assert f"15 shorter ones {sum(range(1, 16))}.000 In JSON" in text
    assert f"36 shorter ones {sum(range(1, 37))}.000 On the page and in JSON" in text


def test_contract_and_month_have_a_sheet_of_their_own() -> None:
    """Whose it is, what is owed in money, by which schedule, and every statement of the month."""
    text = words_of(state_files("operational")["sla/contracts/gold/2026-10/index.html"])

    assert "API, October 2026 Contract gold. 1 Oct 2026, 00:00 UTC to 1 Nov 2026, 00:00 UTC" in text
    assert "Credit 10 %, EUR 120.00" in text
    assert "10 % from 99 %, 50 % from 95 %, else 100 % of EUR 1,200.00 a month." in text
    assert f"1 3 Nov 2026, 00:14 UTC 99.838 % 10 %, EUR 120.00 {reports.LATE}" in text
    assert "0 2 Nov 2026, 00:14 UTC 99.886 % 10 %, EUR 120.00 First statement" in text
    assert "Final, revision 1, stated 3 Nov 2026, 00:14 UTC. Input digest 71f03a9e00112233." in text
    assert "statusledger sla --contract gold --from" in text
    assert "Burn" not in text


def test_running_month_of_a_contract_tells_how_fast_it_burns() -> None:
    """In the pairs of windows that alerts look at, and whether one of them fires."""
    text = words_of(state_files("operational")["sla/contracts/gold/2026-11/index.html"])

    assert "Burn, 1 h and 5 min 166.6\u00d7 and \u2013 (page above 14.4\u00d7)" in text
    assert "The month still runs; counted up to 21 Nov 2026, 03:00 UTC." in text


def test_changed_inputs_of_a_final_month_are_told() -> None:
    """Until the revision is there, the page says that one is due."""
    made = reports.operational()
    (gold,) = made.contracts
    changed = {**gold.months, "2026-10": replace(gold.months["2026-10"], inputs_changed=True)}

    text = words_of(
        built(replace(made, contracts=(replace(gold, months=changed),)))["sla/contracts/gold/2026-10/index.html"]
    )

    assert "What it was made from has changed since: a revision is due." in text


def test_a_policy_that_changed_in_the_month_is_told_with_its_date() -> None:
    """What held before stands without one."""
    change = reports.at(date(2026, 10, 12))
    counted = (Counted(None, change, "after 2."), Counted(change, None, "after 3."))
    api = reports.component("api", "API", counted=counted)

    files = built(reports.report({"Core": [api]}))

    assert "Down after 2. Down since 12 Oct 2026, 00:00 UTC: after 3." in words_of(files["sla/2026-10/index.html"])
    assert "after 2." not in words_of(files["sla/2026-11/index.html"])
    assert "after 3." not in words_of(files["sla/2026-09/index.html"])


def test_terms_decide_which_intervals_count() -> None:
    """Degraded time by its weight and unknown time as down stand among what is counted, with the reason."""
    start = reports.at(date(2026, 10, 1))
    states = (model.State.DEGRADED, model.State.UNKNOWN, model.State.MAINTENANCE)
    gaps = tuple(Interval(start + i * HOUR_MS, start + (i + 1) * HOUR_MS, state) for i, state in enumerate(states))
    terms = model.Terms(Fraction(1, 4), "down", "up")
    api = reports.component("api", "API", intervals=gaps, promised=promise(reports.TARGET, None, terms))

    text = words_of(built(reports.report({"Core": [api]}))["sla/2026-10/index.html"])

    counted, _, others = text.partition("Not counted")
    assert "15.000 Degraded counts as 1/4" in counted
    assert "60.000 Nothing was measured: down by the terms" in counted
    assert "60.000 Announced in time: up by the terms" in others


def test_service_by_weight_tells_the_share_that_was_bad() -> None:
    """Three quarters of an hour by weight are 45 minutes."""
    made = reports.operational()
    start = reports.at(date(2026, 10, 1))
    part = Interval(start, start + HOUR_MS, model.State.DEGRADED, Fraction(3, 4))
    service = replace(made.services[0], intervals=(part,), mode="weighted")

    text = words_of(built(replace(made, services=(service,)))["sla/2026-10/index.html"])

    assert "45.000 3/4 of the members by weight" in text
    assert "as down as API, Dashboard are, each in proportion to its weight." in text


# --- lists ---------------------------------------------------------------------------------------


def test_history_keeps_every_incident() -> None:
    """120 incidents in three months are all on the page of their month, and all months on the overview."""
    api = reports.component("api", "API")
    starts = [reports.at(date(2026, month, 1)) + i * 12 * HOUR_MS for month in (8, 9, 10) for i in range(40)]
    incidents = tuple(reports.incident(f"api-{i}", api, s, s + HOUR_MS) for i, s in reversed(list(enumerate(starts))))

    files = built(reports.report({"Core": [api]}, incidents=incidents))

    for month, first in (("2026-08", 0), ("2026-09", 40), ("2026-10", 80)):
        links = set(Page(files[f"history/{month}/index.html"]).values("href"))
        assert {f"../../incidents/api-{i}/index.html" for i in range(first, first + 40)} <= links
        assert f"{month}/index.html" in str(Page(files["history/index.html"]).values("href"))
    assert "August 2026 40 incidents, 40 h of downtime" in words_of(files["history/index.html"])


def test_home_lists_only_the_newest() -> None:
    """Five past incidents and five bad days a component, each with a link to the rest."""
    odd = {reports.TODAY - timedelta(days=3 * i): {"degraded": 9} for i in range(1, 9)}
    api = reports.component("api", "API", odd)
    starts = [reports.at(date(2026, 10, day)) for day in range(20, 10, -1)]
    incidents = tuple(reports.incident(f"api-{s}", api, s, s + HOUR_MS) for s in starts)

    files = built(reports.report({"Core": [api]}, incidents=incidents))
    home, component = Page(files["index.html"]), Page(files["components/api/index.html"])

    assert len([link for link in home.values("href") if link.startswith("incidents/")]) == 5
    assert files["index.html"].count(b"<td>Degraded") == 5
    assert "3 more" in home.text
    assert component.text.count("9\u202fmin") >= 8


def test_many_components_fold_into_groups() -> None:
    """With two hundred components a group is closed unless something in it is not operational."""
    page = Page(state_files("crowded")["index.html"])
    folds = page.with_class("fold")

    assert [("open" in fold) for fold in folds] == [False] * 3 + [True] + [False] * 6
    assert "1 of 20 affected" in page.text


def test_incident_page_tells_what_every_location_saw() -> None:
    """A lane per location, the verdict last, and how exactly both ends are known."""
    content = state_files("operational")["incidents/api-20261014T020000Z/index.html"]
    text = words_of(content)

    assert len(Page(content).with_class("lane")) == 3
    assert "Frankfurt 01:53 to 02:00: up 02:00 to 03:01: down" in text
    assert "Resolved after 1 h 1 min. API was down from 14 Oct, 02:00 to 03:01 UTC." in text
    assert "The true start lies between 01:59:14 (last success) and 02:00:00 (first failure)." in text
    assert "The true end lies between 03:00:30 (last failure) and 03:01:00 (first success)." in text
    assert text.index("Investigating") < text.index("Resolved 14 Oct")


def test_incident_that_lasts_has_no_end() -> None:
    """Its page is red, newest update first, and claims no end."""
    content = state_files("major")["incidents/api-20261121T023100Z/index.html"]

    assert [banner["data-status"] for banner in Page(content).with_class("verdict")] == ["major"]
    assert "API is down since 21 Nov 2026, 02:31 UTC, 29 min so far." in words_of(content)
    assert "The true end" not in words_of(content)


# --- zones, addresses, hosts ---------------------------------------------------------------------


def test_times_are_told_in_the_zone_of_the_page() -> None:
    """Berlin in winter: an hour later, named CET; statements stay in their own zone."""
    report = reports.operational()
    files = built(replace(report, page=replace(report.page, timezone="Europe/Berlin")))

    assert "Last measured 03:56 CET" in words_of(files["index.html"])
    assert "days in Europe/Berlin" in words_of(files["index.html"])
    assert "14 Oct, 04:00 to 05:01 CEST" in words_of(files["history/2026-10/index.html"])
    assert "2 Oct, 02:00 to 02:11 UTC" in words_of(files["sla/2026-10/index.html"])
    assert "uptime by month in UTC" in words_of(files["components/api/index.html"])


def test_wrong_address_page_works_at_any_depth_of_a_sub_path() -> None:
    """Its links begin at the path of the page's address."""
    report = reports.operational()
    moved = replace(report, page=replace(report.page, url="https://acme.example/status/"))

    assert {"/status/index.html", "/status/static/page.css"} <= set(Page(built(moved)["404.html"]).values("href"))


def test_hosts_and_crawlers_find_their_files() -> None:
    """Absolute addresses where the formats demand them; the same policy as in the pages."""
    files = state_files("operational")

    assert files["robots.txt"].decode().endswith("Sitemap: https://status.acme.example/sitemap.xml\n")
    assert b"<loc>https://status.acme.example/components/api/</loc>" in files["sitemap.xml"]
    assert b"404" not in files["sitemap.xml"]
    assert hosting.CONTENT_SECURITY_POLICY.encode() in files["_headers"]


def test_names_are_shown_as_they_are_written() -> None:
    """Markup in a name is text on the page."""
    files = state_files("hostile")

    for path in ("index.html", "components/api/index.html", "incidents/api-20261014T020000Z/index.html"):
        assert reports.XSS in Page(files[path]).text, path


def test_home_stays_within_its_budget() -> None:
    """20 components x 90 days with three odd days each: 60 kB of HTML and CSS, 14 kB compressed."""
    files = state_files("twenty")
    styles = [a["href"] for tag, a in Page(files["index.html"]).elements if a.get("rel") == "stylesheet"]
    parts = [files[name] for name in ("index.html", *styles)]
    scripts = [files[a["src"]] for tag, a in Page(files["index.html"]).elements if tag == "script"]

    assert sum(map(len, parts)) <= 60_000
    assert sum(len(gzip.compress(part, 9)) for part in parts) <= 14_000
    assert len(parts + scripts) <= 3
    assert all(len(script) <= 2000 for script in scripts)


def test_elements_are_closed_in_order() -> None:
    """Every element that may not be left open is closed where it was opened."""
    for path, content in state_files("major").items():
        if path.endswith(".html"):
            assert unbalanced(content.decode()) == [], path


def unbalanced(text: str) -> list[str]:
    """The tags whose end does not fit."""
    open_tags, wrong = [], []
    for closing, tag, itself in re.findall(r"<(/?)([a-z][a-z0-9]*)(?:\s[^<>]*?)?(/?)>", text):
        if itself or tag in VOID:
            continue
        if not closing:
            open_tags.append(tag)
        elif not open_tags or open_tags.pop() != tag:
            wrong.append(tag)
    return wrong + open_tags


def test_what_was_not_measured_is_not_called_affected() -> None:
    """An offline monitor says nothing about the services, so no group counts its members as hit."""
    text = Page(state_files("offline")["index.html"]).text

    assert "without data" in text
    assert " affected" not in text


@pytest.mark.parametrize(
    ("state", "title", "description"),
    [
        ("operational", "All systems operational \u2013 Acme Status", "4 components, none with downtime today."),
        ("degraded", "Exports: degraded \u2013 Acme Status", "The other 3 components are operational."),
        (
            "stale",
            "Data is 3\u202fh old \u2013 Acme Status",
            "Last measured 21 Nov 2026, 00:00 UTC. What happened since is not known.",
        ),
        ("empty", "Nothing has been measured yet \u2013 Acme Status", "Measured state, uptime and incidents of Acme."),
    ],
)
def test_previews_of_links_tell_the_state(state: str, title: str, description: str) -> None:
    """What a chat shows of the home page is its verdict, in words alone."""
    page = reports.site(state)["index.html"].decode()

    assert f'<meta property="og:title" content="{title}">' in page
    assert f'<meta property="og:description" content="{description}">' in page
    assert f'<meta name="description" content="{description}">' in page
