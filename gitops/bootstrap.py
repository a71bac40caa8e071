"""What comes into a bare cluster before the layers: the network, Flux, and the secrets that nothing in it can make.

Pulumi owns all of it, but for Cilium: that release is installed once, so that there is a network for Flux to start on,
with what the add-on's own release says, and is Flux's from then on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from gitops import bootstrap_secrets
from gitops.chart import OCI, Chart, chart_of, mirror_url
from gitops.cluster import Bootstrap
from gitops.delivery.registration import HELM_API, Command, Registration, annotated
from gitops.duration import Duration
from gitops.flux import (
    NAMESPACE,
    ClusterOptions,
    Distribution,
    FluxInstance,
    FluxInstanceSpec,
    HelmRelease,
    Kustomize,
    Patch,
    PatchTarget,
    Sharding,
)
from gitops.installation import installation
from gitops.objects import Manifest, Metadata, Namespace, encode, thaw
from gitops.platform import Platform
from gitops.pulumi_annotations import WAIT_FOR
from gitops.substitution import substitute

COMPONENT: Final = "bootstrap"
"""Component of all that is here."""

INSTANCE: Final = f"{COMPONENT}-flux"
"""The registration of Flux itself, which everything else comes after."""

# renovate: datasource=docker depName=ghcr.io/controlplaneio-fluxcd/charts/flux-operator
OPERATOR_VERSION: Final = "0.58.1"
OPERATOR: Final = Chart(
    name="flux-operator", version=OPERATOR_VERSION, repository="oci://ghcr.io/controlplaneio-fluxcd/charts"
)
REGISTRY: Final = "ghcr.io/fluxcd"
"""Registry of Flux's images."""

CONTROLLERS: Final = ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")

_NAMESPACE: Final = f"{COMPONENT}-namespace"
_OPERATOR: Final = f"{COMPONENT}-operator"
_CILIUM: Final = f"{COMPONENT}-cilium"
_TIMEOUT: Final = Duration.minutes(10)
_SECONDS: Final = 600
# What is Flux's once it is there. The checksum is the provider's own, of all that the chart makes: one that makes up
# certificates has another each time.
_ADOPTED: Final = ("chart", "version", "values", "repositoryOpts", "checksum")
# Otherwise a layer that cannot become healthy holds its controller until its timeout, whatever is fixed meanwhile.
_CANCEL: Final = "CancelHealthCheckOnNewRevision=true"
FEATURE_GATES: Final[Mapping[str, str]] = {
    "kustomize-controller": _CANCEL,
    # A check that was cancelled is a failure, and for a release without retries its last one.
    "helm-controller": f"{_CANCEL},DefaultToRetryOnFailure=true",
}
"""What each controller is told by `--feature-gates`."""

_ARGUMENT: Final = """\
- op: add
  path: /spec/template/spec/containers/0/args/-
  value: --feature-gates={gates}
"""


def charts(platform: Platform) -> tuple[Chart, ...]:
    """The charts that Pulumi itself installs, each where it reads it."""
    if platform.cluster.bootstrap.use != "install":
        return ()
    return (_operator(platform), *(chart for _, chart in _first_releases(platform)))


def readable(chart: Chart, mirror: str | None) -> Chart:
    """The chart as Pulumi's Helm reads it, which speaks to registries over TLS only: a mirror without has an index."""
    if mirror is None or not mirror.startswith("http://"):
        return chart
    return replace(chart, repository=mirror.rstrip("/"))


def commands(platform: Platform) -> tuple[Command, ...]:
    """The reads of secrets from 1Password."""
    return tuple(bootstrap_secrets.commands(platform, COMPONENT))


def registrations(platform: Platform) -> tuple[Registration, ...]:
    """Everything before the layers, each after what it needs."""
    network = tuple(_cilium(platform))
    reads = tuple(item.name for item in commands(platform))
    before = (_NAMESPACE, *(item.name for item in network))
    return (
        *(replace(item, depends_on=reads) for item in network),
        _namespace(reads),
        _release(_OPERATOR, _operator(platform), Metadata(name=OPERATOR.name, namespace=NAMESPACE), depends_on=before),
        _instance(platform),
        *bootstrap_secrets.registrations(platform, COMPONENT, after=(_NAMESPACE, *reads)),
    )


