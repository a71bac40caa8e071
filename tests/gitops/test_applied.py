"""Every object as an API server sees it."""

from dataclasses import replace

import pytest

from addons.catalogue import platform
from gitops.applied import applied
from gitops.delivery import delivery_of
from gitops.objects import ObjectKey
from gitops.platform import Platform
from tests.support.platforms import SEED, addon, widget, with_addons
from tests.support.stacks import DELIVERIES, shipped, variant


def keys(planned: Platform) -> set[ObjectKey]:
    return {item.key for item in applied(planned)}


def test_variables_are_filled_in_and_the_place_of_the_declaration_is_kept() -> None:
    planned = with_addons(addon("a", widget("x", host="www.${domain}")))
    (item,) = (item for item in applied(planned) if item.key.kind == "Widget")
    assert item.manifest["spec"]["host"] == "www.k8s.cicci8ino.it"
    violation = item.violation("spec.host", what="w", fix="f")
    assert violation.where == "addons/network/a.py:1: Widget widgets/x: spec.host"


def test_an_object_that_flux_refuses_to_substitute_is_as_it_is_declared() -> None:
    planned = with_addons(addon("a", widget("x", host="${nope}")))
    (item,) = (item for item in applied(planned) if item.key.kind == "Widget")
    assert item.manifest["spec"]["host"] == "${nope}"


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_what_is_declared_is_there_whatever_the_delivery(delivery: str) -> None:
    planned = platform(shipped("odyssey", delivery=delivery))
    assert {item.key for item in planned.declared} <= keys(planned)
    assert len(keys(planned)) == len(applied(planned))


def test_what_carries_the_objects_is_there_with_its_own_variables_filled_in() -> None:
    planned = platform(shipped("odyssey"))
    found = {item.key.name: item for item in applied(planned) if item.key.kind == "Kustomization"}
    assert {"network-reconciliation", "metallb-configs"} <= set(found)
    configs = found["metallb-configs"]
    assert "$" not in configs.manifest["spec"]["postBuild"]["substitute"]["revision"]
    assert configs.source.startswith("addons/network/metallb.py:")
    assert ("source.toolkit.fluxcd.io", "GitRepository") in {(key.group, key.kind) for key in keys(planned)}


def test_a_kustomization_that_flux_refuses_to_substitute_is_as_it_is_declared() -> None:
    broken = SEED.map_bundles(
        lambda bundle: replace(bundle, reconciliation=replace(bundle.reconciliation, substitute={"a": "${nope}"}))
    )
    (item,) = (item for item in applied(broken) if item.key.name == "metallb-configs")
    assert item.manifest["spec"]["postBuild"]["substitute"] == {"a": "${nope}"}


def test_with_a_delivery_that_cannot_be_worked_out_it_is_what_is_declared() -> None:
    planned = replace(SEED, cluster=SEED.cluster.model_copy(update={"git": None}))
    assert keys(planned) == {item.key for item in planned.declared}


@pytest.mark.parametrize("edges", [{"needs": ("nope",)}, {"after": ("a-controllers",)}], ids=["missing", "cycle"])
def test_with_bundles_in_no_order_it_is_what_is_declared(edges: dict[str, tuple[str, ...]]) -> None:
    planned = with_addons(addon("a", **edges))
    assert keys(planned) == {item.key for item in planned.declared}


def test_the_helm_releases_of_pulumi_are_no_objects_of_the_api_server() -> None:
    planned = platform(variant(bootstrap="install"))
    assert "Release" in {item.manifest["kind"] for item in delivery_of(planned).registrations(planned)}
    assert "Release" not in {key.kind for key in keys(planned)}


def test_the_answer_is_worked_out_once_for_each_platform() -> None:
    one, other = platform(variant()), platform(variant())
    assert applied(one) is applied(one)
    assert applied(one) is not applied(other)
    assert applied(one) == applied(other)
