"""The counting policy in force, in words for readers."""

from __future__ import annotations

from statusledger import words
from statusledger.config import Config
from statusledger.model import Check, Terms

DEGRADED_WORDS = "Degraded time is shown and not counted."


def how_we_count(config: Config) -> tuple[str, ...]:
    """The rules behind every figure, one sentence or two each; the first words name the rule, up to a colon."""
    checks = [check for check in config.checks.values() if not check.informational]
    return (
        _unknown(config.sla.terms),
        _down(config, checks),
        "Percentages are cut, never rounded up: 100.000\u202f% means that no downtime at all was measured.",
        _maintenance(config),
        _hold(checks),
    )


def _unknown(terms: Terms) -> str:
    told = {
        "excluded": "time without a measurement leaves the percentage and lowers the coverage.",
        "down": "time without a measurement counts as downtime.",
        "up": "time without a measurement is counted as up by agreement, and always shown as coverage.",
    }[terms.unknown_as]
    return f"Unknown is not up: {told} The line under the bars breaks where nothing was measured."


def _down(config: Config, checks: list[Check]) -> str:
    needed = sorted({check.counting.confirm_down for check in checks})
    confirmed = " or ".join(words.plural(count, "failed check") for count in needed)
    row = " in a row" if needed and needed[-1] > 1 else ""
    rules = sorted({str(component.quorum) for component in config.components.values()})
    where = " or ".join(words.QUORUM_WORDS.get(rule, f"at {rule} locations") for rule in rules)
    return f"Down: from the first failed check, once there are {confirmed}{row} {where}."


def _maintenance(config: Config) -> str:
    notice = words.duration(config.maintenance_notice_ms)
    told = {
        "excluded": f"left out only if it was announced {notice} ahead; an overrun is downtime.",
        "up": f"counted as up only if it was announced {notice} ahead; an overrun is downtime.",
        "ignore": "not left out: what fails during maintenance is downtime.",
    }[config.sla.terms.maintenance_as]
    weight = config.sla.terms.degraded_weight
    degraded = DEGRADED_WORDS if not weight else f"Degraded time counts as {weight} of downtime."
    return f"Maintenance: {told} {degraded}"


def _hold(checks: list[Check]) -> str:
    holds = sorted({check.counting.max_staleness_ms for check in checks})
    spans = " or ".join(words.interval(hold) for hold in holds[:1] + holds[-1:] * (len(holds) > 1))
    return f"Hold: a measurement stands until the next one, for {spans} at most; after that the state is unknown."
