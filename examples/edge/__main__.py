"""One layer of the platform in a program of your own: addresses and a network for a cluster at the edge."""

import pulumi
import pulumi_kubernetes

from addons.catalogue import KNOWN, platform
from components import ComponentArgs, NetworkLayer
from gitops.cluster import AddonChoice, Cluster, ClusterVars

WANTED = {"cilium", "metallb"}

edge = Cluster(
    cluster_vars=ClusterVars(
        cluster_name="edge",
        dns_ip="192.168.30.66",
        ingress_ip="192.168.30.67",
        domain="edge.example.org",
        mgmt_domain="k8s.example.org",
        load_balancer_pool="192.168.30.65-192.168.30.126",
        storage_replica="1",
    ),
    delivery="direct",
    addons={name: AddonChoice(enabled=False) for name in KNOWN.addons if name not in WANTED},
)
kubeconfig = pulumi.Config().require_secret("kubeconfig")
provider = pulumi_kubernetes.Provider("edge", kubeconfig=kubeconfig, cluster_identifier="edge")
opts = pulumi.ResourceOptions(provider=provider)
network = NetworkLayer("edge-network", ComponentArgs.of(platform(edge)), opts)
pulumi.export("network", network.urn)
