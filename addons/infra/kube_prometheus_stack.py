"""kube-prometheus-stack: collects metrics and sends them to the management cluster."""

from typing import Any, Final

from addons.infra import longhorn
from addons.infra.destinations import METRICS_URL
from addons.network import trust_manager
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.duration import Duration

NAME: Final = "kube-prometheus-stack"
NAMESPACE: Final = "monitoring"
# renovate: datasource=docker depName=ghcr.io/prometheus-community/charts/kube-prometheus-stack
VERSION: Final = "88.5.3"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://ghcr.io/prometheus-community/charts")
_SELECTORS: Final = ("serviceMonitor", "podMonitor", "rule", "probe", "scrapeConfig")


def kube_prometheus_stack(_cluster: Cluster) -> Addon:
    """Prometheus as a buffer: what is kept for long is in VictoriaMetrics."""
    return Addon(
        name=NAME,
        # node-exporter reads the host's processes, network and disks.
        pod_security="privileged",
        serves=("monitoring.coreos.com",),
        controllers=controllers(
            NAME,
            namespace(NAMESPACE),
            *CHART.release(NAME, namespace=NAMESPACE, values=VALUES, timeout=Duration.minutes(15)),
            needs=(trust_manager.CONFIGS,),
            after=(longhorn.CONTROLLERS,),
        ),
    )


def _prometheus() -> dict[str, Any]:
    ca = {"ca": {"configMap": {"name": trust_manager.ROOT_CA, "key": trust_manager.KEY}}}
    volume = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    return {
        "remoteWrite": [{"url": METRICS_URL, "tlsConfig": ca}],
        "externalLabels": {"cluster": "${cluster_name}"},
        "retention": "2d",
        "storageSpec": {"volumeClaimTemplate": {"spec": volume}},
        # Every monitor in the cluster counts, not just those of this chart.
        **{f"{kind}SelectorNilUsesHelmValues": False for kind in _SELECTORS},
    }


VALUES: Final = {
    # Names of objects would otherwise be cut off in the middle.
    "fullnameOverride": "monitoring",
    "cleanPrometheusOperatorObjectNames": True,
    # Grafana is an add-on of its own, on the management cluster; it finds these dashboards by their label.
    "grafana": {"enabled": False, "forceDeployDashboards": True},
    # Nobody would be told: alerts are evaluated, and sent nowhere.
    "alertmanager": {"enabled": False},
    # Cilium replaces it.
    "kubeProxy": {"enabled": False},
    # kubeadm binds them to the control plane's loopback address, where nothing can scrape them.
    "kubeControllerManager": {"enabled": False},
    "kubeEtcd": {"enabled": False},
    "kubeScheduler": {"enabled": False},
    "prometheus": {"prometheusSpec": _prometheus()},
}
