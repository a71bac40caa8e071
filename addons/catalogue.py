"""Every add-on there is, layer by layer, and the platform that a cluster makes of them."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Final, TypeAlias

from addons.infra.alloy import alloy
from addons.infra.external_secrets import external_secrets
from addons.infra.kube_prometheus_stack import kube_prometheus_stack
from addons.infra.longhorn import longhorn
from addons.infra.promtail import promtail
from addons.logging.grafana import grafana
from addons.logging.victoria_logs import victoria_logs
from addons.logging.victoria_metrics import victoria_metrics
from addons.network.cert_manager import cert_manager
from addons.network.cilium import cilium
from addons.network.k8s_gateway import k8s_gateway
from addons.network.metallb import metallb
from addons.network.nginx import nginx
from addons.network.trust_manager import trust_manager
from addons.secrets.onepassword_connect import onepassword_connect
from addons.website import website
from gitops.addon import Addon, Reconciliation
from gitops.bootstrap_secrets import with_namespaces
from gitops.chart import mirrored, with_values
from gitops.checks import ALL_RULES, examined
from gitops.checks.report import Report
from gitops.cluster import Cluster
from gitops.config import KnownNames
from gitops.errors import PlatformError
from gitops.flux import NAMESPACE
from gitops.layer import Layer
from gitops.literals import with_literals
from gitops.objects import ConfigMap, Metadata
from gitops.platform import Platform
from gitops.profile import POLICIES, profiled
from gitops.retention import retained
from gitops.tenancy import with_accounts
from gitops.variables import cluster_vars, with_variables

AddonFunction: TypeAlias = Callable[[Cluster], Addon | None]
"""An add-on as a cluster's choices shape it, or nothing where they leave it out."""

Addons: TypeAlias = Mapping[str, AddonFunction]

# In the order of the article's overlay, which is the order of the rendered one.
NETWORK: Final[Addons] = {
    "nginx": nginx,
    "metallb": metallb,
    "k8s-gateway": k8s_gateway,
    "cert-manager": cert_manager,
    "trust-manager": trust_manager,
    "cilium": cilium,
}
SECRETS: Final[Addons] = {"1password-connect": onepassword_connect}
INFRA: Final[Addons] = {
    "external-secrets": external_secrets,
    "promtail": promtail,
    "alloy": alloy,
    "kube-prometheus-stack": kube_prometheus_stack,
    "longhorn": longhorn,
}
LOGGING: Final[Addons] = {
    "victoria-metrics": victoria_metrics,
    "victoria-logs": victoria_logs,
    "grafana": grafana,
}
KNOWN: Final = KnownNames(
    addons=(*NETWORK, *SECRETS, *INFRA, *LOGGING), policies=POLICIES, rules=tuple(rule.id for rule in ALL_RULES)
)
"""The names that a stack's config may use."""


def platform(cluster: Cluster) -> Platform:
    """The platform of a cluster under its profile; PlatformError when it cannot work."""
    planned, found = checked(cluster)
    if found.errors:
        raise PlatformError(found.errors)
    return with_namespaces(planned)


def checked(cluster: Cluster) -> tuple[Platform, Report]:
    """The platform of a cluster under its profile, and everything that is wrong with it."""
    return examined(seed(cluster), profiled)


def seed(cluster: Cluster) -> Platform:
    """The platform before any policy: the article's YAML."""
    layers = (_common_configs(cluster), *_layers(cluster))
    bare = Platform(cluster=cluster, variables=(cluster_vars(cluster),), layers=layers, website=website(cluster))
    built = _mirrored(bare).map_objects(with_literals)
    made = with_accounts(built)
    return with_variables(retained(made) if cluster.retain else made)


def _common_configs(cluster: Cluster) -> Layer:
    data = {"mgmt_domain": cluster.cluster_vars.mgmt_domain}
    metadata = Metadata(name="common-configs-vars", namespace=NAMESPACE)
    return Layer(
        name="common-configs",
        folder="configs",
        tenant="common",
        reconciliation=Reconciliation(prune=False),
        objects=(ConfigMap(metadata=metadata, data=data),),
        uses_variables=False,
    )


def _layers(cluster: Cluster) -> tuple[Layer, ...]:
    """The add-on layers that install anything, each after the one before; the first, as in the article, waits for none.

    A layer without add-ons would be a Kustomization whose path is not in the tree, which never becomes Ready.
    """
    functions = {"network": NETWORK, "secret": SECRETS, "infra": INFRA} | (
        {"log": LOGGING} if cluster.management else {}
    )
    layers = {name: addons for name, each in functions.items() if (addons := _chosen(cluster, each))}
    previous = ("common-configs", *layers)
    return tuple(
        Layer(
            name=name,
            folder=name,
            tenant=name,
            follows=before,
            reconciliation=Reconciliation(
                prune=False, depends_on=(f"{before}-reconciliation",) if before in layers else ()
            ),
            addons=addons,
        )
        for (name, addons), before in zip(layers.items(), previous, strict=False)
    )


def _chosen(cluster: Cluster, functions: Addons) -> tuple[Addon, ...]:
    enabled = (
        (name, function)
        for name, function in functions.items()
        if name not in cluster.addons or cluster.addons[name].enabled
    )
    built = ((name, function, function(cluster)) for name, function in enabled)
    return tuple(_configured(cluster, name, function, addon) for name, function, addon in built if addon)


def _configured(cluster: Cluster, name: str, function: AddonFunction, addon: Addon) -> Addon:
    choice = cluster.addons.get(name)
    objects = addon.controllers.objects
    if choice is not None:
        objects = tuple(with_values(item, choice.values) for item in objects)
    controllers = replace(addon.controllers, objects=objects)
    return replace(addon, controllers=controllers, declared_at=_declared_at(function))


def _declared_at(function: AddonFunction) -> str:
    code = inspect.unwrap(function).__code__
    parts = PurePath(code.co_filename).parts[-3:]
    return f"{'/'.join(parts)}:{code.co_firstlineno}"


def _mirrored(bare: Platform) -> Platform:
    mirror = bare.cluster.charts.mirror
    return bare.map_objects(lambda item: mirrored(item, mirror)) if mirror else bare
