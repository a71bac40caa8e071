"""The floor of a Pulumi program: as many CustomResources as BARE_COUNT says, and nothing decided."""

import os

import pulumi_kubernetes
from pulumi import ResourceOptions
from pulumi_kubernetes.apiextensions import CustomResource

SPEC = {
    "interval": "1h",
    "retryInterval": "1m",
    "timeout": "5m",
    "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
    "path": "./common/network/metallb/controllers",
    "prune": True,
}
opts = ResourceOptions(provider=pulumi_kubernetes.Provider("kubernetes"))
for index in range(int(os.environ["BARE_COUNT"])):
    CustomResource(
        f"bare-{index}",
        api_version="kustomize.toolkit.fluxcd.io/v1",
        kind="Kustomization",
        metadata={"name": f"bare-{index}", "namespace": "flux-system"},
        spec=SPEC,
        opts=opts,
    )
