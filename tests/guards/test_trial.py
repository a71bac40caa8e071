"""A trial tells tests that miss a guard from those that do not."""

from pathlib import Path

import pytest

from tests.guards.guard import guards
from tests.guards.trial import fails


@pytest.mark.parametrize(("name", "misses"), [("envsubst", True), ("duration", False)])
def test_only_tests_that_miss_the_guard_fail(name: str, *, misses: bool) -> None:
    guard, *_ = guards(Path("gitops/glob.py"))
    assert fails(guard, [f"tests/gitops/test_{name}.py"], 120) is misses
