"""The stand-in of every chart that the add-ons install."""

from collections.abc import Mapping
from typing import Final

from gitops.bootstrap import OPERATOR_VERSION
from sandbox.mirror.stand_in import Port, Service, StandIn, Workload

_CONTROLLER: Final = Workload(kind="Deployment")
_AGENT: Final = Workload(kind="DaemonSet")
_STORE: Final = Workload(kind="StatefulSet")
_HTTP: Final = (Port(name="http", port=80), Port(name="https", port=443))
_DNS: Final = (Port(name="dns-udp", port=53, protocol="UDP"), Port(name="dns-tcp", port=53))


def _deployment(name: str) -> Workload:
    return Workload(kind="Deployment", suffix=f"-{name}")


OTHER: Final = StandIn(workloads=(_CONTROLLER,))
"""For a chart that is not in the catalogue."""

CATALOGUE: Final[Mapping[str, StandIn]] = {
    # The real operator registers its CRDs at run time, and they survive it.
    "cilium": StandIn(
        workloads=(Workload(kind="DaemonSet", host=True), Workload(kind="Deployment", suffix="-operator", host=True)),
        keep=True,
    ),
    "metallb": StandIn(workloads=(_deployment("controller"), Workload(kind="DaemonSet", suffix="-speaker", host=True))),
    "nginx-ingress": StandIn(
        workloads=(_deployment("controller"),),
        services=(Service(values=("controller", "service"), ports=_HTTP, suffix="-controller"),),
    ),
    "k8s-gateway": StandIn(workloads=(_CONTROLLER,), services=(Service(values=("service",), ports=_DNS),)),
    "cert-manager": StandIn(
        workloads=(_CONTROLLER, _deployment("cainjector"), _deployment("webhook")),
        hooks=("startupapicheck",),
        keep=True,
        values={"crds": {"enabled": False}},
    ),
    "trust-manager": StandIn(workloads=(_CONTROLLER,), keep=True),
    "connect": OTHER,
    "external-secrets": StandIn(workloads=(_CONTROLLER, _deployment("cert-controller"), _deployment("webhook"))),
    "alloy": StandIn(workloads=(_AGENT,)),
    "promtail": StandIn(workloads=(_AGENT,)),
    "kube-prometheus-stack": StandIn(
        workloads=(
            _deployment("operator"),
            _deployment("kube-state-metrics"),
            Workload(kind="DaemonSet", suffix="-node-exporter", host=True),
        ),
        hooks=("admission-patch",),
        crds_in="crds",
    ),
    "longhorn": StandIn(
        workloads=(
            Workload(kind="DaemonSet", suffix="-manager", host=True),
            _deployment("driver-deployer"),
            _deployment("ui"),
        )
    ),
    "victoria-metrics-single": StandIn(workloads=(_STORE,)),
    "victoria-logs-single": StandIn(workloads=(_STORE,)),
    "grafana": OTHER,
    # The sandbox runs it for real where its Deployment is.
    "flux-operator": StandIn(
        workloads=(
            Workload(
                kind="Deployment",
                image=f"ghcr.io/controlplaneio-fluxcd/flux-operator:v{OPERATOR_VERSION}",
                args=("--log-level=info", "--log-encoding=json"),
                admin=True,
            ),
        ),
        keep=True,
    ),
}
"""By the chart's name."""
