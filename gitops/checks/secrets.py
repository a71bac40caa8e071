"""Secrets: each one that is needed is made in time by something, and none is written down."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from gitops.checks.rule import rule
from gitops.declared import DeclaredObject
from gitops.errors import Violation
from gitops.graph import awaited
from gitops.lookup import mapping_at, mappings_at, text_at, value_at
from gitops.platform import Platform
from gitops.secrets.creations import Creation, Creator, creations, ingresses
from gitops.secrets.credentials import Suspicion, suspicions
from gitops.secrets.inventory import Needed, Use, secret_inventory

_FOR_LITERALS: Final = (
    "put it into the vault and name it by an ExternalSecret, or into a Secret that the bootstrap brings;"
    " change it wherever it was valid, because it has been written down"
)


@rule("secrets/creator")
def created_secrets(platform: Platform) -> Iterator[Violation]:
    """A pod that names a Secret which nothing makes stays in `CreateContainerConfigError`, and its release fails.

    An issuer or a store without it is never Ready. Makers are the bootstrap, an ExternalSecret, cert-manager,
    trust-manager, and charts as far as their add-ons say so; `homelab secrets STACK` lists them all. See
    https://kubernetes.io/docs/concepts/configuration/secret/.
    """
    for entry, use, declared in _uses(platform):
        if entry.creation is None:
            yield declared.violation(
                use.reference.field,
                what=f"nothing makes {entry.key}",
                fix="make it with an ExternalSecret in the same bundle, or declare who does: in the add-on's"
                " prerequisites for the bootstrap, in its chart_secrets for its chart",
            )


@rule("secrets/key")
def known_keys(platform: Platform) -> Iterator[Violation]:
    """A key that is missing from a Secret keeps the pod from starting as a missing Secret does.

    The keys of an ExternalSecret are its `secretKey`s; a certificate has `tls.crt`, `tls.key` and `ca.crt`.
    """
    for entry, use, declared in _uses(platform):
        made = entry.creation.keys if entry.creation else ()
        missing = [key for key in use.reference.keys if made and key not in made]
        if missing:
            yield declared.violation(
                use.reference.field,
                what=f"{entry.key} has no key {', '.join(missing)}; it has {', '.join(made)}",
                fix="use one of its keys, or add the missing one where it is made",
            )


@rule("secrets/order")
def ordered_secrets(platform: Platform) -> Iterator[Violation]:
    """A workload that starts before its Secret is made waits for it, and fails its gate when that takes too long.

    Where the maker waits for the consumer as well, neither ever starts. What a bundle waits for is what it names in
    `needs` and `after`, and what these wait for themselves.
    """
    before = awaited(platform.bundles)
    for entry, use, declared in _uses(platform):
        home = entry.creation.home if entry.creation else None
        if home and use.reference.waits and not _comes_before(home.bundle.name, use, before):
            yield declared.violation(
                use.reference.field,
                what=f"{_user(use)} does not wait for {home.bundle.name}, with which {entry.key} comes",
                fix=f"add {home.bundle.name!r} to its needs, or make {entry.key.name} in an earlier bundle",
            )


@rule("secrets/maker")
def existing_makers(platform: Platform) -> Iterator[Violation]:
    """An Ingress whose issuer does not exist gets no certificate, and an ExternalSecret without its store no Secret.

    An ExternalSecret must also wait for its store's bundle, which in turn waits for the controller and its CRDs; an
    Ingress may come first, and gets its certificate later. See
    https://cert-manager.io/docs/usage/ingress/#supported-annotations and
    https://external-secrets.io/latest/api/externalsecret/.
    """
    declared = {item.key: item for item in platform.declared}
    before = awaited(platform.bundles)
    for creation in creations(platform):
        if creation.through is None or creation.declared is None:
            continue
        maker = declared.get(creation.through)
        if maker is None:
            yield creation.declared.violation(
                what=f"{creation.through} is not declared, so nothing makes {creation.key}",
                fix="name one that cert-manager's or external-secrets' configs declare, or declare this one there",
            )
        elif maker.home and not _in_time(creation, maker.home.bundle.name, before):
            yield creation.declared.violation(
                what=f"its bundle does not wait for {maker.home.bundle.name}, with which {maker.key} comes",
                fix=f"add {maker.home.bundle.name!r} to its needs",
            )


@rule("secrets/tls-host")
def served_hosts(platform: Platform) -> Iterator[Violation]:
    """A certificate for a host that its Ingress does not serve is issued, and the host that it serves has none.

    Browsers then get the controller's own certificate, which nobody trusts; agents that check it send nothing. See
    https://kubernetes.io/docs/concepts/services-networking/ingress/#tls.
    """
    for item, field, ingress in ((one, *found) for one in platform.declared for found in _ingresses(one)):
        served = {*_hosts(ingress, "rules"), *_hosts(ingress, "hosts")}
        certified = {host for entry in mappings_at(ingress, "tls") for host in _hosts(entry, "hosts")}
        if served and not certified <= served:
            yield item.violation(
                f"{field}.tls",
                what=f"TLS is for {', '.join(sorted(certified - served))}; served is {', '.join(sorted(served))}",
                fix="name the same hosts in both",
            )


@rule("secrets/literal")
def literal_credentials(platform: Platform) -> Iterator[Violation]:
    """A credential in a stack's config or the rendered tree is public to all who can read the repository.

    Git keeps it for ever, Pulumi stores a custom resource's spec in clear, and Helm repeats values in its release.
    What counts: tokens and keys of known shape, any text under a key such as `password`, and random text. See
    https://www.pulumi.com/docs/iac/concepts/secrets/.
    """
    seen: set[str] = set()
    for suspicion in _suspicions(_config(platform), "homelab:", seen):
        yield _literal(suspicion)
    for item in platform.declared:
        for suspicion in _suspicions(item.manifest, "", seen):
            yield replace(_literal(suspicion), object=item.key, source=item.source)


@rule("secrets/declared")
def undeclared_secrets(platform: Platform) -> Iterator[Violation]:
    """A Secret in the platform holds its values in Git, in base64 or in clear, which is the same.

    The platform names Secrets and never holds one: their values are in the vault, or come with the bootstrap.
    """
    for item in platform.declared:
        if item.key.group == "" and item.key.kind == "Secret":
            yield item.violation(what="a Secret is declared with its values", fix=_FOR_LITERALS)


@rule("secrets/substituted")
def unsubstituted_secrets(platform: Platform) -> Iterator[Violation]:
    """A variable that Flux reads from a Secret stands in clear in every object that uses it.

    Custom resources are not encrypted at rest as Secrets can be, and more people may read them. See
    https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution.
    """
    listed = (
        (item, index, source)
        for item in platform.declared
        for index, source in enumerate(mappings_at(item.manifest, "spec.postBuild.substituteFrom"))
    )
    for item, index, source in listed:
        if text_at(source, "kind") == "Secret":
            yield item.violation(
                f"spec.postBuild.substituteFrom[{index}]",
                what=f"variables come from Secret {text_at(source, 'name')}",
                fix="name the Secret where its value is used: valuesFrom, existingSecret, secretKeyRef",
            )


def _uses(platform: Platform) -> Iterator[tuple[Needed, Use, DeclaredObject]]:
    """What objects need; what the delivery's own source needs is always among what the bootstrap brings."""
    used = ((entry, use) for entry in secret_inventory(platform) for use in entry.uses)
    return ((entry, use, use.declared) for entry, use in used if use.declared)


