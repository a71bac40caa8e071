"""The Secrets that the delivery's own source needs, which no bundle declares."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from gitops.cluster import Cluster, Git, Oci, Verify

_CREDENTIALS: Final = "spec.secretRef.name"


class SourceSecret(NamedTuple):
    """A Secret in Flux's namespace.

    Attributes:
        name: Its name.
        field: Where the source names it.
        purpose: What it is for.
    """

    name: str
    field: str
    purpose: str


def source_secrets(cluster: Cluster) -> Iterator[SourceSecret]:
    """What reading and verifying the tree needs."""
    match cluster.source:
        case Git(secret=str(name)):
            yield SourceSecret(name, _CREDENTIALS, "reading the tree")
        case Oci(secret=str(name)):
            yield SourceSecret(name, _CREDENTIALS, "pulling the tree")
        case _:
            pass
    match cluster.source:
        case Oci(verify=Verify(secret=str(name))):
            yield SourceSecret(name, "spec.verify.secretRef.name", "verifying the tree")
        case _:
            pass
