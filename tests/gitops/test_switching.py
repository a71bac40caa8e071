"""Another delivery for a running cluster: what changes hands, what is kept, and the steps."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.delivery import delivery_of
from gitops.platform import Platform
from gitops.policies.revision import revision_of
from gitops.switching import held, steps
from tests.support.stacks import COMMIT, DELIVERIES, PROFILES, variant

RETAIN = "Set homelab:retain: true and run homelab up: what leaves the program then stays."
RESTORE = "Remove homelab:retain and run homelab up."


def planned(delivery: str, **settings: Any) -> Platform:
    return platform(variant(delivery=delivery, **settings))


def owners(delivery: str) -> dict[str, str]:
    return {str(key): manifest["owner"] for key, manifest in held(planned(delivery)).items()}


@pytest.mark.parametrize(
    ("delivery", "owner"),
    [
        ("git", "Kustomization flux-system/metallb-controllers"),
        ("oci", "Kustomization flux-system/metallb-controllers"),
        ("inline", "ResourceSet flux-system/metallb-controllers"),
        ("direct", "pulumi"),
    ],
)
def test_every_delivery_has_its_owner_of_a_release(delivery: str, owner: str) -> None:
    assert owners(delivery)["HelmRelease metallb/metallb"] == owner


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_the_website_and_the_carriers_are_pulumis(delivery: str) -> None:
    assert owners(delivery)["Deployment wedding-website/wedding-website"] == "pulumi"
    registered = {str(item.key) for item in delivery_of(planned(delivery)).registrations(planned(delivery))}
    assert {name for name, owner in owners(delivery).items() if owner == "pulumi"} == registered


def test_a_layer_owns_its_bundles_and_its_own_objects() -> None:
    assert (
        owners("git")["Kustomization flux-system/metallb-configs"] == "Kustomization flux-system/network-reconciliation"
    )
    shared = "ConfigMap flux-system/common-configs-vars"
    assert owners("git")[shared] == "Kustomization flux-system/common-configs-reconciliation"
    assert owners("inline")[shared] == "ResourceSet flux-system/common-configs-reconciliation"


def test_nothing_but_the_owner_of_a_workload_changes() -> None:
    before, after = held(planned("git")), held(planned("direct"))
    shared = {key for key in before.keys() & after.keys() if key.kind in {"HelmRelease", "Namespace", "IPAddressPool"}}
    assert len(shared) > 20
    assert [key for key in shared if {**before[key], "owner": ""} != {**after[key], "owner": ""}] == []


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_the_same_delivery_takes_no_steps(delivery: str) -> None:
    assert steps(planned(delivery), planned(delivery)) == ()


def test_one_source_takes_over_from_the_other_in_place() -> None:
    assert steps(planned("git"), planned("oci")) == ("Set homelab:delivery: oci and run homelab up.",)
    assert steps(planned("oci"), planned("git")) == ("Set homelab:delivery: git and run homelab up.",)


def test_resource_sets_let_go_and_stop_before_they_are_deleted() -> None:
    retain, stop, *rest = steps(planned("inline"), planned("git"))
    assert (retain, *rest) == (RETAIN, "Set homelab:delivery: git and run homelab up.", RESTORE)
    told = "Stop the ResourceSets, so that their end is no wait: kubectl -n flux-system annotate "
    assert stop.startswith(told + "resourcesets.fluxcd.controlplane.io ")
    *stopped, annotation = stop.removeprefix(told).split()[1:]
    assert annotation == "fluxcd.controlplane.io/reconcile=disabled"
    assert stopped == [bundle.name for bundle in planned("inline").bundles]


def test_kustomizations_that_are_left_are_deleted_by_name() -> None:
    listed = steps(planned("git"), planned("inline"))
    assert listed[0] == RETAIN
    assert listed[1] == "Make sure that the Flux Operator runs in the cluster."
    deleting = "kubectl -n flux-system delete kustomizations.kustomize.toolkit.fluxcd.io nginx-controllers "
    assert deleting in listed[3]
    assert "metallb-configs" in listed[3]


def test_pulumi_takes_over_what_exists() -> None:
    listed = steps(planned("oci"), planned("direct"))
    assert listed[0] == RETAIN
    assert listed[1] == "Set homelab:delivery: direct and run PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true homelab up."
    assert listed[-1] == RESTORE


@pytest.mark.parametrize("profile", PROFILES)
def test_with_retain_nothing_is_lost_with_what_delivers_it(profile: str) -> None:
    settings: dict[str, Any] = {"retain": True, "profile": profile}
    direct = planned("direct", **settings)
    own = {
        item.key for layer in direct.layers for item in (*layer.objects, *(o for b in layer.bundles for o in b.objects))
    }
    assert all(item.retain_on_delete for item in delivery_of(direct).registrations(direct) if item.key in own)
    inline = planned("inline", **settings)
    sets = [item for item in delivery_of(inline).registrations(inline) if item.key.kind == "ResourceSet"]
    held_back = [
        resource["metadata"]["annotations"]["fluxcd.controlplane.io/prune"]
        for item in sets
        for resource in item.manifest["spec"].get("resources", [])
    ]
    assert set(held_back) == {"disabled"}
    git = planned("git", **settings)
    assert {layer.reconciliation.deletion_policy for layer in git.layers} == {"Orphan"}
    assert {bundle.reconciliation.deletion_policy for bundle in git.bundles} == {"Orphan"}


def test_retain_changes_no_object_itself() -> None:
    before, after = planned("git"), planned("git", retain=True)
    assert delivery_of(before).expand(before) == delivery_of(after).expand(after)


@pytest.mark.parametrize("delivery", ["inline", "direct"])
def test_a_commit_that_is_still_in_the_config_moves_nothing_elsewhere(delivery: str) -> None:
    pinned = {"url": "https://example.org/homelab.git", "commit": COMMIT}
    assert revision_of(planned(delivery, git=pinned)) == revision_of(planned(delivery))
    assert revision_of(planned("git", git=pinned)) != revision_of(planned("git"))
