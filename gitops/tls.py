"""Who signs the certificates of Ingresses."""

from collections.abc import Mapping
from typing import Final

CLUSTER_CA: Final = "cluster-ca"
"""The ClusterIssuer that signs with the cluster's sub-CA."""

ACME: Final = "letsencrypt"
"""The ClusterIssuer that browsers everywhere trust."""

ISSUERS: Final = {"ca": CLUSTER_CA, "acme": ACME}
"""The ClusterIssuer behind each value of `homelab:website.issuer` that asks for TLS."""

CLUSTER_ISSUER_ANNOTATION: Final = "cert-manager.io/cluster-issuer"
ISSUER_ANNOTATION: Final = "cert-manager.io/issuer"


def signed_by(issuer: str) -> dict[str, str]:
    """The annotations by which cert-manager issues an Ingress's certificate."""
    annotations = {CLUSTER_ISSUER_ANNOTATION: issuer}
    if issuer == ACME:
        # F5's controller rejects a second Ingress for a host, so the challenge goes into the first one.
        annotations["acme.cert-manager.io/http01-edit-in-place"] = "true"
        # It refuses handshakes while the Secret is missing, which the redirected challenge would meet.
        annotations["cert-manager.io/issue-temporary-certificate"] = "true"
    return annotations


def tls(host: str, secret: str) -> list[Mapping[str, object]]:
    """The `tls` of an Ingress with one host; cert-manager asks for both fields."""
    return [{"hosts": [host], "secretName": secret}]
