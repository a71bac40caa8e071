"""Chart values that their charts would ignore, each beside the nearest that they know."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import seed
from gitops.chart import Chart
from gitops.checks.chart_values import RULES
from gitops.errors import Problem, Severity
from gitops.objects import Metadata
from gitops.platform import Platform
from tests.support.platforms import addon, found, with_addons
from tests.support.stacks import variant


def release(chart: str, version: str, values: dict[str, Any]) -> Platform:
    repository = "https://charts.example.org"
    source, item = Chart(name=chart, version=version, repository=repository).release("x", namespace="x", values=values)
    return with_addons(addon("a", source, item))


def problems(chart: str, version: str, **values: Any) -> list[Problem]:
    return found(release(chart, version, values), RULES)


def test_a_key_that_a_chart_has_not_is_an_error_where_all_its_keys_are_known() -> None:
    assert problems("metallb", "0.16.1", speaker={"frr": {"enabled": False}}) == []
    (problem,) = problems("metallb", "0.16.1", speakr={"frr": {"enabled": False}})
    assert (problem.rule, problem.severity) == ("schema/chart-key", Severity.ERROR)
    assert problem.where == "addons/network/a.py:1: HelmRelease x/x: spec.values.speakr"
    assert problem.what == "the chart metallb 0.16.1 has no value 'speakr'"
    assert problem.fix == "did you mean speaker?"


def test_a_key_further_down_is_a_warning() -> None:
    (problem,) = problems("metallb", "0.16.1", speaker={"fr": {"enabled": False}})
    assert (problem.rule, problem.severity) == ("schema/chart-key-unlisted", Severity.WARNING)
    assert problem.field == "spec.values.speaker.fr"
    assert problem.what == "the chart metallb 0.16.1 is not known to have a value 'speaker.fr'"


def test_a_key_is_a_warning_where_not_all_are_known() -> None:
    assert problems("longhorn", "1.12.1", persistence={"anything": 1}) == []
    (problem,) = problems("longhorn", "1.12.1", persistance={})
    assert (problem.rule, problem.fix) == ("schema/chart-key-unlisted", "did you mean persistence?")


def test_another_version_than_the_recorded_one_is_a_warning_and_so_are_its_unknown_keys() -> None:
    older, key = problems("metallb", "0.17.0", speakr={})[::-1]
    assert (older.rule, older.severity) == ("schema/chart-facts", Severity.WARNING)
    assert older.what.startswith("the values of the chart metallb 0.17.0 are checked by those of 0.16.1 (go.universe")
    assert older.fix == "record its keys in gitops/schemas/charts/metallb.json"
    assert (key.rule, key.severity) == ("schema/chart-key-unlisted", Severity.WARNING)


def test_a_chart_that_is_not_recorded_is_a_warning() -> None:
    (problem,) = problems("nope", "1.0.0", anything=1)
    assert problem.what == "the values of the chart nope 1.0.0 are not recorded, so they are not checked"


def test_a_key_from_the_stack_s_config_is_found_there() -> None:
    values = {"persistance": {"defaultClass": True}}
    (problem,) = found(seed(variant(addons={"longhorn": {"values": values}})), RULES)
    assert (problem.object, problem.field) == (None, "homelab:addons.longhorn.values.persistance")


@pytest.mark.parametrize("configured", [{"logLevel": "info"}, "loglevel"])
def test_an_add_on_s_own_key_is_found_in_its_file_whatever_the_config_has_there(configured: Any) -> None:
    planned = seed(variant(addons={"metallb": {"values": {"speaker": configured}}}))

    def misspelt(item: Any) -> Any:
        if item.kind != "HelmRelease" or item.metadata != Metadata(name="metallb", namespace="metallb"):
            return item
        return replace(item, spec=replace(item.spec, values={"speaker": {"loglevel": "x"}, "frr": {}}))

    listed = found(planned.map_objects(misspelt), RULES)
    assert [problem.field for problem in listed] == ["spec.values.frr", "spec.values.speaker.loglevel"]


def test_a_release_without_a_source_is_left_alone() -> None:
    chart = Chart(name="x", version="1.0.0", repository="oci://charts.example.org")
    _, item = chart.release("x", namespace="x", values={})
    assert found(with_addons(addon("a", item)), RULES) == []


def test_a_stand_in_s_own_key_is_known_in_a_sandbox_only() -> None:
    slow: dict[str, Any] = {"cert-manager": {"values": {"sandbox": {"slow": "25s"}}}}
    assert found(seed(variant(addons=slow, sandbox="trial")), RULES) == []
    (problem,) = found(seed(variant(addons=slow)), RULES)
    assert problem.field == "homelab:addons.cert-manager.values.sandbox"
