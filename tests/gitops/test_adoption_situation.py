"""Which Kustomizations of a live cluster are the old sync's, and which are not."""

from dataclasses import replace

import pytest

from addons.catalogue import platform
from gitops.adoption.live import Live
from gitops.adoption.situation import Situation, stray_head
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey, object_key
from tests.support.live import ROOT_KEY, applied, article, instance, kustomization
from tests.support.stacks import variant

SEED = platform(variant("odyssey", profile="seed"))
ARTICLE = article(SEED)


def roots(live: Live) -> list[str]:
    return [item["metadata"]["name"] for item in Situation.of(SEED, live).roots]


def labelled(kind: str, owner: str, *others: Manifest) -> Live:
    """The article's cluster, the first object of a kind as if another Kustomization had applied it."""
    manifests = {item.key: item.manifest for item in inventory(SEED).values() if item.key.kind == kind}
    key, manifest = min(manifests.items())
    owned = applied(manifest, "kustomize-controller", name=owner, namespace="flux-system")
    return replace(ARTICLE, objects={**ARTICLE.objects, key: owned}, kustomizations=(*ARTICLE.kustomizations, *others))


def test_who_owns_what_flux_is_to_own_is_no_root() -> None:
    assert roots(labelled("HelmRelease", "elsewhere", kustomization("elsewhere", source="elsewhere"))) == [
        "flux-system"
    ]


def test_a_kustomization_of_the_stack_is_no_root_whatever_it_owns() -> None:
    assert roots(labelled("Deployment", "metallb-configs")) == ["flux-system"]


def test_a_root_whose_inventory_is_gone_is_known_by_the_labels_that_it_left() -> None:
    shown = [item | {"status": {}} if object_key(item) == ROOT_KEY else item for item in ARTICLE.kustomizations]
    assert roots(Live(kustomizations=tuple(shown), objects=ARTICLE.objects)) == ["flux-system"]


@pytest.mark.parametrize(("sync", "name"), [({"name": "apps"}, "apps"), ({}, "flux-system")], ids=["named", "plain"])
def test_an_instances_own_kustomization_is_a_root_though_it_has_applied_nothing(
    sync: dict[str, str], name: str
) -> None:
    syncing = instance(sync=sync | {"kind": "OCIRepository"})
    assert roots(Live(instances=(syncing,), kustomizations=(kustomization(name), kustomization("other")))) == [name]


def test_a_source_without_a_namespace_is_beside_its_kustomization() -> None:
    beside, away = kustomization("beside", source="flux-system"), kustomization("away", source="flux-system")
    away["metadata"]["namespace"] = beside["metadata"]["namespace"] = "apps"
    away["spec"]["sourceRef"]["namespace"] = "flux-system"
    found = Situation.of(SEED, replace(ARTICLE, kustomizations=(*ARTICLE.kustomizations, beside, away)))
    assert [item["metadata"]["name"] for item in found.left_over] == ["away"]


def test_a_stray_of_the_whole_cluster_is_named_without_a_namespace() -> None:
    named = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "here"}}
    assert stray_head(ObjectKey("", "Namespace", "", "here"), "v1") == named
