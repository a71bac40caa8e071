"""Safety: each rule with the smallest platform that violates it, and the nearest that does not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import checked, platform
from gitops.addon import Addon
from gitops.chart import Chart
from gitops.checks.rule import problems
from gitops.checks.safety import RULES
from gitops.errors import Problem, Severity
from gitops.flux import HelmRelease
from gitops.objects import ConfigMap, KubernetesObject, Metadata, Namespace, Unstructured
from gitops.platform import Platform
from gitops.policies.pod_security import labelled
from gitops.policies.pruning import unprunable
from tests.support.platforms import addon, with_addons, with_reconciliation
from tests.support.stacks import DELIVERIES, STACKS, shipped, variant

STRICT = platform(shipped("odyssey"))


def of(planned: Platform) -> list[Problem]:
    return list(problems(planned, RULES))


def extended(*addons: Addon, platform: Platform = STRICT) -> list[Problem]:
    return of(with_addons(*addons, platform=platform))


def released(chart: str, values: Mapping[str, Any] | None = None) -> tuple[KubernetesObject, HelmRelease]:
    pinned = Chart(name=chart, version="1.2.3", repository="oci://charts.example.org")
    return pinned.release("x", namespace="x", values=values or {})


def namespace(level: Any = "baseline") -> KubernetesObject:
    return unprunable(labelled(Namespace(metadata=Metadata(name="x")), level))


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_the_shipped_stacks_are_safe(stack: str, delivery: str) -> None:
    assert of(platform(shipped(stack, delivery=delivery))) == []


@pytest.mark.parametrize("stack", STACKS)
def test_what_strict_closes_is_a_warning_under_seed(stack: str) -> None:
    found = of(platform(shipped(stack, profile="seed")))
    assert {problem.rule for problem in found} == {"safety/uninstall", "safety/namespaces", "safety/pod-security"}
    assert {problem.severity for problem in found} == {Severity.WARNING}


@pytest.mark.parametrize("chart", ["longhorn", "metallb", "external-secrets", "cilium"])
def test_a_chart_whose_uninstall_destroys_is_to_be_retained(chart: str) -> None:
    source, release = released(chart)
    lost = addon("x", namespace("privileged"), source, unprunable(release))
    (problem,) = (item for item in extended(lost) if item.rule != "safety/privileged")
    assert (problem.rule, problem.severity, problem.object) == ("safety/retain", Severity.ERROR, release.key)
    assert problem.what.startswith(f"uninstalling {chart} deletes ")
    assert [item.rule for item in extended(replace(lost, retain=True)) if item.rule != "safety/privileged"] == []


def test_a_chart_that_destroys_nothing_may_go() -> None:
    assert extended(addon("x", namespace(), *released("x"))) == []


def test_a_retained_release_that_can_be_pruned_is_found() -> None:
    source, release = released("x")
    retained = replace(addon("x", namespace(), source, release), retain=True)
    (problem,) = extended(retained)
    assert (problem.rule, problem.severity) == ("safety/uninstall", Severity.ERROR)
    assert problem.what == "pruning would uninstall x, which is to be retained"
    kept = replace(addon("x", namespace(), source, unprunable(release)), retain=True)
    assert extended(kept) == []


def test_without_the_policy_a_retained_release_is_a_warning() -> None:
    found = of(platform(variant(profile={"use": "strict", "without": ["pruning"]})))
    assert {(item.rule, item.severity) for item in found} == {
        ("safety/uninstall", Severity.WARNING),
        ("safety/namespaces", Severity.WARNING),
    }


def test_nothing_is_pruned_where_flux_builds_no_tree() -> None:
    assert of(platform(variant(profile={"use": "strict", "without": ["pruning"]}, delivery="direct"))) == []


def test_what_pulumi_applies_itself_is_pruned_by_no_bundle() -> None:
    assert of(replace(STRICT, website=released("cilium"))) == []


def test_a_network_that_can_be_pruned_is_an_error_in_every_profile() -> None:
    source, release = released("flannel")
    seed = platform(shipped("odyssey", profile="seed"))
    (problem,) = (
        item for item in extended(addon("x", source, release), platform=seed) if item.rule == "safety/network"
    )
    assert (problem.severity, problem.object) == (Severity.ERROR, release.key)
    assert problem.what == "flannel is the network of every pod, and pruning may remove it"
    assert extended(addon("x", source, unprunable(release))) == []


def test_the_namespaces_that_would_be_pruned_are_named_layer_by_layer() -> None:
    plain = labelled(Namespace(metadata=Metadata(name="x")), "baseline")
    (problem,) = extended(addon("x", plain))
    assert (problem.rule, problem.severity) == ("safety/namespaces", Severity.ERROR)
    assert str(problem.object) == "Kustomization flux-system/network-reconciliation"
    assert problem.what == "namespace x would be deleted with all that is in it"
    two = addon("y", labelled(Namespace(metadata=Metadata(name="y")), "baseline"))
    (problem,) = extended(addon("x", plain), two)
    assert problem.what == "namespaces x, y would be deleted with all that is in them"
    kept = with_reconciliation(with_addons(addon("x", plain), platform=STRICT), "x-controllers", prune=False)
    assert of(kept) == []


def test_a_layer_that_takes_everything_along_is_found() -> None:
    deadly = STRICT.map_layers(
        lambda layer: (
            replace(layer, reconciliation=replace(layer.reconciliation, deletion_policy=None))
            if layer.name == "infra"
            else layer
        )
    )
    (problem,) = of(deadly)
    assert (problem.rule, problem.field) == ("safety/layer", "spec.deletionPolicy")
    assert str(problem.object) == "Kustomization flux-system/infra-reconciliation"
    kept = deadly.map_layers(lambda layer: replace(layer, reconciliation=replace(layer.reconciliation, prune=False)))
    assert of(kept) == []


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_a_chart_that_uses_its_node_is_refused_by_a_stricter_namespace(level: str) -> None:
    source, release = released("promtail")
    (problem,) = extended(addon("x", namespace(level), source, release))
    assert (problem.rule, problem.object) == ("safety/host-access", release.key)
    assert problem.what == f"its pods mount /var/log of the node, but namespace x admits {level} pods only"
    assert extended(addon("x", namespace("privileged"), source, release)) == []


@pytest.mark.parametrize("chart", ["promtail", "kube-prometheus-stack"])
def test_a_chart_that_uses_its_node_without_a_value_names_none(chart: str) -> None:
    (problem,) = extended(addon("x", namespace(), *released(chart)))
    assert (problem.rule, problem.field) == ("safety/host-access", "")


def test_a_value_that_switches_node_access_on_is_named() -> None:
    _, report = checked(variant(addons={"alloy": {"values": {"alloy": {"mounts": {"varlog": True}}}}}))
    (problem,) = report.errors
    assert problem.field == "spec.values.alloy.mounts.varlog"
    assert problem.what == "its pods mount /var/log of the node, but namespace alloy admits baseline pods only"


def test_a_plain_pod_that_uses_its_node_is_refused_too() -> None:
    metadata = Metadata(name="p", namespace="x")
    pod = Unstructured(api_version="v1", kind="Pod", metadata=metadata, fields={"spec": {"hostNetwork": True}})
    (problem,) = extended(addon("x", namespace(), pod))
    assert (problem.field, problem.what) == (
        "spec.hostNetwork",
        "a pod sets hostNetwork, but namespace x admits baseline pods only",
    )
    elsewhere = replace(pod, metadata=Metadata(name="p", namespace="kube-system"))
    assert extended(addon("x", namespace(), elsewhere)) == []


def test_a_namespace_without_a_standard_is_found() -> None:
    (problem,) = extended(addon("x", unprunable(Namespace(metadata=Metadata(name="x")))))
    assert (problem.rule, problem.severity) == ("safety/pod-security", Severity.ERROR)
    assert problem.what == "namespace x would admit any pod"


def test_privileges_that_nothing_needs_are_a_warning() -> None:
    _, report = checked(variant(addons={"kube-prometheus-stack": {"values": {"nodeExporter": {"enabled": False}}}}))
    (problem,) = report.problems
    assert (problem.rule, problem.severity) == ("safety/privileged", Severity.WARNING)
    assert problem.what == "namespace monitoring is privileged, but nothing in it uses the node"
    assert extended(addon("x", namespace("privileged"), *released("unknown"))) == []


@pytest.mark.parametrize(
    ("kind", "name", "what"),
    [
        ("Kustomization", "network-reconciliation", "layer network"),
        ("Kustomization", "metallb-controllers", "bundle metallb-controllers"),
        ("Kustomization", "other", None),
    ],
)
def test_an_object_that_the_delivery_makes_is_nobody_elses(kind: str, name: str, what: str | None) -> None:
    metadata = Metadata(name=name, namespace="flux-system")
    item = Unstructured(api_version="kustomize.toolkit.fluxcd.io/v1", kind=kind, metadata=metadata)
    found = extended(addon("x", item))
    assert [(problem.rule, problem.what) for problem in found] == (
        [("safety/owner", f"it is also what the {what} is made of")] if what else []
    )


def test_the_source_of_the_tree_is_the_deliverys() -> None:
    metadata = Metadata(name="flux-system", namespace="flux-system")
    item = Unstructured(api_version="source.toolkit.fluxcd.io/v1", kind="GitRepository", metadata=metadata)
    (problem,) = extended(addon("x", item))
    assert problem.what == "it is also what the delivery is made of"


def test_two_releases_of_one_helm_release_are_found() -> None:
    source, release = released("x")
    other = replace(
        release,
        metadata=Metadata(name="y", namespace="y"),
        spec=replace(release.spec, target_namespace="x", release_name="x", storage_namespace="x"),
    )
    (problem,) = extended(addon("x", namespace(), source, release, other))
    assert (problem.rule, problem.object, problem.field) == ("safety/release", other.key, "spec.releaseName")
    assert problem.what == "the Helm release x in x is also that of HelmRelease x/x"
    apart = replace(other, spec=replace(other.spec, release_name=None))
    assert extended(addon("x", namespace(), source, release, apart)) == []


def config_map(size: int) -> ConfigMap:
    return ConfigMap(metadata=Metadata(name="c", namespace="x"), data={"k": "x" * (size - 1)})


def test_a_config_map_beyond_a_mebibyte_is_found() -> None:
    (problem,) = extended(addon("x", config_map(2**20 + 1)))
    assert (problem.rule, problem.what) == ("safety/size", "it has 1,048,577 bytes; 1,048,576 can be stored")
    assert extended(addon("x", config_map(2**20))) == []


def test_a_config_map_beyond_etcds_limit_by_its_annotations_is_found() -> None:
    metadata = Metadata(name="c", namespace="x", annotations={"a": "x" * 1_572_864})
    (problem,) = extended(addon("x", replace(config_map(1), metadata=metadata)))
    assert problem.what.endswith("; 1,572,864 can be stored")


def test_the_data_of_other_objects_has_etcds_limit_alone() -> None:
    metadata = Metadata(name="w", namespace="x")
    widget = Unstructured(api_version="v1", kind="Widget", metadata=metadata, fields={"data": {"k": "x" * 2**20}})
    assert extended(addon("x", widget)) == []


def test_an_object_beyond_etcds_limit_is_found() -> None:
    def widget(size: int) -> Unstructured:
        metadata = Metadata(name="w", namespace="x")
        empty = Unstructured(api_version="v1", kind="Widget", metadata=metadata, fields={"a": ""})
        length = len(str(empty.manifest()).replace(" ", ""))
        return replace(empty, fields={"a": "x" * (size - length)})

    (problem,) = extended(addon("x", widget(1_572_865)))
    assert problem.what == "it has 1,572,865 bytes; 1,572,864 can be stored"
    assert extended(addon("x", widget(1_572_864))) == []
