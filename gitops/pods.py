"""Pods as objects declare them, and what they use of their node."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "Pod": ("spec",),
    "ReplicaSet": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
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
    if path is None:
        return
    pod: Any = manifest
    for key in path:
        pod = pod.get(key) or {}
    yield from _of_pod(pod, ".".join(path))


def _of_pod(pod: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    for name in _NAMESPACES:
        if pod.get(name):
            yield f"{field}.{name}", f"sets {name}"
    for index, volume in enumerate(pod.get("volumes", ())):
        if "hostPath" in volume:
            yield f"{field}.volumes[{index}].hostPath", f"mounts {volume['hostPath'].get('path')} of the node"
    for kind in _CONTAINERS:
        for index, container in enumerate(pod.get(kind, ())):
            yield from _of_container(container, f"{field}.{kind}[{index}]")


def _of_container(container: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    security = container.get("securityContext", {})
    if security.get("privileged"):
        yield f"{field}.securityContext.privileged", "is privileged"
    added = sorted(set(security.get("capabilities", {}).get("add", ())) - _CAPABILITIES)
    if added:
        yield f"{field}.securityContext.capabilities.add", f"adds {', '.join(added)}"
    for index, port in enumerate(container.get("ports", ())):
        if port.get("hostPort"):
            yield f"{field}.ports[{index}].hostPort", f"uses port {port['hostPort']} of the node"
