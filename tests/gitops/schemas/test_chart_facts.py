"""What is recorded of charts' values."""

from addons.catalogue import INFRA, LOGGING, NETWORK, SECRETS, seed
from gitops.chart import chart_of
from gitops.schemas.chart_facts import ChartFacts, UnknownKey, chart_facts, unknown_keys
from tests.support.stacks import variant

FACTS = ChartFacts(version="1", evidence="", complete=True, values={"a": None, "b": {"c": None, "d": {}}})


def test_keys_that_are_recorded_are_known_and_so_is_what_helm_adds() -> None:
    assert list(unknown_keys({"a": {"anything": 1}, "global": {}, "tags": {}, "b": {"c": 1}}, FACTS)) == []


def test_a_key_that_is_not_recorded_is_unknown_at_the_top_and_below() -> None:
    assert list(unknown_keys({"x": 1, "b": {"y": 1}}, FACTS)) == [
        UnknownKey(path=("x",), known=("a", "b")),
        UnknownKey(path=("b", "y"), known=("c", "d")),
    ]


def test_a_mapping_that_is_replaced_by_a_value_and_one_with_nothing_recorded_are_left_alone() -> None:
    assert list(unknown_keys({"b": None}, FACTS)) == []
    assert list(unknown_keys({"b": {"d": {"z": 1}}}, FACTS)) == []


def test_every_add_on_s_chart_is_recorded_at_the_version_that_is_pinned() -> None:
    names = {name for layer in (NETWORK, SECRETS, INFRA, LOGGING) for name in layer}
    everything = (seed(variant(log_collector=collector)) for collector in ("alloy", "promtail"))
    addons = {addon.name: addon for platform in everything for addon in platform.addons}
    assert set(addons) == names
    charts = [chart for addon in addons.values() if (chart := chart_of(addon.controllers.objects))]
    assert len(charts) == 15
    recorded = {chart.name: facts.version for chart in charts if (facts := chart_facts(chart.name))}
    assert recorded == {chart.name: chart.version for chart in charts}


def test_a_chart_that_is_not_recorded_has_no_facts() -> None:
    assert chart_facts("nope") is None
