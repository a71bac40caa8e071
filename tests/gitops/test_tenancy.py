"""What a locked-down Flux is asked to do names an account that may."""

from typing import Any

import pytest

from addons.catalogue import platform
from gitops.delivery import delivery_of
from gitops.delivery.registration import Registration
from gitops.documents import from_yaml
from gitops.objects import Manifest
from gitops.platform import Platform
from gitops.rendering import tree
from tests.support.stacks import DELIVERIES, PROFILES, variant


def locked(**settings: Any) -> Platform:
    return platform(variant(bootstrap={"use": "install", "multitenant": True}, **settings))


def rendered(made: Platform) -> list[Manifest]:
    return [
        item
        for name, text in tree(made).items()
        for item in from_yaml(text)
        if not name.endswith("kustomization.yaml") or "spec" in item
    ]


def registered(made: Platform) -> dict[str, Registration]:
    return {item.name: item for item in delivery_of(made).registrations(made)}


def test_flux_is_locked_down_and_told_the_account_of_tenants() -> None:
    choice = {"use": "install", "multitenant": True, "tenant_default_service_account": "tenant"}
    made = platform(variant(bootstrap=choice))
    cluster = registered(made)["bootstrap-flux"].manifest["spec"]["cluster"]
    assert (cluster["multitenant"], cluster["tenantDefaultServiceAccount"]) == (True, "tenant")


def test_otherwise_nothing_names_an_account() -> None:
    made = platform(variant(bootstrap="install"))
    assert "multitenant" not in registered(made)["bootstrap-flux"].manifest["spec"]["cluster"]
    assert "serviceAccountName" not in str([item.get("spec", {}).keys() for item in rendered(made)])


@pytest.mark.parametrize("profile", PROFILES)
def test_layers_and_bundles_are_applied_as_fluxs_own_account(profile: str) -> None:
    made = locked(profile=profile)
    bundles = [item for item in rendered(made) if item["kind"] == "Kustomization"]
    layers = [item.manifest for item in registered(made).values() if item.key.kind == "Kustomization"]
    assert len(bundles) > 10
    assert len(layers) == len(made.layers)
    assert {item["spec"]["serviceAccountName"] for item in (*bundles, *layers)} == {"kustomize-controller"}


@pytest.mark.parametrize("profile", PROFILES)
def test_each_release_has_an_account_in_its_namespace_that_may_do_everything(profile: str) -> None:
    objects = rendered(locked(profile=profile))
    releases = [item for item in objects if item["kind"] == "HelmRelease"]
    assert {item["spec"]["serviceAccountName"] for item in releases} == {"flux-releases"}
    accounts = {item["metadata"]["namespace"] for item in objects if item["kind"] == "ServiceAccount"}
    assert accounts == {item["metadata"]["namespace"] for item in releases}
    bound = [item for item in objects if item["kind"] == "ClusterRoleBinding"]
    assert {item["subjects"][0]["namespace"] for item in bound} == accounts
    assert {item["roleRef"]["name"] for item in bound} == {"cluster-admin"}


def test_an_account_outlives_its_bundle_because_its_release_is_uninstalled_by_it() -> None:
    kinds = ("ServiceAccount", "ClusterRoleBinding")
    accounts = [item for item in rendered(locked()) if item["kind"] in kinds]
    prune = {item["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/prune"] for item in accounts}
    assert prune == {"disabled"}


def test_pulumi_makes_an_account_after_its_namespace_and_before_its_release() -> None:
    items = registered(locked(delivery="direct"))
    assert "network-namespace-metallb" in items["network-serviceaccount-metallb/flux-releases"].depends_on
    needed = set(items["network-helmrelease-metallb/metallb"].depends_on)
    assert {
        "network-serviceaccount-metallb/flux-releases",
        "network-clusterrolebinding-flux-releases-metallb",
    } <= needed
    assert items["network-serviceaccount-metallb/flux-releases"].retain_on_delete


def test_all_deliveries_end_with_the_same_accounts() -> None:
    expanded = [delivery_of(made).expand(made) for made in (locked(delivery=name) for name in DELIVERIES)]
    assert all(found == expanded[0] for found in expanded)
