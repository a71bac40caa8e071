"""One sandbox a test module, so that modules run beside each other."""

from collections.abc import Iterator

import pytest

from tests.e2e.world import World, a_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("world")) as made:
        yield made
