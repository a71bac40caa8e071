"""Delivery `oci`: Pulumi pushes the rendered tree as an artifact, and Flux builds the layers from just that one.

`flux push artifact` packs a folder the same way wherever it runs, but for two things: it keeps the files' modes, which
the shell therefore sets, and writes the time of creation in the local time zone, which is therefore UTC.
"""

import json
from dataclasses import replace
from hashlib import sha256
from typing import Final

from gitops.cluster import Oci, Verify
from gitops.delivery import expansion, tree_layers
from gitops.delivery.registration import Command, CommandOutput, Registration, ValueFrom
from gitops.duration import Duration
from gitops.errors import PlatformError, Problem
from gitops.flux import (
    NAMESPACE,
    SOURCE,
    LocalObjectReference,
    OCIRepository,
    OCIRepositoryRef,
    OCIRepositorySpec,
    OCIRepositoryVerification,
    OIDCIdentityMatch,
)
from gitops.objects import Manifest, Metadata, ObjectKey
from gitops.platform import Platform
from gitops.rendering import Tree, tree

COMPONENT: Final = "artifact"
"""Component of the artifact and its source."""

PUSH: Final = f"{COMPONENT}-push"
"""The command that pushes the artifact."""


def commands(platform: Platform) -> tuple[Command, ...]:
    """The push of the tree; none where the cluster is pinned to an artifact that somebody else pushed."""
    oci = oci_of(platform)
    files = tree(platform)
    folder = f".homelab/{platform.cluster.name}"
    push = Command(
        name=PUSH,
        component=COMPONENT,
        arguments=push_arguments(platform, folder),
        environment={"TZ": "UTC"},
        triggers=(tree_digest(files),),
        folder=folder,
        files=files,
    )
    return () if oci.digest else (push,)


def registrations(platform: Platform) -> tuple[Registration, ...]:
    """The source, the variables, a Kustomization for each layer, and the website.

    All come after the push, so that a registry that refuses it does so before anything is changed.
    """
    made = tree_layers.registrations(platform, _source(platform), _wait_for(platform))
    pushed = () if oci_of(platform).digest else (PUSH,)
    own_first = sorted(made, key=lambda item: item.component != COMPONENT)
    return tuple(replace(item, depends_on=(*pushed, *item.depends_on)) for item in own_first)


def expand(platform: Platform) -> dict[ObjectKey, Manifest]:
    """What Flux makes of the artifact, and what Pulumi applies beside it."""
    return expansion.of_tree(registrations(platform), tree(platform))


def oci_of(platform: Platform) -> Oci:
    """The OCI settings, which this delivery cannot do without."""
    if platform.cluster.oci is None:
        problem = Problem(
            rule="delivery/oci-url",
            where="homelab:oci.url",
            what="delivery oci has no repository to deliver from",
            fix="set homelab:oci.url, or choose another delivery",
        )
        raise PlatformError([problem])
    return platform.cluster.oci


def push_arguments(platform: Platform, folder: str) -> tuple[str, ...]:
    """How the tree in a folder is pushed; it prints a JSON object with the artifact's digest."""
    oci = oci_of(platform)
    source = platform.cluster.git.url if platform.cluster.git else oci.url
    return (
        "flux",
        "push",
        "artifact",
        f"{oci.url}:{platform.cluster.oci_tag}",
        f"--path={folder}",
        f"--source={source}",
        f"--revision={origin_revision(platform)}",
        "--reproducible",
        "--output=json",
        *_insecure(oci),
    )


def pull_arguments(platform: Platform, folder: str) -> tuple[str, ...]:
    """How the artifact that the cluster is pinned to comes into a folder; none where Pulumi pushes its own."""
    match platform.cluster.source:
        case Oci(url=url, digest=str(digest)) as oci:
            return ("flux", "pull", "artifact", f"{url}@{digest}", f"--output={folder}", *_insecure(oci))
        case _:
            return ()


def _insecure(oci: Oci) -> tuple[str, ...]:
    return ("--insecure-registry",) if oci.insecure else ()


def origin_revision(platform: Platform) -> str:
    """The revision that the artifact carries: the digest of its tree, so known before it is pushed."""
    return f"{platform.cluster.oci_tag}@{tree_digest(tree(platform))}"


def tree_digest(files: Tree) -> str:
    """A digest of paths and texts; not that of the artifact, which depends on how it is packed."""
    return f"sha256:{sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()}"


def _source(platform: Platform) -> Registration:
    oci = oci_of(platform)
    spec = OCIRepositorySpec(
        interval=Duration.minutes(1),
        url=oci.url,
        ref=OCIRepositoryRef(digest=oci.digest),
        secret_ref=LocalObjectReference(name=oci.secret) if oci.secret else None,
        verify=_verification(oci.verify) if oci.verify else None,
        insecure=oci.insecure or None,
    )
    source = OCIRepository(metadata=Metadata(name=SOURCE, namespace=NAMESPACE), spec=spec)
    item = Registration(name=f"{COMPONENT}-source", component=COMPONENT, manifest=source.manifest())
    pushed = ValueFrom(path=("spec", "ref", "digest"), source=CommandOutput(command=PUSH, key="digest"))
    return item if oci.digest else replace(item, values_from=(pushed,))


def _verification(verify: Verify) -> OCIRepositoryVerification:
    return OCIRepositoryVerification(
        provider=verify.provider,
        secret_ref=LocalObjectReference(name=verify.secret) if verify.secret else None,
        match_oidc_identity=tuple(
            OIDCIdentityMatch(issuer=item.issuer, subject=item.subject) for item in verify.identities
        ),
    )


def _wait_for(platform: Platform) -> str:
    """Ready for this very artifact; the provider honours observedGeneration."""
    digest = oci_of(platform).digest
    applied = (
        f"lastAppliedRevision}}={digest}" if digest else f"lastAppliedOriginRevision}}={origin_revision(platform)}"
    )
    return json.dumps(["condition=Ready", f"jsonpath={{.status.{applied}"])
