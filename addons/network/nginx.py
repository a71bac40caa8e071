"""NGINX Ingress Controller, the one that F5 maintains; the community's ingress-nginx is retired."""

from dataclasses import replace
from typing import Any, Final

from addons.network import load_balancer
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.flux import Install, Upgrade
from gitops.prerequisite import ValueReference

NAME: Final = "nginx"
NAMESPACE: Final = "nginx-ingress"
# renovate: datasource=docker depName=ghcr.io/nginx/charts/nginx-ingress
VERSION: Final = "2.6.4"
CHART: Final = Chart(name="nginx-ingress", version=VERSION, repository="oci://ghcr.io/nginx/charts")
# Chart values with a certificate: of hosts without an Ingress, and of Ingresses without a Secret.
_CERTIFICATES: Final = ("defaultTLS", "wildcardTLS")
_TLS: Final = ("tls.crt", "tls.key")


def nginx(cluster: Cluster) -> Addon:
    """The default ingress class, at `${ingress_ip}`."""
    source, release = CHART.release(NAME, namespace=NAMESPACE, values=_values(cluster))
    # The chart's schema refers to other hosts, so validating it fails where they cannot be reached.
    spec = replace(
        release.spec,
        install=Install(disable_schema_validation=True),
        upgrade=Upgrade(disable_schema_validation=True),
    )
    return Addon(
        name=NAME,
        # The controller does not start without the Secrets that these name.
        references=tuple(ValueReference(value=f"controller.{name}.secret", keys=_TLS) for name in _CERTIFICATES),
        serves=("k8s.nginx.org", "externaldns.nginx.org"),
        controllers=controllers(
            NAME, namespace(NAMESPACE), source, replace(release, spec=spec), after=load_balancer.CONFIGS
        ),
    )


def _values(cluster: Cluster) -> dict[str, Any]:
    return {
        "controller": {
            "ingressClass": {"name": "nginx", "setAsDefaultIngress": True},
            "service": load_balancer.service(cluster, "${ingress_ip}"),
            # k8s-gateway reads the address of a host from the Ingress's status.
            "reportIngressStatus": {"enable": True},
            # Batches of logs and metrics are larger than the default of 1 MB.
            "config": {"entries": {"client-max-body-size": "16m"}},
            "telemetryReporting": {"enable": False},
        }
    }
