"""Longhorn: replicated block storage on the nodes' own disks."""

from dataclasses import replace
from typing import Final

from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster
from gitops.duration import Duration
from gitops.flux import DriftDetection

NAME: Final = "longhorn"
NAMESPACE: Final = "longhorn-system"
# renovate: datasource=helm depName=longhorn registryUrl=https://charts.longhorn.io
VERSION: Final = "1.12.1"
CHART: Final = Chart(name=NAME, version=VERSION, repository="https://charts.longhorn.io")
CONTROLLERS: Final = f"{NAME}-controllers"
"""The bundle to follow for a volume."""

VALUES: Final = {
    "defaultSettings": {"defaultReplicaCount": "${storage_replica}"},
    "persistence": {"defaultClass": True, "defaultClassReplicaCount": "${storage_replica}"},
    # The chart's own advice for GitOps: the Job is a hook that fails an upgrade halfway.
    "preUpgradeChecker": {"jobEnabled": False},
    # Three of each are for failover between nodes that a homelab does not have.
    "csi": {
        "attacherReplicaCount": 1,
        "provisionerReplicaCount": 1,
        "resizerReplicaCount": 1,
        "snapshotterReplicaCount": 1,
    },
    # The UI has no login, so it gets no Ingress either.
    "longhornUI": {"replicas": 1},
}


def longhorn(_cluster: Cluster) -> Addon:
    """The default storage class."""
    source, release = CHART.release(NAME, namespace=NAMESPACE, values=VALUES, timeout=Duration.minutes(15))
    # Longhorn changes its own settings at run time.
    watched = replace(release.spec, drift_detection=DriftDetection(mode="warn"))
    return Addon(
        name=NAME,
        retain=True,
        # It mounts disks of the host.
        pod_security="privileged",
        serves=("longhorn.io",),
        controllers=controllers(
            NAME, namespace(NAMESPACE), source, replace(release, spec=watched), after=("cilium-controllers",)
        ),
    )
