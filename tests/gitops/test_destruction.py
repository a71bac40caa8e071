"""The end of a platform on its cluster: what is suspended, deleted in which order, and kept."""

from dataclasses import replace
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.delivery import delivery_of
from gitops.destruction import (
    Deletion,
    Destruction,
    NamespaceEnd,
    crds_of,
    destruction,
    ends_first,
    ends_with_release,
    needs_controllers,
    resumptions,
    served_kind,
    still_there,
    with_claims,
)
from gitops.duration import Duration
from gitops.objects import Manifest, object_key
from tests.support.platforms import addon, release, with_addons
from tests.support.stacks import DELIVERIES, OCI, PROFILES, variant

SECRETS = {"cluster-ca": {"tls.crt": "from_config", "tls.key": "from_config"}}


def ended(delivery: str = "git", *, delete_data: bool = False, **settings: Any) -> Destruction:
    return destruction(platform(variant(delivery=delivery, oci=OCI, **settings)), delete_data=delete_data)


def deletions(delivery: str = "git", *, delete_data: bool = False, **settings: Any) -> dict[str, Deletion]:
    return {item.name: item for item in ended(delivery, delete_data=delete_data, **settings).deletions}


def keys(deletion: Deletion) -> list[str]:
    return [str(object_key(item)) for item in deletion.objects]


def crd(**annotations: str) -> Manifest:
    versions = [{"name": "v1alpha1", "served": False}, {"name": "v1", "served": True}, {"name": "v2", "served": True}]
    spec = {"group": "metallb.io", "names": {"kind": "IPAddressPool"}, "versions": versions}
    return {"metadata": {"name": "ipaddresspools.metallb.io", "annotations": annotations}, "spec": spec}


def thing(**metadata: Any) -> Manifest:
    return {"apiVersion": "metallb.io/v1beta1", "kind": "IPAddressPool", "metadata": {"name": "a"} | metadata}


HELM = {"meta.helm.sh/release-name": "metallb"}


@pytest.mark.parametrize("delivery", ["git", "oci"])
def test_kustomizations_are_suspended_layers_first(delivery: str) -> None:
    changes = ended(delivery).suspensions
    assert {change.object["kind"] for change in changes} == {"Kustomization"}
    assert all(change.patch["spec"] == {"suspend": True} for change in changes)
    names = [change.object["metadata"]["name"] for change in changes]
    assert names[:2] == ["common-configs-reconciliation", "network-reconciliation"]
    assert names.index("log-reconciliation") < names.index("metallb-controllers")


def test_resource_sets_are_disabled_and_in_direct_there_is_nothing_to_suspend() -> None:
    changes = ended("inline").suspensions
    assert {change.object["kind"] for change in changes} == {"ResourceSet"}
    annotations = {"fluxcd.controlplane.io/reconcile": "disabled", "homelab/suspended": "destroy"}
    assert all(change.patch == {"metadata": {"annotations": annotations}} for change in changes)
    assert ended("direct").suspensions == ()


@pytest.mark.parametrize("delivery", ["git", "inline"])
def test_a_suspension_that_is_left_is_taken_back_and_nobody_elses(delivery: str) -> None:
    change = ended(delivery).suspensions[0]
    suspended = change.object | {"metadata": {**change.object["metadata"], **change.patch["metadata"]}}
    (back,) = resumptions([suspended, change.object])
    assert back.object == suspended
    assert back.patch.keys() == change.patch.keys()
    assert set(back.patch["metadata"]["annotations"].values()) == {None}
    assert back.patch.get("spec") == ({"suspend": None} if delivery == "git" else None)


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_with_delete_data_every_object_that_anybody_applies_is_deleted_once(delivery: str) -> None:
    planned = platform(variant(delivery=delivery, oci=OCI))
    way = destruction(planned, delete_data=True)
    found = [object_key(item) for deletion in way.deletions for item in deletion.objects]
    names = [end.name for end in way.namespaces]
    assert len(found) == len(set(found))
    wanted = {key for key in delivery_of(planned).expand(planned) if key.kind != "Namespace"}
    carriers = {key for key in found if key.kind == "Kustomization"}
    assert {key for key in found if key.kind != "Namespace"} == wanted | carriers
    namespaces = {key.name for key in delivery_of(planned).expand(planned) if key.kind == "Namespace"}
    assert {*names, "wedding-website"} == namespaces
    assert {end.kept_for for end in way.namespaces} == {""}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_website_goes_first_and_the_network_last(profile: str) -> None:
    order = list(deletions(profile=profile, delete_data=True))
    assert order[:2] == ["wedding-website", "common-configs"]
    assert order[-1] == "cilium-controllers"
    assert keys(deletions()["wedding-website"])[-1] == "Namespace wedding-website"


def test_what_has_no_website_begins_with_what_the_layers_hold() -> None:
    planned = replace(platform(variant()), website=())
    assert destruction(planned).deletions[0].name == "common-configs"


def test_a_release_goes_before_its_source_and_both_before_their_kustomization() -> None:
    assert keys(deletions()["alloy-controllers"]) == [
        "HelmRelease alloy/alloy",
        "OCIRepository alloy/alloy",
        "Kustomization flux-system/alloy-controllers",
    ]
    assert keys(deletions("inline")["alloy-controllers"])[-1] == "OCIRepository alloy/alloy"


