"""Objects that an API server would refuse, each beside the nearest that it takes."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.checks import chart_values, schema
from gitops.checks.report import report
from gitops.errors import Problem, Severity
from gitops.layer import Layer
from gitops.objects import Metadata, Unstructured
from tests.support.platforms import SEED, addon, found, widget, with_addons
from tests.support.stacks import DELIVERIES, PROFILES, STACKS, shipped

ADDRESSES = ["10.0.0.0/24"]


def problems(*objects: Unstructured) -> list[Problem]:
    return found(with_addons(addon("a", *objects)), schema.RULES)


def pool(version: str = "v1beta1", kind: str = "IPAddressPool", **spec: Any) -> Unstructured:
    metadata = Metadata(name="x", namespace="metallb")
    return Unstructured(api_version=f"metallb.io/{version}", kind=kind, metadata=metadata, fields={"spec": spec})


def issuer(**fields: Any) -> Unstructured:
    return Unstructured(
        api_version="cert-manager.io/v1", kind="ClusterIssuer", metadata=Metadata(name="x"), fields={"spec": fields}
    )


@pytest.mark.parametrize("delivery", DELIVERIES)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("stack", STACKS)
def test_the_shipped_stacks_are_valid_in_every_delivery_and_profile(stack: str, profile: str, delivery: str) -> None:
    planned = platform(shipped(stack, profile=profile, delivery=delivery))
    assert report(planned, (*schema.RULES, *chart_values.RULES)).problems == ()


def test_the_seed_platform_is_valid() -> None:
    assert report(SEED, (*schema.RULES, *chart_values.RULES)).problems == ()


def test_a_misspelt_field_is_an_error_with_its_place_and_the_likely_name() -> None:
    assert problems(pool(addresses=ADDRESSES, autoAssign=False)) == []
    (problem,) = problems(pool(addresses=ADDRESSES, autoAsign=False))
    assert problem.rule == "schema/unknown-field"
    assert problem.where == "addons/network/a.py:1: IPAddressPool metallb/x: spec.autoAsign"
    assert problem.what == 'there is no field "autoAsign" here'
    assert problem.fix == "did you mean autoAssign?"
    assert problem.severity is Severity.ERROR


def test_a_missing_field_is_an_error() -> None:
    (problem,) = problems(pool())
    assert (problem.rule, problem.field) == ("schema/required-field", "spec.addresses")


def test_values_are_judged_as_the_cluster_gets_them() -> None:
    assert problems(pool(addresses=["${load_balancer_pool}"])) == []
    (problem,) = problems(pool(addresses="${load_balancer_pool}"))
    assert (problem.rule, problem.field) == ("schema/value", "spec.addresses")
    assert problem.what == '"192.168.20.65-192.168.20.126" is not a list'
    (problem,) = problems(pool(addresses=["${storage_replica}"]))
    assert (problem.what, problem.fix) == ("1 is not text", "quote it")


def test_values_of_an_object_that_flux_refuses_to_substitute_are_not_judged() -> None:
    (problem,) = problems(pool(addresses="${nope}", autoAsign=True))
    assert problem.rule == "schema/unknown-field"


def test_fields_that_a_rule_relates_are_judged_together() -> None:
    venafi = {"zone": "x", "tpp": {"url": "https://x", "credentialsRef": {"name": "x"}}}
    assert problems(issuer(venafi=venafi)) == []
    (problem,) = problems(issuer(venafi={"zone": "x"}))
    assert (problem.rule, problem.field) == ("schema/expression", "spec.venafi")
    assert "has(self.tpp)" in problem.what


def test_a_version_that_is_not_served_is_an_error() -> None:
    (problem,) = problems(pool("v1beta2", addresses=ADDRESSES))
    assert (problem.rule, problem.field) == ("schema/kind", "apiVersion")
    assert problem.what == "IPAddressPool is not served as metallb.io/v1beta2"
    assert problem.fix == "use metallb.io/v1beta1"


def test_a_kind_that_a_known_group_has_not_is_an_error() -> None:
    (problem,) = problems(pool(kind="IPAdressPool", addresses=ADDRESSES))
    assert (problem.rule, problem.field) == ("schema/kind", "kind")
    assert problem.what == "metallb.io has no kind IPAdressPool"
    assert problem.fix == "did you mean IPAddressPool?"
    metadata = Metadata(name="x", namespace="x")
    (problem,) = problems(Unstructured(api_version="v1", kind="Deployment", metadata=metadata))
    assert problem.what == "the core group has no kind Deployment"


def test_a_group_that_is_not_known_is_a_warning() -> None:
    (problem,) = problems(widget("x", anything=1))
    assert (problem.rule, problem.severity) == ("schema/known", Severity.WARNING)
    assert problem.what == "no schema of example.org is known, so Widget is not checked"


def test_a_namespaced_object_needs_a_namespace_and_another_has_none() -> None:
    assert problems(issuer(selfSigned={})) == []
    (problem,) = problems(replace(issuer(selfSigned={}), metadata=Metadata(name="x", namespace="y")))
    assert (problem.rule, problem.field) == ("schema/scope", "metadata.namespace")
    assert problem.what == "it is in the namespace y"
    assert problem.fix == "remove it: a ClusterIssuer belongs to the whole cluster"
    (problem,) = problems(replace(pool(addresses=ADDRESSES), metadata=Metadata(name="x")))
    assert problem.what == "it has no namespace"
    assert problem.fix == "set it: an IPAddressPool is in a namespace"


def test_kustomizations_of_bundles_and_layers_are_judged_too() -> None:
    policy: Any = "Keep"

    def broken(layer: Layer) -> Layer:
        return replace(layer, reconciliation=replace(layer.reconciliation, deletion_policy=policy))

    listed = found(SEED.map_layers(broken), schema.RULES)
    assert [problem.object.name for problem in listed if problem.object] == [item.kustomization for item in SEED.layers]
    assert {problem.what for problem in listed} == {
        '"Keep" is not one of MirrorPrune, Delete, WaitForTermination, Orphan'
    }
