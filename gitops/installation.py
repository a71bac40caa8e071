"""The Helm release that helm-controller makes of a HelmRelease.

See https://fluxcd.io/flux/components/helm/helmreleases/#release-name.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, NamedTuple

from typing_extensions import override

from gitops.lookup import text_at

_LONGEST: Final = 53
_HASH: Final = 12


class Installation(NamedTuple):
    """A Helm release.

    Attributes:
        namespace: Where the chart's objects go.
        name: Its name.
        storage: The namespace where Helm keeps its history.
    """

    namespace: str
    name: str
    storage: str

    @override
    def __str__(self) -> str:
        kept = f", kept in {self.storage}" if self.storage != self.namespace else ""
        return f"Helm release {self.namespace}/{self.name}{kept}"


def installation(release: Mapping[str, Any]) -> Installation:
    """What becomes of a HelmRelease, variables resolved."""
    own = text_at(release, "metadata.namespace")
    composed = "-".join(filter(None, (text_at(release, "spec.targetNamespace"), release["metadata"]["name"])))
    return Installation(
        namespace=target_namespace(release),
        name=text_at(release, "spec.releaseName") or _shortened(composed),
        storage=text_at(release, "spec.storageNamespace") or own,
    )


def target_namespace(manifest: Mapping[str, Any]) -> str:
    """Where an object's own objects go: its namespace, but for a release that names another."""
    return text_at(manifest, "spec.targetNamespace") or text_at(manifest, "metadata.namespace")


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - _HASH - 1]}-{sha256(name.encode()).hexdigest()[:_HASH]}"
