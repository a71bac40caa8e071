"""cert-manager: issues certificates of the cluster's sub-CA, and of Let's Encrypt where guests need it."""

from typing import Any, Final

from gitops.addon import Addon, configs, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.duration import Duration
from gitops.objects import Metadata, Unstructured
from gitops.prerequisite import Prerequisite
from gitops.tls import ACME, CLUSTER_CA

NAME: Final = "cert-manager"
# renovate: datasource=docker depName=quay.io/jetstack/charts/cert-manager
VERSION: Final = "v1.21.2"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://quay.io/jetstack/charts")
CA_SECRET: Final = "cluster-ca"
"""The sub-CA's certificate chain and key in namespace cert-manager; the bootstrap creates it."""

VALUES: Final = {
    "crds": {"enabled": True},
    # The check's Job waits for the webhook, which takes longer than a minute on small nodes.
    "startupapicheck": {"timeout": "5m"},
}


def cert_manager(cluster: Cluster) -> Addon:
    """The issuer behind every Ingress of the platform."""
    release = CHART.release(NAME, namespace=NAME, values=VALUES, timeout=Duration.minutes(10))
    return Addon(
        name=NAME,
        pod_security="restricted",
        prerequisites=(
            Prerequisite(
                namespace=NAME,
                name=CA_SECRET,
                keys=("tls.crt", "tls.key"),
                purpose="the issuer of every certificate",
            ),
        ),
        serves=("cert-manager.io", "acme.cert-manager.io"),
        controllers=controllers(NAME, namespace(NAME), *release, after=("cilium-controllers",)),
        configs=configs(NAME, *_issuers(cluster)),
    )


def _issuers(cluster: Cluster) -> tuple[Unstructured, ...]:
    ca = _issuer(CLUSTER_CA, ca={"secretName": CA_SECRET})
    if cluster.website is None or cluster.website.issuer != "acme":
        return (ca,)
    acme = {
        "server": "https://acme-v02.api.letsencrypt.org/directory",
        "privateKeySecretRef": {"name": f"{ACME}-account"},
        "solvers": [{"http01": {"ingress": {"ingressClassName": "nginx"}}}],
    }
    return (ca, _issuer(ACME, acme=acme))


def _issuer(name: str, **spec: Any) -> Unstructured:
    return Unstructured(
        api_version="cert-manager.io/v1",
        kind="ClusterIssuer",
        metadata=Metadata(name=name),
        fields={"spec": spec},
    )
