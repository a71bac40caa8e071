"""The order between bundles."""

import itertools
from graphlib import CycleError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops.addon import Bundle, configs, controllers
from gitops.duration import Duration
from gitops.graph import REQUEUE, BundleGraph, installed

DIAMOND = BundleGraph({"d": ("b", "c"), "b": ("a",), "c": ("a",), "a": ()})


def test_bundles_that_wait_for_nothing_common_are_one_generation() -> None:
    assert DIAMOND.generations() == (("a",), ("b", "c"), ("d",))


def test_a_generation_keeps_the_order_of_declaration() -> None:
    graph = BundleGraph({"z": (), "a": (), "m": ()})
    assert graph.generations() == (("z", "a", "m"),)


def test_the_order_puts_every_bundle_after_what_it_waits_for() -> None:
    assert DIAMOND.order() == ("a", "b", "c", "d")


def test_a_cycle_reads_as_who_waits_for_whom() -> None:
    graph = BundleGraph({"a": ("b",), "b": ("c",), "c": ("a",), "d": ()})
    cycle = graph.cycle()
    assert cycle[0] == cycle[-1]
    assert all(target in graph.edges[name] for name, target in itertools.pairwise(cycle))


def test_there_is_no_cycle_in_a_diamond() -> None:
    assert DIAMOND.cycle() == ()


def test_generations_of_a_cycle_are_an_error() -> None:
    with pytest.raises(CycleError):
        BundleGraph({"a": ("a",)}).generations()


def test_a_bundle_is_ready_after_the_slowest_path_to_it() -> None:
    timeouts = {
        "a": Duration.minutes(1),
        "b": Duration.minutes(2),
        "c": Duration.minutes(7),
        "d": Duration(0),
    }
    finish = DIAMOND.finish(timeouts)
    assert finish["a"] == Duration.minutes(1)
    assert finish["d"] == Duration.minutes(8) + REQUEUE + REQUEUE


def test_what_a_bundle_follows_counts_only_where_it_is_installed() -> None:
    bundle = controllers("grafana", needs=("store",), after=("metrics", "logs"))
    assert installed(bundle, {"logs"}) == ("store", "logs")


def test_configs_come_after_their_controllers() -> None:
    bundles = (controllers("metallb"), configs("metallb"))
    assert BundleGraph.needed(bundles).edges["metallb-configs"] == ("metallb-controllers",)
    assert BundleGraph.declared(bundles).edges["metallb-configs"] == ("metallb-controllers",)


@st.composite
def acyclic_bundles(draw: st.DrawFn) -> list[Bundle]:
    count = draw(st.integers(min_value=1, max_value=12))
    return [
        controllers(
            f"a{index}",
            needs=tuple(
                f"a{target}-controllers"
                for target in draw(st.sets(st.integers(min_value=0, max_value=index - 1)) if index else st.just(set()))
            ),
        )
        for index in range(count)
    ]


@given(acyclic_bundles())
def test_the_order_respects_every_edge(bundles: list[Bundle]) -> None:
    graph = BundleGraph.needed(reversed(bundles))
    order = graph.order()
    assert sorted(order) == sorted(bundle.name for bundle in bundles)
    assert all(order.index(target) < order.index(name) for name, targets in graph.edges.items() for target in targets)
