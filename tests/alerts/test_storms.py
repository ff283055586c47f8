"""Much at once, and channels that are gone for long: what reaches whom, tick by tick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from alerts.scenes import Got, Run, Scene, spelled
from receivers import Posted, Receiver, Reply, receiving

MANY = [f"c{number:02}" for number in range(12)]
HOUR, DAY = 60, 24 * 60
OPS, PAGER = "ops", "pager"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook that takes everything, unless a path is down."""
    with receiving(lambda posted: Reply(204)) as found:
        yield found


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param(
            "ServiceDown",
            [
                "12 trigger ServiceDown many",
                "12 trigger ServiceDown many to low",
                "20 recovery ServiceDown many",
                "20 recovery ServiceDown many to low",
            ],
            id="the same rule for each",
        ),
        pytest.param(
            "ServiceDown; MultipleServicesDown",
            [
                "11 trigger MultipleServicesDown several",
                "11 trigger MultipleServicesDown several to low",
                "20 recovery MultipleServicesDown several",
                "20 recovery MultipleServicesDown several to low",
            ],
            id="the rule for several",
        ),
        pytest.param(
            "IncidentOpened; IncidentResolved",
            [
                "12 trigger IncidentOpened many info",
                "12 trigger IncidentOpened many info to low",
                "20 trigger IncidentResolved many info",
                "20 trigger IncidentResolved many info to low",
            ],
            id="news",
        ),
    ],
)
def test_many_at_once_are_one_message_a_route(rules, expected, receiver, tmp_path):
    """A dozen fail and come back together; half of them lead to a second channel as well."""
    components = "".join(
        f"      - {{id: {name}, tier: {'low' if index % 2 else 'high'}, url: 'https://{name}.example/'}}\n"
        for index, name in enumerate(MANY)
    )
    scene = Scene(
        dict.fromkeys(MANY, "up 0-9, down 10-19, up 20-22"),
        22,
        rules=rules,
        components=components,
        channels=("ops", "low"),
        alerts="  routes: [{channels: [ops]}, {tiers: [low], channels: [low]}]\n",
    )

    got = Run(scene, receiver, tmp_path).play()

    assert spelled(got) == expected
    assert "12 components" in got[0].content["service"] or "6 components" in got[0].content["service"]


def test_all_that_is_known_of_many_outages_is_one_message_a_route(receiver, tmp_path):
    """Budgets that burn and incidents that open in the same run are told with the outages, and end each by itself."""
    components = "".join(f"      - {{id: {name}, tier: low, url: 'https://{name}.example/'}}\n" for name in MANY)
    scene = Scene(
        dict.fromkeys(MANY, "up 0-10, down 11-19, up 20-300"),
        300,
        rules="ServiceDown; MultipleServicesDown; UptimeSLAWarning; BurnRate; IncidentOpened; IncidentResolved",
        every=15,
        components=components,
    )

    got = Run(scene, receiver, tmp_path).play()

    assert spelled(got) == [
        "15 trigger MultipleServicesDown several",
        "30 recovery MultipleServicesDown several",
        "30 trigger IncidentResolved many info",
        "45 recovery UptimeSLAWarning many warning",
        "180 recovery BurnRate many warning",
    ]
    assert got[0].content["facts"]["Also"] == "IncidentOpened of 12, UptimeSLAWarning of 12, BurnRate of 12"


def test_who_comes_to_many_later_is_not_told_by_itself(receiver, tmp_path):
    """Six are told as one; the seventh is one of them; the message ends when fewer than two are left."""
    samples = dict.fromkeys(MANY[:6], "up 0-9, down 10-29, up 30-50")
    samples |= {MANY[6]: "up 0-14, down 15-39, up 40-50"}

    got = Run(Scene(samples, 50), receiver, tmp_path).play()

    assert spelled(got) == [
        "12 trigger ServiceDown many",
        "30 trigger ServiceDown c06",
        "30 recovery ServiceDown many",
        "40 recovery ServiceDown c06",
    ]


class _Gone:
    """A receiver of which one path is down for some minutes."""

    def __init__(self, path: str, since: int, until: int) -> None:
        self.path, self.since, self.until, self.minute = path, since, until, 0

    def __call__(self, posted: Posted) -> Reply:
        gone = posted.path == f"/{self.path}" and self.since <= self.minute < self.until
        return Reply(503) if gone else Reply(204)

    def at(self, minute: int) -> None:
        """What time it is."""
        self.minute = minute


def taken(run: Run, gone: _Gone) -> Sequence[Got]:
    """The messages that were taken, of a run in which one channel is gone for a while."""
    return [
        one
        for one in run.play(down=gone.at)
        if not (one.channel == gone.path and gone.since <= one.minute < gone.until)
    ]


