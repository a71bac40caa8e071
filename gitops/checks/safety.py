"""Safety: what must not be deleted, what may use the node, who owns what, and how large objects may be."""

import json
from collections.abc import Iterator
from typing import Any, Final

from gitops.checks.rule import rule
from gitops.declared import DeclaredObject
from gitops.errors import Severity, Violation
from gitops.flux import NAMESPACE, PRUNE_ANNOTATION, SOURCE
from gitops.layer import Layer
from gitops.lookup import mapping_at, value_at
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.pods import host_access
from gitops.policies.pod_security import ENFORCE
from gitops.releases import DeclaredRelease, releases
from gitops.upstream import DESTRUCTIVE, HOST_ACCESS, NETWORKS

_REQUEST: Final = 1_572_864
"""Bytes: etcd's default limit of one request, `--max-request-bytes`."""

_CONFIG_MAP: Final = 1_048_576
"""Bytes: the API server's limit of a ConfigMap's data."""

_BUILT_BY_FLUX: Final = frozenset({"git", "oci"})
_KUSTOMIZE: Final = "kustomize.toolkit.fluxcd.io"
_SOURCES: Final = "source.toolkit.fluxcd.io"


@rule("safety/retain")
def retained_addons(platform: Platform) -> Iterator[Violation]:
    """Uninstalling some charts deletes data or the network: with their CRDs go the volumes, pools and Secrets.

    The CRDs of Longhorn, MetalLB and External Secrets are templates without `helm.sh/resource-policy: keep`, so Helm
    deletes them, and Kubernetes every custom resource with them. What each destroys is listed in `gitops/upstream.py`.
    """
    for release in releases(platform):
        if release.chart in DESTRUCTIVE and release.declared.home and not release.declared.home.addon.retain:
            yield release.declared.violation(
                what=f"uninstalling {release.chart} deletes {DESTRUCTIVE[release.chart]}",
                fix="declare its add-on with retain=True, which orphans it instead",
            )


@rule("safety/uninstall", closed_by="pruning")
def unprunable_releases(platform: Platform) -> Iterator[Violation]:
    """A retained release that is renamed, or whose add-on is switched off, is uninstalled by Flux's pruning.

    `deletionPolicy: Orphan` holds for the deletion of its Kustomization only; what leaves a Kustomization that stays
    is pruned unless it is annotated. See
    https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources.
    """
    for release in releases(platform):
        home = release.declared.home
        if home and home.addon.retain and _prunes(platform, release.declared):
            yield release.declared.violation(
                "metadata.annotations",
                what=f"pruning would uninstall {home.addon.name}, which is to be retained",
                fix=f'use profile strict, whose policy pruning annotates it with {PRUNE_ANNOTATION}: "disabled"',
            )


@rule("safety/network")
def unpruned_network(platform: Platform) -> Iterator[Violation]:
    """A cluster whose CNI is uninstalled loses every pod's network, Flux's own too, so nothing can bring it back.

    Deleting its HelmRelease uninstalls it at once, whoever installed it first; so it is annotated in every profile.
    """
    for release in releases(platform):
        if release.chart in NETWORKS and _prunes(platform, release.declared):
            yield release.declared.violation(
                "metadata.annotations",
                what=f"{release.chart} is the network of every pod, and pruning may remove it",
                fix=f'annotate it with {PRUNE_ANNOTATION}: "disabled" (unprunable), and set prune=False on its bundle',
            )


@rule("safety/namespaces", closed_by="pruning")
def unpruned_namespaces(platform: Platform) -> Iterator[Violation]:
    """A namespace that is pruned takes everything in it along, volumes and the bootstrap's Secrets included.

    It is enough that an add-on is switched off for a moment, or that its namespace moves to another bundle. See
    https://fluxcd.io/flux/components/kustomize/kustomizations/#prune.
    """
    for layer, names in _by_layer(pair for pair in _namespaces(platform) if _prunes(platform, pair[1])):
        yield _layer_violation(
            layer,
            what=f"{_listed(names)} would be deleted with all that is in {_them(names)}",
            fix=f'use profile strict, whose policy pruning annotates them with {PRUNE_ANNOTATION}: "disabled"',
        )


