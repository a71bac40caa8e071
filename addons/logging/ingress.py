"""Ingresses of the management cluster's services, in the shapes that their charts want."""

from typing import Any

from gitops.tls import CLUSTER_CA, signed_by, tls


def victoria(host: str, path: str) -> dict[str, Any]:
    """Chart values of VictoriaMetrics' charts: one path of one host, because there is no login behind it."""
    return {
        **_common(host),
        "hosts": [{"name": host, "path": [path], "port": "http"}],
    }


def grafana(host: str) -> dict[str, Any]:
    """Chart values of Grafana's chart."""
    return {**_common(host), "hosts": [host]}


def _common(host: str) -> dict[str, Any]:
    secret = f"{host.partition('.')[0]}-tls"
    return {
        "enabled": True,
        "ingressClassName": "nginx",
        "annotations": signed_by(CLUSTER_CA),
        "tls": tls(host, secret),
    }