def _namespace(reads: tuple[str, ...]) -> Registration:
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("audit", "warn")}
    item = Namespace(metadata=Metadata(name=NAMESPACE, labels=labels))
    return Registration(
        name=_NAMESPACE,
        component=COMPONENT,
        manifest=item.manifest(),
        # Whatever fails to be read fails before anything is made.
        depends_on=reads,
        # With it would go the layers' objects, whose finalizers nobody is left to honour.
        retain_on_delete=True,
    )


def _instance(platform: Platform) -> Registration:
    choice, shards = platform.cluster.bootstrap, platform.cluster.shards
    spec = FluxInstanceSpec(
        distribution=Distribution(version=choice.flux_version, registry=REGISTRY),
        components=CONTROLLERS,
        cluster=_options(choice),
        sharding=Sharding(shards=shards) if shards else None,
        kustomize=Kustomize(patches=tuple(_with_gates(*item) for item in FEATURE_GATES.items())),
    )
    # The operator takes an instance of no other name.
    item = FluxInstance(metadata=Metadata(name="flux", namespace=NAMESPACE), spec=spec)
    return Registration(
        name=INSTANCE,
        component=COMPONENT,
        manifest=annotated(item, {WAIT_FOR: "condition=Ready"}),
        depends_on=(_OPERATOR,),
        timeout=_TIMEOUT,
    )


def _with_gates(controller: str, gates: str) -> Patch:
    # A shard's Deployment has a name of its own, and the same label.
    target = PatchTarget(kind="Deployment", label_selector=f"app.kubernetes.io/component={controller}")
    return Patch(target=target, patch=_ARGUMENT.format(gates=gates))


def _options(choice: Bootstrap) -> ClusterOptions:
    options = ClusterOptions(size=choice.size, network_policy=choice.network_policy)
    if not choice.multitenant:
        return options
    return replace(options, multitenant=True, tenant_default_service_account=choice.tenant_default_service_account)


def _cilium(platform: Platform) -> Iterator[Registration]:
    """The first install of a release, with the chart, version and values that Flux adopts it with."""
    for release, chart in _first_releases(platform):
        manifest = substitute(release.manifest(), platform.values)
        namespace, name, _ = installation(manifest)
        values = manifest["spec"].get("values", {})
        first = _release(_CILIUM, chart, Metadata(name=name, namespace=namespace), values=values)
        yield replace(first, retain_on_delete=True, ignore_changes=_ADOPTED)


def _first_releases(platform: Platform) -> Iterator[tuple[HelmRelease, Chart]]:
    if platform.cluster.bootstrap.cilium == "existing":
        return
    for bundle in (addon.controllers for addon in platform.addons if addon.name == "cilium"):
        chart = chart_of(bundle.objects)
        releases = (item for item in bundle.objects if isinstance(item, HelmRelease))
        yield from ((item, readable(chart, platform.cluster.charts.mirror)) for item in releases if chart)


def _release(
    name: str,
    chart: Chart,
    metadata: Metadata,
    *,
    values: Mapping[str, Any] = MappingProxyType({}),
    depends_on: tuple[str, ...] = (),
) -> Registration:
    origin: Manifest = {"chart": f"{chart.repository}/{chart.name}"}
    if not chart.repository.startswith(OCI):
        origin = {"chart": chart.name, "repositoryOpts": {"repo": chart.repository}}
    spec = {**origin, "version": chart.version, "timeout": _SECONDS, "values": thaw(values)}
    head = {"apiVersion": HELM_API, "kind": "Release", "metadata": encode(metadata)}
    return Registration(name=name, component=COMPONENT, manifest={**head, "spec": spec}, depends_on=depends_on)


def _operator(platform: Platform) -> Chart:
    mirror = platform.cluster.charts.mirror
    source = OPERATOR.source(Metadata(name=OPERATOR.name, namespace=NAMESPACE))
    url = mirror_url(source, mirror) if mirror else source.spec.url
    return readable(replace(OPERATOR, repository=url.rpartition("/")[0]), mirror)
