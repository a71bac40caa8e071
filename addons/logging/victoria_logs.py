"""VictoriaLogs: keeps the logs of all clusters."""

from typing import Final

from addons.infra.destinations import LOGS_HOST, LOGS_PATH
from addons.logging.victoria import store
from gitops.addon import Addon
from gitops.chart import Chart
from gitops.cluster import Cluster

NAME: Final = "victoria-logs"
# renovate: datasource=docker depName=ghcr.io/victoriametrics/helm-charts/victoria-logs-single
VERSION: Final = "0.13.9"
CHART: Final = Chart(
    name="victoria-logs-single", version=VERSION, repository="oci://ghcr.io/victoriametrics/helm-charts"
)
URL: Final = f"http://{NAME}.{NAME}.svc.cluster.local:9428"


def victoria_logs(_cluster: Cluster) -> Addon:
    """Other clusters write to it through its Ingress; reading is for this cluster only."""
    return store(NAME, CHART, host=LOGS_HOST, path=LOGS_PATH, retention="30d")