@rule("safety/layer")
def orphaning_layers(platform: Platform) -> Iterator[Violation]:
    """Deleting a layer that prunes deletes every workload of the cluster, if only a `pulumi destroy` of the program.

    A Kustomization that prunes mirrors its own deletion to what it applied, unless `deletionPolicy` says otherwise.
    See https://fluxcd.io/flux/components/kustomize/kustomizations/#deletion-policy.
    """
    for layer in platform.layers:
        if layer.reconciliation.prune and layer.reconciliation.deletion_policy != "Orphan":
            yield _layer_violation(
                layer,
                "spec.deletionPolicy",
                what="its own deletion would delete all that it applied",
                fix='set deletion_policy="Orphan", as the policy pruning of profile strict does, or prune=False',
            )


@rule("safety/host-access")
def admitted_pods(platform: Platform) -> Iterator[Violation]:
    """A pod that uses its node is refused where the namespace enforces a stricter Pod Security Standard.

    Its DaemonSet or Deployment then has no pods, and its bundle is applied all the same. A DaemonSet says so in its
    events only, a Deployment in its condition `ReplicaFailure` too. What charts use is listed in
    `gitops/upstream.py`. See https://kubernetes.io/docs/concepts/security/pod-security-standards/.
    """
    levels = {item.key.name: item.item.metadata.labels.get(ENFORCE) for item in _all_namespaces(platform)}
    for declared, field, what, namespace in _using_hosts(platform):
        level = levels.get(namespace)
        if level not in {None, "privileged"}:
            yield declared.violation(
                field,
                what=f"{what}, but namespace {namespace} admits {level} pods only",
                fix='declare its add-on with pod_security="privileged", or switch that part off',
            )


@rule("safety/pod-security", closed_by="pod-security")
def labelled_namespaces(platform: Platform) -> Iterator[Violation]:
    """A namespace without a Pod Security Standard admits pods that own the node, whoever manages to make them.

    The labels cost nothing where an add-on's pods pass anyway. See
    https://kubernetes.io/docs/concepts/security/pod-security-admission/.
    """
    unlabelled = (pair for pair in _namespaces(platform) if ENFORCE not in pair[1].item.metadata.labels)
    for layer, names in _by_layer(unlabelled):
        yield _layer_violation(
            layer,
            what=f"{_listed(names)} would admit any pod",
            fix=f"use profile strict, whose policy pod-security labels them with {ENFORCE}",
        )


@rule("safety/privileged", severity=Severity.WARNING)
def needless_privileges(platform: Platform) -> Iterator[Violation]:
    """A namespace that is privileged without need lends the node to whoever takes over one of its pods.

    Known for charts whose host access hangs on a value, such as node-exporter in kube-prometheus-stack.
    """
    levels = {item.key.name: item.item.metadata.labels.get(ENFORCE) for item in _all_namespaces(platform)}
    needed = {namespace for _, _, _, namespace in _using_hosts(platform)}
    for release in releases(platform):
        namespace = release.installation.namespace
        if release.chart in HOST_ACCESS and levels.get(namespace) == "privileged" and namespace not in needed:
            yield release.declared.violation(
                what=f"namespace {namespace} is privileged, but nothing in it uses the node",
                fix='declare its add-on with pod_security="baseline"',
            )


@rule("safety/owner")
def single_owners(platform: Platform) -> Iterator[Violation]:
    """An object that the delivery makes and a bundle declares as well is written back and forth by both.

    Sources and Kustomizations of layers and bundles are the delivery's: Pulumi's, or those of the layer above.
    """
    made = {
        **{item.key: f"bundle {item.bundle.name}" for item in platform.declared_bundles},
        **{_kustomization(layer): f"layer {layer.name}" for layer in platform.layers},
        **{ObjectKey(_SOURCES, kind, NAMESPACE, SOURCE): "delivery" for kind in ("GitRepository", "OCIRepository")},
    }
    for declared in platform.declared:
        if declared.key in made:
            yield declared.violation(
                what=f"it is also what the {made[declared.key]} is made of",
                fix="give it another name",
            )


