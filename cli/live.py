"""What a stack's cluster shows of itself, for the core to judge."""

from collections.abc import Callable, Iterator
from functools import partial

from cluster.client import Client, ObjectReference
from cluster.errors import NoKindMatchError
from gitops.adoption.live import INSTANCE, KUSTOMIZATION, RELEASE, Live
from gitops.inventory import inventory
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform


def look(client: Client, platform: Platform) -> Live:
    """One look at everything that adopting the cluster depends on; no Secret is read."""
    try:
        kustomizations = client.list(*KUSTOMIZATION)
    except NoKindMatchError:
        return Live(serves_flux=False)
    return Live(
        instances=served(partial(client.list, *INSTANCE)),
        kustomizations=kustomizations,
        releases=served(partial(client.list, *RELEASE)),
        objects=dict(_declared(client, platform)),
    )


def _declared(client: Client, platform: Platform) -> Iterator[tuple[ObjectKey, Manifest]]:
    for key, entry in inventory(platform).items():
        if key.kind != "Secret":
            yield from ((key, item) for item in served(partial(found, client, entry.manifest)))


def found(client: Client, manifest: Manifest) -> tuple[Manifest, ...]:
    """The object that a manifest names; nothing where it is absent."""
    live = client.get(ObjectReference.of(manifest))
    return (live,) if live else ()


def served(ask: Callable[[], tuple[Manifest, ...]]) -> tuple[Manifest, ...]:
    """The answer; nothing where the kind is not served."""
    try:
        return ask()
    except NoKindMatchError:
        return ()
