"""What every test shares: properties are judged by their outcome, never by how long a busy machine took."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "project", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("project")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a browser, or the largest site of all, stay with one worker (`--dist loadgroup`)."""
    for item in items:
        shared = getattr(item, "callspec", None)
        if shared is not None and "crowded" in shared.params.values():
            item.add_marker(pytest.mark.xdist_group("crowded"))
        elif item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
