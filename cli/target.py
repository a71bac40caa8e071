"""Where a stack's platform lives: a cluster of the user's, or a sandbox on this machine."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from addons.catalogue import platform
from cli.access import client_of
from cli.building import programs
from cli.project import cluster_of, folder, read_stack
from cli.pulumi import Pulumi
from cluster.client import Client, connect
from gitops import bootstrap
from gitops.chart import chart_of
from gitops.cluster import Cluster
from gitops.errors import StackNotFoundError
from sandbox import depot, engine, mirror, project
from sandbox.errors import refusal
from sandbox.place import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A stack, and what it takes to reach its cluster.

    Attributes:
        stack: Name of the stack.
        cluster: Its config.
        environment: In which Git, Pulumi and Flux's CLI work for it.
        place: Its sandbox, where it lives in one.
    """

    stack: str
    cluster: Cluster
    environment: Mapping[str, str]
    place: Place | None = None

    @property
    def pulumi(self) -> Pulumi:
        """Pulumi for the stack."""
        return Pulumi(self.stack, folder(), self.environment)

    def client(self) -> Client:
        """Its API server."""
        return connect(self.place.kubeconfig) if self.place else client_of(self.pulumi, read_stack(self.stack))

    def prepare(self) -> None:
        """Bring the sandbox what only the stack's platform tells: its charts, and a stack of the engine's."""
        if self.place is None:
            return
        made = platform(self.cluster)
        charts = (*(chart_of(addon.controllers.objects) for addon in made.addons), *bootstrap.charts(made))
        mirror.fill(self.place.depot / "charts", f"http://{depot.address(self.place)}/charts", filter(None, charts))
        self.pulumi.select()


def target_of(stack: str) -> Target:
    """Where a stack lives; SandboxError when that is a sandbox that is not up."""
    cluster = cluster_of(stack)
    if cluster.sandbox is None:
        return Target(stack=stack, cluster=cluster, environment=os.environ)
    place = Place(cluster.sandbox)
    return Target(stack=stack, cluster=cluster, environment=environment_of(place), place=place)


def environment_of(place: Place) -> dict[str, str]:
    """The environment of a sandbox that is up; Pulumi sees the stacks in it as they are in this folder's project."""
    if not place.kubeconfig.exists():
        what, fix = "it is not up", f"start it: homelab sandbox up --name {place.name}"
        raise refusal("up", f"sandbox {place.name}", what, fix)
    # A sandbox is of use outside of any project, too.
    with suppress(StackNotFoundError):
        project.refresh(place, folder())
    return engine.environment(place, programs())
