"""What the conditions in an object's status say, as Flux and the operators write them."""

from collections.abc import Mapping
from typing import Any, Final

from gitops.objects import Manifest
from gitops.policies.health_gates import CONDITIONS

# Something else comes first, or something newer; what that is fails under its own name, if it does.
_WAITING: Final = frozenset(
    {"DependencyNotReady", "ArtifactFailed", "SourceNotReady", "HelmChartNotReady", "HealthCheckCanceled"}
)
_NO_PATH: Final = "kustomization path not found"
# Helm's words where Kubernetes itself has given a workload up, as a Deployment after its progress deadline.
_GIVEN_UP: Final = "failed early due to stalled resources"


def failure_words(manifest: Manifest) -> tuple[str, str] | None:
    """Reason and message of a failure of Flux's own kinds; others fail by the Kustomization that waits for them."""
    ready = condition(manifest)
    if ready.get("status") != "False" or is_waiting(ready) or (manifest["apiVersion"], manifest["kind"]) in CONDITIONS:
        return None
    return ready.get("reason", ""), ready.get("message", "")


def is_waiting(ready: Mapping[str, Any]) -> bool:
    """Whether a condition that says no only waits for something else."""
    # Flux has one word for a source that is not there yet and for a path that is not in it.
    return ready.get("reason") in _WAITING and not str(ready.get("message")).startswith(_NO_PATH)


def says_yes(manifest: Manifest) -> bool:
    """Whether an object calls itself healthy."""
    return condition(manifest).get("status") == "True"


def is_stalled(manifest: Manifest) -> bool:
    """Whether Flux has given an object up until it changes."""
    return condition(manifest, "Stalled").get("status") == "True"


def is_given_up(manifest: Manifest) -> bool:
    """Whether a failure is one that trying again does not heal, though Flux will."""
    return _GIVEN_UP in str(condition(manifest).get("message"))


def is_observed(manifest: Manifest) -> bool:
    """Whether a status is about the object as it is now."""
    observed = manifest.get("status", {}).get("observedGeneration")
    return observed is None or observed == manifest["metadata"].get("generation")


def condition(manifest: Mapping[str, Any], name: str | None = None) -> Mapping[str, Any]:
    """A condition by name; without one, that which tells the health of the object's kind."""
    wanted = name or CONDITIONS.get((manifest["apiVersion"], manifest["kind"]), "Ready")
    conditions: list[Mapping[str, Any]] = manifest.get("status", {}).get("conditions") or []
    return next((item for item in conditions if item["type"] == wanted), {})
