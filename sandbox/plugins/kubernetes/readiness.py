"""When objects of built-in kinds are ready: what the real provider waits for without being asked to."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from cluster.client import Client, ObjectReference
from gitops.objects import Manifest

Unready: TypeAlias = Iterator[str]
"""What is missing, in words; nothing when the object is ready."""


def is_awaited(live: Manifest) -> bool:
    """Whether objects of this kind are more than what they are declared to be."""
    return (live["apiVersion"], live["kind"]) in _CHECKS


def unready(client: Client, live: Manifest) -> tuple[str, ...]:
    """What an object still lacks; nothing for a kind that is ready as soon as it exists."""
    check = _CHECKS.get((live["apiVersion"], live["kind"]))
    return tuple(check(client, live)) if check else ()


def _deployment(_client: Client, live: Manifest) -> Unready:
    status = live.get("status") or {}
    if status.get("observedGeneration", 0) < live["metadata"]["generation"]:
        yield "the Deployment controller has not seen this generation yet"
        return
    found = _conditions(live)
    available, progressing = found.get("Available", {}), found.get("Progressing", {})
    if available.get("status") != "True":
        yield _reason(available, "minimum number of Pods to consider the application live was not attained")
    rolled_out = progressing.get("status") == "True" and progressing.get("reason") == "NewReplicaSetAvailable"
    if progressing and not rolled_out:
        yield _reason(progressing, "the new ReplicaSet is not available")


def _service(client: Client, live: Manifest) -> Unready:
    spec = live["spec"]
    if spec.get("type") == "LoadBalancer" and not _addresses(live):
        yield "Service was not allocated an IP address; does your cloud provider support this?"
    headless = spec.get("clusterIP") == "None"
    if spec.get("type") == "ExternalName" or headless or not spec.get("selector"):
        return
    if not _has_endpoints(client, live["metadata"]["namespace"], live["metadata"]["name"]):
        yield (
            "Service does not target any Pods. Selected Pods may not be ready, or field '.spec.selector' may not match "
            "labels on any Pods"
        )


def _ingress(client: Client, live: Manifest) -> Unready:
    namespace = live["metadata"]["namespace"]
    for service in sorted(set(_backends(live["spec"]))):
        if not _has_endpoints(client, namespace, service):
            yield f'Ingress has at least one rule with an unresolved service. Service "{service}" has no endpoints'
    if not _addresses(live):
        yield "Ingress .status.loadBalancer field was not updated with a hostname/IP address."


def _backends(spec: Mapping[str, Any]) -> Iterator[str]:
    rules = [
        path["backend"] for rule in spec.get("rules") or () for path in (rule.get("http") or {}).get("paths") or ()
    ]
    for backend in (*rules, spec.get("defaultBackend") or {}):
        if "service" in backend:
            yield backend["service"]["name"]


def _claim(client: Client, live: Manifest) -> Unready:
    if (live.get("status") or {}).get("phase") == "Bound" or _waits_for_consumer(client, live):
        return
    yield "PersistentVolumeClaim is not bound"


def _waits_for_consumer(client: Client, claim: Manifest) -> bool:
    name = claim["spec"].get("storageClassName")
    if not name:
        return False
    found = client.get(ObjectReference(api_version="storage.k8s.io/v1", kind="StorageClass", name=name))
    return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"


def _has_endpoints(client: Client, namespace: str, service: str) -> bool:
    slices = client.list(
        "discovery.k8s.io/v1", "EndpointSlice", namespace=namespace, labels=f"kubernetes.io/service-name={service}"
    )
    endpoints = [item for each in slices for item in each.get("endpoints") or ()]
    return any((item.get("conditions") or {}).get("ready", True) for item in endpoints)


def _addresses(live: Manifest) -> bool:
    balancer = (live.get("status") or {}).get("loadBalancer") or {}
    return bool(balancer.get("ingress"))


def _conditions(live: Manifest) -> dict[str, Mapping[str, Any]]:
    return {item["type"]: item for item in (live.get("status") or {}).get("conditions") or ()}


def _reason(condition: Mapping[str, Any], otherwise: str) -> str:
    message = condition.get("message")
    return f"[{condition.get('reason')}] {message}" if message else otherwise


_CHECKS: Final[Mapping[tuple[str, str], Callable[[Client, Manifest], Unready]]] = {
    ("apps/v1", "Deployment"): _deployment,
    ("v1", "Service"): _service,
    ("networking.k8s.io/v1", "Ingress"): _ingress,
    ("v1", "PersistentVolumeClaim"): _claim,
}
