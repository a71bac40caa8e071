"""VictoriaMetrics: keeps the metrics of all clusters."""

from typing import Final

from addons.infra import longhorn
from addons.infra.destinations import METRICS_HOST, METRICS_PATH
from addons.logging import ingress
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.duration import Duration

NAME: Final = "victoria-metrics"
# renovate: datasource=docker depName=ghcr.io/victoriametrics/helm-charts/victoria-metrics-single
VERSION: Final = "0.45.0"
CHART: Final = Chart(
    name="victoria-metrics-single", version=VERSION, repository="oci://ghcr.io/victoriametrics/helm-charts"
)
URL: Final = f"http://{NAME}.{NAME}.svc.cluster.local:8428"
VALUES: Final = {
    "server": {
        "fullnameOverride": NAME,
        "retentionPeriod": "90d",
        "persistentVolume": {"enabled": True, "size": "20Gi"},
        "ingress": ingress.victoria(METRICS_HOST, METRICS_PATH),
    }
}


def victoria_metrics(_cluster: Cluster) -> Addon:
    """Other clusters write to it through its Ingress; reading is for this cluster only."""
    return Addon(
        name=NAME,
        controllers=controllers(
            NAME,
            namespace(NAME),
            *CHART.release(NAME, namespace=NAME, values=VALUES, timeout=Duration.minutes(10)),
            after=(longhorn.CONTROLLERS, "nginx-controllers"),
        ),
    )
