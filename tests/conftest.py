"""What every test shares: properties are judged by their outcome, never by how long a busy machine took."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

settings.register_profile(
    "project", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")

# A shell that starts us in the background has Ctrl-C ignored, and so would have every command that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


# Tests that share what is dear to make (a browser, the sites of all states, a job with its servers), or are long: each
# of these goes to one worker as a whole, and before all others.
TOGETHER = (
    "tests/browser/",
    "tests/outputs/",
    "tests/test_demo.py",
    "tests/test_private_stays.py",
    "tests/test_rehearsal.py",
    "tests/test_secrets_stay.py",
    "tests/test_upgrade.py",
)


class Sharing(LoadScopeScheduling):
    """Hands tests to workers one by one, but for those that stay together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Sharing:
    """How `pytest -n 3` shares the tests out."""
    return Sharing(config, log)
