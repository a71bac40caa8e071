"""Who makes a Secret or ConfigMap that others need."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from gitops.declared import DeclaredBundle, DeclaredObject
from gitops.flux import NAMESPACE, HelmRelease
from gitops.installation import target_namespace
from gitops.lookup import mapping_at, mappings_at, text_at
from gitops.objects import ObjectKey
from gitops.platform import Platform
from gitops.prerequisite import Prerequisite
from gitops.secrets.references import is_off
from gitops.secrets.source import source_secrets
from gitops.tls import CLUSTER_ISSUER_ANNOTATION, ISSUER_ANNOTATION

EVERYWHERE: Final = "*"
"""Namespace of what is made in every namespace."""

CLUSTER_NAMESPACE: Final = "cert-manager"
"""Where cert-manager and trust-manager look for what cluster-scoped objects of theirs name."""

ACCOUNT_KEY: Final = "acme.privateKeySecretRef.name"
"""Where an issuer's spec names the Secret that cert-manager makes for its account."""

_ISSUED: Final = ("ca.crt", "tls.crt", "tls.key")
_CERT_MANAGER: Final = "cert-manager.io"
_STORES: Final = "external-secrets.io"
_CREATING: Final = frozenset({"Owner", "Orphan", "CreateOrMerge"})
_ISSUERS: Final = {CLUSTER_ISSUER_ANNOTATION: "ClusterIssuer", ISSUER_ANNOTATION: "Issuer"}


class Creator(StrEnum):
    """What kind of thing makes an object."""

    BOOTSTRAP = "bootstrap"
    CERT_MANAGER = "cert-manager"
    CHART = "chart"
    EXTERNAL_SECRETS = "external-secrets"
    PLATFORM = "platform"
    TRUST_MANAGER = "trust-manager"


@dataclass(frozen=True, kw_only=True, slots=True)
class Creation:
    """An object that something makes.

    Attributes:
        key: The object; its namespace is `EVERYWHERE` where it is made in all.
        creator: What makes it.
        declared: The object that asks for it; none for what the bootstrap and charts make.
        home: The bundle with which it comes; none for what is there before Flux, or comes with Pulumi.
        keys: The keys of its data; none where they are not known.
        through: The issuer or store without which it is not made.
        purpose: What the bootstrap brings it for.
    """

    key: ObjectKey
    creator: Creator
    declared: DeclaredObject | None = None
    home: DeclaredBundle | None = None
    keys: tuple[str, ...] = ()
    through: ObjectKey | None = None
    purpose: str = ""


def prerequisites(platform: Platform) -> tuple[Prerequisite, ...]:
    """Everything that the bootstrap brings: for the add-ons, for the source, and for the website."""
    return (*_of_source(platform), *_of_addons(platform), *_of_website(platform))


def creations(platform: Platform) -> Iterator[Creation]:
    """Everything that makes a Secret or ConfigMap, as far as it is declared."""
    for item in prerequisites(platform):
        yield Creation(key=item.key, creator=Creator.BOOTSTRAP, keys=item.keys, purpose=item.purpose)
    for declared in platform.declared:
        yield from _of_object(declared)
    for home in platform.declared_bundles:
        yield from _of_charts(home)


