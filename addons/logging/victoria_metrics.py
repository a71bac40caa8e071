"""VictoriaMetrics: keeps the metrics of all clusters."""

from typing import Final

from addons.infra.destinations import METRICS_HOST, METRICS_PATH
from addons.logging.victoria import store
from gitops.addon import Addon
from gitops.chart import Chart
from gitops.cluster import Cluster

NAME: Final = "victoria-metrics"
# renovate: datasource=docker depName=ghcr.io/victoriametrics/helm-charts/victoria-metrics-single
VERSION: Final = "0.45.0"
CHART: Final = Chart(
    name="victoria-metrics-single", version=VERSION, repository="oci://ghcr.io/victoriametrics/helm-charts"
)
URL: Final = f"http://{NAME}.{NAME}.svc.cluster.local:8428"


def victoria_metrics(_cluster: Cluster) -> Addon:
    """Other clusters write to it through its Ingress; reading is for this cluster only."""
    return store(NAME, CHART, host=METRICS_HOST, path=METRICS_PATH, retention="90d")
