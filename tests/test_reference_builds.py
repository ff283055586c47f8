"""Whole builds against the slow evaluator: every millisecond, ratio, percentage, credit and incident of the JSON files.

`HISTORIES=250 pytest tests/test_reference_builds.py` tries that many; a few are enough for every day.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
import reference_ledger as ref
from nasty import nasty

from statusledger.cli import main
from statusledger.clock import DAY_MS, format_instant

HISTORIES = int(os.environ.get("HISTORIES", "8"))


@pytest.mark.parametrize("seed", range(HISTORIES))
def test_a_build_agrees_with_the_reference(tmp_path, seed):
    """Components, services and contracts, rolling and calendar, as files say it."""
    one = nasty(tmp_path, seed)
    now = format_instant(one.world.as_of)
    assert main(["-q", "--root", str(tmp_path), "--now", now, "build"]) == 0
    site = Site(one, tmp_path / "_site/api/v1/sla")

    for name, period in site.periods():
        site.compare_components(name, period)
        site.compare_services(name, period)
    site.compare_contracts()


class Site:
    """What was published, and what the reference says to it."""

    def __init__(self, one, folder):
        self.world, self.folder = one.world, folder
        self.sla = one.world.config["sla"]
        self.components = ref.evaluated(one.world)
        self.services = {service["id"]: service for service in one.world.config["services"]}

    def periods(self):
        """(file, period) of the windows and calendar periods that a component has been alive in."""
        as_of, zone = self.world.as_of, self.sla["timezone"]
        yield "24h", (as_of - DAY_MS, as_of)
        yield "365d", (as_of - 365 * DAY_MS, as_of)
        day = datetime.fromtimestamp(as_of / 1000, ZoneInfo(zone)).date()
        yield f"months/{day:%Y-%m}", ref.month_of(day, zone)
        yield f"quarters/{day.year}-Q{(day.month + 2) // 3}", ref.month_of(day, zone, 3)
        yield f"years/{day.year}", ref.month_of(day, zone, 12)

    def document(self, name):
        """A published file; None when nothing was alive then."""
        path = self.folder / f"{name}.json"
        return json.loads(path.read_bytes()) if path.exists() else None

    def compare_components(self, name, period):
        """Figures, checks and incidents of each."""
        for identity, one in self.components.items():
            found = (self.document(name) or {"components": {}})["components"].get(identity)
            if found is None:
                assert one["life"][0] is None or one["life"][0] >= self.world.as_of
                continue
            expected = self.judged([one], None, period, one["target"])
            assert {key: found[key] for key in expected} == expected, (name, identity)
            assert (found["checks_total"], found["checks_failed"]) == ref.samples_in(one, period, self.world.as_of)
            self.compare_incidents(found, one, period)

    def compare_incidents(self, found, one, period):
        """Every stretch with counted downtime in the period."""
        until = min(period[1], self.world.as_of)
        expected = []
        for start, end in ref.stretches(one, self.world.as_of):
            span = (max(start, period[0]), min(until if end is None else end, until))
            if span[0] < span[1]:
                down = ref.measured([one], None, self.sla, span, self.world.as_of)[0]["down"]
                if down:
                    ended = None if end is None else format_instant(end)
                    expected.append((format_instant(start), ended, down))
        measured = [one for one in found["incidents"] if one["id"].startswith(("c0-", "c1-", "c2-"))]
        assert [(told["started_at"], told["ended_at"], told["down_ms"]) for told in measured] == expected
        assert sum(told["down_ms"] for told in found["incidents"]) == found["down_ms"]

    def compare_services(self, name, period):
        """Members combined instant by instant."""
        for identity, service in self.services.items():
            parts = [self.components[member] for member in ref.members_of(service)]
            found = (self.document(name) or {"services": {}})["services"].get(identity)
            if found is not None:
                expected = self.judged(parts, service, period, ref.target_of(service, self.sla))
                assert {key: found[key] for key in expected} == expected, (name, identity)
                assert sum(told["down_ms"] for told in found["incidents"]) == found["down_ms"]

    def judged(self, parts, service, period, target):
        """What the terms of the page make of a subject."""
        schedule = ref.DEFAULT_SCHEDULE if target == Fraction(999, 1000) else None
        counts = ref.measured(parts, service, self.sla, period, self.world.as_of)
        return ref.judged(counts, self.sla, target, schedule)

    def compare_contracts(self):
        """Every month, quarter and year of each contract under its own terms and in its own zone."""
        seen = 0
        for contract in self.sla["contracts"]:
            service = self.services.get(contract.get("service"))
            members = [contract["component"]] if service is None else ref.members_of(service)
            terms = {**self.sla, **contract}
            for path in sorted((self.folder / "contracts" / contract["id"]).glob("*.json")):
                found = json.loads(path.read_bytes())
                months = {4: 12, 7: 1 if "Q" not in path.stem else 3}[len(path.stem)]
                first = path.stem if months != 3 else f"{path.stem[:4]}-{int(path.stem[-1]) * 3:02d}"
                day = datetime.fromisoformat(f"{first}-06" if months != 12 else f"{first}-06-06").date()
                period = ref.month_of(day, contract["timezone"], months)
                assert (found["from"], found["to"]) == tuple(map(format_instant, period))
                schedule = [(step["min"], step["credit"]) for step in contract["credits"]]
                parts = [self.components[member] for member in members]
                counts = ref.measured(parts, service, terms, period, self.world.as_of)
                expected = ref.judged(counts, terms, Fraction(contract["target"]) / 100, schedule)
                assert {key: found[key] for key in expected} == expected, path
                assert found["credit_amount"] == (amount(contract, expected) if months == 1 else None)
                seen += 1
        assert seen or all(one["life"][0] is None for one in self.components.values())


def amount(contract, expected):
    """The credit in cents, half-up, as a string."""
    cents = Fraction(contract["fee"]) * Fraction(expected["credit_percent"])
    whole = int(cents + Fraction(1, 2))
    return f"{whole // 100}.{whole % 100:02d}"
