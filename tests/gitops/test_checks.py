"""What can be wrong with a platform, each with the nearest one that is right."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform, seed
from gitops.addon import Addon, Bundle, configs, controllers
from gitops.checks import CHECKS, SEED_CHECKS, sound
from gitops.errors import GitOpsError, PlatformError, Problem, Severity
from gitops.objects import KubernetesObject, Metadata, Unstructured
from gitops.platform import Platform
from tests.support.stacks import shipped, variant

SEED = seed(shipped("odyssey", profile="seed"))


def widget(name: str, **spec: Any) -> Unstructured:
    metadata = Metadata(name=name, namespace="widgets")
    return Unstructured(api_version="example.org/v1", kind="Widget", metadata=metadata, fields={"spec": spec})


def with_addons(*addons: Addon, layer: str = "network") -> Platform:
    return SEED.map_layers(lambda item: replace(item, addons=(*item.addons, *addons)) if item.name == layer else item)


def addon(name: str, *objects: KubernetesObject, **edges: Any) -> Addon:
    declared_at = f"addons/network/{name}.py:1"
    return Addon(name=name, controllers=controllers(name, *objects, **edges), declared_at=declared_at)


def problems(planned: Platform) -> list[Problem]:
    return [problem for check in (*SEED_CHECKS, *CHECKS) for problem in check(planned)]


def test_the_shipped_stacks_have_no_problems() -> None:
    assert [problems(platform(shipped(stack))) for stack in ("odyssey", "ithaca")] == [[], []]


def test_a_missing_bundle_names_who_needs_it_and_the_key_that_switches_it_on() -> None:
    assert problems(with_addons(addon("a", needs=("b-controllers",)))) == [
        Problem(
            rule="bundles/exist",
            where="addons/network/a.py:1: bundle a-controllers",
            what="a-controllers needs b-controllers, which is not installed",
            fix="switch b on (homelab:addons.b.enabled), or switch off what needs it",
        )
    ]


def test_missing_configs_are_switched_on_by_the_same_key() -> None:
    (problem,) = problems(with_addons(addon("a", needs=("b-configs",))))
    assert problem.fix == "switch b on (homelab:addons.b.enabled), or switch off what needs it"


def test_a_bundle_that_is_merely_followed_may_be_missing() -> None:
    assert problems(with_addons(addon("a", after=("b-controllers",)))) == []


def test_a_bundle_of_a_later_layer_is_refused() -> None:
    (problem,) = problems(with_addons(addon("a", needs=("longhorn-controllers",))))
    assert problem.rule == "bundles/earlier-layer"
    assert problem.where == "addons/network/a.py:1: bundle a-controllers"
    assert problem.what == "a-controllers waits for longhorn-controllers, which is in a later layer"
    assert problem.fix == "move the add-on to the layer of longhorn-controllers or a later one, or drop the edge"


def test_a_bundle_of_an_earlier_layer_is_fine() -> None:
    assert problems(with_addons(addon("a", needs=("metallb-configs",)), layer="log")) == []


def test_a_cycle_is_reported_with_its_path() -> None:
    looped = with_addons(addon("a", needs=("b-controllers",)), addon("b", after=("a-controllers",)))
    (problem,) = problems(looped)
    assert problem.rule == "bundles/acyclic"
    assert problem.what in {
        "bundles wait for each other: a-controllers → b-controllers → a-controllers",
        "bundles wait for each other: b-controllers → a-controllers → b-controllers",
    }
    assert problem.fix == "drop one of these edges"


def test_two_addons_of_one_name_are_both_reported() -> None:
    found = problems(with_addons(addon("a"), addon("a")))
    assert [problem.rule for problem in found] == ["bundles/distinct", "bundles/distinct"]
    assert found[0].what == "2 bundles are called 'a-controllers'"


def test_an_object_that_is_declared_twice_names_both() -> None:
    (problem,) = problems(with_addons(addon("a", widget("x")), addon("b", widget("x"))))
    assert problem.rule == "objects/distinct"
    assert problem.what == (
        "Widget widgets/x is declared by addons/network/a.py:1: bundle a-controllers"
        " and addons/network/b.py:1: bundle b-controllers"
    )


def test_objects_that_differ_in_namespace_are_two() -> None:
    other = replace(widget("x"), metadata=Metadata(name="x", namespace="other"))
    assert problems(with_addons(addon("a", widget("x"), other))) == []


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Upper", "'Upper' is not a name that Kubernetes takes"),
        ("-a", "'-a' is not a name that Kubernetes takes"),
        ("a..b", "'a..b' is not a name that Kubernetes takes"),
        ("a" * 254, "the name has 254 characters"),
    ],
)
def test_a_name_that_kubernetes_refuses_is_found(name: str, what: str) -> None:
    (problem,) = problems(with_addons(addon("a", widget(name))))
    assert problem.rule == "objects/name"
    assert problem.what == what


@pytest.mark.parametrize("name", ["a", "a.b-c", "a" * 253])
def test_a_name_that_kubernetes_takes_passes(name: str) -> None:
    assert problems(with_addons(addon("a", widget(name)))) == []


def test_the_name_of_a_bundle_fits_into_a_label() -> None:
    fits, too_long = "a" * (63 - len("-controllers")), "a" * (64 - len("-controllers"))
    assert problems(with_addons(addon(fits))) == []
    (problem,) = problems(with_addons(addon(too_long)))
    assert problem.what == "the name has 64 characters"
    assert problem.fix == "a Kustomization's name has at most 63"


def test_an_undeclared_variable_names_object_field_and_what_there_is() -> None:
    (problem,) = problems(with_addons(addon("a", widget("x", hosts=["www.${domian}"]))))
    assert problem.rule == "variables/substitution"
    assert problem.where == "addons/network/a.py:1: Widget widgets/x: spec.hosts[0]"
    assert problem.what == "no variable is called 'domian'"
    assert problem.fix.startswith("declared are cluster_name, dns_ip, domain")


def test_an_undeclared_variable_on_the_website_is_found_too() -> None:
    (problem,) = problems(replace(SEED, website=(widget("x", host="${nope}"),)))
    assert problem.where == "the website: Widget widgets/x: spec.host"


def test_a_bootstrap_that_is_not_there_yet_is_refused() -> None:
    with pytest.raises(PlatformError, match="bootstrap 'install' is not available in this version"):
        platform(variant(bootstrap="install"))


def test_all_errors_are_raised_at_once() -> None:
    broken = with_addons(addon("a", needs=("x", "y")))
    with pytest.raises(PlatformError) as caught:
        sound(broken, SEED_CHECKS)
    assert len(caught.value.problems) == 2


def test_a_config_with_two_kinds_of_mistakes_gets_them_both() -> None:
    values = {"defaultSettings": {"a": "${nope}"}}
    with pytest.raises(PlatformError) as caught:
        platform(variant(addons={"cert-manager": {"enabled": False}, "longhorn": {"values": values}}))
    assert [problem.rule for problem in caught.value.problems] == ["bundles/exist", "variables/substitution"]


def test_warnings_stop_nothing() -> None:
    warning = Problem(rule="a/b", where="x", what="y", fix="z", severity=Severity.WARNING)
    assert sound(SEED, [lambda _: [warning]]) is SEED


def test_a_problem_prints_everything_that_it_knows() -> None:
    problem = Problem(rule="a/b", where="x", what="y", fix="z")
    assert str(GitOpsError([problem])) == "error: x: y\n  rule: a/b\n  fix:  z"


def test_switching_off_what_others_need_is_an_error_with_the_key() -> None:
    with pytest.raises(PlatformError) as caught:
        platform(variant(addons={"1password-connect": {"enabled": False}}))
    (problem,) = caught.value.problems
    assert problem.what == "external-secrets-configs needs 1password-connect-controllers, which is not installed"
    assert problem.where.startswith("addons/infra/external_secrets.py:")


def test_configs_need_their_controllers() -> None:
    bundle: Bundle = configs("a", widget("x"), needs=("b-configs",))
    assert bundle.needs == ("a-controllers", "b-configs")
