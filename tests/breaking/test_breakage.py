"""Odyssey is broken in hundreds of ways, and one of each sort is found; `make break` tries them all."""

import pytest

from tests.breaking import config, gates, objects, values
from tests.breaking.breakage import Breakage

ALL = [item for part in (gates, objects, values, config) for item in part.breakages()]
FIRST = {item.sort: item for item in reversed(ALL)}


def test_odyssey_is_broken_in_at_least_two_hundred_ways() -> None:
    assert len({(item.sort, item.where) for item in ALL}) >= 200


@pytest.mark.parametrize("item", FIRST.values(), ids=FIRST)
def test_the_first_breakage_of_its_sort_is_found(item: Breakage) -> None:
    assert item.is_found
