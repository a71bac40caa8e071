"""Delivery `git`: Pulumi registers the source and the layers, Flux builds the rest from the rendered tree."""

import json
from typing import Final

from gitops.cluster import Git
from gitops.delivery import expansion, tree_layers
from gitops.delivery.registration import Registration
from gitops.duration import Duration
from gitops.errors import PlatformError, Problem
from gitops.flux import (
    NAMESPACE,
    SOURCE,
    GitRepository,
    GitRepositoryRef,
    GitRepositorySpec,
    LocalObjectReference,
)
from gitops.objects import Manifest, Metadata, ObjectKey
from gitops.platform import Platform
from gitops.rendering import tree

COMPONENT: Final = "flux"
"""Component of the source."""


def registrations(platform: Platform) -> tuple[Registration, ...]:
    """The variables, the source, a Kustomization for each layer, and the website."""
    return tree_layers.registrations(platform, _source(platform), _wait_for(platform))


def expand(platform: Platform) -> dict[ObjectKey, Manifest]:
    """What Flux makes of the tree, and what Pulumi applies beside it."""
    return expansion.of_tree(registrations(platform), tree(platform))


def git_of(platform: Platform) -> Git:
    """The Git settings, which this delivery cannot do without."""
    if platform.cluster.git is None:
        problem = Problem(
            rule="delivery/git-url",
            where="homelab:git.url",
            what="delivery git has no repository to deliver from",
            fix="set homelab:git.url, or choose delivery direct",
        )
        raise PlatformError([problem])
    return platform.cluster.git


def _source(platform: Platform) -> Registration:
    git = git_of(platform)
    spec = GitRepositorySpec(
        interval=Duration.minutes(1),
        url=git.url,
        ref=GitRepositoryRef(branch=platform.cluster.git_branch, commit=git.commit),
        secret_ref=LocalObjectReference(name=git.secret) if git.secret else None,
    )
    source = GitRepository(metadata=Metadata(name=SOURCE, namespace=NAMESPACE), spec=spec)
    return Registration(name=f"{COMPONENT}-source", component=COMPONENT, manifest=source.manifest())


def _wait_for(platform: Platform) -> str:
    """Ready, and with a pinned commit Ready for that commit; the provider honours observedGeneration."""
    git = git_of(platform)
    ready = "condition=Ready"
    if git.commit is None:
        return ready
    revision = f"{platform.cluster.git_branch}@sha1:{git.commit}"
    return json.dumps([ready, f"jsonpath={{.status.lastAppliedRevision}}={revision}"])
