"""The secrets that come before Flux: which of them Pulumi makes, and where it takes each value from.

Nothing here knows a value: a field names the config key or the 1Password reference that holds it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from gitops.addon import Bundle
from gitops.delivery.registration import Command, CommandOutput, Registration, SecretConfig, ValueFrom
from gitops.flux import NAMESPACE
from gitops.objects import Manifest, Namespace
from gitops.platform import Platform
from gitops.prerequisite import Prerequisite
from gitops.secrets.creations import prerequisites
from gitops.substitution import substitute

FROM_CONFIG: Final = "from_config"
_SIGN_IN: Final = "unlock the 1Password CLI (op signin), or set OP_SERVICE_ACCOUNT_TOKEN"
_INSTALL: Final = f"install the 1Password CLI where Pulumi runs, and {_SIGN_IN}"
# What a read that fails has printed so far is part of no message. The shell drops line breaks at the end, so a dot
# stands behind them meanwhile.
_READ: Final = (
    'text="$(op read --no-newline "$1" && echo .)" && printf %s "${text%.}"'
    f' || {{ echo "fix: {_SIGN_IN}" >&2; exit 1; }}'
)
_TLS: Final = frozenset({"tls.crt", "tls.key"})


def possible(platform: Platform) -> tuple[Prerequisite, ...]:
    """What Pulumi can make before Flux: all that is needed then, but for what belongs to the website."""
    objects = (item for bundle in platform.bundles for item in bundle.objects)
    names = {item.metadata.name for item in (*objects, *platform.namespaces) if isinstance(item, Namespace)}
    return tuple(item for item in prerequisites(platform) if item.namespace in names | {NAMESPACE})


def brought(platform: Platform) -> dict[Prerequisite, Mapping[str, str]]:
    """What Pulumi makes, with the source of each key."""
    sources = platform.cluster.bootstrap.secrets
    installs = platform.cluster.bootstrap.use == "install"
    return {item: sources[item.name] for item in possible(platform) if installs and item.name in sources}


def with_namespaces(platform: Platform) -> Platform:
    """The platform in which Pulumi makes the namespaces that must be there for a secret, and Flux does not."""
    needed = {item.namespace for item in brought(platform)} - {NAMESPACE}
    objects = [item for bundle in platform.bundles for item in bundle.objects]
    moved = tuple(item for item in objects if isinstance(item, Namespace) and item.metadata.name in needed)

    def kept(bundle: Bundle) -> Bundle:
        return replace(bundle, objects=tuple(item for item in bundle.objects if item not in moved))

    # What was worked out from the platform before is lost with it.
    return replace(platform.map_bundles(kept), namespaces=moved) if moved else platform


def commands(platform: Platform, component: str) -> Iterator[Command]:
    """A read of the 1Password CLI for each value that it holds."""
    values = ((item, key, source) for item, keys in brought(platform).items() for key, source in keys.items())
    for item, key, source in values:
        if source != FROM_CONFIG:
            yield Command(
                name=_read(component, item, key),
                component=component,
                arguments=("sh", "-c", _READ, "op", source),
                missing={"op": _INSTALL},
                triggers=(source,),
                secret=True,
            )


def registrations(platform: Platform, component: str, *, after: tuple[str, ...]) -> Iterator[Registration]:
    """The namespaces and the secrets in them; both stay when Pulumi deletes them, as what needs them stays."""
    names = {}
    for item in platform.namespaces:
        names[item.metadata.name] = f"{component}-namespace-{item.metadata.name}"
        manifest = substitute(item.manifest(), platform.values)
        yield Registration(
            name=names[item.metadata.name],
            component=component,
            manifest=manifest,
            depends_on=after,
            retain_on_delete=True,
        )
    for secret, sources in brought(platform).items():
        yield Registration(
            name=f"{component}-{secret.kind.lower()}-{secret.name}",
            component=component,
            manifest=_manifest(secret, sources),
            values_from=tuple(_value(component, secret, key, source) for key, source in sources.items()),
            depends_on=(names[secret.namespace],) if secret.namespace in names else after,
            retain_on_delete=True,
        )


def _manifest(item: Prerequisite, sources: Mapping[str, str]) -> Manifest:
    metadata = {"name": item.name, "namespace": item.namespace}
    kind = {"type": "kubernetes.io/tls"} if item.kind == "Secret" and sources.keys() == _TLS else {}
    return {"apiVersion": "v1", "kind": item.kind, "metadata": metadata, **kind}


def _value(component: str, item: Prerequisite, key: str, source: str) -> ValueFrom:
    field = "stringData" if item.kind == "Secret" else "data"
    if source == FROM_CONFIG:
        return ValueFrom(path=(field, key), source=SecretConfig(key=f"{item.name}/{key}"))
    return ValueFrom(path=(field, key), source=CommandOutput(command=_read(component, item, key)))


def _read(component: str, item: Prerequisite, key: str) -> str:
    return f"{component}-read-{item.name}-{re.sub('[^A-Za-z0-9]+', '-', key)}"
