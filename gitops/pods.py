"""Pods as objects declare them, and what they use of their node."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitops.lookup import mapping_at, mappings_at, text_at, value_at

_TEMPLATES: Final[Mapping[str, str]] = {
    "CronJob": "spec.jobTemplate.spec.template.spec",
    "DaemonSet": "spec.template.spec",
    "Deployment": "spec.template.spec",
    "Job": "spec.template.spec",
    "Pod": "spec",
    "ReplicaSet": "spec.template.spec",
    "StatefulSet": "spec.template.spec",
}
_NAMESPACES: Final = ("hostNetwork", "hostPID", "hostIPC")
_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
# Pod Security `baseline` lets containers add these.
_CAPABILITIES: Final = frozenset({
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
})  # fmt: skip


def host_access(manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What an object's pods do that Pod Security `baseline` refuses: field path and what it means."""
    path = _TEMPLATES.get(manifest["kind"])
    if path:
        yield from _of_pod(mapping_at(manifest, path), path)


def _of_pod(pod: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    for name in _NAMESPACES:
        if pod.get(name):
            yield f"{field}.{name}", f"sets {name}"
    for index, volume in enumerate(mappings_at(pod, "volumes")):
        if "hostPath" in volume:
            yield f"{field}.volumes[{index}].hostPath", f"mounts {text_at(volume, 'hostPath.path')} of the node"
    for kind in _CONTAINERS:
        for index, container in enumerate(mappings_at(pod, kind)):
            yield from _of_container(container, f"{field}.{kind}[{index}]")


def _of_container(container: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    if value_at(container, "securityContext.privileged"):
        yield f"{field}.securityContext.privileged", "is privileged"
    capabilities = value_at(container, "securityContext.capabilities.add")
    listed = capabilities if isinstance(capabilities, list | tuple) else ()
    added = sorted({str(name) for name in listed} - _CAPABILITIES)
    if added:
        yield f"{field}.securityContext.capabilities.add", f"adds {', '.join(added)}"
    for index, port in enumerate(mappings_at(container, "ports")):
        if port.get("hostPort"):
            yield f"{field}.ports[{index}].hostPort", f"uses port {port['hostPort']} of the node"
