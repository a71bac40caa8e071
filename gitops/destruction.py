"""What ends a platform on its cluster, before Pulumi destroys what is its own: decided here, carried out elsewhere.

Flux ignores `dependsOn` when it deletes, so its own objects are suspended: then they neither bring back what is deleted
nor delete what they hold when they go themselves.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from gitops.addon import Addon, Bundle
from gitops.chart import Chart, chart_of
from gitops.conditions import condition
from gitops.delivery.registration import WEBSITE
from gitops.duration import Duration
from gitops.flux import KUSTOMIZATION, NAMESPACE, RECONCILE_ANNOTATION, RESOURCE_SET_API, HelmRelease
from gitops.objects import KubernetesObject, Manifest, Namespace
from gitops.platform import Platform
from gitops.secrets.creations import prerequisites
from gitops.teardown import teardown
from gitops.upstream import CONFIRMATIONS, SELF_CLEANING

CRD: Final = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
CLAIM: Final = ("v1", "PersistentVolumeClaim")

_RESOURCE_SET: Final = (RESOURCE_SET_API, "ResourceSet")
_MARK: Final = "homelab/suspended"
"""The annotation of what is suspended for a destruction, and by nobody else."""
_SUSPEND: Final[Manifest] = {"metadata": {"annotations": {_MARK: "destroy"}}, "spec": {"suspend": True}}
_RESUME: Final[Manifest] = {"metadata": {"annotations": {_MARK: None}}, "spec": {"suspend": None}}
_DISABLE: Final[Manifest] = {"metadata": {"annotations": {_MARK: "destroy", RECONCILE_ANNOTATION: "disabled"}}}
_ENABLE: Final[Manifest] = {"metadata": {"annotations": {_MARK: None, RECONCILE_ANNOTATION: None}}}
_CARRIERS: Final = {
    "git": (KUSTOMIZATION, _SUSPEND),
    "oci": (KUSTOMIZATION, _SUSPEND),
    "inline": (_RESOURCE_SET, _DISABLE),
}
RESUMES: Final[Mapping[tuple[str, str], Mapping[str, Any]]] = {KUSTOMIZATION: _RESUME, _RESOURCE_SET: _ENABLE}
"""What takes a suspension back, by the API version and kind of what is suspended."""
_KEEP: Final = ("helm.sh/resource-policy", "keep")
_HELM: Final = "meta.helm.sh/release-name"
_NAMESPACE_CONDITIONS: Final = ("NamespaceFinalizersRemaining", "NamespaceContentRemaining")
_OTHERS: Final = Duration.minutes(2)
"""How long an object other than a release may take to go: its controller runs and has nothing else to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A merge patch of an object, of which the manifest only says which one it is."""

    object: Manifest
    patch: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Deletion:
    """One step, in the order of deletion.

    Attributes:
        name: Of the bundle; or of the website, or of a layer that has objects of its own.
        groups: API groups whose objects its controllers must still end.
        crds: Whether the CRDs of these groups go too, even those that Helm keeps.
        self_cleaning: Whether its own uninstallation ends those objects.
        changes: What its release and its chart must be told first.
        objects: What is deleted, each once the one before is gone; of each only which one it is.
        timeout: How long any of them may take to go.
        kept_for: Why nothing is deleted: the bundles that hold data or the network; empty where it goes.
    """

    name: str
    groups: tuple[str, ...] = ()
    crds: bool = False
    self_cleaning: bool = False
    changes: tuple[Change, ...] = ()
    objects: tuple[Manifest, ...] = ()
    timeout: Duration = _OTHERS
    kept_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NamespaceEnd:
    """A namespace that the platform declares, and why it stays; empty where it goes."""

    name: str
    kept_for: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Destruction:
    """Everything, in order.

    Attributes:
        suspensions: What keeps Flux still.
        deletions: What is deleted, step by step.
        namespaces: Those that the platform declares, which go last.
        delete_data: Whether volumes in them go too.
    """

    suspensions: tuple[Change, ...]
    deletions: tuple[Deletion, ...]
    namespaces: tuple[NamespaceEnd, ...]
    delete_data: bool = False


def destruction(platform: Platform, *, delete_data: bool = False) -> Destruction:
    """How a platform ends on its cluster; what holds data or the network stays unless `delete_data`."""
    deletions = tuple(_deletions(platform, delete_data=delete_data))
    kept = {item.name for item in deletions if item.kept_for}
    ends = tuple(_namespaces(platform, kept))
    return Destruction(
        suspensions=tuple(_suspensions(platform)),
        deletions=deletions,
        namespaces=tuple(NamespaceEnd(name=item.name) for item in ends) if delete_data else ends,
        delete_data=delete_data,
    )


def resumptions(found: Iterable[Manifest]) -> tuple[Change, ...]:
    """What an interrupted destruction has left suspended, and how it goes on."""
    marked = (item for item in found if _MARK in item["metadata"].get("annotations", {}))
    return tuple(Change(object=item, patch=RESUMES[item["apiVersion"], item["kind"]]) for item in marked)


def with_claims(end: NamespaceEnd, claims: Iterable[Manifest]) -> NamespaceEnd:
    """The namespace, kept for those of all PersistentVolumeClaims that are in it, whose volumes would go too."""
    names = ", ".join(item["metadata"]["name"] for item in claims if item["metadata"]["namespace"] == end.name)
    return replace(end, kept_for=f"it holds the volumes of {names}") if names and not end.kept_for else end


def crds_of(deletion: Deletion, crds: Iterable[Manifest]) -> tuple[Manifest, ...]:
    """Those of all CRDs whose objects a step's controllers serve."""
    return tuple(item for item in crds if item["spec"]["group"] in deletion.groups)


