"""Promtail: the article's log collector, unmaintained since 2026-03-02; its successor is Alloy."""

from typing import Final

from addons.infra.destinations import LOGS_URL, ROOT_CA_FILE, ROOT_CA_FOLDER, ROOT_CA_VOLUME
from addons.network import trust_manager
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster

NAME: Final = "promtail"
# renovate: datasource=helm depName=promtail registryUrl=https://grafana.github.io/helm-charts
VERSION: Final = "6.17.1"
CHART: Final = Chart(name=NAME, version=VERSION, repository="https://grafana.github.io/helm-charts")
VALUES: Final = {
    "config": {
        "clients": [
            {
                "url": LOGS_URL,
                "external_labels": {"cluster": "${cluster_name}"},
                "tls_config": {"ca_file": ROOT_CA_FILE},
            }
        ]
    },
    "extraVolumes": [ROOT_CA_VOLUME],
    "extraVolumeMounts": [{"name": ROOT_CA_VOLUME["name"], "mountPath": ROOT_CA_FOLDER, "readOnly": True}],
}


def promtail(cluster: Cluster) -> Addon | None:
    """Installed where the cluster chose it as its log collector."""
    if cluster.collector != NAME:
        return None
    return Addon(
        name=NAME,
        # It reads the logs of pods from the node's file system.
        pod_security="privileged",
        controllers=controllers(
            NAME,
            namespace(NAME),
            *CHART.release(NAME, namespace=NAME, values=VALUES),
            needs=(trust_manager.CONFIGS,),
        ),
    )
