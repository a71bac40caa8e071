"""What Pulumi registers, as data: the shell's loop does exactly this and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from gitops.duration import Duration
from gitops.objects import KubernetesObject, Manifest, ObjectKey, object_key
from gitops.platform import Platform
from gitops.substitution import substitute

CLUSTER: Final = "cluster"
"""Component of the ConfigMaps that hold the variables."""

WEBSITE: Final = "wedding-website"
"""Component of the website."""


HELM_API: Final = "helm.sh/v3"
"""Version of the Helm releases that Pulumi's provider makes; Flux's are another group's."""


class Built(NamedTuple):
    """An object that Flux makes, and by which of its own objects; variables are not filled in."""

    by: ObjectKey
    manifest: Manifest


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A program that Pulumi runs where it runs itself, once for each state of what it depends on.

    Attributes:
        name: Pulumi's name for it, unique among all registrations and commands.
        component: Name of the component that it is a child of.
        arguments: The program's name and its arguments.
        missing: What to say before anything is registered where a program is not on PATH, by the program's name.
        environment: Variables that it gets beside the engine's.
        triggers: It runs again when one of these changes, or an argument.
        secret: Whether it prints a secret, which is logged nowhere and encrypted in the state.
        folder: Where `files` are written for it, relative to the project.
        files: Texts by path in that folder.
    """

    name: str
    component: str
    arguments: tuple[str, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    triggers: tuple[str, ...] = ()
    secret: bool = False
    folder: str = ""
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommandOutput:
    """What a command prints, or one key of it where that is a JSON object."""

    command: str
    key: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretConfig:
    """A secret value of the stack's config, `bootstrap:<key>`."""

    key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueFrom:
    """A field whose value only Pulumi knows, and where it takes it from."""

    path: tuple[str, ...]
    source: CommandOutput | SecretConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """One object that Pulumi registers.

    Attributes:
        name: Pulumi's name for it, unique among all.
        component: Name of the component that it is a child of.
        manifest: The object itself, variables resolved.
        values_from: Fields that are not in the manifest, because nobody here knows them.
        depends_on: Names of the objects and commands that are registered, and ready, before it.
        timeout: How long Pulumi waits for it; Pulumi's default when not given.
        retain_on_delete: Whether it stays in the cluster when Pulumi deletes it.
        ignore_changes: Inputs that Pulumi leaves alone once they are set.
    """

    name: str
    component: str
    manifest: Manifest
    values_from: tuple[ValueFrom, ...] = ()
    depends_on: tuple[str, ...] = ()
    timeout: Duration | None = None
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()

    @property
    def key(self) -> ObjectKey:
        """Group, kind, namespace and name of the object."""
        return object_key(self.manifest)

    @property
    def inputs(self) -> Manifest:
        """What the provider takes: the manifest, but of a Helm release, which is no object of the API, its settings."""
        if not is_helm_release(self.manifest):
            return self.manifest
        metadata = self.manifest["metadata"]
        return {"name": metadata["name"], "namespace": metadata["namespace"], **self.manifest["spec"]}


def is_helm_release(manifest: Manifest) -> bool:
    """Whether Pulumi itself installs a chart by it."""
    found: bool = manifest["apiVersion"] == HELM_API
    return found


def with_field(manifest: Manifest, path: tuple[str, ...], value: Any) -> Manifest:
    """The manifest with one field set, however deep."""
    first, *rest = path
    return {**manifest, first: with_field(manifest.get(first, {}), tuple(rest), value) if rest else value}


def variables(platform: Platform) -> tuple[Registration, ...]:
    """The ConfigMaps that hold the cluster's variables."""
    return tuple(
        Registration(name=item.metadata.name, component=CLUSTER, manifest=item.manifest())
        for item in platform.variables
    )


def website(platform: Platform) -> tuple[Registration, ...]:
    """The website's objects; its namespace comes first."""
    values = platform.values
    manifests = [substitute(item.manifest(), values) for item in platform.website]
    names = [f"{WEBSITE}-{manifest['kind'].lower()}" for manifest in manifests]
    return tuple(
        Registration(name=name, component=WEBSITE, manifest=manifest, depends_on=tuple(names[:1]) if index else ())
        for index, (name, manifest) in enumerate(zip(names, manifests, strict=True))
    )


def annotated(item: KubernetesObject, annotations: Mapping[str, str]) -> Manifest:
    """The manifest of an object with annotations added."""
    metadata = replace(item.metadata, annotations={**item.metadata.annotations, **annotations})
    changed: Any = replace(item, metadata=metadata)
    manifest: Manifest = changed.manifest()
    return manifest
