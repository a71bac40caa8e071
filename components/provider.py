"""The one provider of a stack."""

import os
from pathlib import PurePath

import pulumi
import pulumi_kubernetes

from gitops.cluster import Cluster


def kubernetes_provider(cluster: Cluster) -> pulumi_kubernetes.Provider:
    """The cluster's API, from `kubernetes:kubeconfig` and `kubernetes:context`; a sandbox's from its environment."""
    _refuse_other_clusters(cluster.sandbox)
    config = pulumi.Config("kubernetes")
    return pulumi_kubernetes.Provider(
        "kubernetes",
        # The provider's schema does not mark it secret, so it would be in the state in clear.
        kubeconfig=config.get_secret("kubeconfig"),
        context=config.get("context"),
        # Otherwise a new address of the API server replaces the provider, and so everything.
        cluster_identifier=cluster.name,
        # Otherwise a changed variable deletes cluster-vars before it is created again.
        enable_config_map_mutable=True,
    )


def _refuse_other_clusters(sandbox: str | None) -> None:
    """A sandbox's stack names no cluster, so elsewhere it would go to whichever the kubeconfig has chosen."""
    here = os.environ.get("HOMELAB_SANDBOX", "")
    if sandbox is not None and PurePath(here).name != sandbox:
        raise pulumi.RunError(
            f"nothing was changed\nthis stack lives in the sandbox {sandbox!r}, and this is not its environment\n"
            f"fix: homelab up {pulumi.get_stack()}, or homelab sandbox run --name {sandbox} -- pulumi …"
        )
