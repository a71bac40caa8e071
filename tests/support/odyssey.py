"""Odyssey's API server when all is well: delivered inline, with Flux and every Secret there, and every bundle Ready."""

from typing import Any

from addons.catalogue import platform
from gitops.delivery import delivery_of
from gitops.existing import asked_kinds, asked_objects
from gitops.objects import Manifest
from gitops.policies.health_gates import CONDITIONS
from tests.support.api_server import ApiServer
from tests.support.live import deployment
from tests.support.stacks import shipped

SETS = "/apis/fluxcd.controlplane.io/v1/resourcesets"
INLINE = platform(shipped("odyssey", delivery="inline"))


def answer_as_odyssey(server: ApiServer) -> None:
    """Prepare what the server answers."""
    for api_version, kinds in _served().items():
        server.answer("GET", f"/api{'s' * ('/' in api_version)}/{api_version}", {"resources": kinds})
    for api_version, kind in asked_kinds(INLINE):
        server.answer("GET", f"/apis/{api_version}/{kind.lower()}s", {"items": []})
    server.answer("GET", "/apis/apps/v1/namespaces/flux-system/deployments", {"items": controllers()})
    for path, item in secrets().items():
        server.answer("GET", path, item)
    server.answer("GET", SETS, {"items": resource_sets()})
    for (api_version, kind), items in judged().items():
        server.answer("GET", f"/apis/{api_version}/{kind.lower()}s", {"items": items})


def controllers() -> list[Manifest]:
    """Flux's controllers, those of the shard too, available and with workers enough."""
    names = ("source-controller", "kustomize-controller", "helm-controller")
    return [deployment(name) for name in names] + [deployment(name, shard="infra") for name in names]


def secrets() -> dict[str, Manifest]:
    """What must exist before, each key with a value, by path."""
    shown = {}
    for item in asked_objects(INLINE):
        path = f"/api/v1/namespaces/{item.namespace}/{item.kind.lower()}s/{item.name}"
        shown[path] = {"metadata": {}, "data": dict.fromkeys(item.keys or ("any",), "eA==")}
    return shown


def _served() -> dict[str, list[dict[str, Any]]]:
    """ResourceSets, what the operator does not judge, and the kinds of the website."""
    found = {("fluxcd.controlplane.io/v1", "ResourceSet"), *judged()}
    found |= {(item.api_version, item.kind) for item in INLINE.website} | {*asked_kinds(INLINE), ("v1", "Secret")}
    found |= {("v1", "ConfigMap")}
    served: dict[str, list[dict[str, Any]]] = {}
    for api_version, kind in found:
        resource = {"name": f"{kind.lower()}s", "kind": kind, "namespaced": kind != "Namespace"}
        served.setdefault(api_version, []).append(resource)
    return served


def judged() -> dict[tuple[str, str], list[Manifest]]:
    """What the operator does not judge, healthy, by API version and kind."""
    shown: dict[tuple[str, str], list[Manifest]] = {}
    expanded = delivery_of(INLINE).expand(INLINE)
    for item in (item for bundle in INLINE.bundles for item in bundle.objects):
        kind = (item.api_version, item.kind)
        if kind in CONDITIONS:
            manifest = expanded[item.key]
            metadata = manifest["metadata"] | {"uid": item.key.name, "resourceVersion": "1", "generation": 1}
            status = {"conditions": [{"type": CONDITIONS[kind], "status": "True"}]}
            shown.setdefault(kind, []).append(manifest | {"metadata": metadata, "status": status})
    return shown


def resource_sets(*, version: str = "1", **conditions: dict[str, Any]) -> list[Manifest]:
    """Every bundle's ResourceSet, Ready but for those that are given another condition by name."""
    ready = {"type": "Ready", "status": "True", "reason": "ReconciliationSucceeded", "message": "applied"}
    shown = []
    for item in delivery_of(INLINE).registrations(INLINE):
        if item.manifest["kind"] == "ResourceSet":
            name = item.manifest["metadata"]["name"]
            metadata = item.manifest["metadata"] | {"uid": name, "resourceVersion": version, "generation": 1}
            listed = [conditions.get(name.replace("-", "_"), ready)]
            listed += [{"type": "Stalled", "status": "True"}] if listed[0]["status"] == "False" else []
            shown.append(item.manifest | {"metadata": metadata, "status": {"conditions": listed}})
    return shown