def test_a_channel_that_is_down_for_a_day(tmp_path):
    """The others are told all along; when it is back it gets what is still true, and the end of what it had been told.

    `api` fails before the channel goes and comes back while it is gone; `web` fails and comes back meanwhile; `db`
    fails meanwhile and is still down; `cdn` fails before and is down all along.
    """
    gone = _Gone(PAGER, 2 * HOUR, 2 * HOUR + DAY)
    back = gone.until
    samples = {
        "api": f"up 0-59, down 60-{5 * HOUR}, up {5 * HOUR + 1}-{back + 60}",
        "web": f"up 0-{6 * HOUR}, down {6 * HOUR + 1}-{8 * HOUR}, up {8 * HOUR + 1}-{back + 60}",
        "db": f"up 0-{20 * HOUR}, down {20 * HOUR + 1}-{back + 60}",
        "cdn": f"up 0-29, down 30-{back + 60}",
    }
    scene = Scene(
        samples,
        back + 60,
        every=30,
        channels=(OPS, PAGER),
        alerts=f"  routes: [{{channels: [{OPS}, {PAGER}]}}]\n  remind_every: off\n",
    )
    with receiving(gone) as receiver:
        told = taken(Run(scene, receiver, tmp_path), gone)

    ops, pager = ([one for one in told if one.channel == name] for name in (OPS, PAGER))
    assert spelled(ops) == [
        "60 trigger ServiceDown cdn",
        "90 trigger ServiceDown api",
        f"{5 * HOUR + 30} recovery ServiceDown api",
        f"{6 * HOUR + 30} trigger ServiceDown web",
        f"{8 * HOUR + 30} recovery ServiceDown web",
        f"{20 * HOUR + 30} trigger ServiceDown db",
    ]
    assert spelled(pager) == [
        "60 trigger ServiceDown cdn to pager",
        "90 trigger ServiceDown api to pager",
        f"{back} trigger ServiceDown db to pager",
        f"{back} recovery ServiceDown api to pager",
    ]


def test_a_channel_that_never_answered_may_know(tmp_path):
    """It hung up without an answer, so the end is told as well, under the same key, when it is back."""
    gone = _Gone(PAGER, 0, 30)
    scene = Scene({"api": "up 0-9, down 10-24, up 25-40"}, 40, every=5, channels=(OPS, PAGER),
                  alerts=f"  routes: [{{channels: [{OPS}, {PAGER}]}}]\n")  # fmt: skip
    answer = gone.__call__
    with receiving(lambda posted: Reply(drops=True) if answer(posted).status == 503 else Reply(204)) as receiver:
        told = taken(Run(scene, receiver, tmp_path), gone)

    assert spelled(one for one in told if one.channel == PAGER) == ["30 recovery ServiceDown api to pager"]


def test_an_update_never_comes_before_what_it_updates(tmp_path):
    """The first message was refused for good and waits for its next try; the update waits with it and is part of it."""
    front = "components: {api: down}\nstarted: @10\n---\n"
    name = "incidents/2026/2026-04-01-api.md"
    scene = Scene(
        {"api": "up 0-9, down 10-100"},
        100,
        every=10,
        rules="IncidentOpened; IncidentUpdated",
        files=[(20, name, front), (40, name, f"{front}## @38 identified\nA full disk.\n")],
    )
    gone = _Gone(OPS, 0, 30)
    with receiving(lambda posted: Reply(404) if gone(posted).status == 503 else Reply(204)) as receiver:
        told = taken(Run(scene, receiver, tmp_path), gone)

    assert spelled(told) == ["80 trigger IncidentOpened 2026-04-01-api info"]
    assert told[0].content["details"].endswith("Identified: A full disk.")


def test_budgets_are_told_in_a_sentence(tmp_path, receiver):
    """How fast, against what, and how many longer windows agree: 905 s of 4,505 s were down, and of the last hour."""
    samples = {"api": "up 0-59, down 60-75"}
    run = Run(Scene(samples, 75, every=15, rules="BurnRate; UptimeSLACritical"), receiver, tmp_path)

    details = {one.content["rule"]: one.content["details"] for one in run.play()}

    assert details == {
        "UptimeSLACritical": "In 24 h the downtime budget burned 200.8 times as fast as a target of 99.9 % allows; "
        "told above 10.",
        "BurnRate": "In 1 h the downtime budget burned 251.3 times as fast as a target of 99.9 % allows "
        "(1,000 times in the last 5 min); told above 14.4. So did 3 longer windows.",
    }
