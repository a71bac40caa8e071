"""Add-ons: what is installed, as bundles of objects that Flux reconciles together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import is_
from typing import Literal

from gitops.duration import Duration
from gitops.flux import CustomHealthCheck, DeletionPolicy, NamespacedObjectKindReference
from gitops.objects import KubernetesObject, Metadata, Namespace
from gitops.prerequisite import Prerequisite, ValueReference
from gitops.waiver import Waiver

Stage = Literal["controllers", "configs"]
PodSecurity = Literal["privileged", "baseline", "restricted"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciliation:
    """How Flux reconciles one path: what a layer and a bundle can both set on their Kustomization."""

    prune: bool
    interval: Duration = Duration.hours(1)
    retry_interval: Duration = Duration.minutes(1)
    timeout: Duration = Duration.minutes(5)
    depends_on: tuple[str, ...] = ()
    wait: bool | None = None
    health_checks: tuple[NamespacedObjectKindReference, ...] = ()
    health_check_exprs: tuple[CustomHealthCheck, ...] = ()
    deletion_policy: DeletionPolicy | None = None
    substitute: Mapping[str, str] = field(default_factory=dict)
    service_account_name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """What one Flux Kustomization reconciles.

    Text in its objects is a template: `${name}` is a variable, `$$` a dollar sign, in every delivery.

    Attributes:
        name: Name of the Kustomization, `<addon>-<stage>`.
        stage: Folder of the bundle in its add-on's folder.
        objects: What is applied.
        reconciliation: How; `depends_on` there is what Flux is told.
        needs: Bundles without which this one cannot become healthy; each must exist.
        after: Bundles that come first where they are installed.
        runtime_crds: CRDs that the controllers register at run time, so that no chart or manifest shows them.
    """

    name: str
    stage: Stage
    objects: tuple[KubernetesObject, ...]
    reconciliation: Reconciliation
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    runtime_crds: tuple[str, ...] = ()

    def with_objects(self, objects: Iterable[KubernetesObject]) -> "Bundle":
        """The same bundle with these objects; itself where they are its own, as most policies change few bundles."""
        given = tuple(objects)
        same = len(given) == len(self.objects) and all(map(is_, given, self.objects))
        return self if same else replace(self, objects=given)


@dataclass(frozen=True, kw_only=True, slots=True)
class Addon:
    """One thing that a layer installs: its controllers and, where there are any, their configs.

    Attributes:
        name: Name of its folder and the first part of its bundles' names.
        controllers: Namespace, chart source, release, and what the release needs in order to start.
        configs: Custom resources that the controllers serve.
        retain: Removing it would lose data or the network, so it is orphaned instead of uninstalled.
        pod_security: The strictest Pod Security Standard that its pods pass.
        prerequisites: What must exist before Flux starts for it to work.
        references: Values of its chart that name Secrets or ConfigMaps, other than in the way of Kubernetes.
        chart_secrets: Secrets that its chart makes in the release's namespace and others may use.
        serves: API groups whose CRDs and webhooks its release brings.
        uses: API groups of others whose objects its chart makes.
        waivers: Rules that do not hold for it, with the reasons.
        declared_at: Python file and line of its declaration.
    """

    name: str
    controllers: Bundle
    configs: Bundle | None = None
    retain: bool = False
    pod_security: PodSecurity = "baseline"
    prerequisites: tuple[Prerequisite, ...] = ()
    references: tuple[ValueReference, ...] = ()
    chart_secrets: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    declared_at: str = ""

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """Controllers, then configs."""
        return (self.controllers,) if self.configs is None else (self.controllers, self.configs)


def controllers(
    addon: str,
    *objects: KubernetesObject,
    needs: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
    runtime_crds: tuple[str, ...] = (),
) -> Bundle:
    """The bundle that deploys an add-on's workload."""
    return Bundle(
        name=f"{addon}-controllers",
        stage="controllers",
        objects=objects,
        reconciliation=Reconciliation(prune=True),
        needs=needs,
        after=after,
        runtime_crds=runtime_crds,
    )


def configs(addon: str, *objects: KubernetesObject, needs: tuple[str, ...] = ()) -> Bundle:
    """The bundle of custom resources that an add-on's controllers serve; it comes after them."""
    own = f"{addon}-controllers"
    return Bundle(
        name=f"{addon}-configs",
        stage="configs",
        objects=objects,
        reconciliation=Reconciliation(prune=False, depends_on=(own,)),
        needs=(own, *needs),
    )


def namespace(name: str) -> Namespace:
    """A namespace of an add-on's own."""
    return Namespace(metadata=Metadata(name=name))
