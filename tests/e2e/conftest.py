"""One sandbox a test module, so that modules run beside each other."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.world import World, a_world

LONGEST: Final = ("deliveries", "killed", "switching", "destroy", "up")
"""Modules that start first, so that none of them runs alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {Path(__file__).with_name(f"test_{name}.py"): place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world")) as made:
        yield made
