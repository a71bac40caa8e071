"""What is said to change nothing is there, once."""

from pathlib import Path

import pytest

from tests.guards.equivalent import EQUIVALENT
from tests.guards.guard import guards


@pytest.mark.parametrize(("file", "change"), EQUIVALENT)
def test_an_entry_stands_for_one_guard(file: str, change: str) -> None:
    assert [guard.change for guard in guards(Path(file))].count(change) == 1
