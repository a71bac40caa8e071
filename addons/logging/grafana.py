"""Grafana: shows the logs and metrics of all clusters."""

from typing import Final

from addons.infra import external_secrets, longhorn
from addons.logging import ingress, victoria_logs, victoria_metrics
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.duration import Duration
from gitops.prerequisite import ValueReference

NAME: Final = "grafana"
# renovate: datasource=docker depName=ghcr.io/grafana-community/helm-charts/grafana
VERSION: Final = "12.11.1"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://ghcr.io/grafana-community/helm-charts")
HOST: Final = "grafana.${mgmt_domain}"
ADMIN_SECRET: Final = "grafana-admin"
ITEM: Final = "grafana"
"""The item in the vault whose fields username and password are the administrator's."""

LOGS_PLUGIN: Final = "victoriametrics-logs-datasource"
DATA_SOURCES: Final = (
    {
        "name": "VictoriaMetrics",
        "type": "prometheus",
        "uid": "victoria-metrics",
        "access": "proxy",
        "url": victoria_metrics.URL,
        "isDefault": True,
    },
    {
        "name": "VictoriaLogs",
        "type": LOGS_PLUGIN,
        "uid": "victoria-logs",
        "access": "proxy",
        "url": victoria_logs.URL,
    },
)
VALUES: Final = {
    "admin": {"existingSecret": ADMIN_SECRET, "userKey": "admin-user", "passwordKey": "admin-password"},
    "plugins": [LOGS_PLUGIN],
    "datasources": {"datasources.yaml": {"apiVersion": 1, "datasources": DATA_SOURCES}},
    # The dashboards that kube-prometheus-stack leaves as ConfigMaps.
    "sidecar": {
        "dashboards": {
            "enabled": True,
            "label": "grafana_dashboard",
            "labelValue": "1",
            "searchNamespace": "ALL",
        }
    },
    "persistence": {"enabled": True, "size": "5Gi"},
    # Two pods cannot share the volume, so the old one ends first.
    "deploymentStrategy": {"type": "Recreate"},
    "grafana.ini": {"server": {"root_url": f"https://{HOST}"}},
    "ingress": ingress.grafana(HOST),
    "testFramework": {"enabled": False},
}


def grafana(_cluster: Cluster) -> Addon:
    """Its administrator comes from 1Password."""
    fields = {"admin-user": "username", "admin-password": "password"}
    return Addon(
        name=NAME,
        references=(ValueReference(value="admin.existingSecret", key_values=("admin.userKey", "admin.passwordKey")),),
        controllers=controllers(
            NAME,
            namespace(NAME),
            # With the release and not in configs: the pod does not start without the Secret.
            external_secrets.external_secret(ADMIN_SECRET, NAME, ITEM, fields),
            *CHART.release(NAME, namespace=NAME, values=VALUES, timeout=Duration.minutes(10)),
            needs=(external_secrets.CONFIGS,),
            after=(
                longhorn.CONTROLLERS,
                "nginx-controllers",
                "victoria-metrics-controllers",
                "victoria-logs-controllers",
            ),
        ),
    )
