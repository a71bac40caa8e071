"""Deliveries: how a platform's bundles reach the cluster, as pure functions of the platform."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gitops.addon import Bundle
from gitops.delivery import direct, git
from gitops.delivery.registration import Registration
from gitops.errors import PlatformError, Problem
from gitops.graph import BundleGraph
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One way into the cluster.

    Attributes:
        registrations: What Pulumi registers, each after everything that it depends on.
        publishes: Whether Flux builds the rendered tree.
        graph: The order between bundles that it makes.
        expand: The objects that the cluster ends up with, less what carries them.
    """

    registrations: Callable[[Platform], tuple[Registration, ...]]
    publishes: bool
    graph: Callable[[Iterable[Bundle]], BundleGraph]
    expand: Callable[[Platform], dict[ObjectKey, Manifest]]


DELIVERIES: Final[Mapping[str, Delivery]] = {
    "direct": Delivery(
        registrations=direct.registrations, expand=direct.expand, publishes=False, graph=BundleGraph.needed
    ),
    "git": Delivery(registrations=git.registrations, expand=git.expand, publishes=True, graph=BundleGraph.declared),
}


def delivery_of(platform: Platform) -> Delivery:
    """The delivery that a platform's config asks for."""
    name = platform.cluster.delivery
    if name not in DELIVERIES:
        available = " or ".join(DELIVERIES)
        problem = Problem(
            rule="delivery/available",
            where="homelab:delivery",
            what=f"delivery {name!r} is not available in this version",
            fix=f"use {available}",
        )
        raise PlatformError([problem])
    return DELIVERIES[name]
