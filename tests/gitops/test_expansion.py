"""What a cluster ends up with, where names and texts look like those of the carriers."""

from typing import Any

from gitops.delivery.expansion import of_registrations, of_tree
from gitops.delivery.registration import Registration
from gitops.objects import Manifest


def obj(api_version: str, kind: str, name: str, namespace: str = "flux-system", **fields: Any) -> Manifest:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace}, **fields}


def registered(*manifests: Manifest) -> list[Registration]:
    return [Registration(name=str(index), component="x", manifest=item) for index, item in enumerate(manifests)]


def test_only_the_variables_and_the_deliverys_own_source_carry() -> None:
    carriers = (
        obj("v1", "ConfigMap", "cluster-vars"),
        obj("source.toolkit.fluxcd.io/v1", "GitRepository", "flux-system"),
    )
    others = (
        obj("v1", "ConfigMap", "flux-system"),
        obj("v1", "Secret", "cluster-vars"),
        obj("source.toolkit.fluxcd.io/v1", "HelmRepository", "charts"),
        obj("source.toolkit.fluxcd.io/v1", "GitRepository", "flux-system", "elsewhere"),
    )
    assert list(of_registrations(registered(*carriers, *others)).values()) == list(others)


def test_without_variables_text_is_left_as_it_is() -> None:
    source = obj("source.toolkit.fluxcd.io/v1", "GitRepository", "flux-system")
    spec = {"path": "./a", "sourceRef": {"kind": "GitRepository", "name": "flux-system"}}
    built = obj("v1", "ConfigMap", "built", data={"a": "$${b} ${c}"})
    tree = {
        "a/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: built, namespace: flux-system}\n"
        "data: {a: '$${b} ${c}'}\n"
    }
    layer = obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "layer", spec=spec)
    assert list(of_tree(registered(source, layer), tree).values()) == [built]
