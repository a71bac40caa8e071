"""What a stack's cluster shows of itself, for the core to judge; what is not served is not there."""

from collections.abc import Iterator
from dataclasses import replace

from cluster.client import Client, ObjectReference
from cluster.errors import NoKindMatchError
from gitops.adoption.live import INSTANCE, Live
from gitops.flux import HELM_RELEASE, KUSTOMIZATION
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform


def look(client: Client, platform: Platform) -> Live:
    """One look at everything that adopting the cluster depends on; no Secret is read."""
    found = look_at_flux(client)
    if not found.serves_flux:
        return found
    return replace(found, releases=listed(client, HELM_RELEASE), objects=dict(_declared(client, platform)))


def look_at_flux(client: Client) -> Live:
    """One look at what reconciles the cluster alone."""
    try:
        kustomizations = client.list(*KUSTOMIZATION)
    except NoKindMatchError:
        return Live(serves_flux=False)
    return Live(instances=listed(client, INSTANCE), kustomizations=kustomizations)


def _declared(client: Client, platform: Platform) -> Iterator[tuple[ObjectKey, Manifest]]:
    for key, entry in inventory(platform).items():
        if key.kind != "Secret" and (item := live(client, ObjectReference.of(entry.manifest))):
            yield key, item


def live(client: Client, reference: ObjectReference) -> Manifest | None:
    """The object; nothing where it, or its kind, is not there."""
    try:
        return client.get(reference)
    except NoKindMatchError:
        return None


def listed(client: Client, kind: tuple[str, str]) -> tuple[Manifest, ...]:
    """The objects of an API version and kind; none where that is not served."""
    try:
        return client.list(*kind)
    except NoKindMatchError:
        return ()
