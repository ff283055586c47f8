"""Scenes: what happens to a page, minute by minute, and exactly which messages that makes, also when a run is killed.

A message reads `minute kind rule subject [severity] [to channel]`; critical and the channel `ops` are not spelled out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from alerts.scenes import Got, Run, Scene, spelled
from receivers import Receiver, Reply, receiving

NEEDS = """\
      - {id: db, name: Db, url: 'https://db.example/'}
      - {id: api, name: Api, url: 'https://api.example/', depends_on: [db]}
      - {id: web, name: Web, url: 'https://web.example/', depends_on: [api]}
"""
TIMED = """\
      - {id: api, name: Api, url: 'https://api.example/',
         performance: {warn_threshold_ms: 300, critical_threshold_ms: 500}}
"""
TIERS = """\
      - {id: api, name: Api, tier: critical, url: 'https://api.example/'}
      - {id: web, name: Web, tier: low, url: 'https://web.example/'}
"""
DOMAIN = "      - {id: api, name: Api, type: domain, url: 'domain://example.com', interval: 24h, max_staleness: 48h}\n"
CONTRACT = """\
sla: {contracts: [{id: gold, component: api, target: 99.9, credits: [{min: 99, credit: 10, name: Good},
  {min: 0, credit: 50, name: Poor}], fee: 100, currency: EUR}]}