@rule("safety/release")
def distinct_releases(platform: Platform) -> Iterator[Violation]:
    """Two HelmReleases of one Helm release upgrade it against each other for ever, each undoing the other.

    Helm knows a release by its storage namespace and name, whatever the HelmReleases are called. See
    https://fluxcd.io/flux/components/helm/helmreleases/#release-name.
    """
    owners: dict[tuple[str, str], DeclaredRelease] = {}
    for release in releases(platform):
        _, name, storage = release.installation
        first = owners.setdefault((storage, name), release)
        if first is not release:
            yield release.declared.violation(
                "spec.releaseName",
                what=f"the Helm release {name} in {storage} is also that of {first.declared.key}",
                fix="give one of them a release name of its own",
            )


@rule("safety/size")
def storable_objects(platform: Platform) -> Iterator[Violation]:
    """An object beyond etcd's limit cannot be written, and fails its whole bundle.

    etcd takes 1.5 MiB in a request (`etcdserver: request is too large`), and the API server 1 MiB of data in a
    ConfigMap or Secret (`may not be more than 1048576 bytes`). See
    https://kubernetes.io/docs/concepts/configuration/configmap/.
    """
    for declared in platform.declared:
        size, limit = _size(declared.substituted), _REQUEST
        data = sum(len(f"{key}{value}".encode()) for key, value in mapping_at(declared.substituted, "data").items())
        if declared.key.kind in {"ConfigMap", "Secret"} and data > _CONFIG_MAP:
            size, limit = data, _CONFIG_MAP
        if size > limit:
            yield declared.violation(
                what=f"it has {size:,} bytes; {limit:,} can be stored",
                fix="split it into several objects",
            )


def _prunes(platform: Platform, declared: DeclaredObject) -> bool:
    """Whether Flux would delete an object that leaves its bundle, or whose bundle leaves the platform."""
    home = declared.home
    if home is None or platform.cluster.delivery not in _BUILT_BY_FLUX:
        return False
    kept = declared.item.metadata.annotations.get(PRUNE_ANNOTATION) == "disabled"
    return home.bundle.reconciliation.prune and not kept


def _all_namespaces(platform: Platform) -> Iterator[DeclaredObject]:
    return (item for item in platform.declared if item.key.kind == "Namespace")


def _namespaces(platform: Platform) -> Iterator[tuple[Layer, DeclaredObject]]:
    """The namespaces of add-ons, with their layers."""
    return ((item.home.layer, item) for item in _all_namespaces(platform) if item.home)


def _by_layer(pairs: Iterator[tuple[Layer, DeclaredObject]]) -> Iterator[tuple[Layer, list[str]]]:
    found: dict[str, tuple[Layer, list[str]]] = {}
    for layer, item in pairs:
        found.setdefault(layer.name, (layer, []))[1].append(item.key.name)
    yield from found.values()


def _listed(names: list[str]) -> str:
    return f"namespace{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _them(names: list[str]) -> str:
    return "them" if len(names) > 1 else "it"


def _using_hosts(platform: Platform) -> Iterator[tuple[DeclaredObject, str, str, str]]:
    """What uses the node: the object, the field, what it does, and in which namespace."""
    for release in releases(platform):
        for access in (item for item in HOST_ACCESS.get(release.chart, ()) if item.is_used(release.values)):
            chosen = value_at(release.values, access.value) is not None
            field = f"spec.values.{access.value}" if chosen else ""
            yield release.declared, field, access.what, release.installation.namespace
    for declared in platform.declared:
        for field, what in host_access(declared.substituted):
            yield declared, field, f"a pod {what}", declared.key.namespace


def _kustomization(layer: Layer) -> ObjectKey:
    return ObjectKey(_KUSTOMIZE, "Kustomization", NAMESPACE, layer.kustomization)


def _layer_violation(layer: Layer, field: str = "", *, what: str, fix: str) -> Violation:
    return Violation(what=what, fix=fix, object=_kustomization(layer), field=field)


def _size(manifest: dict[str, Any]) -> int:
    return len(json.dumps(manifest, ensure_ascii=False, separators=(",", ":")).encode())


RULES: Final = (
    retained_addons,
    unprunable_releases,
    unpruned_network,
    unpruned_namespaces,
    orphaning_layers,
    admitted_pods,
    labelled_namespaces,
    needless_privileges,
    single_owners,
    distinct_releases,
    storable_objects,
)
