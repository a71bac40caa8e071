"""Deliveries: how a platform's bundles reach the cluster, as pure functions of the platform."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from gitops import bootstrap
from gitops.addon import Bundle
from gitops.delivery import direct, expansion, git, inline, oci, tree_layers
from gitops.delivery.registration import Built, Command, Registration
from gitops.graph import BundleGraph
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One way into the cluster.

    Attributes:
        registrations: The objects that Pulumi registers, each after everything that it depends on.
        commands: The programs that Pulumi runs before.
        built: The objects that Flux makes of them.
        graph: The order between bundles that it makes.
        expand: The objects that the cluster ends up with, less what carries them.
    """

    registrations: Callable[[Platform], tuple[Registration, ...]]
    built: Callable[[Platform], Iterable[Built]]
    graph: Callable[[Iterable[Bundle]], BundleGraph]
    expand: Callable[[Platform], dict[ObjectKey, Manifest]]
    commands: Callable[[Platform], tuple[Command, ...]] = lambda _: ()


DELIVERIES: Final[Mapping[str, Delivery]] = {
    "direct": Delivery(
        registrations=direct.registrations, built=direct.built, graph=BundleGraph.needed, expand=direct.expand
    ),
    "git": Delivery(
        registrations=git.registrations, built=tree_layers.built, graph=BundleGraph.declared, expand=git.expand
    ),
    "inline": Delivery(
        registrations=inline.registrations, built=inline.built, graph=BundleGraph.declared, expand=inline.expand
    ),
    "oci": Delivery(
        registrations=oci.registrations,
        built=tree_layers.built,
        graph=BundleGraph.declared,
        expand=oci.expand,
        commands=oci.commands,
    ),
}


def delivery_of(platform: Platform) -> Delivery:
    """The delivery that a platform's config asks for, after the bootstrap where Pulumi installs that too."""
    delivery = DELIVERIES[platform.cluster.delivery]
    return _bootstrapped(delivery) if platform.cluster.bootstrap.use == "install" else delivery


def _bootstrapped(delivery: Delivery) -> Delivery:
    def registrations(platform: Platform) -> tuple[Registration, ...]:
        first = bootstrap.registrations(platform)
        followed = {name for item in first for name in item.depends_on}
        gates = tuple(item.name for item in first if item.name not in followed)
        return first + tuple(
            replace(item, depends_on=(*gates, *item.depends_on)) for item in delivery.registrations(platform)
        )

    def expand(platform: Platform) -> dict[ObjectKey, Manifest]:
        return expansion.of_namespaces(platform) | delivery.expand(platform)

    def commands(platform: Platform) -> tuple[Command, ...]:
        return bootstrap.commands(platform) + delivery.commands(platform)

    return replace(delivery, registrations=registrations, expand=expand, commands=commands)
