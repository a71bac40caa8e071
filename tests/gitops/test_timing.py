"""How long a layer may take."""

from gitops.addon import configs
from gitops.duration import Duration
from gitops.timing import Step, timing
from tests.support.platforms import STRICT, addon, release, small, widget


def test_the_slowest_path_is_added_up_step_by_step() -> None:
    first, quick = addon("a", release("a")), addon("quick", release("quick"))
    last = addon("b", widget("x"), needs=("a-controllers", "quick-controllers"))
    (item,) = timing(small(first, quick, last))
    assert item.path == (
        Step(bundle="a-controllers", timeout=Duration.minutes(5)),
        Step(bundle="b-controllers", timeout=Duration.minutes(5)),
    )
    assert item.slowest == Duration.parse("10m30s")
    assert item.arithmetic == "a-controllers 5m + 30s + b-controllers 5m = 10m30s"
    assert item.timeout == Duration.hours(1)


def test_a_cold_start_counts_a_minute_for_a_release_and_little_for_the_rest() -> None:
    (item,) = timing(small(addon("a", release("a")), addon("b", widget("x"), needs=("a-controllers",))))
    assert str(item.estimate) == "1m20s"


def test_a_layer_without_bundles_takes_no_time() -> None:
    (item,) = timing(small())
    assert (item.path, item.slowest, item.estimate) == ((), Duration(0), Duration(0))
    assert item.arithmetic == "nothing to wait for"


def test_strict_allows_each_layer_what_its_slowest_path_may_take() -> None:
    assert [item.layer for item in timing(STRICT) if item.timeout < item.slowest] == []
    assert all(item.estimate < item.slowest for item in timing(STRICT) if item.path)


def test_configs_count_too() -> None:
    base = addon("a", release("a"))
    (item,) = timing(small(type(base)(name="a", controllers=base.controllers, configs=configs("a", widget("x")))))
    assert [step.bundle for step in item.path] == ["a-controllers", "a-configs"]
