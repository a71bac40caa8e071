"""trust-manager: brings the homelab's root CA to every namespace."""

from typing import Final

from gitops.addon import Addon, configs, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.objects import Metadata, Unstructured
from gitops.prerequisite import Prerequisite

NAME: Final = "trust-manager"
# renovate: datasource=docker depName=quay.io/jetstack/charts/trust-manager
VERSION: Final = "v0.24.0"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://quay.io/jetstack/charts")
API_VERSION: Final = "trust.cert-manager.io/v1alpha1"
SOURCE: Final = "root-ca"
"""The ConfigMap in namespace cert-manager that holds the root CA; the bootstrap creates it."""

ROOT_CA: Final = "homelab-root-ca"
"""The ConfigMap that every namespace gets."""

KEY: Final = "ca.crt"
"""The key of the certificate in both."""

CONFIGS: Final = f"{NAME}-configs"
"""The bundle to wait for before mounting `ROOT_CA`."""

TRUST_NAMESPACE: Final = "cert-manager"
VALUES: Final = {"app": {"trust": {"namespace": TRUST_NAMESPACE}}}


def trust_manager(_cluster: Cluster) -> Addon:
    """Needs cert-manager for its own webhook's certificate."""
    return Addon(
        name=NAME,
        pod_security="restricted",
        prerequisites=(
            Prerequisite(
                kind="ConfigMap",
                namespace=TRUST_NAMESPACE,
                name=SOURCE,
                keys=(KEY,),
                purpose="trust in that issuer, brought to every namespace",
            ),
        ),
        serves=("trust.cert-manager.io",),
        # The chart has its webhook's certificate issued.
        uses=("cert-manager.io",),
        controllers=controllers(
            NAME,
            namespace(NAME),
            *CHART.release(NAME, namespace=NAME, values=VALUES),
            needs=("cert-manager-controllers",),
        ),
        configs=configs(NAME, _bundle()),
    )


def _bundle() -> Unstructured:
    everywhere = {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "Exists"}]}
    spec = {
        "sources": [{"configMap": {"name": SOURCE, "key": KEY}}],
        # An absent selector means all namespaces today, and upstream announces that it will not.
        "target": {"configMap": {"key": KEY}, "namespaceSelector": everywhere},
    }
    return Unstructured(api_version=API_VERSION, kind="Bundle", metadata=Metadata(name=ROOT_CA), fields={"spec": spec})
