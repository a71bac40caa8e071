"""Pulumi's own annotations on an object, and what they ask for."""

from collections.abc import Mapping
from typing import Any, Final

from cluster.client import Propagation

_PREFIX: Final = "pulumi.com/"
_DEFAULT_SECONDS: Final = 600
_POLICIES: Final[Mapping[str, Propagation]] = {"background": "Background", "orphan": "Orphan"}
# The kinds for which the real provider lets skipAwait skip the end as well.
_SKIPS_DELETION: Final = frozenset({"Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment"}) | {
    "StatefulSet",
    "Job",
}


def annotation(manifest: Mapping[str, Any], name: str) -> str:
    """The value of `pulumi.com/<name>`; empty when it is not set."""
    annotations = (manifest.get("metadata") or {}).get("annotations") or {}
    value = annotations.get(_PREFIX + name)
    return value if isinstance(value, str) else ""


def skips_await(manifest: Mapping[str, Any]) -> bool:
    """Whether nobody waits for the object to be ready."""
    return annotation(manifest, "skipAwait") == "true"


def skips_deletion(manifest: Mapping[str, Any]) -> bool:
    """Whether nobody waits for the object's end."""
    return skips_await(manifest) and manifest.get("kind") in _SKIPS_DELETION


def timeout(manifest: Mapping[str, Any], custom: float) -> float:
    """Seconds to wait: the resource's custom timeout, else `pulumi.com/timeoutSeconds`, else ten minutes."""
    annotated = annotation(manifest, "timeoutSeconds")
    return custom or (int(annotated) if annotated.isdigit() else _DEFAULT_SECONDS)


def propagation(manifest: Mapping[str, Any]) -> Propagation:
    """What becomes of dependents: the object waits for their end unless it says otherwise."""
    return _POLICIES.get(annotation(manifest, "deletionPropagationPolicy").lower(), "Foreground")
