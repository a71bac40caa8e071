"""When objects of built-in kinds are ready."""

from typing import Any

import pytest
import yaml

from cluster.client import Client
from cluster.connection import Connection
from cluster.kubeconfig import parse_kubeconfig
from sandbox.plugins.kubernetes.readiness import unready
from tests.support.api_server import ApiServer

Document = dict[str, Any]


def manifest(kind: str = "ConfigMap", version: str = "v1", **fields: Any) -> Document:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "a", "namespace": "here"}} | fields


def ready(api: ApiServer, live: Document) -> tuple[str, ...]:
    client = Client(Connection(parse_kubeconfig(yaml.safe_dump(api.kubeconfig()))))
    found = unready(client, live)
    client.close()
    return found


AVAILABLE = {"type": "Available", "status": "True"}
PROGRESSING = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}


@pytest.mark.parametrize(
    ("status", "missing"),
    [
        ({"observedGeneration": 2, "conditions": [AVAILABLE, PROGRESSING]}, ()),
        ({"observedGeneration": 2, "conditions": [AVAILABLE]}, ()),
        ({"observedGeneration": 1, "conditions": [AVAILABLE]}, ("the Deployment controller has not seen",)),
        ({"observedGeneration": 2}, ("minimum number of Pods",)),
        (
            {
                "observedGeneration": 2,
                "conditions": [
                    {"type": "Available", "status": "False", "reason": "Minimum", "message": "not yet"},
                    PROGRESSING | {"reason": "ReplicaSetUpdated"},
                ],
            },
            ("[Minimum] not yet", "the new ReplicaSet is not available"),
        ),
    ],
)
def test_a_deployment_is_ready_when_it_is_rolled_out(
    api: ApiServer, status: Document, missing: tuple[str, ...]
) -> None:
    live = manifest("Deployment", "apps/v1", status=status)
    live["metadata"]["generation"] = 2
    found = ready(api, live)
    assert len(found) == len(missing)
    assert all(text.startswith(start) for text, start in zip(found, missing, strict=True))


def slices(api: ApiServer, *ready: bool) -> None:
    kinds = [{"name": "endpointslices", "kind": "EndpointSlice", "namespaced": True}]
    api.answer("GET", "/apis/discovery.k8s.io/v1", {"resources": kinds})
    items = [{"endpoints": [{"conditions": {"ready": each}} for each in ready]}]
    api.answer("GET", "/apis/discovery.k8s.io/v1/namespaces/here/endpointslices", {"items": items})


@pytest.mark.parametrize(
    ("spec", "status", "endpoints", "missing"),
    [
        ({"selector": {"a": "b"}}, {}, [True], []),
        ({"selector": {"a": "b"}}, {}, [False], ["Service does not target any Pods"]),
        ({"selector": {"a": "b"}, "clusterIP": "None"}, {}, [], []),
        ({"type": "ExternalName"}, {}, [], []),
        ({"type": "LoadBalancer"}, {}, [], ["Service was not allocated an IP address"]),
        ({"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}, [], []),
    ],
)
def test_a_service_is_ready_when_it_leads_somewhere(
    api: ApiServer, spec: Document, status: Document, endpoints: list[bool], missing: list[str]
) -> None:
    slices(api, *endpoints)
    found = ready(api, manifest("Service", spec=spec, status=status))
    assert [text.partition(".")[0].partition(";")[0] for text in found] == missing


def test_an_ingress_is_ready_when_it_has_an_address_and_somebody_behind_it(api: ApiServer) -> None:
    backend = {"service": {"name": "web"}}
    spec = {"rules": [{"http": {"paths": [{"backend": backend}]}}], "defaultBackend": backend}
    ingress = manifest("Ingress", "networking.k8s.io/v1", spec=spec)
    slices(api, False)
    assert len(ready(api, ingress)) == 2
    slices(api, True)
    assert ready(api, ingress | {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}) == ()


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ({"spec": {}, "status": {"phase": "Bound"}}, 0),
        ({"spec": {}}, 1),
        ({"spec": {"storageClassName": "late"}}, 0),
        ({"spec": {"storageClassName": "absent"}}, 1),
    ],
)
def test_a_claim_is_ready_when_it_is_bound_or_waits_for_a_pod(api: ApiServer, claim: Document, missing: int) -> None:
    kinds = [{"name": "storageclasses", "kind": "StorageClass", "namespaced": False}]
    api.answer("GET", "/apis/storage.k8s.io/v1", {"resources": kinds})
    late = {"volumeBindingMode": "WaitForFirstConsumer"}
    api.answer("GET", "/apis/storage.k8s.io/v1/storageclasses/late", late)
    assert len(ready(api, manifest("PersistentVolumeClaim", **claim))) == missing


def test_an_object_of_any_other_kind_is_ready_as_soon_as_it_exists(api: ApiServer) -> None:
    assert ready(api, manifest()) == ()