def test_of_what_stays_only_the_kustomization_goes() -> None:
    kept = deletions()["1password-connect-controllers"]
    assert kept.kept_for == ("external-secrets-configs",)
    assert keys(kept) == ["Kustomization flux-system/1password-connect-controllers"]
    assert keys(deletions("direct")["metallb-controllers"]) == []


def test_only_controllers_serve_groups_and_only_delete_data_takes_their_crds() -> None:
    assert deletions()["cert-manager-controllers"].groups == ("cert-manager.io", "acme.cert-manager.io")
    assert deletions()["cert-manager-configs"].groups == ()
    assert not deletions()["cert-manager-controllers"].crds
    assert deletions(delete_data=True)["cert-manager-controllers"].crds


def test_a_release_may_take_its_own_timeout_and_a_little_more() -> None:
    assert deletions()["cert-manager-controllers"].timeout == Duration.minutes(12)
    assert deletions()["cert-manager-configs"].timeout == Duration.minutes(2)


def test_a_release_without_a_timeout_has_that_of_everything_else() -> None:
    made = with_addons(addon("a", release("a")))
    (found,) = (item for item in destruction(made).deletions if item.name == "a-controllers")
    assert found.timeout == Duration.minutes(2)


def test_every_deletion_deletes_something_or_says_why_not() -> None:
    assert [item.name for item in ended().deletions if not item.objects and not item.kept_for] == []


def test_a_suspended_release_is_resumed_or_it_would_not_be_uninstalled() -> None:
    (change,) = deletions()["alloy-controllers"].changes
    assert str(object_key(change.object)) == "HelmRelease alloy/alloy"
    assert change.patch == {"spec": {"suspend": None}}


def test_longhorn_is_told_that_it_may_go_and_ends_its_own_objects() -> None:
    longhorn = deletions(delete_data=True)["longhorn-controllers"]
    assert [(str(object_key(change.object)), change.patch) for change in longhorn.changes] == [
        ("HelmRelease longhorn-system/longhorn", {"spec": {"suspend": None}}),
        ("Setting longhorn-system/deleting-confirmation-flag", {"value": "true"}),
    ]
    assert [name for name, item in deletions(delete_data=True).items() if item.self_cleaning] == [
        "longhorn-controllers",
        "cilium-controllers",
    ]
    assert deletions()["longhorn-controllers"].changes == ()


def test_a_namespace_stays_where_something_stays_in_it() -> None:
    ends = {end.name: end.kept_for for end in ended().namespaces}
    assert ends["alloy"] == ""
    assert ends["metallb"].endswith("stays in it")
    assert ends["cert-manager"] == "it holds Secret cluster-ca, which must be there first"


def test_namespaces_of_the_bootstrap_end_with_the_platform() -> None:
    bootstrap = {"use": "install", "secrets": SECRETS}
    assert "cert-manager" in {end.name for end in ended(delete_data=True, bootstrap=bootstrap).namespaces}


def test_a_namespace_stays_for_its_volumes() -> None:
    claims = [thing(namespace="x"), thing(name="b", namespace="x"), thing(name="c", namespace="y")]
    assert with_claims(NamespaceEnd(name="x"), claims).kept_for == "it holds the volumes of a, b"
    assert with_claims(NamespaceEnd(name="x"), []).kept_for == ""
    assert with_claims(NamespaceEnd(name="x", kept_for="a"), claims).kept_for == "a"


def test_a_crd_goes_with_the_release_unless_helm_keeps_it_or_never_had_it() -> None:
    assert ends_with_release(crd(**HELM))
    assert not ends_with_release(crd(**HELM, **{"helm.sh/resource-policy": "keep"}))
    assert not ends_with_release(crd())


def test_what_goes_with_a_crd_ends_while_its_controllers_run() -> None:
    assert ends_first(Deletion(name="a"), crd(**HELM))
    assert not ends_first(Deletion(name="a"), crd())
    assert ends_first(Deletion(name="a", crds=True), crd())
    assert not ends_first(Deletion(name="a", crds=True, self_cleaning=True), crd())


def test_crds_are_found_by_group_and_asked_by_a_version_that_is_served() -> None:
    assert crds_of(Deletion(name="a", groups=("metallb.io",)), [crd()]) == (crd(),)
    assert crds_of(Deletion(name="a", groups=("cilium.io",)), [crd()]) == ()
    assert served_kind(crd()) == ("metallb.io/v1", "IPAddressPool")


def test_only_finalizers_need_their_controllers() -> None:
    assert not needs_controllers(thing(), ending=True)
    assert needs_controllers(thing(finalizers=["x"]), ending=True)
    assert not needs_controllers(thing(finalizers=["x"]), ending=False)
    assert needs_controllers(thing(finalizers=["x"], deletionTimestamp="now"), ending=False)


def test_what_hangs_says_on_which_finalizer_and_why() -> None:
    assert still_there(thing()) == "nothing says why"
    assert still_there(thing(finalizers=["a/b", "c/d"])) == "it waits for a/b, c/d"
    ready = {"status": {"conditions": [{"type": "Ready", "status": "False", "message": "no storage"}]}}
    assert still_there(thing(finalizers=["a/b"]) | ready) == "it waits for a/b: no storage"
    remaining = {"type": "NamespaceFinalizersRemaining", "message": "c/d in 1 resource instances"}
    assert still_there(thing() | {"status": {"conditions": [remaining]}}).endswith("c/d in 1 resource instances")
