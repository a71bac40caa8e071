"""Labels namespaces with the Pod Security Standard that their pods pass."""

from dataclasses import replace

from gitops.addon import Addon, PodSecurity
from gitops.objects import KubernetesObject, Namespace
from gitops.platform import Platform

_PREFIX = "pod-security.kubernetes.io"

ENFORCE = f"{_PREFIX}/enforce"
"""The label that decides; the other modes only tell."""


def pod_security(platform: Platform) -> Platform:
    """Namespaces admit no more than their pods need: privileged only where host access is used."""

    def secured(addon: Addon) -> Addon:
        objects = (labelled(item, addon.pod_security) for item in addon.controllers.objects)
        return replace(addon, controllers=addon.controllers.with_objects(objects))

    return platform.map_addons(secured)


def labelled(item: KubernetesObject, level: PodSecurity) -> KubernetesObject:
    """A namespace that enforces `level`; other objects pass through."""
    if not isinstance(item, Namespace):
        return item
    standard = {f"{_PREFIX}/{mode}": level for mode in ("enforce", "audit", "warn")}
    return replace(item, metadata=replace(item.metadata, labels={**item.metadata.labels, **standard}))
