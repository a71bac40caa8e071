"""Which revision of a source Flux must have, told from the objects on its API server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitops.cluster import Git, Oci
from gitops.delivery.oci import origin_revision
from gitops.flux import NAMESPACE, SOURCE
from gitops.objects import Manifest, ObjectKey
from gitops.platform import Platform

_ARTIFACT: Final = ObjectKey("source.toolkit.fluxcd.io", "OCIRepository", NAMESPACE, SOURCE)
_ORIGIN: Final = "org.opencontainers.image.revision"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """What a platform's layers are built from.

    Attributes:
        revision: The revision that it is pinned to, as Flux writes it.
        origin: What the artifact to be pushed says it was made from, where its digest is known to nobody before.
    """

    revision: str | None = None
    origin: str | None = None

    def is_revision(self, found: str | None, objects: Mapping[ObjectKey, Manifest]) -> bool:
        """Whether a revision is the one that was asked for, among the objects that are seen."""
        if self.origin is None:
            return self.revision in {None, found}
        artifact: dict[str, Any] = objects.get(_ARTIFACT, {}).get("status", {}).get("artifact") or {}
        return bool(artifact.get("metadata", {}).get(_ORIGIN) == self.origin and artifact["revision"] == found)


def source_of(platform: Platform) -> Source:
    """The source of a platform; of one without a source, any revision will do."""
    match platform.cluster.source:
        case Git(commit=str(commit)):
            return Source(revision=f"{platform.cluster.git_branch}@sha1:{commit}")
        case Oci(digest=str(digest)):
            return Source(revision=digest)
        case Oci():
            return Source(origin=origin_revision(platform))
        case _:
            return Source()
