"""Cilium: the CNI that Ansible installed before Flux, adopted and never pruned."""

from dataclasses import replace
from typing import Any, Final

from gitops.addon import Addon, Bundle, configs, controllers
from gitops.chart import Chart, merged
from gitops.cluster import Cluster
from gitops.duration import Duration
from gitops.flux import DriftDetection
from gitops.objects import Metadata, Unstructured
from gitops.policies.pruning import unprunable

NAME: Final = "cilium"
NAMESPACE: Final = "kube-system"
# renovate: datasource=docker depName=quay.io/cilium/charts/cilium
VERSION: Final = "1.20.0"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://quay.io/cilium/charts")
POOL: Final = "standard"
CRDS: Final = ("ciliumloadbalancerippools.cilium.io", "ciliuml2announcementpolicies.cilium.io")


def cilium(cluster: Cluster) -> Addon:
    """The network of every pod, and the LoadBalancer addresses where the cluster chose it to own them."""
    owns_addresses = cluster.network.load_balancer == "cilium"
    return Addon(
        name=NAME,
        retain=True,
        pod_security="privileged",
        serves=("cilium.io",),
        controllers=_controllers(cluster, CRDS if owns_addresses else ()),
        configs=configs(NAME, *_address_objects()) if owns_addresses else None,
    )


def _controllers(cluster: Cluster, runtime_crds: tuple[str, ...]) -> Bundle:
    source, release = CHART.release(NAME, namespace=NAMESPACE, values=_values(cluster), timeout=Duration.minutes(10))
    # All three as Ansible's helm had them: another name or namespace would be a second CNI.
    adopted = replace(
        release.spec,
        release_name=NAME,
        target_namespace=NAMESPACE,
        storage_namespace=NAMESPACE,
        drift_detection=DriftDetection(mode="warn"),
    )
    kept = (unprunable(source), unprunable(replace(release, spec=adopted)))
    bundle = controllers(NAME, *kept, runtime_crds=runtime_crds)
    return replace(bundle, reconciliation=replace(bundle.reconciliation, prune=False))


def _values(cluster: Cluster) -> dict[str, Any]:
    """What Ansible installed with; helm-controller resets everything that is not named here."""
    default_host = cluster.api_host == f"api.{cluster.cluster_vars.domain}"
    values: dict[str, Any] = {
        "kubeProxyReplacement": True,
        "k8sServiceHost": "api.${domain}" if default_host else "${api_host}",
        "k8sServicePort": 6443,
        # A second replica may not share a node with the first, so on one node it would stay pending.
        "operator": {"replicas": 1, "rollOutPods": True},
        "rollOutCiliumPods": True,
    }
    if cluster.network.pod_cidr:
        values["ipam"] = {"operator": {"clusterPoolIPv4PodCIDRList": ["${pod_cidr}"]}}
    return merged(values, _ADDRESS_VALUES[cluster.network.load_balancer])


_ADDRESS_VALUES: Final[dict[str, dict[str, Any]]] = {
    # Two owners of LoadBalancer addresses would give one address to two Services.
    "metallb": {"enableLBIPAM": False, "defaultLBServiceIPAM": "none"},
    "cilium": {
        "l2announcements": {"enabled": True},
        # Each announced Service holds a lease that is renewed every five seconds.
        "k8sClientRateLimit": {"qps": 20, "burst": 40},
    },
}


def _address_objects() -> tuple[Unstructured, Unstructured]:
    block = {"start": "${load_balancer_start}", "stop": "${load_balancer_stop}"}
    return (
        _cilium("v2", "CiliumLoadBalancerIPPool", blocks=[block]),
        _cilium("v2alpha1", "CiliumL2AnnouncementPolicy", loadBalancerIPs=True),
    )


def _cilium(version: str, kind: str, **spec: Any) -> Unstructured:
    return Unstructured(
        api_version=f"cilium.io/{version}", kind=kind, metadata=Metadata(name=POOL), fields={"spec": spec}
    )
