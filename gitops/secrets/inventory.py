"""Every Secret, and every ConfigMap of the same use, that something needs: who makes it, and when it is there."""

from collections.abc import Iterator
from dataclasses import dataclass

from gitops.declared import DeclaredObject
from gitops.flux import NAMESPACE, SOURCE, HelmRelease
from gitops.installation import target_namespace
from gitops.lookup import mapping_at, text_at
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.rendering import source_kind
from gitops.secrets.creations import ACCOUNT_KEY, CLUSTER_NAMESPACE, EVERYWHERE, Creation, creations
from gitops.secrets.references import Reference, named, references
from gitops.secrets.source import source_secrets

# What these name is made for them, so they need it from nobody.
_OWN = {
    "Certificate": "spec.secretName",
    "ClusterIssuer": f"spec.{ACCOUNT_KEY}",
    "Issuer": f"spec.{ACCOUNT_KEY}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Use:
    """One reference with the object that makes it; the delivery's own source is an object of no declaration."""

    reference: Reference
    user: ObjectKey
    declared: DeclaredObject | None = None

    @property
    def bundle(self) -> str | None:
        """The bundle that the user comes with; none where Pulumi applies it."""
        return self.declared.home.bundle.name if self.declared and self.declared.home else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Needed:
    """An object that something needs.

    Attributes:
        key: The Secret or ConfigMap.
        uses: What needs it, in the order of the platform.
        creation: What makes it; none where nothing does.
    """

    key: ObjectKey
    uses: tuple[Use, ...]
    creation: Creation | None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of its data that are known, sorted."""
        made = self.creation.keys if self.creation else ()
        return tuple(sorted({*made, *(key for use in self.uses for key in use.reference.keys)}))


def secret_inventory(platform: Platform) -> tuple[Needed, ...]:
    """What is needed, in the order in which the platform names it."""
    made = {creation.key: creation for creation in reversed(tuple(creations(platform)))}
    found: dict[ObjectKey, list[Use]] = {}
    for use in uses(platform):
        found.setdefault(use.reference.key, []).append(use)
    return tuple(
        Needed(key=key, uses=tuple(users), creation=made.get(key) or made.get(key._replace(namespace=EVERYWHERE)))
        for key, users in found.items()
    )


def uses(platform: Platform) -> Iterator[Use]:
    """Every reference of the platform."""
    yield from _of_source(platform)
    for declared in platform.declared:
        for reference in _references(declared):
            yield Use(reference=reference, user=declared.key, declared=declared)


def _references(declared: DeclaredObject) -> Iterator[Reference]:
    """The references of an object; of a release's values also those that its add-on declares."""
    namespace = declared.key.namespace or CLUSTER_NAMESPACE
    found = [*_of_chart(declared), *references(declared.substituted, namespace=namespace)]
    once = {reference.field: reference for reference in reversed(found)}
    own = _OWN.get(declared.key.kind)
    yield from (reference for reference in reversed(once.values()) if reference.field != own)


def _of_chart(declared: DeclaredObject) -> Iterator[Reference]:
    """What chart values name, in the namespace that the chart's objects go to."""
    if not isinstance(declared.item, HelmRelease):
        return
    namespace = target_namespace(declared.substituted)
    values = mapping_at(declared.substituted, "spec.values")
    for item in declared.home.addon.references if declared.home else ():
        if name := text_at(values, item.value):
            read = (*item.keys, *(text_at(values, path) for path in item.key_values))
            key = named(item.kind, name, namespace=namespace)
            yield Reference(key=key, field=f"spec.values.{item.value}", keys=tuple(filter(None, read)))
    yield from references(values, namespace=namespace, field="spec.values")


def _of_source(platform: Platform) -> Iterator[Use]:
    """The credentials of the delivery's own source, which no bundle declares."""
    user = ObjectKey("source.toolkit.fluxcd.io", source_kind(platform), NAMESPACE, SOURCE)
    for name, field, _ in source_secrets(platform.cluster):
        yield Use(reference=Reference(key=ObjectKey("", "Secret", NAMESPACE, name), field=field), user=user)
