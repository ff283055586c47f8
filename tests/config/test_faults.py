"""Every broken configuration is a file named by its fault, with what must be said about it beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from statusledger.config import load
from statusledger.errors import ConfigurationError, UsageError

FAULTS = sorted((Path(__file__).parents[1] / "data" / "config").glob("*.yml"))


@pytest.mark.parametrize("broken", FAULTS, ids=lambda path: path.stem)
def test_every_fault_is_told_with_its_place_and_the_way_out(broken: Path) -> None:
    """All problems of the file, sorted by place, in exactly the words beside it."""
    with pytest.raises(ConfigurationError) as refused:
        load(broken)

    assert str(refused.value) + "\n" == broken.with_suffix(".txt").read_text()
    assert refused.value.exit_code == 2
    assert list(refused.value.problems) == sorted(refused.value.problems)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    """Nothing is configured there: the message names the folder and what to do."""
    with pytest.raises(UsageError, match=rf"there is no checks\.yml in {tmp_path}; .* --config"):
        load(tmp_path / "checks.yml")


def test_a_folder_in_the_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """--config names a folder."""
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path)
