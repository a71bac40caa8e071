"""What is known of charts upstream: which have moved or ended, where else they are, what they touch.

As read in the charts' sources and their maintainers' announcements, October 2026.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from gitops.lookup import value_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """A chart that gets no more releases at some or any address.

    Attributes:
        charts: The charts' names; empty for every chart of the repositories.
        repositories: Beginnings of their addresses; empty for any address.
        status: What happened.
        since: When, as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
        successor: What to use instead, and where it is.
        gone: Nothing can be pulled from there any more.
    """

    charts: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    status: Literal["end of life", "moved", "unmaintained"]
    since: str
    successor: str
    gone: bool = False

    def is_of(self, chart: str, repository: str) -> bool:
        """Whether a chart at an address is one of those that are meant."""
        named = not self.charts or chart in self.charts
        return named and (not self.repositories or _below(repository, self.repositories))


@dataclass(frozen=True, kw_only=True, slots=True)
class HostAccess:
    """Pods of a chart that use their node's namespaces or files, which only Pod Security `privileged` admits.

    Attributes:
        what: Which of its pods, and what they use.
        value: Chart value that switches them on; none where it always has them.
        default: Whether they run where the value is not set.
    """

    what: str
    value: str = ""
    default: bool = True

    def is_used(self, values: Mapping[str, Any]) -> bool:
        """Whether a release with these values has such pods."""
        return bool(value_at(values, self.value, default=self.default))


@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmation:
    """A merge patch of an object that a chart makes, without which its uninstallation fails."""

    api_version: str
    kind: str
    namespace: str
    name: str
    patch: Mapping[str, Any]


RETIRED: Final = (
    Retirement(
        charts=("promtail",),
        status="end of life",
        since="2026-03-02",
        successor="Grafana Alloy, oci://ghcr.io/grafana/helm-charts/alloy (alloy convert --source-format=promtail)",
    ),
    Retirement(
        charts=("ingress-nginx",),
        status="end of life",
        since="2026-03",
        successor="F5's NGINX Ingress Controller, oci://ghcr.io/nginx/charts/nginx-ingress",
    ),
    Retirement(
        charts=("k8s-gateway",),
        repositories=("https://ori-edge.github.io/k8s_gateway",),
        status="unmaintained",
        since="2025-01-02",
        successor="oci://codeberg.org/k8s-gateway/charts/k8s-gateway",
    ),
    Retirement(
        charts=("k8s-gateway",),
        repositories=("https://k8s-gateway.github.io/k8s_gateway", "oci://ghcr.io/k8s-gateway/charts"),
        status="moved",
        since="2026-09",
        successor="oci://codeberg.org/k8s-gateway/charts/k8s-gateway",
        gone=True,
    ),
    Retirement(
        charts=("grafana", "loki", "tempo", "tempo-distributed", "grafana-mcp", "synthetic-monitoring-agent"),
        repositories=("https://grafana.github.io/helm-charts", "oci://ghcr.io/grafana/helm-charts"),
        status="moved",
        since="2026-01-30",
        successor="the same chart in oci://ghcr.io/grafana-community/helm-charts",
    ),
    Retirement(
        charts=("cloudflare-tunnel", "cloudflare-tunnel-remote"),
        status="unmaintained",
        since="2024-09-19",
        successor="a Deployment of docker.io/cloudflare/cloudflared, its token from an ExternalSecret",
    ),
    Retirement(
        repositories=("https://charts.bitnami.com/bitnami", "oci://registry-1.docker.io/bitnamicharts"),
        status="unmaintained",
        since="2025-08-28",
        successor="a chart whose images are still published: Bitnami's moved to docker.io/bitnamilegacy, unpatched",
    ),
    Retirement(
        repositories=("https://charts.helm.sh", "https://kubernetes-charts.storage.googleapis.com"),
        status="end of life",
        since="2020-11-13",
        successor="the chart of the application's own maintainers, see https://artifacthub.io",
    ),
)

REGISTRIES: Final[Mapping[str, str]] = {
    "alloy": "oci://ghcr.io/grafana/helm-charts",
    "cert-manager": "oci://quay.io/jetstack/charts",
    "cilium": "oci://quay.io/cilium/charts",
    "external-secrets": "oci://ghcr.io/external-secrets/charts",
    "flux-instance": "oci://ghcr.io/controlplaneio-fluxcd/charts",
    "flux-operator": "oci://ghcr.io/controlplaneio-fluxcd/charts",
    "grafana": "oci://ghcr.io/grafana-community/helm-charts",
    "k8s-gateway": "oci://codeberg.org/k8s-gateway/charts",
    "kube-prometheus-stack": "oci://ghcr.io/prometheus-community/charts",
    "nginx-ingress": "oci://ghcr.io/nginx/charts",
    "prometheus-operator-crds": "oci://ghcr.io/prometheus-community/charts",
    "trust-manager": "oci://quay.io/jetstack/charts",
    "victoria-logs-single": "oci://ghcr.io/victoriametrics/helm-charts",
    "victoria-metrics-k8s-stack": "oci://ghcr.io/victoriametrics/helm-charts",
    "victoria-metrics-single": "oci://ghcr.io/victoriametrics/helm-charts",
}
"""Registries that the charts' maintainers publish to and name; the chart's own name comes behind them."""

DESTRUCTIVE: Final[Mapping[str, str]] = {
    "cilium": "the network of every pod",
    "external-secrets": "its CRDs, and with them every ExternalSecret and the Secrets that they own",
    "longhorn": "its CRDs, and with them every volume",
    "metallb": "its CRDs, and with them every pool and address in use",
}
"""What uninstalling a chart deletes beyond its own workload."""

SELF_CLEANING: Final = frozenset({"cilium", "longhorn"})
"""Charts whose own programs make and end the objects of their CRDs; to delete one by hand breaks what still runs."""

CONFIRMATIONS: Final[Mapping[str, Confirmation]] = {
    "longhorn": Confirmation(
        api_version="longhorn.io/v1beta2",
        kind="Setting",
        namespace="longhorn-system",
        name="deleting-confirmation-flag",
        patch={"value": "true"},
    ),
}
"""What a chart must be told before it lets itself be uninstalled."""

NETWORKS: Final = frozenset({"antrea", "cilium", "flannel", "kube-ovn", "kube-router", "tigera-operator"})
"""Charts that install a CNI."""

HOST_ACCESS: Final[Mapping[str, tuple[HostAccess, ...]]] = {
    "alloy": (
        HostAccess(what="its pods mount /var/log of the node", value="alloy.mounts.varlog", default=False),
        HostAccess(what="its pods mount Docker's containers", value="alloy.mounts.dockercontainers", default=False),
    ),
    "cilium": (HostAccess(what="its agents are the node's network"),),
    "kube-prometheus-stack": (
        HostAccess(what="node-exporter uses the node's network, processes and files", value="nodeExporter.enabled"),
    ),
    "longhorn": (HostAccess(what="its managers mount the node's disks"),),
    "metallb": (HostAccess(what="its speakers use the node's network"),),
    "nginx-ingress": (
        HostAccess(what="its pods use the node's network", value="controller.hostNetwork", default=False),
        HostAccess(what="its pods use the node's ports", value="controller.hostPort.enable", default=False),
    ),
    "prometheus-node-exporter": (HostAccess(what="it uses the node's network, processes and files"),),
    "promtail": (HostAccess(what="its pods mount /var/log of the node"),),
    "victoria-logs-collector": (HostAccess(what="its pods mount /var/log of the node"),),
    "victoria-logs-single": (
        HostAccess(what="Vector's pods mount /var/log of the node", value="vector.enabled", default=False),
    ),
    "victoria-metrics-k8s-stack": (
        HostAccess(
            what="node-exporter uses the node's network, processes and files",
            value="prometheus-node-exporter.enabled",
        ),
    ),
}


def retirements(chart: str, repository: str) -> Iterator[Retirement]:
    """What is known to have happened to a chart at an address."""
    return (item for item in RETIRED if item.is_of(chart, repository))


def _below(address: str, beginnings: tuple[str, ...]) -> bool:
    return any(f"{address}/".startswith(f"{beginning}/") for beginning in beginnings)
