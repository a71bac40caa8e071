"""Odyssey's seed platform with a little more in it, and what the rules say of a platform."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from addons.catalogue import seed
from gitops.addon import Addon, controllers
from gitops.checks import RULES
from gitops.checks.rule import PlatformRule, problems
from gitops.errors import Problem
from gitops.objects import KubernetesObject, Metadata, Unstructured
from gitops.platform import Platform
from tests.support.stacks import shipped

SEED = seed(shipped("odyssey", profile="seed"))


def widget(name: str, **spec: Any) -> Unstructured:
    metadata = Metadata(name=name, namespace="widgets")
    return Unstructured(api_version="example.org/v1", kind="Widget", metadata=metadata, fields={"spec": spec})


def addon(name: str, *objects: KubernetesObject, **edges: Any) -> Addon:
    declared_at = f"addons/network/{name}.py:1"
    return Addon(name=name, controllers=controllers(name, *objects, **edges), declared_at=declared_at)


def with_addons(*addons: Addon, layer: str = "network", platform: Platform = SEED) -> Platform:
    return platform.map_layers(
        lambda item: replace(item, addons=(*item.addons, *addons)) if item.name == layer else item
    )


def found(platform: Platform, rules: Iterable[PlatformRule] = RULES) -> list[Problem]:
    """What the rules say of a platform, less what they say of the seed, which strict's policies close."""
    asked = tuple(rules)
    known = set(problems(SEED, asked))
    return [problem for problem in problems(platform, asked) if problem not in known]
