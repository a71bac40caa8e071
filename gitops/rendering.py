"""The GitOps tree in the article's folder layout, from which Flux builds what the layers install."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

from gitops.addon import Bundle, Reconciliation
from gitops.documents import to_yaml
from gitops.flux import (
    NAMESPACE,
    SOURCE,
    CrossNamespaceSourceReference,
    Kustomization,
    KustomizationSpec,
    LocalObjectReference,
    PostBuild,
    SubstituteReference,
)
from gitops.layer import Layer
from gitops.objects import Manifest, Metadata
from gitops.platform import Platform
from gitops.substitution import substitute, variables_used

Tree: TypeAlias = dict[str, str]
"""File texts by path, relative to the tree's root, with `/`."""

SourceKind: TypeAlias = Literal["GitRepository", "OCIRepository"]

OVERLAY = "kustomization.yaml"


def tree(platform: Platform) -> Tree:
    """Everything that Flux builds from a source, sorted by path."""
    files = (file for layer in platform.layers for file in _layer_files(platform, layer))
    return dict(sorted(files))


def _layer_files(platform: Platform, layer: Layer) -> Iterator[tuple[str, str]]:
    yield from _by_kind(layer.path, [item.manifest() for item in layer.objects])
    if layer.addons:
        yield f"{layer.path}/{OVERLAY}", to_yaml([_overlay(layer)])
    for addon in layer.addons:
        folder = f"{layer.path}/{addon.name}"
        kustomizations = [
            bundle_kustomization(platform, bundle, f"{folder}/{bundle.stage}") for bundle in addon.bundles
        ]
        yield f"{folder}/{addon.name}.yaml", to_yaml(item.manifest() for item in kustomizations)
        for bundle in addon.bundles:
            yield from _by_kind(f"{folder}/{bundle.stage}", bundle_manifests(bundle))


def _overlay(layer: Layer) -> Manifest:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": NAMESPACE,
        "resources": [f"{addon.name}/{addon.name}.yaml" for addon in layer.addons],
    }


def _by_kind(folder: str, manifests: list[Manifest]) -> Iterator[tuple[str, str]]:
    """One file a kind, as the article has it."""
    files: dict[str, list[Manifest]] = {}
    for manifest in manifests:
        name = f"{manifest['kind'].lower()}.yaml"
        # kustomize takes a file of this name for the folder's overlay, and refuses an object of Flux's in it.
        files.setdefault(f"{folder}/{f'flux-{name}' if name == OVERLAY else name}", []).append(manifest)
    for path, documents in files.items():
        yield path, to_yaml(documents)


def is_substituted(bundle: Bundle) -> bool:
    """Whether Flux substitutes variables in a bundle: any `postBuild` turns it on."""
    return bool(bundle.reconciliation.substitute or bundle_variables(bundle))


def bundle_variables(bundle: Bundle) -> frozenset[str]:
    """The variables that a bundle's objects use."""
    return frozenset(name for item in bundle.objects for name in variables_used(item.manifest()))


def bundle_manifests(bundle: Bundle) -> list[Manifest]:
    """A bundle's objects as they stand in the tree; where Flux does not substitute, `$$` is resolved."""
    manifests = [item.manifest() for item in bundle.objects]
    return manifests if is_substituted(bundle) else [substitute(manifest, {}) for manifest in manifests]


def bundle_kustomization(platform: Platform, bundle: Bundle, path: str) -> Kustomization:
    """The Kustomization of a bundle; it reads exactly the variables that its objects use."""
    used = bundle_variables(bundle)
    sources = tuple(
        SubstituteReference(kind="ConfigMap", name=item.metadata.name)
        for item in platform.variables
        if not used.isdisjoint(item.data)
    )
    source = source_kind(platform)
    return kustomization(bundle.name, bundle.reconciliation, path=path, source=source, substitute_from=sources)


def source_kind(platform: Platform) -> SourceKind:
    """The kind of the source that Flux builds the tree from."""
    return "OCIRepository" if platform.cluster.delivery == "oci" else "GitRepository"


def kustomization(
    name: str,
    reconciliation: Reconciliation,
    *,
    path: str,
    source: SourceKind,
    substitute_from: tuple[SubstituteReference, ...] = (),
    **spec: Any,
) -> Kustomization:
    """The Kustomization that reconciles `path` of the cluster's source."""
    chosen = reconciliation
    has_variables = chosen.substitute or substitute_from
    return Kustomization(
        metadata=Metadata(name=name, namespace=NAMESPACE),
        spec=KustomizationSpec(
            depends_on=tuple(LocalObjectReference(name=target) for target in chosen.depends_on),
            interval=chosen.interval,
            retry_interval=chosen.retry_interval,
            timeout=chosen.timeout,
            source_ref=CrossNamespaceSourceReference(kind=source, name=SOURCE),
            path=f"./{path}",
            service_account_name=chosen.service_account_name,
            prune=chosen.prune,
            deletion_policy=chosen.deletion_policy,
            wait=chosen.wait,
            health_checks=chosen.health_checks,
            health_check_exprs=chosen.health_check_exprs,
            post_build=PostBuild(substitute=chosen.substitute, substitute_from=substitute_from)
            if has_variables
            else None,
            **spec,
        ),
    )
