"""What Pulumi and Flux would do for a cluster, as plain data for people and programs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from gitops.addon import Addon, Bundle
from gitops.chart import Chart, chart_of
from gitops.delivery import delivery_of
from gitops.delivery.registration import Command, Registration
from gitops.graph import BundleGraph
from gitops.inventory import Entry, Owner, inventory
from gitops.layer import Layer
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.policies.revision import revision_of
from gitops.profile import policies
from gitops.pulumi_annotations import WAIT_FOR
from gitops.teardown import TeardownStep, teardown
from gitops.timing import Timing, timing


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourcePlan:
    """One object that Pulumi registers."""

    name: str
    component: str
    object: str
    depends_on: tuple[str, ...]
    waits_for: str | None
    timeout: str | None
    retained: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandPlan:
    """One program that Pulumi runs, again when a trigger changed."""

    name: str
    component: str
    arguments: tuple[str, ...]
    triggers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BundlePlan:
    """One bundle; `position` counts the steps of the order in which bundles become ready."""

    name: str
    position: int
    waits_for: tuple[str, ...]
    objects: int
    timeout: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AddonPlan:
    """One add-on with its chart, where it has one, and its bundles."""

    name: str
    chart: Chart | None
    retained: bool
    declared_at: str
    bundles: tuple[BundlePlan, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerPlan:
    """One layer; it waits for the layers that its Kustomization depends on."""

    name: str
    kustomization: str
    path: str
    waits_for: tuple[str, ...]
    timeout: str
    objects: int
    addons: tuple[AddonPlan, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TimingPlan:
    """How long Flux may take for one layer: what is allowed, what it may take at most, and how that adds up.

    `estimate` is a rule of thumb for a cold start.
    """

    layer: str
    timeout: str
    slowest: str
    arithmetic: str
    estimate: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnerPlan:
    """Who owns one object."""

    object: str
    owner: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Everything at one glance."""

    cluster: str
    management: bool
    profile: str
    policies: tuple[str, ...]
    delivery: str
    revision: str
    website: str | None
    commands: tuple[CommandPlan, ...]
    resources: tuple[ResourcePlan, ...]
    layers: tuple[LayerPlan, ...]
    timing: tuple[TimingPlan, ...]
    owned: dict[str, int]
    owners: tuple[OwnerPlan, ...]
    teardown: tuple[TeardownStep, ...]


def plan(platform: Platform, *, delete_data: bool = False) -> Plan:
    """The plan of a platform, and of its end; with `delete_data` that leaves nothing."""
    cluster, entries = platform.cluster, inventory(platform)
    delivery = delivery_of(platform)
    return Plan(
        cluster=cluster.name,
        management=cluster.management,
        profile=cluster.profile.use,
        policies=tuple(policy.name for policy in policies(platform)),
        delivery=cluster.delivery,
        revision=revision_of(platform),
        website=website_url(platform),
        commands=tuple(_command(item) for item in delivery.commands(platform)),
        resources=tuple(_resource(item) for item in delivery.registrations(platform)),
        layers=_layers(platform),
        timing=tuple(_timing(item) for item in timing(platform)),
        owned=owned(entries),
        owners=tuple(_owner(entry) for _, entry in sorted(entries.items())),
        teardown=teardown(platform, delete_data=delete_data),
    )


def owned(entries: Mapping[ObjectKey, Entry]) -> dict[str, int]:
    """How many objects each owner has."""
    counts = Counter(entry.owner for entry in entries.values())
    return {owner.value: counts[owner] for owner in Owner}


def website_url(platform: Platform) -> str | None:
    """Where guests find the website."""
    website = platform.cluster.website
    if website is None:
        return None
    scheme = "http" if website.issuer == "none" else "https"
    return f"{scheme}://{website.host}.{platform.cluster.cluster_vars.domain}"


def _layers(platform: Platform) -> tuple[LayerPlan, ...]:
    graph = delivery_of(platform).graph(platform.bundles)
    position = positions(platform, graph)
    return tuple(_layer(layer, graph, position) for layer in platform.layers)


def positions(platform: Platform, graph: BundleGraph) -> dict[str, int]:
    """The step at which each bundle starts; a layer that waits for others starts after their last step."""
    step = {name: number for number, names in enumerate(graph.generations(), 1) for name in names}
    position: dict[str, int] = {}
    for layer in platform.layers:
        start = max(position.values(), default=0) if layer.reconciliation.depends_on else 0
        position |= {bundle.name: start + step[bundle.name] for bundle in layer.bundles}
    return position


def _layer(layer: Layer, graph: BundleGraph, position: dict[str, int]) -> LayerPlan:
    return LayerPlan(
        name=layer.name,
        kustomization=layer.kustomization,
        path=layer.path,
        waits_for=layer.reconciliation.depends_on,
        timeout=str(layer.reconciliation.timeout),
        objects=len(layer.objects) + sum(len(bundle.objects) for bundle in layer.bundles),
        addons=tuple(_addon(addon, graph, position) for addon in layer.addons),
    )


def _addon(addon: Addon, graph: BundleGraph, position: dict[str, int]) -> AddonPlan:
    return AddonPlan(
        name=addon.name,
        chart=chart_of(addon.controllers.objects),
        retained=addon.retain,
        declared_at=addon.declared_at,
        bundles=tuple(_bundle(bundle, graph, position) for bundle in addon.bundles),
    )


def _bundle(bundle: Bundle, graph: BundleGraph, position: dict[str, int]) -> BundlePlan:
    return BundlePlan(
        name=bundle.name,
        position=position[bundle.name],
        waits_for=graph.edges[bundle.name],
        objects=len(bundle.objects),
        timeout=str(bundle.reconciliation.timeout),
    )


def _command(item: Command) -> CommandPlan:
    return CommandPlan(name=item.name, component=item.component, arguments=item.arguments, triggers=item.triggers)


def _resource(item: Registration) -> ResourcePlan:
    return ResourcePlan(
        name=item.name,
        component=item.component,
        object=str(item.key),
        depends_on=item.depends_on,
        waits_for=item.manifest["metadata"].get("annotations", {}).get(WAIT_FOR),
        timeout=str(item.timeout) if item.timeout else None,
        retained=item.retain_on_delete,
    )


def _timing(item: Timing) -> TimingPlan:
    return TimingPlan(
        layer=item.layer,
        timeout=str(item.timeout),
        slowest=str(item.slowest),
        arithmetic=item.arithmetic,
        estimate=str(item.estimate),
    )


def _owner(entry: Entry) -> OwnerPlan:
    return OwnerPlan(object=str(entry.key), owner=entry.owner.value)