"""
OUTAGE = {"api": "up 0-19, down 20-41, up 42-60"}
FILE = "incidents/2026/2026-04-01-api.md"
PLAN = "maintenance/2026/2026-04-01-upgrade.md"
NEWS = "IncidentOpened; IncidentUpdated; IncidentResolved; PostmortemPublished"
PLANNED = "MaintenanceSoon: {before: 30m}; MaintenanceStarted; MaintenanceEnded"
HOURS = 60
DAY = 24 * HOURS
EVERY = ("ServiceDown; ServiceDegraded; HighResponseTime; MultipleServicesDown; LongOutage; UptimeSLAWarning; "
         "UptimeSLACritical; BurnRate; SLABreach; CertificateExpiring; DomainExpiring; MonitorStale")  # fmt: skip

Case = tuple[Scene, Sequence[str]]
SCENES: dict[str, Case] = {
    # --- ServiceDown
    "up": (Scene({"api": "up 0-30"}, 30, rules=EVERY, every=10), []),
    "down and up again": (Scene(OUTAGE, 45), ["22 trigger ServiceDown api", "42 recovery ServiceDown api"]),
    "one failure is none": (Scene({"api": "up 0-9, down 10, up 11-20"}, 20), []),
    "over before it counts": (Scene({"api": "up 0-9, down 10-11, up 12-20"}, 20), []),
    "known late, told at once": (
        Scene({"api": "up 0-9, down 10, down 14-20"}, 20),
        ["14 trigger ServiceDown api"],
    ),
    "told after what is asked for": (
        Scene(OUTAGE, 45, rules="ServiceDown: {after: 10m}"),
        ["30 trigger ServiceDown api", "42 recovery ServiceDown api"],
    ),
    "unknown freezes": (
        Scene({"api": "up 0-9, down 10-14, unknown 15-40, down 41-44, up 45-50"}, 50),
        ["12 trigger ServiceDown api", "45 recovery ServiceDown api"],
    ),
    "silence freezes": (
        Scene({"api": "up 0-9, down 10-14, up 60-62"}, 62, every=2),
        ["12 trigger ServiceDown api", "60 recovery ServiceDown api"],
    ),
    "nothing is told of the unknown": (Scene({"api": "up 0-9, unknown 10-30"}, 30, every=2), []),
    "nothing new while it is unknown": (
        Scene({"api": "up 0-9, down 10-11, unknown 12-20, down 21-24, up 25"}, 26, rules="ServiceDown: {after: 3m}"),
        ["22 trigger ServiceDown api", "25 recovery ServiceDown api"],
    ),
    "a flap is told each time": (
        Scene({"api": "up 0-4, down 5-9, up 10-14, down 15-19, up 20-24"}, 24),
        [
            "7 trigger ServiceDown api",
            "10 recovery ServiceDown api",
            "17 trigger ServiceDown api",
            "20 recovery ServiceDown api",
        ],
    ),
    "a flap that is joined is one": (
        Scene({"api": "up 0-4, down 5-9, up 10, down 11-15, up 16-20"}, 20, defaults="confirm_down: 2, confirm_up: 2"),
        ["7 trigger ServiceDown api", "17 recovery ServiceDown api"],
    ),
    "it lasts for ever": (Scene({"api": "up 0-4, down 5-9"}, 9), ["7 trigger ServiceDown api"]),
    "a majority sees it": (
        Scene(
            {"api@eu": "up 0-9, down 10-20, up 21-25", "api@us": "up 0-11, down 12-20, up 21-25", "api@ap": "up 0-25"},
            25,
            locations="eu, us, ap",
        ),
        ["14 trigger ServiceDown api", "21 recovery ServiceDown api"],
    ),
    "one of three is no outage": (
        Scene({"api@eu": "down 0-20", "api@us": "up 0-20", "api@ap": "up 0-20"}, 20, locations="eu, us, ap"),
        [],
    ),
    # --- maintenance
    "maintenance before, over before": (
        Scene({"api": "up 0-9, down 10-19, up 20-40"}, 40, plans=[(5, 30, "api")]),
        [],
    ),
    "maintenance ends, and it is still down": (
        Scene({"api": "up 0-9, down 10-39, up 40-45"}, 45, plans=[(5, 30, "api")]),
        ["32 trigger ServiceDown api", "40 recovery ServiceDown api"],
    ),
    "maintenance begins after it was told": (
        Scene(OUTAGE, 45, plans=[(30, 60, "api")]),
        ["22 trigger ServiceDown api", "42 recovery ServiceDown api"],
    ),
    "maintenance begins before it counts": (
        Scene(OUTAGE, 45, plans=[(21, 60, "api")]),
        [],
    ),
    "maintenance in the middle": (
        Scene({"api": "up 0-9, down 10-59, up 60-65"}, 65, plans=[(20, 40, "api")]),
        ["12 trigger ServiceDown api", "60 recovery ServiceDown api"],
    ),
    "maintenance of the group": (Scene(OUTAGE, 45, plans=[(10, 60, "core")]), []),
    "maintenance of everything": (Scene(OUTAGE, 45, plans=[(10, 60, "*")]), []),
    "maintenance of another": (
        Scene({**OUTAGE, "web": "up 0-60"}, 45, plans=[(10, 60, "web")]),
        ["22 trigger ServiceDown api", "42 recovery ServiceDown api"],
    ),
    # --- dependencies
    "a dependency is down": (
        Scene(
            {"db": "up 0-9, down 10-29, up 30-40", "api": "up 0-11, down 12-29, up 30-40", "web": "up 0-40"},
            40,
            components=NEEDS,
        ),
        ["12 trigger ServiceDown db", "30 recovery ServiceDown db"],
    ),
    "a dependency of a dependency": (
        Scene(
            {"db": "up 0-9, down 10-29, up 30-40", "api": "up 0-40", "web": "up 0-11, down 12-29, up 30-40"},
            40,
            components=NEEDS,
        ),
        ["12 trigger ServiceDown db", "30 recovery ServiceDown db"],
    ),
    "it outlasts its dependency": (
        Scene(
            {"db": "up 0-9, down 10-29, up 30-50", "api": "up 0-11, down 12-39, up 40-50", "web": "up 0-50"},
            50,
            components=NEEDS,
        ),
        [
            "12 trigger ServiceDown db",
            "30 trigger ServiceDown api",
            "30 recovery ServiceDown db",
            "40 recovery ServiceDown api",
        ],
    ),
    "its dependency goes down later": (
        Scene(
            {"db": "up 0-19, down 20-29, up 30-50", "api": "up 0-9, down 10-39, up 40-50", "web": "up 0-50"},
            50,
            components=NEEDS,
        ),
        [
            "12 trigger ServiceDown api",
            "22 trigger ServiceDown db",
            "30 recovery ServiceDown db",
            "40 recovery ServiceDown api",
        ],
    ),
    "its dependency is in maintenance": (
        Scene(
            {"db": "up 0-9, down 10-29, up 30-40", "api": "up 0-11, down 12-29, up 30-40", "web": "up 0-40"},
            40,
            components=NEEDS,
            plans=[(5, 35, "db")],
        ),
        [],
    ),
    "its dependency is degraded": (
        Scene({"db": "degraded 0-40", "api": "up 0-9, down 10-29, up 30-40", "web": "up 0-40"}, 40, components=NEEDS),
        ["12 trigger ServiceDown api", "30 recovery ServiceDown api"],
    ),
    # --- several at once
    "two at once": (
        Scene(
            {"api": "up 0-9, down 10-29, up 30-40", "web": "up 0-9, down 10-29, up 30-40"},
            40,
            rules="ServiceDown; MultipleServicesDown",
        ),
        ["11 trigger MultipleServicesDown several", "30 recovery MultipleServicesDown several"],
    ),
    "the second one later": (
        Scene(
            {"api": "up 0-9, down 10-29, up 30-40", "web": "up 0-19, down 20-29, up 30-40"},
            40,
            rules="ServiceDown; MultipleServicesDown",
        ),
        [
            "12 trigger ServiceDown api",
            "21 trigger MultipleServicesDown several",
            "30 recovery ServiceDown api",
            "30 recovery MultipleServicesDown several",
        ],
    ),
    "one of two recovers": (
        Scene(
            {"api": "up 0-9, down 10-19, up 20-40", "web": "up 0-9, down 10-29, up 30-40"},
            40,
            rules="ServiceDown; MultipleServicesDown",
        ),
        [
            "11 trigger MultipleServicesDown several",
            "20 trigger ServiceDown web",
            "20 recovery MultipleServicesDown several",
            "30 recovery ServiceDown web",
        ],
    ),
    "a third one joins": (
        Scene(
            {
                "api": "up 0-9, down 10-29, up 30",
                "web": "up 0-9, down 10-29, up 30",
                "cdn": "up 0-19, down 20-29, up 30",
            },
            30,
            rules="ServiceDown; MultipleServicesDown",
        ),
        ["11 trigger MultipleServicesDown several", "30 recovery MultipleServicesDown several"],
    ),
    "three are wanted, two are down": (
        Scene(
            {"api": "up 0-9, down 10-19, up 20", "web": "up 0-9, down 10-19, up 20"},
            20,
            rules="ServiceDown; MultipleServicesDown: {at_least: 3}",
        ),
        [
            "12 trigger ServiceDown api",
            "12 trigger ServiceDown web",
            "20 recovery ServiceDown api",
            "20 recovery ServiceDown web",
        ],
    ),
    "several, and it has to last": (
        Scene(
            {"api": "up 0-9, down 10-29, up 30", "web": "up 0-9, down 10-29, up 30"},
            30,
            rules="ServiceDown: {after: 5m}; MultipleServicesDown: {after: 5m}",
        ),
        ["15 trigger MultipleServicesDown several", "30 recovery MultipleServicesDown several"],
    ),
    "a child is not a second one": (
        Scene(
            {"db": "up 0-9, down 10-29, up 30", "api": "up 0-9, down 10-29, up 30", "web": "up 0-30"},
            30,
            components=NEEDS,
            rules="ServiceDown; MultipleServicesDown",
        ),
        ["12 trigger ServiceDown db", "30 recovery ServiceDown db"],
    ),
    "one of two is in maintenance": (
        Scene(
            {"api": "up 0-9, down 10-29, up 30", "web": "up 0-9, down 10-29, up 30"},
            30,
            rules="ServiceDown; MultipleServicesDown",
            plans=[(5, 60, "web")],
        ),
        ["12 trigger ServiceDown api", "30 recovery ServiceDown api"],
    ),
    "several go silent": (
        Scene(
            {"api": "up 0-9, down 10-14, up 60-62", "web": "up 0-9, down 10-14, up 60-62"},
            62,
            every=2,
            rules="ServiceDown; MultipleServicesDown",
        ),
        ["12 trigger MultipleServicesDown several", "60 recovery MultipleServicesDown several"],
    ),
    # --- LongOutage
    "a long outage": (
        Scene({"api": "up 0-9, down 10-99, up 100-110"}, 110, every=5, rules="ServiceDown; LongOutage"),
        [
            "15 trigger ServiceDown api",
            "70 trigger LongOutage api",
            "100 recovery ServiceDown api",
            "100 recovery LongOutage api",
        ],
    ),
    "an hour is not more than an hour": (
        Scene({"api": "up 0-9, down 10-69, up 70-75"}, 75, every=5, rules="LongOutage"),
        [],
    ),
    "long, and several": (
        Scene(
            {"api": "up 0-9, down 10-99, up 100", "web": "up 0-9, down 10-99, up 100"},
            100,
            every=5,
            rules="ServiceDown; LongOutage; MultipleServicesDown",
        ),
        [
            "15 trigger MultipleServicesDown several",
            "70 trigger LongOutage several",
            "100 recovery MultipleServicesDown several",
            "100 recovery LongOutage several",
        ],
    ),
    "maintenance does not make it longer": (
        Scene({"api": "up 0-9, down 10-99, up 100"}, 100, every=5, rules="LongOutage", plans=[(20, 60, "api")]),
        [],
    ),
    # --- reminders
    "reminders grow": (
        Scene({"api": "up 0, down 1-600"}, 600, every=10),
        [
            "10 trigger ServiceDown api",
            "70 reminder ServiceDown api",
            "190 reminder ServiceDown api",
            "430 reminder ServiceDown api",
        ],
    ),
    "reminders as often as is asked for": (
        Scene({"api": "up 0, down 1-60"}, 60, every=5, alerts="  remind_every: 10m\n"),
        ["5 trigger ServiceDown api", "15 reminder ServiceDown api", "35 reminder ServiceDown api"],
    ),
    "no reminders": (
        Scene({"api": "up 0, down 1-300"}, 300, every=10, alerts="  remind_every: off\n"),
        ["10 trigger ServiceDown api"],
    ),
    "reminders wait for five failed samples": (
        Scene(
            {
                "api": "up 0, down 30, down 60, down 90, down 120, down 150, down 180, down 210, down 240, down 270, "
                "down 300"
            },
            300,
            every=30,
            defaults="confirm_down: 2, max_staleness: 95m",
        ),
        ["60 trigger ServiceDown api", "210 reminder ServiceDown api"],
    ),
    "no reminder of the unknown": (
        Scene({"api": "up 0, down 1-20, unknown 21-200, down 201-210"}, 210, every=10),
        ["10 trigger ServiceDown api", "210 reminder ServiceDown api"],
    ),
    "a reminder in maintenance": (
        Scene({"api": "up 0, down 1-80"}, 80, every=10, plans=[(30, 100, "api")]),
        ["10 trigger ServiceDown api", "70 reminder ServiceDown api"],
    ),
    # --- escalation and routes
    "it escalates": (
        Scene(
            {"api": "up 0-9, down 10-49, up 50"},
            50,
            every=5,
            channels=("ops", "boss"),
            alerts="  escalate: [{after: 15m, channels: [boss]}]\n",
        ),
        [
            "15 trigger ServiceDown api",
            "30 escalation ServiceDown api to boss",
            "50 recovery ServiceDown api",
            "50 recovery ServiceDown api to boss",
        ],
    ),
    "it is over before it escalates": (
        Scene(
            {"api": "up 0-9, down 10-24, up 25-40"},
            40,
            every=5,
            channels=("ops", "boss"),
            alerts="  escalate: [{after: 15m, channels: [boss]}]\n",
        ),
        ["15 trigger ServiceDown api", "25 recovery ServiceDown api"],
    ),
    "it escalates twice": (
        Scene(
            {"api": "up 0-9, down 10-49, up 50"},
            50,
            every=5,
            channels=("ops", "boss", "board"),
            alerts="  escalate: [{after: 15m, channels: [boss]}, {after: 30m, channels: [board]}]\n",
        ),
        [
            "15 trigger ServiceDown api",
            "30 escalation ServiceDown api to boss",
            "45 escalation ServiceDown api to board",
            "50 recovery ServiceDown api",
            "50 recovery ServiceDown api to boss",
            "50 recovery ServiceDown api to board",
        ],
    ),
    "a warning does not escalate": (
        Scene(
            {"api": "up 0-9, degraded 10-49, up 50"},
            50,
            every=5,
            rules="ServiceDegraded",
            channels=("ops", "boss"),
            alerts="  escalate: [{after: 15m, channels: [boss]}]\n",
        ),
        ["15 trigger ServiceDegraded api warning", "50 recovery ServiceDegraded api warning"],
    ),
    "a long outage escalates from its start": (
        Scene(
            {"api": "up 0-9, down 10-99, up 100"},
            100,
            every=10,
            rules="LongOutage",
            channels=("ops", "boss"),
            alerts="  escalate: [{after: 15m, channels: [boss]}]\n",
        ),
        [
            "70 trigger LongOutage api",
            "70 escalation LongOutage api to boss",
            "100 recovery LongOutage api",
            "100 recovery LongOutage api to boss",
        ],
    ),
    "nobody new is called in maintenance": (
        Scene(
            {"api": "up 0-9, down 10-49, up 50"},
            50,
            every=5,
            channels=("ops", "boss"),
            plans=[(20, 60, "api")],
            alerts="  escalate: [{after: 15m, channels: [boss]}]\n",
        ),
        ["15 trigger ServiceDown api", "50 recovery ServiceDown api"],
    ),
    "by component": (
        Scene(
            {"api": "up 0-9, down 10-24, up 25", "web": "up 0-9, down 10-24, up 25"},
            25,
            every=5,
            channels=("ops", "webteam"),
            alerts="  routes: [{components: [web], channels: [webteam]}, {components: [api], channels: [ops]}]\n",
        ),
        [
            "15 trigger ServiceDown api",
            "15 trigger ServiceDown web to webteam",
            "25 recovery ServiceDown api",
            "25 recovery ServiceDown web to webteam",
        ],
    ),
    "by tier and by severity": (
        Scene(
            {"api": "up 0-9, degraded 10-24, up 25", "web": "up 0-9, down 10-24, up 25"},
            25,
            every=5,
            components=TIERS,
            rules="ServiceDown; ServiceDegraded",
            channels=("ops", "night"),
            alerts="  routes: [{tiers: [critical], channels: [ops]}, {severities: [critical], channels: [night]}]\n",
        ),
        [
            "15 trigger ServiceDegraded api warning",
            "15 trigger ServiceDown web to night",
            "25 recovery ServiceDegraded api warning",
            "25 recovery ServiceDown web to night",
        ],
    ),
    "by group": (
        Scene(
            OUTAGE, 45, every=5, channels=("ops", "other"), alerts="  routes: [{groups: [core], channels: [other]}]\n"
        ),
        ["25 trigger ServiceDown api to other", "45 recovery ServiceDown api to other"],
    ),
    "by location": (
        Scene(
            {"api@eu": "up 0-9, down 10-19, up 20", "api@us": "up 0-20"},
            20,
            every=5,
            locations="eu, us",
            defaults="confirm_down: 1, max_staleness: 5m",
            channels=("ops", "europe"),
            components="      - {id: api, name: Api, url: 'https://api.example/', quorum: any}\n",
            alerts="  routes: [{locations: [eu], channels: [europe]}, {locations: [us], channels: [ops]}]\n",
        ),
        ["15 trigger ServiceDown api to europe", "20 recovery ServiceDown api to europe"],
    ),
    "by hour, and whoever is on duty next": (
        Scene(
            {"api": "up 0-19, down 20-89, up 90"},
            90,
            every=10,
            start="2026-04-01T15:00Z",
            page="timezone: Europe/Berlin",
            channels=("day", "night"),
            alerts="  routes: [{hours: '08:00-18:00', channels: [day]}, {hours: '18:00-08:00', channels: [night]}]\n",
        ),
        [
            "30 trigger ServiceDown api to day",
            "60 trigger ServiceDown api to night",
            "90 recovery ServiceDown api to day",
            "90 recovery ServiceDown api to night",
        ],
    ),
    "no route leads anywhere": (
        Scene(OUTAGE, 45, every=5, alerts="  routes: [{severities: [info], channels: [ops]}]\n"),
        [],
    ),
    # --- ServiceDegraded
    "degraded": (
        Scene({"api": "up 0-9, degraded 10-29, up 30"}, 30, rules="ServiceDegraded"),
        ["15 trigger ServiceDegraded api warning", "30 recovery ServiceDegraded api warning"],
    ),
    "degraded for too short": (Scene({"api": "up 0-9, degraded 10-13, up 14-20"}, 20, rules="ServiceDegraded"), []),
    "degraded, and in maintenance": (
        Scene({"api": "up 0-9, degraded 10-29, up 30"}, 30, rules="ServiceDegraded", plans=[(5, 60, "api")]),
        [],
    ),
    "degraded, and what it needs is down": (
        Scene(
            {"db": "up 0-9, down 10-29, up 30-35", "api": "up 0-9, degraded 10-29, up 30-35", "web": "up 0-35"},
            35,
            components=NEEDS,
            rules="ServiceDown; ServiceDegraded",
        ),
        ["12 trigger ServiceDown db", "30 recovery ServiceDown db"],
    ),
    "degraded, then down, then up": (
        Scene({"api": "up 0-9, degraded 10-19, down 20-29, up 30"}, 30, rules="ServiceDown; ServiceDegraded"),
        [
            "15 trigger ServiceDegraded api warning",
            "22 trigger ServiceDown api",
            "30 recovery ServiceDegraded api warning",
            "30 recovery ServiceDown api",
        ],
    ),
    "down, then degraded, then up": (
        Scene({"api": "up 0-9, down 10-19, degraded 20-29, up 30"}, 30, rules="ServiceDown; ServiceDegraded"),
        [
            "12 trigger ServiceDown api",
            "20 recovery ServiceDown api",
            "25 trigger ServiceDegraded api warning",
            "30 recovery ServiceDegraded api warning",
        ],
    ),
    "degraded, then unknown": (
        Scene({"api": "up 0-9, degraded 10-19, unknown 20-40, up 41"}, 41, rules="ServiceDegraded"),
        ["15 trigger ServiceDegraded api warning", "41 recovery ServiceDegraded api warning"],
    ),
    "a failure that is not confirmed is not told as degraded": (
        Scene(
            {"api": "up 0, up 5, down 10, up 21"},
            21,
            rules="ServiceDegraded",
            defaults="confirm_down: 2, max_staleness: 15m",
        ),
        [],
    ),
    # --- HighResponseTime
    "slow": (
        Scene({"api": "up 0-9, up@350 10-19, up 20"}, 20, rules="HighResponseTime", components=TIMED),
        ["11 trigger HighResponseTime api warning", "20 recovery HighResponseTime api warning"],
    ),
    "slow once": (Scene({"api": "up 0-9, up@350 10, up 11-20"}, 20, rules="HighResponseTime", components=TIMED), []),
    "slower and slower": (
        Scene(
            {"api": "up 0-9, up@350 10-14, degraded@600 15-19, up 20"}, 20, rules="HighResponseTime", components=TIMED
        ),
        [
            "11 trigger HighResponseTime api warning",
            "16 trigger HighResponseTime api",
            "20 recovery HighResponseTime api",
        ],
    ),
    "slow at once": (
        Scene(
            {"api": "up 0-9, degraded@600 10-14, up@350 15-19, up 20"}, 20, rules="HighResponseTime", components=TIMED
        ),
        ["11 trigger HighResponseTime api", "20 recovery HighResponseTime api"],
    ),
    "slow, then no answer at all": (
        Scene({"api": "up 0-9, up@350 10-14, down 15-30, up 31"}, 31, rules="HighResponseTime", components=TIMED),
        ["11 trigger HighResponseTime api warning", "31 recovery HighResponseTime api warning"],
    ),
    "slow, then silent": (
        Scene({"api": "up 0-9, up@350 10-14, up 60"}, 60, every=2, rules="HighResponseTime", components=TIMED),
        ["12 trigger HighResponseTime api warning", "60 recovery HighResponseTime api warning"],
    ),
    "slow in maintenance": (
        Scene(
            {"api": "up 0-9, up@350 10-29, up 30"},
            30,
            rules="HighResponseTime",
            components=TIMED,
            plans=[(5, 20, "api")],
        ),
        ["20 trigger HighResponseTime api warning", "30 recovery HighResponseTime api warning"],
    ),
    "slow at one location": (
        Scene(
            {"api@eu": "up 0-9, up@350 10-19, up 20", "api@us": "up 0-20"},
            20,
            rules="HighResponseTime",
            components=TIMED,
            locations="eu, us",
        ),
        ["11 trigger HighResponseTime api warning", "20 recovery HighResponseTime api warning"],
    ),
    "three slow answers are wanted": (
        Scene(
            {"api": "up 0-9, up@350 10-11, up 12-14, up@350 15-17, up 18"},
            18,
            rules="HighResponseTime: {samples: 3}",
            components=TIMED,
        ),
        ["17 trigger HighResponseTime api warning", "18 recovery HighResponseTime api warning"],
    ),
    # --- budgets. 99.9 % of 24 h allow 86.4 s: burn 5 is 7.2 min, burn 10 is 14.4 min
    "24 hours": (
        Scene(
            {"api": f"up 0-{DAY - 1}, down {DAY}-{DAY + 19}, up {DAY + 20}-{DAY + 30}"},
            DAY + 30,
            every=10,
            rules="UptimeSLAWarning; UptimeSLACritical",
        ),
        [f"{DAY + 10} trigger UptimeSLAWarning api warning", f"{DAY + 20} trigger UptimeSLACritical api"],
    ),
    "24 hours later": (
        Scene(
            {"api": f"up 0-{DAY - 1}, down {DAY}-{DAY + 19}, up {DAY + 20}-{2 * DAY + 30}"},
            2 * DAY + 30,
            every=15,
            rules="UptimeSLAWarning; UptimeSLACritical",
        ),
        [
            f"{DAY + 15} trigger UptimeSLAWarning api warning",
            f"{DAY + 15} trigger UptimeSLACritical api",
            f"{2 * DAY + 15} recovery UptimeSLAWarning api warning",
            f"{2 * DAY + 15} recovery UptimeSLACritical api",
        ],
    ),
    "24 hours, of which little is known": (
        Scene({"api": f"up 0-{DAY - 1}, down {DAY}-{DAY + 9}"}, 2 * DAY + 60, every=60, rules="UptimeSLAWarning"),
        [f"{DAY + 60} trigger UptimeSLAWarning api warning"],
    ),
    "a page and its tickets": (
        Scene(
            {"api": f"up 0-{DAY - 1}, down {DAY}-{DAY + 9}, up {DAY + 10}-{DAY + 400}"},
            DAY + 400,
            every=5,
            rules="BurnRate",
        ),
        [f"{DAY + 5} trigger BurnRate api", f"{DAY + 370} recovery BurnRate api"],
    ),
    "no downtime is allowed": (
        Scene(
            {"api": f"up 0-{DAY - 1}, down {DAY}-{DAY + 2}, up {DAY + 3}-{DAY + 20}"},
            DAY + 20,
            every=5,
            components="      - {id: api, name: Api, target: 100, url: 'https://api.example/'}\n",
            rules="UptimeSLACritical",
        ),
        [f"{DAY + 5} trigger UptimeSLACritical api"],
    ),
    "a contract that cannot be kept": (
        Scene({"api": "up 0-9, down 10-69, up 70-90"}, 90, every=10, rules="SLABreach", extra=CONTRACT),
        ["60 trigger SLABreach gold"],
    ),
    "the month is over": (
        Scene(
            {"api": "up 0-9, down 10-69, up 70-200"},
            200,
            every=10,
            rules="SLABreach",
            extra=CONTRACT,
            start="2026-04-30T22:00Z",
        ),
        ["20 trigger SLABreach gold", "120 recovery SLABreach gold"],
    ),
    "down across the end of a month": (
        Scene({"api": "up 0-9, down 10-39, up 40-45"}, 45, every=5, start="2026-04-30T23:40Z"),
        ["15 trigger ServiceDown api", "40 recovery ServiceDown api"],
    ),
    "down across the night of the clock change": (
        Scene(
            {"api": "up 0-9, down 10-89, up 90"},
            90,
            every=10,
            start="2026-03-29T00:30Z",
            page="timezone: Europe/Berlin",
        ),
        ["20 trigger ServiceDown api", "80 reminder ServiceDown api", "90 recovery ServiceDown api"],
    ),
    # --- expiry
    "a certificate": (
        Scene({"api": "up 0-30"}, 20 * DAY, every=DAY, rules="CertificateExpiring", certificates={"api": 25 * DAY}),
        [
            f"{4 * DAY} trigger CertificateExpiring api warning",
            *(f"{day * DAY} reminder CertificateExpiring api warning" for day in range(5, 18)),
            f"{18 * DAY} trigger CertificateExpiring api",
            *(f"{day * DAY} reminder CertificateExpiring api" for day in range(19, 21)),
        ],
    ),
    "a certificate that is renewed": (
        Scene(
            {"api": "up 0-30"},
            3 * DAY,
            every=DAY,
            rules="CertificateExpiring",
            certificates={"api": 10 * DAY},
            renewed=2 * DAY,
        ),
        [
            "0 trigger CertificateExpiring api warning",
            f"{DAY} reminder CertificateExpiring api warning",
            f"{2 * DAY} recovery CertificateExpiring api warning",
        ],
    ),
    "a certificate in maintenance": (
        Scene(
            {"api": "up 0-30"},
            20,
            every=10,
            rules="CertificateExpiring",
            certificates={"api": 3 * DAY},
            plans=[(0, 60, "api")],
        ),
        ["0 trigger CertificateExpiring api"],
    ),
    "a domain": (
        Scene(
            {"api": "up 0-30"},
            2 * DAY,
            every=DAY,
            rules="DomainExpiring",
            components=DOMAIN,
            days_left={"api": (0, 8.0)},
        ),
        ["0 trigger DomainExpiring api warning", f"{DAY} trigger DomainExpiring api"],
    ),
    # --- the monitor
    "a location is silent": (
        Scene(
            {"api@eu": "up 0-9, up 40-50", "api@us": "up 0-50"},
            50,
            every=5,
            rules="MonitorStale",
            locations="{id: eu, schedule: 5m}, {id: us, schedule: 5m}",
        ),
        ["25 trigger MonitorStale eu warning", "40 recovery MonitorStale eu warning"],
    ),
    "too little is measured": (
        Scene({"api": "up 0-59, up 120-1500"}, 1500, every=60, rules="MonitorStale"),
        ["120 trigger MonitorStale coverage warning", "1140 recovery MonitorStale coverage warning"],
    ),
    # --- news
    "an incident is told": (
        Scene(OUTAGE, 45, rules="IncidentOpened; IncidentResolved"),
        ["22 trigger IncidentOpened api info", "42 trigger IncidentResolved api info"],
    ),
    "an incident between two runs": (
        Scene({"api": "up 0-30, down 31-39, up 40-90"}, 90, every=30, rules="IncidentOpened; IncidentResolved"),
        ["60 trigger IncidentResolved api info"],
    ),
    "maintenance is told": (
        Scene(
            {"api": "up 0-120"},
            120,
            every=10,
            rules="MaintenanceSoon: {before: 30m}; MaintenanceStarted; MaintenanceEnded",
            plans=[(60, 90, "api")],
        ),
        [
            "30 trigger MaintenanceSoon m0 info",
            "60 trigger MaintenanceStarted m0 info",
            "90 trigger MaintenanceEnded m0 info",
        ],
    ),
    "maintenance that was over before": (
        Scene(
            {"api": "up 0-20"}, 20, every=10, rules="MaintenanceStarted; MaintenanceEnded", plans=[(-60, -30, "api")]
        ),
        [],
    ),
    # --- files about incidents
    "a file explains an outage": (
        Scene(
            OUTAGE,
            60,
            every=5,
            rules=NEWS,
            files=[
                (25, FILE, "components: {api: down}\nstarted: @20\n---\n## @24 investigating\nWe look.\n"),
                (
                    40,
                    FILE,
                    "components: {api: down}\nstarted: @20\n---\n## @24 investigating\nWe look.\n"
                    "## @38 monitoring\nFixed.\n",
                ),
                (
                    55,
                    FILE,
                    "components: {api: down}\nstarted: @20\nresolved: @42\n---\n## @24 investigating\nWe look.\n"
                    "## @38 monitoring\nFixed.\n## postmortem\nA typo.\n",
                ),
            ],
        ),
        [
            "25 trigger IncidentOpened 2026-04-01-api info",
            "40 trigger IncidentUpdated 2026-04-01-api info",
            "55 trigger IncidentResolved 2026-04-01-api info",
            "55 trigger PostmortemPublished 2026-04-01-api info",
        ],
    ),
    "a file comes when the outage was told": (
        Scene(
            OUTAGE,
            60,
            every=5,
            rules=NEWS,
            files=[
                (35, FILE, "components: {api: down}\nstarted: @20\nresolved: @44\n---\n## @30 identified\nA typo.\n")
            ],
        ),
        [
            "25 trigger IncidentOpened api info",
            "35 trigger IncidentUpdated 2026-04-01-api info",
            "45 trigger IncidentResolved 2026-04-01-api info",
        ],
    ),
    "a file says that it is over, the measurement does not": (
        Scene(
            OUTAGE,
            50,
            every=5,
            rules=NEWS,
            files=[(35, FILE, "components: {api: down}\nstarted: @20\n---\n## @29 resolved\nFixed, we think.\n")],
        ),
        [
            "25 trigger IncidentOpened api info",
            "35 trigger IncidentUpdated 2026-04-01-api info",
            "45 trigger IncidentResolved 2026-04-01-api info",
        ],
    ),
    "a file about what no probe saw": (
        Scene(
            {"api": "up 0-90"},
            90,
            every=10,
            rules=NEWS,
            files=[
                (20, FILE, "components: {api: degraded}\nstarted: @5\ndetected: reported\n---\nLogins fail.\n"),
                (
                    40,
                    FILE,
                    "components: {api: degraded}\nstarted: @5\ndetected: reported\n---\nLogins fail.\n"
                    "## @6 investigating\nWe look.\n",
                ),
                (
                    60,
                    FILE,
                    "components: {api: degraded}\nstarted: @5\ndetected: reported\n---\nLogins fail.\n"
                    "## @6 investigating\nWe look.\n## @55 resolved\nLogins work.\n",
                ),
                (
                    80,
                    FILE,
                    "components: {api: degraded}\nstarted: @5\ndetected: reported\n---\nLogins fail.\n"
                    "## @6 investigating\nWe look.\n## @55 resolved\nLogins work.\n## postmortem\nA cookie.\n",
                ),
            ],
        ),
        [
            "20 trigger IncidentOpened 2026-04-01-api info",
            "40 trigger IncidentUpdated 2026-04-01-api info",
            "60 trigger IncidentResolved 2026-04-01-api info",
            "80 trigger PostmortemPublished 2026-04-01-api info",
        ],
    ),
    "one file explains two outages": (
        Scene(
            {"api": "up 0-9, down 10-39, up 40-60", "web": "up 0-9, down 10-29, up 30-60"},
            60,
            every=5,
            rules=NEWS,
            files=[(30, FILE, "components: {api: down, web: down}\nstarted: @10\nresolved: @45\n---\n")],
        ),
        [
            "15 trigger IncidentOpened api info",
            "15 trigger IncidentOpened web info",
            "45 trigger IncidentResolved 2026-04-01-api info",
        ],
    ),
    "an old incident gets a file": (
        Scene(
            {"api": "up 0-20"},
            20,
            every=10,
            rules=NEWS,
            files=[
                (10, FILE, "components: {api: down}\nstarted: @-9000\nresolved: @-8000\n---\n## postmortem\nOld.\n")
            ],
        ),
        [],
    ),
    "a child's outage is told with what it needs": (
        Scene(
            {"db": "up 0-9, down 10-29, up 30-60", "api": "up 0-9, down 10-29, up 30-60", "web": "up 0-60"},
            60,
            every=5,
            rules=NEWS,
            components=NEEDS,
        ),
        ["15 trigger IncidentOpened db info", "30 trigger IncidentResolved db info"],
    ),
    # --- files about maintenance
    "a maintenance file, its window, and an outage in it": (
        Scene(
            {"api": "up 0-64, down 65-84, up 85-120"},
            120,
            every=5,
            rules=PLANNED + "; ServiceDown; IncidentOpened",
            files=[(0, PLAN, "components: [api]\nannounced: @-1500\nstarts: @60\nends: @90\n---\nLogins are off.\n")],
        ),
        [
            "30 trigger MaintenanceSoon 2026-04-01-upgrade info",
            "60 trigger MaintenanceStarted 2026-04-01-upgrade info",
            "90 trigger MaintenanceEnded 2026-04-01-upgrade info",
        ],
    ),
    "a window that was announced too late suppresses nothing": (
        Scene(
            {"api": "up 0-64, down 65-84, up 85-120"},
            120,
            every=5,
            rules=PLANNED + "; ServiceDown",
            files=[(0, PLAN, "components: [api]\nannounced: @0\nstarts: @60\nends: @90\n---\n")],
        ),
        [
            "30 trigger MaintenanceSoon 2026-04-01-upgrade info",
            "60 trigger MaintenanceStarted 2026-04-01-upgrade info",
            "70 trigger ServiceDown api",
            "85 recovery ServiceDown api",
            "90 trigger MaintenanceEnded 2026-04-01-upgrade info",
        ],
    ),
    "a window that ends while it is still down": (
        Scene(
            {"api": "up 0-64, down 65-109, up 110-120"},
            120,
            every=5,
            rules=PLANNED + "; ServiceDown",
            files=[(0, PLAN, "components: ['*']\nannounced: @-1500\nstarts: @60\nends: @90\n---\n")],
        ),
        [
            "30 trigger MaintenanceSoon 2026-04-01-upgrade info",
            "60 trigger MaintenanceStarted 2026-04-01-upgrade info",
            "90 trigger MaintenanceEnded 2026-04-01-upgrade info",
            "95 trigger ServiceDown api",
            "110 recovery ServiceDown api",
        ],
    ),
    "down before the window, up in it": (
        Scene(
            {"api": "up 0-49, down 50-69, up 70-100"},
            100,
            every=5,
            rules="ServiceDown",
            files=[(0, PLAN, "components: [core]\nannounced: @-1500\nstarts: @60\nends: @90\n---\n")],
        ),
        ["55 trigger ServiceDown api", "70 recovery ServiceDown api"],
    ),
    "a window that is taken back": (
        Scene(
            {"api": "up 0-120"},
            120,
            every=10,
            rules=PLANNED,
            files=[
                (0, PLAN, "components: [api]\nannounced: @-1500\nstarts: @60\nends: @90\n---\n"),
                (50, PLAN, "components: [api]\nannounced: @-1500\nstarts: @60\nends: @90\ncancelled: true\n---\n"),
            ],
        ),
        [
            "30 trigger MaintenanceSoon 2026-04-01-upgrade info",
            "50 trigger MaintenanceEnded 2026-04-01-upgrade info",
        ],
    ),
    "a window that is taken back before anybody was told": (
        Scene(
            {"api": "up 0-120"},
            120,
            every=10,
            rules=PLANNED,
            files=[
                (0, PLAN, "components: [api]\nannounced: @-1500\nstarts: @60\nends: @90\n---\n"),
                (20, PLAN, "components: [api]\nannounced: @-1500\nstarts: @60\nends: @90\ncancelled: true\n---\n"),
            ],
        ),
        [],
    ),
    "a window that is moved is told anew": (
        Scene(
            {"api": "up 0-150"},
            150,
            every=5,
            rules=PLANNED,
            files=[
                (0, PLAN, "components: [api]\nannounced: @-1500\nstarts: @60\nends: @90\n---\n"),
                (40, PLAN, "components: [api]\nannounced: @-1500\nstarts: @100\nends: @130\n---\n"),
            ],
        ),
        [
            "30 trigger MaintenanceSoon 2026-04-01-upgrade info",
            "70 trigger MaintenanceSoon 2026-04-01-upgrade info",
            "100 trigger MaintenanceStarted 2026-04-01-upgrade info",
            "130 trigger MaintenanceEnded 2026-04-01-upgrade info",
        ],
    ),
    "a window that comes again every day": (
        Scene(
            {"api": "up 0-60"},
            DAY + 120,
            every=15,
            rules="MaintenanceStarted; MaintenanceEnded",
            files=[
                (0, PLAN, "components: [api]\nannounced: @-1500\nstarts: @60\nends: @90\nrepeats: FREQ=DAILY\n---\n")
            ],
        ),
        [
            "60 trigger MaintenanceStarted 2026-04-01-upgrade-20260401t0100z info",
            "90 trigger MaintenanceEnded 2026-04-01-upgrade-20260401t0100z info",
            f"{DAY + 60} trigger MaintenanceStarted 2026-04-01-upgrade-20260402t0100z info",
            f"{DAY + 90} trigger MaintenanceEnded 2026-04-01-upgrade-20260402t0100z info",
        ],
    ),
    # --- at once
    "at the first failed sample": (
        Scene(
            {"api": "up 0-4, down 5-17, up 18-20"},
            20,
            alerts="  policy: immediate\n",
            rules="ServiceDown; ServiceDegraded",
        ),
        [
            "5 trigger ServiceDown api",
            "9 reminder ServiceDown api",
            "14 reminder ServiceDown api",
            "18 recovery ServiceDown api",
        ],
    ),
    "every change at once": (
        Scene(
            {"api": "up 0-4, degraded 5-6, down 7, degraded 8, up 9"},
            9,
            alerts="  policy: immediate\n",
            rules="ServiceDown; ServiceDegraded",
        ),
        [
            "5 trigger ServiceDegraded api warning",
            "7 trigger ServiceDown api",
            "8 trigger ServiceDegraded api warning",
            "9 recovery ServiceDegraded api warning",
        ],
    ),
    "rows of all locations at once": (
        Scene(
            {"api@eu": "up 0-4, down 5-6, up 7-9", "api@us": "up 0-9"},
            9,
            alerts="  policy: immediate\n",
            rules="ServiceDown",
            locations="eu, us",
        ),
        ["5 trigger ServiceDown api", "7 recovery ServiceDown api"],
    ),
    "over between two runs, at once": (
        Scene({"api": "up 0-5, down 6-7, up 8-20"}, 20, every=10, alerts="  policy: immediate\n", rules="ServiceDown"),
        ["10 trigger ServiceDown api", "10 recovery ServiceDown api"],
    ),
    "at once, in maintenance": (
        Scene({"api": "up 0-4, down 5-17, up 18-20"}, 20, alerts="  policy: immediate\n", plans=[(0, 60, "api")]),
        [],
    ),
    "at once, then unknown": (
        Scene({"api": "up 0-4, down 5-6, unknown 7-30, up 31"}, 31, alerts="  policy: immediate\n"),
        ["5 trigger ServiceDown api", "31 recovery ServiceDown api"],
    ),
    # --- everything
    "one outage, every rule": (
        Scene(
            {"api": f"up 0-{DAY - 1}, down {DAY}-{DAY + 14}, up {DAY + 15}-{DAY + 20}"}, DAY + 20, every=5, rules=EVERY
        ),
        [
            f"{DAY + 5} trigger ServiceDown api",
            f"{DAY + 5} trigger BurnRate api",
            f"{DAY + 10} trigger UptimeSLAWarning api warning",
            f"{DAY + 15} trigger UptimeSLACritical api",
            f"{DAY + 15} recovery ServiceDown api",
        ],
    ),
}


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """A webhook that takes everything."""
    with receiving(lambda posted: Reply(204)) as found:
        yield found


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_told_in_exactly_these_messages(name, receiver, tmp_path):
    """Every message that is due, and no other; when a run is killed, nothing is left out and nothing told twice.

    A run is killed once before and once after every line that it writes. What comes twice then has the same id.
    """
    scene, expected = SCENES[name]
    run = Run(scene, receiver, tmp_path)

    got = run.play()

    assert spelled(got) == list(expected)
    for where, told in run.crashed():
        assert faults(got, told) == [], where


@pytest.mark.parametrize(
    "name", ["down and up again", "two at once", "slower and slower", "it escalates", "an incident is told"]
)
def test_a_machine_that_is_lost_tells_again_under_the_same_key(name, receiver, tmp_path):
    """What one run wrote was never pushed: the next one tells the same again, with the same ids."""
    run = Run(SCENES[name][0], receiver, tmp_path)

    got = run.play()

    for where, told in run.lost():
        assert {one.identity for one in told} <= {one.identity for one in got}, where


def faults(plain: Sequence[Got], told: Sequence[Got]) -> list[str]:
    """What a run that was killed left out, or told as something new.

    Of every kind of message about every alert there are not more than in the run that was not killed; what comes twice
    has the same id. Each channel hears of every alert and, last, of its end; only the beginning of something that was
    over before the next run may be missing. Reminders may come later.
    """
    once, again = kinds(plain), kinds(told)
    found = [f"told as something new: {kind}" for kind in again if len(again[kind]) > len(once.get(kind, ()))]
    last, ends = (
        {(one.channel, one.content["dedup_key"]): one.content["kind"] for one in run} for run in (plain, told)
    )
    found += [f"not told: {key}" for key in last if key not in ends]
    found += [
        f"its end is not told: {key}" for key in last if (last[key] == "recovery") != (ends.get(key) == "recovery")
    ]
    return found


def kinds(run: Sequence[Got]) -> dict[tuple[object, ...], set[str]]:
    """The ids of the messages of every kind, reminders left out."""
    found: dict[tuple[object, ...], set[str]] = {}
    for one in run:
        told = one.content
        if told["kind"] != "reminder":
            severity = told["severity"] if told["kind"] == "trigger" else ""
            kind = one.channel, told["dedup_key"], told["kind"], severity
            found.setdefault(kind, set()).add(told["message_id"])
    return found
