"""sla/: the overview of the running month, the statements of each month, and a sheet per contract and month."""

from __future__ import annotations

from pathlib import PurePosixPath

from statusledger import words
from statusledger.outputs.frame import Frame
from statusledger.outputs.views import home, service_levels

INDEX = "index.html"


def files(pages: Frame) -> dict[PurePosixPath, bytes]:
    """Every page below sla/."""
    report, times = pages.report, pages.statement_times
    months = tuple((key, words.month_words(key)) for key in service_levels.months(report))
    running = report.month.key
    overview = PurePosixPath("sla", INDEX)
    longer, long_rows = service_levels.longer(report)
    found = {
        overview: pages.page(
            overview,
            "sla.html",
            results=service_levels.overview(report),
            contracts=service_levels.contracts(report, running),
            longer=longer,
            long_rows=long_rows,
            months=months,
            running=running,
            name=words.month_words(running),
            zone=times.zone,
        )
    }
    for key, name in months:
        path = PurePosixPath("sla", key, INDEX)
        found[path] = pages.page(
            path,
            "sla_month.html",
            statements=service_levels.statements(report, key, times),
            contracts=service_levels.contracts(report, key),
            key=key,
            name=name,
            rules=home.rules(report),
            zone=times.zone,
        )
    return {**found, **_contracts(pages)}


def _contracts(pages: Frame) -> dict[PurePosixPath, bytes]:
    found = {}
    for contract, month, shown in service_levels.contract_statements(pages.report):
        path = PurePosixPath("sla", "contracts", contract, month, INDEX)
        found[path] = pages.page(path, "sla_contract.html", statement=shown, contract=contract)
    return found