def ingresses(values: Any, field: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The Ingresses that chart values ask for, and where: mappings with annotations and TLS, as charts have them."""
    if isinstance(values, Mapping) and not is_off(values):
        if mappings_at(values, "tls"):
            yield field, values
        for name, inner in values.items():
            yield from ingresses(inner, f"{field}.{name}")
    elif isinstance(values, list | tuple):
        for index, inner in enumerate(values):
            yield from ingresses(inner, f"{field}[{index}]")


def _of_source(platform: Platform) -> Iterator[Prerequisite]:
    for name, _, purpose in source_secrets(platform.cluster):
        yield Prerequisite(namespace=NAMESPACE, name=name, purpose=purpose)


def _of_addons(platform: Platform) -> Iterator[Prerequisite]:
    return (item for addon in platform.addons for item in addon.prerequisites)


def _of_website(platform: Platform) -> Iterator[Prerequisite]:
    choice = platform.cluster.website
    namespaces = [item.metadata.name for item in platform.website if item.kind == "Namespace"]
    if choice and choice.image_pull_secret:
        for namespace in namespaces:
            name = choice.image_pull_secret
            yield Prerequisite(namespace=namespace, name=name, purpose="pulling the website's image")


def _of_charts(home: DeclaredBundle) -> Iterator[Creation]:
    namespaces = (item.key.namespace for item in home.bundle.objects if isinstance(item, HelmRelease))
    for namespace in namespaces:
        for name in home.addon.chart_secrets:
            key = ObjectKey("", "Secret", namespace, name)
            yield Creation(key=key, creator=Creator.CHART, home=home)


def _of_object(declared: DeclaredObject) -> Iterator[Creation]:
    """What an object asks for; its name and namespace are those of the object itself where it says no others."""
    for made in _made(declared, declared.substituted):
        namespace = made.key.namespace or declared.key.namespace or CLUSTER_NAMESPACE
        key = made.key._replace(namespace=namespace, name=made.key.name or declared.key.name)
        yield replace(made, key=key, declared=declared, home=declared.home)


def _made(declared: DeclaredObject, manifest: Mapping[str, Any]) -> Iterator[Creation]:
    namespace = declared.key.namespace
    match declared.key.kind:
        case "Secret" | "ConfigMap" as kind:
            keys = tuple({**mapping_at(manifest, "data"), **mapping_at(manifest, "stringData")})
            yield _creation(Creator.PLATFORM, keys=keys, kind=kind)
        case "ExternalSecret":
            yield from _external(mapping_at(manifest, "spec"), namespace)
        case "Certificate" if name := text_at(manifest, "spec.secretName"):
            yield _creation(Creator.CERT_MANAGER, name, keys=_ISSUED, through=_issuer(manifest, namespace))
        case "ClusterIssuer" | "Issuer" if name := text_at(manifest, f"spec.{ACCOUNT_KEY}"):
            yield _creation(Creator.CERT_MANAGER, name, keys=("tls.key",))
        case "Ingress":
            annotations = mapping_at(manifest, "metadata.annotations")
            yield from _issued(mapping_at(manifest, "spec"), annotations, namespace)
        case "HelmRelease":
            for _, ingress in ingresses(mapping_at(manifest, "spec.values"), "spec.values"):
                yield from _issued(ingress, mapping_at(ingress, "annotations"), target_namespace(manifest))
        case "Bundle":
            yield from _distributed(manifest)
        case _:
            return


def _creation(creator: Creator, name: str = "", *, kind: str = "Secret", **fields: Any) -> Creation:
    return Creation(key=ObjectKey("", kind, "", name), creator=creator, **fields)


def _external(spec: Mapping[str, Any], namespace: str) -> Iterator[Creation]:
    if text_at(spec, "target.creationPolicy", default="Owner") not in _CREATING:
        return
    kind = text_at(spec, "secretStoreRef.kind", default="SecretStore")
    place = namespace if kind == "SecretStore" else ""
    through = ObjectKey(_STORES, kind, place, text_at(spec, "secretStoreRef.name"))
    known = "dataFrom" not in spec and "template" not in mapping_at(spec, "target")
    keys = tuple(text_at(item, "secretKey") for item in mappings_at(spec, "data")) if known else ()
    yield _creation(Creator.EXTERNAL_SECRETS, text_at(spec, "target.name"), keys=keys, through=through)


def _issuer(manifest: Mapping[str, Any], namespace: str) -> ObjectKey:
    kind = text_at(manifest, "spec.issuerRef.kind", default="Issuer")
    return _issuer_key(kind, text_at(manifest, "spec.issuerRef.name"), namespace)


def _issuer_key(kind: str, name: str, namespace: str) -> ObjectKey:
    return ObjectKey(_CERT_MANAGER, kind, namespace if kind == "Issuer" else "", name)


def _issued(ingress: Mapping[str, Any], annotations: Mapping[str, Any], namespace: str) -> Iterator[Creation]:
    """What cert-manager makes for an Ingress whose annotations name an issuer."""
    names = [text_at(item, "secretName") for item in mappings_at(ingress, "tls")]
    for annotation in annotations.keys() & _ISSUERS.keys():
        through = _issuer_key(_ISSUERS[annotation], str(annotations[annotation]), namespace)
        for name in filter(None, names):
            yield _creation(Creator.CERT_MANAGER, name, keys=_ISSUED, through=through)


def _distributed(manifest: Mapping[str, Any]) -> Iterator[Creation]:
    for kind, path in (("ConfigMap", "spec.target.configMap.key"), ("Secret", "spec.target.secret.key")):
        if key := text_at(manifest, path):
            yield Creation(key=ObjectKey("", kind, EVERYWHERE, ""), creator=Creator.TRUST_MANAGER, keys=(key,))
