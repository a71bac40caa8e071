"""The one provider of a stack."""

import pulumi
import pulumi_kubernetes

from gitops.cluster import Cluster


def kubernetes_provider(cluster: Cluster) -> pulumi_kubernetes.Provider:
    """The cluster's API, from `kubernetes:kubeconfig` and `kubernetes:context`."""
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
