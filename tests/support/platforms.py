"""Odyssey with a little more in it, platforms of one layer, and what the rules say of them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from addons.catalogue import platform as planned
from addons.catalogue import seed
from gitops.addon import Addon, Bundle, Reconciliation, controllers
from gitops.checks import RULES, chart_values, schema
from gitops.checks.rule import PlatformRule, problems
from gitops.duration import Duration
from gitops.errors import Problem
from gitops.flux import CrossNamespaceSourceReference, HelmRelease, HelmReleaseSpec
from gitops.layer import Layer
from gitops.objects import KubernetesObject, Metadata, Unstructured
from gitops.platform import Platform
from gitops.variables import cluster_vars
from tests.support.stacks import shipped, variant

# Widgets have no schema; the rules on schemas have tests of their own.
_RULES = tuple(rule for rule in RULES if rule not in (*schema.RULES, *chart_values.RULES))
SEED = seed(shipped("odyssey", profile="seed"))


STRICT = planned(shipped("odyssey"))


def small(*addons: Addon, waits: bool = True, website: tuple[KubernetesObject, ...] = (), **settings: Any) -> Platform:
    """A platform of one layer, with odyssey's variables."""
    cluster = variant(**settings)
    reconciliation = Reconciliation(prune=True, wait=waits, timeout=Duration.hours(1))
    layer = Layer(name="network", folder="network", tenant="network", reconciliation=reconciliation, addons=addons)
    return Platform(cluster=cluster, variables=(cluster_vars(cluster),), layers=(layer,), website=website)


def with_reconciliation(item: Platform, bundle: str, **changes: Any) -> Platform:
    """The platform with one bundle reconciled differently."""

    def changed(found: Bundle) -> Bundle:
        if found.name != bundle:
            return found
        return replace(found, reconciliation=replace(found.reconciliation, **changes))

    return item.map_bundles(changed)


def thing(kind: str, name: str, group: str = "example.org", **fields: Any) -> Unstructured:
    """An object of any kind, in namespace `widgets`."""
    metadata = Metadata(name=name, namespace="widgets")
    return Unstructured(api_version=f"{group}/v1", kind=kind, metadata=metadata, fields=fields)


def release(name: str, timeout: Duration | None = None, **values: Any) -> HelmRelease:
    """A release in namespace `widgets`."""
    reference = CrossNamespaceSourceReference(kind="OCIRepository", name=name)
    spec = HelmReleaseSpec(interval=Duration.hours(1), timeout=timeout, chart_ref=reference, values=values)
    return HelmRelease(metadata=Metadata(name=name, namespace="widgets"), spec=spec)


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


def found(platform: Platform, rules: Iterable[PlatformRule] = _RULES) -> list[Problem]:
    """What the rules say of a platform, less what they say of the seed, which strict's policies close."""
    asked = tuple(rules)
    known = set(problems(SEED, asked))
    return [problem for problem in problems(platform, asked) if problem not in known]


def listed(item: Platform, rules: Iterable[PlatformRule]) -> list[Problem]:
    """Everything that the rules say of a platform."""
    return list(problems(item, rules))


def whats(item: Platform, rule: PlatformRule) -> list[str]:
    """What one rule says is wrong."""
    return [problem.what for problem in listed(item, [rule])]