def _comes_before(maker: str, use: Use, before: Mapping[str, frozenset[str]]) -> bool:
    return use.bundle is not None and (maker == use.bundle or maker in before[use.bundle])


def _user(use: Use) -> str:
    return use.bundle or "what Pulumi applies"


def _ingresses(item: DeclaredObject) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """An Ingress's spec, or the values of a release's Ingresses; and where they stand."""
    if item.key.kind == "Ingress":
        yield "spec", mapping_at(item.substituted, "spec")
    elif item.key.kind == "HelmRelease":
        yield from ingresses(mapping_at(item.substituted, "spec.values"), "spec.values")


def _hosts(value: Mapping[str, Any], path: str) -> Iterator[str]:
    """Hosts in a list of texts, or of mappings that call them `host`, or `name` as VictoriaMetrics' charts do."""
    listed = value_at(value, path)
    items = listed if isinstance(listed, list | tuple) else ()
    hosts = (item if isinstance(item, str) else text_at(item, "host") or text_at(item, "name") for item in items)
    return filter(None, hosts)


def _in_time(creation: Creation, maker: str, before: Mapping[str, frozenset[str]]) -> bool:
    if creation.creator is not Creator.EXTERNAL_SECRETS or creation.home is None:
        return True
    return maker in {creation.home.bundle.name, *before[creation.home.bundle.name]}


def _config(platform: Platform) -> dict[str, Any]:
    return platform.cluster.model_dump(exclude_none=True)


def _suspicions(value: Any, place: str, seen: set[str]) -> Iterator[Suspicion]:
    """What looks like a credential and was not seen before, each once."""
    for found in suspicions(value):
        if found.text not in seen:
            seen.add(found.text)
            yield Suspicion(f"{place}{found.field}", found.kind, found.text)


def _literal(suspicion: Suspicion) -> Violation:
    what = f"looks like {suspicion.kind} ({len(suspicion.text)} characters, not shown)"
    return Violation(what=what, fix=_FOR_LITERALS, field=suspicion.field, confidential=True)


RULES: Final = (
    created_secrets,
    known_keys,
    ordered_secrets,
    existing_makers,
    served_hosts,
    literal_credentials,
    undeclared_secrets,
    unsubstituted_secrets,
)
