"""1Password Connect: serves the homelab's vault to External Secrets."""

from typing import Final

from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.prerequisite import Prerequisite, ValueReference

NAME: Final = "1password-connect"
NAMESPACE: Final = "1password"
# renovate: datasource=helm depName=connect registryUrl=https://1password.github.io/connect-helm-charts
VERSION: Final = "2.4.1"
CHART: Final = Chart(name="connect", version=VERSION, repository="https://1password.github.io/connect-helm-charts")
CREDENTIALS_SECRET: Final = "op-credentials"
"""Connect's credentials file in namespace 1password; the bootstrap creates it."""

CREDENTIALS_KEY: Final = "1password-credentials.json"

HOST: Final = "onepassword-connect"
URL: Final = f"http://{HOST}.{NAMESPACE}.svc.cluster.local:8080"
"""Inside the cluster only, and in clear: External Secrets cannot be told a private CA for it."""

VALUES: Final = {
    "connect": {
        "applicationName": HOST,
        "host": HOST,
        "credentialsName": CREDENTIALS_SECRET,
        "credentialsKey": CREDENTIALS_KEY,
        "serviceType": "ClusterIP",
    },
    # External Secrets makes the Secrets, so the operator of 1Password has nothing to do.
    "operator": {"create": False},
}


def onepassword_connect(_cluster: Cluster) -> Addon:
    """Works only with the credentials of the bootstrap, because it is what other secrets come from."""
    return Addon(
        name=NAME,
        prerequisites=(
            Prerequisite(
                namespace=NAMESPACE, name=CREDENTIALS_SECRET, keys=(CREDENTIALS_KEY,), purpose="1Password Connect"
            ),
        ),
        references=(
            ValueReference(value="connect.credentialsName", key_values=("connect.credentialsKey",)),
            ValueReference(value="connect.tls.secret"),
        ),
        serves=("onepassword.com",),
        controllers=controllers(
            NAME,
            namespace(NAMESPACE),
            *CHART.release(NAME, namespace=NAMESPACE, values=VALUES),
            after=("cilium-controllers",),
        ),
    )
