"""Grafana Alloy: collects the logs of every pod and sends them to the management cluster."""

from typing import Final

from addons.infra.destinations import LOGS_URL, ROOT_CA_FILE, ROOT_CA_FOLDER, ROOT_CA_VOLUME
from addons.network import trust_manager
from gitops.addon import Addon, controllers, namespace
from gitops.chart import Chart
from gitops.cluster import Cluster

NAME: Final = "alloy"
# renovate: datasource=docker depName=ghcr.io/grafana/helm-charts/alloy
VERSION: Final = "1.11.1"
CHART: Final = Chart(name=NAME, version=VERSION, repository="oci://ghcr.io/grafana/helm-charts")
# The chart sets HOSTNAME to the node's name: one pod a node tails the pods of its own node through the API, so no
# line is read twice, and no folder of the host is mounted. Helm evaluates the text, so it holds no double braces.
PIPELINE: Final = f"""\
discovery.kubernetes "pods" {{
  role = "pod"
  selectors {{
    role  = "pod"
    field = "spec.nodeName=" + sys.env("HOSTNAME")
  }}
}}

discovery.relabel "pods" {{
  targets = discovery.kubernetes.pods.targets

  rule {{
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }}
  rule {{
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }}
  rule {{
    source_labels = ["__meta_kubernetes_pod_container_name"]
    target_label  = "container"
  }}
  rule {{
    source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]
    target_label  = "app"
  }}
}}

loki.source.kubernetes "pods" {{
  targets    = discovery.relabel.pods.output
  forward_to = [loki.write.management.receiver]
}}

loki.write "management" {{
  endpoint {{
    url = "{LOGS_URL}"
    tls_config {{
      ca_file = "{ROOT_CA_FILE}"
    }}
  }}
  external_labels = {{
    cluster = "${{cluster_name}}",
  }}
}}
"""
VALUES: Final = {
    "alloy": {
        "configMap": {"content": PIPELINE},
        "enableReporting": False,
        "mounts": {"extra": [{"name": ROOT_CA_VOLUME["name"], "mountPath": ROOT_CA_FOLDER, "readOnly": True}]},
    },
    "controller": {
        "type": "daemonset",
        # Control planes log too.
        "tolerations": [{"operator": "Exists", "effect": "NoSchedule"}],
        "volumes": {"extra": [ROOT_CA_VOLUME]},
    },
}


def alloy(cluster: Cluster) -> Addon | None:
    """Installed where the cluster chose it as its log collector."""
    if cluster.collector != NAME:
        return None
    return Addon(
        name=NAME,
        serves=("monitoring.grafana.com",),
        controllers=controllers(
            NAME,
            namespace(NAME),
            *CHART.release(NAME, namespace=NAME, values=VALUES),
            needs=(trust_manager.CONFIGS,),
        ),
    )
