"""External Secrets Operator: makes Secrets of items in 1Password."""

from collections.abc import Mapping
from typing import Final

from addons.secrets import onepassword_connect
from gitops.addon import Addon, configs, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.duration import Duration
from gitops.objects import Metadata, Unstructured
from gitops.prerequisite import Prerequisite

NAME: Final = "external-secrets"
API_VERSION: Final = "external-secrets.io/v1"
# renovate: datasource=docker depName=ghcr.io/external-secrets/charts/external-secrets
VERSION: Final = "2.9.0"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://ghcr.io/external-secrets/charts")
STORE: Final = "onepassword"
VAULT: Final = "Homelab"
TOKEN_SECRET: Final = "onepassword-connect-token"
"""Connect's access token in namespace external-secrets; the bootstrap creates it."""

TOKEN_KEY: Final = "token"

CONFIGS: Final = f"{NAME}-configs"
"""The bundle to wait for before using an ExternalSecret."""

VALUES: Final = {
    "installCRDs": True,
    # Without this, uninstalling deletes every ExternalSecret, and the Secrets that they own.
    "crds": {"annotations": {"helm.sh/resource-policy": "keep"}},
}


def external_secrets(_cluster: Cluster) -> Addon:
    """One ClusterSecretStore for the whole cluster."""
    release = CHART.release(NAME, namespace=NAME, values=VALUES, timeout=Duration.minutes(10))
    return Addon(
        name=NAME,
        retain=True,
        pod_security="restricted",
        prerequisites=(Prerequisite(namespace=NAME, name=TOKEN_SECRET, keys=(TOKEN_KEY,), purpose="External Secrets"),),
        serves=("external-secrets.io", "generators.external-secrets.io"),
        controllers=controllers(NAME, namespace(NAME), *release, after=("cilium-controllers",)),
        configs=configs(NAME, _store(), needs=("1password-connect-controllers",)),
    )


def external_secret(name: str, namespace: str, item: str, fields: Mapping[str, str]) -> Unstructured:
    """A Secret made of an item: `fields` maps keys of the Secret to labels of the item's fields."""
    spec = {
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": STORE},
        "refreshInterval": "1h",
        "target": {"name": name},
        "data": [{"secretKey": key, "remoteRef": {"key": item, "property": label}} for key, label in fields.items()],
    }
    return Unstructured(
        api_version=API_VERSION,
        kind="ExternalSecret",
        metadata=Metadata(name=name, namespace=namespace),
        fields={"spec": spec},
    )


def _store() -> Unstructured:
    token = {"name": TOKEN_SECRET, "key": TOKEN_KEY, "namespace": NAME}
    provider = {
        "connectHost": onepassword_connect.URL,
        "vaults": {VAULT: 1},
        "auth": {"secretRef": {"connectTokenSecretRef": token}},
    }
    return Unstructured(
        api_version=API_VERSION,
        kind="ClusterSecretStore",
        metadata=Metadata(name=STORE),
        fields={"spec": {"provider": {"onepassword": provider}}},
    )
