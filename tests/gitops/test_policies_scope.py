"""Policies change what they are for, and leave everything else as it was declared."""

from dataclasses import replace
from typing import Any

from addons.catalogue import platform, seed
from gitops.flux import PRUNE_ANNOTATION, HelmRelease, Install, Upgrade
from gitops.objects import KubernetesObject
from gitops.platform import Platform
from gitops.policies.health_gates import health_gates
from gitops.policies.pod_security import ENFORCE
from gitops.policies.releases import releases
from gitops.policies.reserved_addresses import reserved_addresses
from gitops.policies.website_tls import website_tls
from tests.support.stacks import shipped, variant

STRICT = platform(shipped("odyssey"))
SEED = platform(shipped("odyssey", profile="seed"))


def objects(planned: Platform) -> list[KubernetesObject]:
    return [item for bundle in planned.bundles for item in bundle.objects]


def released(**spec: Any) -> Platform:
    """Odyssey whose releases all say this."""

    def changed(item: KubernetesObject) -> KubernetesObject:
        return replace(item, spec=replace(item.spec, **spec)) if isinstance(item, HelmRelease) else item

    return SEED.map_objects(changed)


def test_a_release_keeps_what_its_addon_says_about_crds() -> None:
    chosen = releases(
        released(install=Install(crds="Skip"), upgrade=Upgrade(crds="Skip", disable_schema_validation=True))
    )
    manifests = [item.manifest()["spec"] for item in objects(chosen) if isinstance(item, HelmRelease)]
    assert {(spec["install"]["crds"], spec["upgrade"]["crds"]) for spec in manifests} == {("Skip", "Skip")}
    assert {spec["upgrade"]["disableSchemaValidation"] for spec in manifests} == {True}


def test_a_release_without_a_timeout_does_not_lengthen_its_bundles() -> None:
    before = {bundle.name: bundle.reconciliation.timeout for bundle in SEED.bundles}
    gated = health_gates(released(timeout=None))
    assert {bundle.name: bundle.reconciliation.timeout for bundle in gated.bundles} == before


def test_only_namespaces_carry_a_pod_security_standard() -> None:
    assert {item.key.kind for item in objects(STRICT) if ENFORCE in item.metadata.labels} == {"Namespace"}


def test_only_namespaces_and_retained_releases_are_kept_from_pruning() -> None:
    kept = [item.key for item in objects(STRICT) if PRUNE_ANNOTATION in item.metadata.annotations]
    # Cilium was there before Flux, so its add-on keeps its source as well.
    assert {key.kind for key in kept if key.name != "cilium"} == {"Namespace", "HelmRelease"}
    assert "longhorn" in {key.name for key in kept if key.kind == "HelmRelease"}


def test_objects_that_hold_no_addresses_are_left_alone() -> None:
    before = [item for item in objects(SEED) if item.key.group != "metallb.io"]
    assert [item for item in objects(reserved_addresses(SEED)) if item.key.group != "metallb.io"] == before


def test_without_a_website_nothing_needs_a_certificate() -> None:
    bare = seed(variant(website=None, profile="seed"))
    assert website_tls(bare) is bare
