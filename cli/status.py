"""`homelab status`: how far Flux is with a stack, and what stands of its website."""

import typer
from rich.table import Table

from addons.catalogue import platform
from cli.options import StackArgument
from cli.rollout import observed, show_rollout
from cli.target import target_of
from cli.terminal import console
from cluster.client import Client, ObjectReference
from gitops.cluster import Cluster
from gitops.flux import NAMESPACE, SOURCE
from gitops.objects import KubernetesObject, Manifest
from gitops.plan import website_url
from gitops.platform import Platform
from gitops.rollout import Rollout

_SOURCE = ObjectReference(
    api_version="source.toolkit.fluxcd.io/v1", kind="GitRepository", name=SOURCE, namespace=NAMESPACE
)


def status(stack: StackArgument) -> None:
    """Show which bundles are Ready, and the website's objects; status 1 when some are not."""
    target = target_of(stack)
    client = target.client()
    rollout = Rollout(platform(_as_told(target.cluster, client)))
    next(observed(client, rollout))
    show_rollout(rollout)
    show_website(client, rollout.platform)
    if not rollout.done:
        raise typer.Exit(1)


def show_website(client: Client, of: Platform) -> None:
    """A table of the website's objects, and where guests find it."""
    if not of.website:
        return
    table = Table("website", "object", "state", box=None, pad_edge=False)
    for item in of.website:
        table.add_row(item.kind, item.key.name, _state(client, item))
    out = console()
    out.print(table)
    out.print(website_url(of) or "", markup=False)


def _as_told(cluster: Cluster, client: Client) -> Cluster:
    """The cluster with the commit that its source is pinned to, wherever that was decided."""
    source = client.get(_SOURCE) if cluster.delivery == "git" else None
    commit = source["spec"].get("ref", {}).get("commit") if source else None
    return cluster.pinned(commit) if commit else cluster


def _state(client: Client, item: KubernetesObject) -> str:
    found = client.get(ObjectReference.of(item.manifest()))
    if found is None:
        return "missing"
    if item.kind == "Deployment":
        return _available(found)
    if item.kind == "Ingress":
        return ", ".join(rule["host"] for rule in found["spec"]["rules"])
    return "there"


def _available(deployment: Manifest) -> str:
    count = deployment.get("status", {}).get("availableReplicas", 0)
    return f"{count} of {deployment['spec']['replicas']} available"
