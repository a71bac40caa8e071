"""A platform with an add-on for each mistake: every bundle has one, and fails or deceives by itself."""

from dataclasses import replace
from typing import Any, Final

from gitops.addon import Addon, Reconciliation, controllers
from gitops.duration import Duration
from gitops.flux import (
    NAMESPACE,
    SHARD_LABEL,
    SOURCE,
    CrossNamespaceSourceReference,
    HelmChartTemplate,
    HelmChartTemplateSpec,
    HelmRelease,
    HelmReleaseSpec,
    NamespacedObjectKindReference,
)
from gitops.layer import Layer
from gitops.objects import ConfigMap, KubernetesObject, Metadata, Namespace, Unstructured
from gitops.platform import Platform
from gitops.policies.pod_security import ENFORCE
from gitops.variables import cluster_vars
from tests.support.stacks import variant

KUSTOMIZE: Final = "kustomize.toolkit.fluxcd.io/v1"
SOURCES: Final = "source.toolkit.fluxcd.io/v1"
HELM: Final = "helm.toolkit.fluxcd.io/v2"
HOUR: Final = Duration.hours(1)
POD: Final = {"hostNetwork": True, "containers": [{"name": "a", "image": "example.org/a:1.0.0"}]}
NOBODY: Final = NamespacedObjectKindReference(
    api_version="apps/v1", kind="Deployment", name="nobody", namespace="default"
)


def addon(name: str, *items: KubernetesObject, **reconciliation: Any) -> Addon:
    """An add-on of one bundle, with the ConfigMap `beside-<name>` that nothing is wrong with."""
    bundle = controllers(name, text(f"beside-{name}"), *items)
    chosen = replace(bundle.reconciliation, **reconciliation)
    return Addon(name=name, controllers=replace(bundle, reconciliation=chosen), declared_at=f"addons/{name}.py:1")


def text(name: str, namespace: str = "default", **data: str) -> ConfigMap:
    return ConfigMap(metadata=Metadata(name=name, namespace=namespace), data=data)


def thing(api_version: str, kind: str, name: str, namespace: str | None = "default", **spec: Any) -> Unstructured:
    metadata = Metadata(name=name, namespace=namespace)
    return Unstructured(api_version=api_version, kind=kind, metadata=metadata, fields={"spec": spec})


def repository(name: str, **labels: str) -> Unstructured:
    item = thing(SOURCES, "HelmRepository", name, interval="1h", url="http://depot.internal/nowhere")
    return replace(item, metadata=replace(item.metadata, labels=labels))


def release(name: str, **source: Any) -> HelmRelease:
    return HelmRelease(metadata=Metadata(name=name, namespace="default"), spec=HelmReleaseSpec(interval=HOUR, **source))


def workload(kind: str) -> Unstructured:
    labels = {"app": kind.lower()}
    template = {"metadata": {"labels": labels}, "spec": POD}
    return thing("apps/v1", kind, "host", "guarded", selector={"matchLabels": labels}, template=template)


NUMBERED: Final = {"replicas": "${storage_replica}", "tier": "storage"}
LABELLED: Final = ConfigMap(metadata=Metadata(name="labelled", namespace="default", labels=NUMBERED), data={})
ANNOTATED: Final = ConfigMap(metadata=Metadata(name="annotated", namespace="default", annotations=NUMBERED), data={})
INDEX: Final = CrossNamespaceSourceReference(kind="HelmRepository", name="missing")
ARTIFACT: Final = CrossNamespaceSourceReference(kind="OCIRepository", name="missing")
TEMPLATE: Final = HelmChartTemplate(spec=HelmChartTemplateSpec(chart="a", version="1.0.0", source_ref=INDEX))
ASLEEP: Final = thing(
    KUSTOMIZE,
    "Kustomization",
    "asleep",
    NAMESPACE,
    suspend=True,
    interval="1h",
    prune=False,
    path="./common/broken/ignoring/controllers",
    sourceRef={"kind": "GitRepository", "name": SOURCE},
)
GUARDED: Final = Namespace(metadata=Metadata(name="guarded", labels={ENFORCE: "baseline"}))
ADDONS: Final = (
    addon("undeclared", text("undeclared", domain="${domain}", owner="${unknown}")),
    addon("literal", text("literal", owner="${unknown}")),
    addon("labelled", LABELLED),
    addon("annotated", ANNOTATED),
    addon("counted", text("counted", replicas="${storage_replica}")),
    addon(
        "unserved",
        Namespace(metadata=Metadata(name="unserved")),
        thing("cert-manager.io/v1", "ClusterIssuer", "own", None, selfSigned={}),
    ),
    addon("dropped", thing("v1", "Service", "dropped", ports=[{"port": 80}], selektor={"app": "a"})),
    addon("refused", thing(SOURCES, "HelmRepository", "refused", url="http://depot.internal/nowhere", intervall="1h")),
    addon("homeless", text("homeless", "nowhere")),
    addon("scopeless", thing("v1", "Service", "scopeless", None, ports=[{"port": 80}])),
    addon("large", text("large", data="x" * 1_100_000)),
    addon(
        "huge",
        thing(
            HELM,
            "HelmRelease",
            "huge",
            interval="1h",
            chartRef={"kind": "OCIRepository", "name": "a"},
            values={"data": "x" * 1_600_000},
        ),
    ),
    addon("sharded", repository("watched"), repository("unwatched", **{SHARD_LABEL: "edge"})),
    addon("targetless", depends_on=("missing-controllers",)),
    addon("asleep", ASLEEP),
    addon("waiting", depends_on=("asleep",)),
    addon("unhealthy", timeout=Duration.seconds(30), health_checks=(NOBODY,)),
    addon("ignoring", wait=True, health_checks=(NOBODY,)),
    addon("sourceless", release("sourceless", chart_ref=ARTIFACT), release("indexless", chart=TEMPLATE)),
    addon("first", text("shared", owner="first")),
    addon("second", text("shared", owner="second")),
    addon("guarded", GUARDED, workload("DaemonSet"), workload("Deployment")),
)


def broken() -> Platform:
    """A platform of one layer that does not wait, so that its add-ons fail by themselves."""
    cluster, chosen = variant("sandbox"), Reconciliation(prune=True)
    layer = Layer(name="broken", folder="broken", tenant="broken", reconciliation=chosen, addons=ADDONS)
    return Platform(cluster=cluster, variables=(cluster_vars(cluster),), layers=(layer,))


BROKEN: Final = broken()
