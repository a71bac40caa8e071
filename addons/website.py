"""The wedding website: a static page that strangers reach, so its pod may do next to nothing."""

from typing import Any, Final

from gitops.cluster import Cluster, WebsiteChoice
from gitops.objects import KubernetesObject, Metadata, Namespace, Unstructured
from gitops.policies.pod_security import labelled
from gitops.pulumi_annotations import SKIP_AWAIT

NAME: Final = "wedding-website"
SERVICE: Final = f"{NAME}-svc"
INGRESS: Final = f"{NAME}-ingress"
LABELS: Final = {"app": NAME}
PORT: Final = 8080
# Beyond the users of any node, so that a process that escapes is nobody there.
_USER: Final = 10101


def website(cluster: Cluster) -> tuple[KubernetesObject, ...]:
    """The website's objects, its namespace first; none on a cluster without one."""
    choice = cluster.website
    if choice is None:
        return ()
    return (
        labelled(Namespace(metadata=Metadata(name=NAME)), "restricted"),
        _object("v1", "ServiceAccount", NAME, automountServiceAccountToken=False),
        _object("apps/v1", "Deployment", NAME, spec=_deployment(choice)),
        _object("v1", "Service", SERVICE, spec=_service()),
        _object("policy/v1", "PodDisruptionBudget", NAME, spec=_disruption_budget()),
        _object("networking.k8s.io/v1", "NetworkPolicy", NAME, spec=_network_policy()),
        _ingress(choice),
    )


def _object(api_version: str, kind: str, name: str, **fields: Any) -> Unstructured:
    metadata = Metadata(name=name, namespace=NAME, labels=LABELS)
    return Unstructured(api_version=api_version, kind=kind, metadata=metadata, fields=fields)


def _ingress(choice: WebsiteChoice) -> Unstructured:
    backend = {"service": {"name": SERVICE, "port": {"name": "web"}}}
    path = {"pathType": "Prefix", "path": "/", "backend": backend}
    # Pulumi would wait for an address, which the ingress controller gives once Flux has installed it.
    metadata = Metadata(name=INGRESS, namespace=NAME, labels=LABELS, annotations={SKIP_AWAIT: "true"})
    rule = {"host": f"{choice.host}.${{domain}}", "http": {"paths": [path]}}
    return Unstructured(
        api_version="networking.k8s.io/v1",
        kind="Ingress",
        metadata=metadata,
        fields={"spec": {"rules": [rule]}},
    )


def _service() -> dict[str, Any]:
    return {"selector": LABELS, "ports": [{"name": "web", "port": 80, "targetPort": "web"}]}


def _disruption_budget() -> dict[str, Any]:
    return {
        "maxUnavailable": 1,
        # A pod that is not ready serves nobody, so it must not hold back the drain of a node.
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
        "selector": {"matchLabels": LABELS},
    }


def _network_policy() -> dict[str, Any]:
    ingress_controller = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "nginx-ingress"}}}
    return {
        "podSelector": {"matchLabels": LABELS},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [ingress_controller], "ports": [{"port": "web", "protocol": "TCP"}]}],
    }


def _deployment(choice: WebsiteChoice) -> dict[str, Any]:
    return {
        "replicas": choice.replicas,
        "revisionHistoryLimit": 3,
        "selector": {"matchLabels": LABELS},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "template": {"metadata": {"labels": LABELS}, "spec": _pod(choice)},
    }


def _pod(choice: WebsiteChoice) -> dict[str, Any]:
    pull = choice.image_pull_secret
    return {
        "serviceAccountName": NAME,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 30,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "runAsGroup": _USER,
            "fsGroup": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                # A homelab may have one worker; both pods on it are better than one pending.
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": LABELS},
            }
        ],
        "containers": [_container(choice)],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}}],
        **({"imagePullSecrets": [{"name": pull}]} if pull else {}),
    }


def _container(choice: WebsiteChoice) -> dict[str, Any]:
    alive = {"httpGet": {"path": "/", "port": "web"}}
    return {
        "name": "web",
        "image": choice.image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"name": "web", "containerPort": PORT, "protocol": "TCP"}],
        "startupProbe": {**alive, "periodSeconds": 1, "failureThreshold": 30},
        "readinessProbe": {**alive, "periodSeconds": 5, "failureThreshold": 2},
        "livenessProbe": {**alive, "periodSeconds": 10, "failureThreshold": 3},
        # Traffic still arrives for a moment after the pod has left the Service.
        "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
        "resources": {
            "requests": {"cpu": "10m", "memory": "32Mi", "ephemeral-storage": "16Mi"},
            "limits": {"cpu": "250m", "memory": "64Mi", "ephemeral-storage": "64Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
