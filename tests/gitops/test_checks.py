"""What can be wrong with a platform, each with the nearest one that is right."""

from dataclasses import replace

import pytest

from addons.catalogue import checked, platform
from gitops.addon import Bundle, configs, namespace
from gitops.checks import EARLY_RULES, examined
from gitops.checks.objects import existing_namespaces
from gitops.errors import GitOpsError, PlatformError, Problem
from gitops.objects import Metadata, ObjectKey
from gitops.platform import Platform
from tests.support.platforms import SEED, STRICT, addon, found, small, whats, widget, with_addons
from tests.support.stacks import shipped, variant


def early(item: Platform) -> list[Problem]:
    """What can be said early, but for schemas and a namespace, which widgets have none of."""
    rules = (rule for rule in EARLY_RULES if rule.family != "schema" and rule.id != "objects/namespace")
    return found(item, rules)


def test_the_shipped_stacks_have_no_problems() -> None:
    assert [checked(shipped(stack))[1].problems for stack in ("odyssey", "ithaca")] == [(), ()]


def test_a_missing_bundle_names_who_needs_it_and_the_key_that_switches_it_on() -> None:
    assert early(with_addons(addon("a", needs=("b-controllers",)))) == [
        Problem(
            rule="bundles/exist",
            where="addons/network/a.py:1: Kustomization flux-system/a-controllers: spec.dependsOn",
            object=ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", "a-controllers"),
            field="spec.dependsOn",
            source="addons/network/a.py:1",
            what="a-controllers needs b-controllers, which is not installed",
            fix="switch b on (homelab:addons.b.enabled), or switch off what needs it",
        )
    ]


def test_missing_configs_are_switched_on_by_the_same_key() -> None:
    (problem,) = early(with_addons(addon("a", needs=("b-configs",))))
    assert problem.fix == "switch b on (homelab:addons.b.enabled), or switch off what needs it"


def test_a_bundle_that_is_merely_followed_may_be_missing() -> None:
    assert early(with_addons(addon("a", after=("b-controllers",)))) == []


def test_a_bundle_of_a_later_layer_is_refused() -> None:
    (problem,) = early(with_addons(addon("a", needs=("longhorn-controllers",))))
    assert problem.rule == "bundles/earlier-layer"
    assert problem.where == "addons/network/a.py:1: Kustomization flux-system/a-controllers: spec.dependsOn"
    assert problem.what == "a-controllers waits for longhorn-controllers, which is in a later layer"
    assert problem.fix == "move the add-on to the layer of longhorn-controllers or a later one, or drop the edge"


def test_a_bundle_of_an_earlier_layer_is_fine() -> None:
    assert early(with_addons(addon("a", needs=("metallb-configs",)), layer="log")) == []


def test_a_cycle_is_reported_with_its_path() -> None:
    looped = with_addons(addon("a", needs=("b-controllers",)), addon("b", after=("a-controllers",)))
    (problem,) = early(looped)
    assert problem.rule == "bundles/acyclic"
    assert problem.what in {
        "bundles wait for each other: a-controllers → b-controllers → a-controllers",
        "bundles wait for each other: b-controllers → a-controllers → b-controllers",
    }
    assert problem.fix == "drop one of these edges"


def test_two_addons_of_one_name_are_both_reported() -> None:
    listed = early(with_addons(addon("a"), addon("a")))
    assert [problem.rule for problem in listed] == ["bundles/distinct", "bundles/distinct"]
    assert listed[0].what == "2 bundles are called 'a-controllers'"


def test_an_object_that_is_declared_twice_names_both() -> None:
    (problem,) = early(with_addons(addon("a", widget("x")), addon("b", widget("x"))))
    assert problem.rule == "objects/distinct"
    assert problem.what == (
        "Widget widgets/x is declared by addons/network/a.py:1: bundle a-controllers"
        " and addons/network/b.py:1: bundle b-controllers"
    )


def test_objects_that_differ_in_namespace_are_two() -> None:
    other = replace(widget("x"), metadata=Metadata(name="x", namespace="other"))
    assert early(with_addons(addon("a", widget("x"), other))) == []


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Upper", "'Upper' is not a name that Kubernetes takes"),
        ("-a", "'-a' is not a name that Kubernetes takes"),
        ("a..b", "'a..b' is not a name that Kubernetes takes"),
        ("a" * 254, "the name has 254 characters"),
    ],
)
def test_a_name_that_kubernetes_refuses_is_early(name: str, what: str) -> None:
    (problem,) = early(with_addons(addon("a", widget(name))))
    assert problem.rule == "objects/name"
    assert problem.what == what


@pytest.mark.parametrize("name", ["a", "a.b-c", "a" * 253])
def test_a_name_that_kubernetes_takes_passes(name: str) -> None:
    assert early(with_addons(addon("a", widget(name)))) == []


def test_an_object_in_a_namespace_that_nobody_makes_is_found() -> None:
    lost = small(addon("a", widget("x")))
    assert whats(lost, existing_namespaces) == ["nothing makes the namespace 'widgets'"]
    assert whats(small(addon("a", namespace("widgets"), widget("x"))), existing_namespaces) == []
    namesake = replace(widget("widgets"), metadata=Metadata(name="widgets"))
    assert len(whats(small(addon("a", namesake, widget("x"))), existing_namespaces)) == 1
    own = replace(widget("x"), metadata=Metadata(name="x", namespace="kube-system"))
    assert whats(small(addon("a", own)), existing_namespaces) == []


def test_the_name_of_a_bundle_fits_into_a_label() -> None:
    fits, too_long = "a" * (63 - len("-controllers")), "a" * (64 - len("-controllers"))
    assert early(with_addons(addon(fits))) == []
    (problem,) = early(with_addons(addon(too_long)))
    assert problem.what == "the name has 64 characters"
    assert problem.fix == "a Kustomization's name has at most 63"


def test_an_undeclared_variable_names_object_field_and_what_there_is() -> None:
    (problem,) = early(with_addons(addon("a", widget("x", hosts=["www.${domian}"]))))
    assert problem.rule == "variables/substitution"
    assert problem.where == "addons/network/a.py:1: Widget widgets/x: spec.hosts[0]"
    assert problem.what == "no variable is called 'domian'"
    assert problem.fix.startswith("declared are cluster_name, dns_ip, domain")


def test_an_undeclared_variable_on_the_website_is_found_too() -> None:
    (problem,) = early(replace(SEED, website=(widget("x", host="${nope}"),)))
    assert problem.where == "Widget widgets/x: spec.host"


def test_all_errors_are_raised_at_once() -> None:
    broken = with_addons(addon("a", needs=("x", "y")))
    _, report = examined(broken, lambda _: SEED)
    assert [problem.rule for problem in report.errors] == ["bundles/exist", "bundles/exist"]


def test_policies_are_not_tried_on_a_platform_that_they_cannot_work_on() -> None:
    broken = with_addons(addon("a", needs=("x",)))
    assert examined(broken, lambda _: SEED)[0] is broken
    assert examined(SEED, lambda _: STRICT)[0] is STRICT


def test_a_config_with_two_kinds_of_mistakes_gets_them_both() -> None:
    values = {"defaultSettings": {"a": "${nope}"}}
    with pytest.raises(PlatformError) as caught:
        platform(variant(addons={"1password-connect": {"enabled": False}, "longhorn": {"values": values}}))
    assert [problem.rule for problem in caught.value.problems] == ["bundles/exist", "variables/substitution"]


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
