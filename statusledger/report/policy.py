"""The counting policies in force, in words for readers: of the whole page, and of one component over time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from statusledger import words
from statusledger.config import Config
from statusledger.language import Text, gettext, later, ngettext, pgettext
from statusledger.model import Check, Component, Terms
from statusledger.report.spans import Counted
from statusledger.timeline import END, ComponentTimeline
from statusledger.timeline.steps import BEGINNING


def how_we_count(config: Config) -> tuple[Text, ...]:
    """The rules behind every figure, one sentence or two each; the first words name the rule, up to a colon."""
    checks = [check for check in config.checks.values() if not check.informational]
    unknown, maintenance = terms_in_words(config.sla.terms, config.maintenance_notice_ms)
    rules = tuple(sorted({str(component.quorum) for component in config.components.values()}))
    return (
        later(_rail, unknown),
        later(_down, _confirmations(checks), rules),
        later(_percentages),
        maintenance,
        later(_hold, _holds(checks)),
    )


def terms_in_words(terms: Terms, notice_ms: int) -> tuple[Text, Text]:
    """What unknown time, announced maintenance and degraded time count as; first words up to a colon."""
    return later(_unknown, terms.unknown_as), later(
        _maintenance, terms.maintenance_as, notice_ms, terms.degraded_weight
    )


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


def _rules(component: Component) -> Text:
    """One component's rules in a few sentences."""
    checks = [check for check in component.checks if not check.informational]
    recovery = max((check.counting.confirm_up for check in checks), default=1)
    names = tuple(check.name for check in checks)
    return later(
        _told, (_confirmations(checks), str(component.quorum), recovery, _holds(checks), component.combination, names)
    )


def _confirmations(checks: Iterable[Check]) -> tuple[int, ...]:
    return tuple(sorted({check.counting.confirm_down for check in checks}))


def _holds(checks: Iterable[Check]) -> tuple[int, ...]:
    """The shortest and the longest, in milliseconds."""
    holds = sorted({check.counting.max_staleness_ms for check in checks})
    return tuple(holds[:1] + holds[1:][-1:])


# --- in words ------------------------------------------------------------------------------------

Rules = tuple[tuple[int, ...], str, int, tuple[int, ...], str | int, tuple[str, ...]]
"""(confirmations, quorum, good checks for a recovery, holds, combination, names of the checks)"""


def _told(rules: Rules) -> str:
    confirmations, quorum, recovery, holds, combination, names = rules
    sentences = [_rest(_down(confirmations, [quorum]))]
    if recovery > 1:
        sentences.append(
            ngettext(
                "A recovery of fewer than %(count)s good check does not end it.",
                "A recovery of fewer than %(count)s good checks does not end it.",
                recovery,
            )
        )
    held = _rest(_hold(holds))
    sentences.append(held[:1].upper() + held[1:])
    if len(names) > 1:
        sentences.append(_combined(combination, names))
    return " ".join(sentences)


def _rest(rule: str) -> str:
    """What follows the name of a rule."""
    return rule.partition(": ")[2]


def _combined(combination: str | int, names: Sequence[str]) -> str:
    """What several checks come to."""
    listed = words.listed(names)
    if combination == "worst":
        return gettext("The worst of %(names)s counts.", names=listed)
    if combination == "best":
        return gettext("The best of %(names)s counts.", names=listed)
    return ngettext(
        "%(count)s of %(names)s must be good.", "%(count)s of %(names)s must be good.", int(combination), names=listed
    )


def _rail(unknown: Text) -> str:
    return " ".join((str(unknown), gettext("The line under the bars breaks where nothing was measured.")))


def _unknown(counted_as: str) -> str:
    told = {
        "excluded": lambda: gettext(
            "Unknown is not up: time without a measurement leaves the percentage and lowers the coverage."
        ),
        "down": lambda: gettext("Unknown is not up: time without a measurement counts as downtime."),
        "up": lambda: gettext(
            "Unknown is not up: time without a measurement is counted as up by agreement, and always shown as coverage."
        ),
    }
    return told[counted_as]()


def _down(confirmations: Sequence[int], quorums: Iterable[str]) -> str:
    row = bool(confirmations) and confirmations[-1] > 1
    *first, last = confirmations or (1,)
    failures = ngettext("%(number)s failed check", "%(number)s failed checks", last, number=_either([*first, last]))
    where = _either(map(words.quorum, quorums))
    if row:
        return gettext(
            "Down: from the first failed check, after %(failures)s in a row %(where)s.",
            failures=failures,
            where=where,
        )
    return gettext("Down: from the first failed check, after %(failures)s %(where)s.", failures=failures, where=where)


def _either(alternatives: Iterable[str | int]) -> str:
    return pgettext("between alternatives", " or ").join(map(str, alternatives))


def _percentages() -> str:
    return gettext(
        "Percentages are cut, never rounded up: %(whole)s means that no downtime at all was measured.",
        whole=words.percentage(Fraction(1)),
    )


def _maintenance(counted_as: str, notice_ms: int, degraded_weight: Fraction) -> str:
    notice = words.duration(notice_ms)
    told = {
        "excluded": lambda: gettext(
            "Maintenance: left out only if it was announced %(notice)s ahead; an overrun is downtime.", notice=notice
        ),
        "up": lambda: gettext(
            "Maintenance: counted as up only if it was announced %(notice)s ahead; an overrun is downtime.",
            notice=notice,
        ),
        "ignore": lambda: gettext("Maintenance: not left out: what fails during maintenance is downtime."),
    }
    return " ".join((told[counted_as](), _degraded(degraded_weight)))


def _degraded(weight: Fraction) -> str:
    if not weight:
        return gettext("Degraded time is shown and not counted.")
    return gettext("Degraded time counts as %(weight)s of downtime.", weight=str(weight))


def _hold(holds: Sequence[int]) -> str:
    return gettext(
        "Hold: a measurement stands until the next one, for %(spans)s at most; after that the state is unknown.",
        spans=_either(map(words.interval, holds)),
    )
