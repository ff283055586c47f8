"""The counting policies in force, in words for readers: of the whole page, and of one component over time."""

from __future__ import annotations

from collections.abc import Iterable

from statusledger import words
from statusledger.config import Config
from statusledger.model import Check, Component, Terms
from statusledger.report.spans import Counted
from statusledger.timeline import END, ComponentTimeline
from statusledger.timeline.steps import BEGINNING

DEGRADED_WORDS = "Degraded time is shown and not counted."


def how_we_count(config: Config) -> tuple[str, ...]:
    """The rules behind every figure, one sentence or two each; the first words name the rule, up to a colon."""
    checks = [check for check in config.checks.values() if not check.informational]
    unknown, maintenance = terms_in_words(config.sla.terms, config.maintenance_notice_ms)
    rules = sorted({str(component.quorum) for component in config.components.values()})
    return (
        f"{unknown} The line under the bars breaks where nothing was measured.",
        _down(checks, rules),
        "Percentages are cut, never rounded up: 100.000\u202f% means that no downtime at all was measured.",
        maintenance,
        _hold(checks),
    )


def terms_in_words(terms: Terms, notice_ms: int) -> tuple[str, str]:
    """What unknown time, announced maintenance and degraded time count as."""
    unknown = {
        "excluded": "time without a measurement leaves the percentage and lowers the coverage.",
        "down": "time without a measurement counts as downtime.",
        "up": "time without a measurement is counted as up by agreement, and always shown as coverage.",
    }[terms.unknown_as]
    notice = words.duration(notice_ms)
    maintenance = {
        "excluded": f"left out only if it was announced {notice} ahead; an overrun is downtime.",
        "up": f"counted as up only if it was announced {notice} ahead; an overrun is downtime.",
        "ignore": "not left out: what fails during maintenance is downtime.",
    }[terms.maintenance_as]
    weight = terms.degraded_weight
    degraded = DEGRADED_WORDS if not weight else f"Degraded time counts as {weight} of downtime."
    return f"Unknown is not up: {unknown}", f"Maintenance: {maintenance} {degraded}"


def counted_how(timeline: ComponentTimeline) -> tuple[Counted, ...]:
    """How a component was counted, and since when; spans that read the same are one."""
    found: list[Counted] = []
    for era in timeline.eras:
        told = _rules(era.component)
        if found and found[-1].rules == told:
            told_before = found.pop()
            found.append(Counted(told_before.start_ms, _open(era.end), told))
        else:
            found.append(Counted(_open(era.start), _open(era.end), told))
    return tuple(found)


def _open(edge: int) -> int | None:
    return None if edge in {BEGINNING, END} else edge


def _rules(component: Component) -> str:
    """One component's rules in a few sentences."""
    checks = [check for check in component.checks if not check.informational]
    counted = _down(checks, [str(component.quorum)]).removeprefix("Down: ")
    recovery = max((check.counting.confirm_up for check in checks), default=1)
    ended = f" A recovery of fewer than {recovery} good checks does not end it." if recovery > 1 else ""
    held = f"A{_hold(checks).removeprefix('Hold: a')}"
    return f"{counted}{ended} {held}{_combined(component, checks)}"


def _combined(component: Component, checks: list[Check]) -> str:
    """What several checks come to; nothing where there is one."""
    if len(checks) < 2:
        return ""
    names = words.listed(check.name for check in checks)
    if component.combination in {"worst", "best"}:
        return f" The {component.combination} of {names} counts."
    return f" {component.combination} of {names} must be good."


def _down(checks: Iterable[Check], rules: Iterable[str]) -> str:
    needed = sorted({check.counting.confirm_down for check in checks})
    confirmed = " or ".join(map(str, needed)) + (" failed check" if needed == [1] else " failed checks")
    row = " in a row" if needed and needed[-1] > 1 else ""
    where = " or ".join(words.QUORUM_WORDS.get(rule, f"at {rule} locations") for rule in rules)
    return f"Down: from the first failed check, once there are {confirmed}{row} {where}."


def _hold(checks: Iterable[Check]) -> str:
    holds = sorted({check.counting.max_staleness_ms for check in checks})
    spans = " or ".join(words.interval(hold) for hold in holds[:1] + holds[-1:] * (len(holds) > 1))
    return f"Hold: a measurement stands until the next one, for {spans} at most; after that the state is unknown."
