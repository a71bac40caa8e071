"""Flux locked down for tenants: whatever it does for the platform, it does in the name of an account that may.

Flux then applies nothing as itself. What names no account gets the tenants' default one, which may do nothing until
somebody grants it something.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gitops.addon import Bundle
from gitops.flux import HelmRelease
from gitops.layer import Layer
from gitops.objects import KubernetesObject, Metadata, Unstructured
from gitops.platform import Platform
from gitops.policies.pruning import unprunable

APPLIER: Final = "kustomize-controller"
"""The account of layers and bundles: Flux's own, in its namespace, which may do everything."""

RELEASER: Final = "flux-releases"
"""The account of releases, one in each namespace that holds any; charts bring CRDs and roles of all kinds."""

_RBAC: Final = "rbac.authorization.k8s.io"


def with_accounts(platform: Platform) -> Platform:
    """The platform as a locked-down Flux can apply it; as it is, where Flux is not locked down."""
    if not platform.cluster.bootstrap.multitenant:
        return platform
    return platform.map_layers(_applied).map_bundles(_released)


def _applied(layer: Layer) -> Layer:
    return replace(layer, reconciliation=replace(layer.reconciliation, service_account_name=APPLIER))


def _released(bundle: Bundle) -> Bundle:
    releases = [item for item in bundle.objects if isinstance(item, HelmRelease)]
    others = [item for item in bundle.objects if not isinstance(item, HelmRelease)]
    namespaces = dict.fromkeys(str(item.metadata.namespace) for item in releases)
    accounts = [item for namespace in namespaces for item in _account(namespace)]
    named = [replace(item, spec=replace(item.spec, service_account_name=RELEASER)) for item in releases]
    reconciliation = replace(bundle.reconciliation, service_account_name=APPLIER)
    return replace(bundle, objects=(*others, *accounts, *named), reconciliation=reconciliation)


def _account(namespace: str) -> Iterator[KubernetesObject]:
    """They outlive their bundle as the namespace does: a release that is removed is uninstalled in their name."""
    metadata = Metadata(name=RELEASER, namespace=namespace)
    yield unprunable(Unstructured(api_version="v1", kind="ServiceAccount", metadata=metadata))
    role = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "cluster-admin"}
    subject = {"kind": "ServiceAccount", "name": RELEASER, "namespace": namespace}
    binding = Unstructured(
        api_version=f"{_RBAC}/v1",
        kind="ClusterRoleBinding",
        metadata=Metadata(name=f"{RELEASER}-{namespace}"),
        fields={"roleRef": role, "subjects": (subject,)},
    )
    yield unprunable(binding)