def served_kind(crd: Manifest) -> tuple[str, str]:
    """API version and kind by which the objects of a CRD can be asked for."""
    version = next(item["name"] for item in crd["spec"]["versions"] if item["served"])
    return f"{crd['spec']['group']}/{version}", crd["spec"]["names"]["kind"]


def ends_first(deletion: Deletion, crd: Manifest) -> bool:
    """Whether the objects of a CRD are deleted while their controllers run: they would go with the CRD, and hang."""
    return not deletion.self_cleaning and (deletion.crds or ends_with_release(crd))


def needs_controllers(manifest: Manifest, *, ending: bool) -> bool:
    """Whether somebody must still honour an object's finalizers, as it is being deleted, or will be with its CRD."""
    metadata = manifest["metadata"]
    return bool(metadata.get("finalizers")) and (ending or "deletionTimestamp" in metadata)


def ends_with_release(crd: Manifest) -> bool:
    """Whether a CRD goes, and its objects with it, when Helm uninstalls the release that it is of."""
    annotations = crd["metadata"].get("annotations", {})
    return _HELM in annotations and annotations.get(_KEEP[0]) != _KEEP[1]


def still_there(manifest: Manifest) -> str:
    """Why an object that is being deleted is still there, as far as it says so."""
    finalizers = ", ".join(manifest["metadata"].get("finalizers", ()))
    conditions = (condition(manifest, name) for name in (None, *_NAMESPACE_CONDITIONS))
    said = next((item["message"] for item in conditions if item.get("message")), "")
    waits = f"it waits for {finalizers}" if finalizers else "nothing says why"
    return f"{waits}: {said}" if said else waits


def _suspensions(platform: Platform) -> Iterator[Change]:
    """Layers first, so that none takes back what is changed of a bundle's."""
    carrier = _CARRIERS.get(platform.cluster.delivery)
    names = (*(layer.kustomization for layer in platform.layers), *(bundle.name for bundle in platform.bundles))
    if carrier:
        yield from (Change(object=_reference(carrier[0], name), patch=carrier[1]) for name in names)


def _deletions(platform: Platform, *, delete_data: bool) -> Iterator[Deletion]:
    """The website, whose certificates need the platform; what layers hold themselves; the bundles, the network last."""
    if platform.website:
        yield Deletion(name=WEBSITE, objects=_ended(platform.website, namespaces=True))
    for layer in platform.layers:
        if layer.objects:
            yield Deletion(name=layer.name, objects=_ended(layer.objects))
    homes = {bundle.name: (addon, bundle) for addon in platform.addons for bundle in addon.bundles}
    for step in teardown(platform, delete_data=delete_data):
        addon, bundle = homes[step.bundle]
        carrier = tuple(_own_carrier(platform, bundle))
        if step.kept_for:
            yield Deletion(name=bundle.name, objects=carrier, kept_for=step.kept_for)
        else:
            yield _deletion(addon, bundle, carrier, crds=delete_data)


def _deletion(addon: Addon, bundle: Bundle, carrier: tuple[Manifest, ...], *, crds: bool) -> Deletion:
    controllers, chart = bundle is addon.controllers, chart_of(bundle.objects)
    releases = (item.spec.timeout for item in bundle.objects if isinstance(item, HelmRelease))
    return Deletion(
        name=bundle.name,
        groups=addon.serves if controllers else (),
        crds=crds,
        self_cleaning=chart is not None and chart.name in SELF_CLEANING,
        changes=(*_resumed(bundle), *(_confirmations(chart) if chart else ())),
        objects=(*_ended(bundle.objects), *carrier),
        timeout=max((_OTHERS, *(_OTHERS + item for item in releases if item))),
    )


def _resumed(bundle: Bundle) -> Iterator[Change]:
    """A release that somebody has suspended would not be uninstalled when it is deleted."""
    releases = tuple(item for item in bundle.objects if isinstance(item, HelmRelease))
    return (Change(object=item, patch={"spec": {"suspend": None}}) for item in _ended(releases))


def _confirmations(chart: Chart) -> Iterator[Change]:
    if told := CONFIRMATIONS.get(chart.name):
        yield Change(object=_reference((told.api_version, told.kind), told.name, told.namespace), patch=told.patch)


def _own_carrier(platform: Platform, bundle: Bundle) -> Iterator[Manifest]:
    """A bundle's Kustomization, which only its layer knows; Pulumi knows everything else."""
    if platform.cluster.delivery in {"git", "oci"}:
        yield _reference(KUSTOMIZATION, bundle.name)


def _ended(objects: Iterable[KubernetesObject], *, namespaces: bool = False) -> tuple[Manifest, ...]:
    """What goes, in reverse of its declaration: a release before its source."""
    ended = [item for item in objects if namespaces or not isinstance(item, Namespace)]
    return tuple(
        _reference((item.api_version, item.kind), item.metadata.name, item.metadata.namespace)
        for item in reversed(ended)
    )


def _reference(kind: tuple[str, str], name: str, namespace: str | None = NAMESPACE) -> Manifest:
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": name, **place}}


def _namespaces(platform: Platform, kept: Container[str]) -> Iterator[NamespaceEnd]:
    """Every namespace but the website's, which goes with it."""
    held = {
        item.namespace: f"it holds {item.kind} {item.name}, which must be there first"
        # Of several the first is named.
        for item in reversed(prerequisites(platform))
    }
    stay = (bundle for bundle in platform.bundles if bundle.name in kept)
    held |= {item.key.namespace: f"{bundle.name} stays in it" for bundle in stay for item in bundle.objects}
    declared = (*platform.namespaces, *(item for bundle in platform.bundles for item in bundle.objects))
    for name in dict.fromkeys(item.key.name for item in declared if isinstance(item, Namespace)):
        yield NamespaceEnd(name=name, kept_for=held.get(name, ""))
