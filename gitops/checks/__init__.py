"""What can be wrong with a platform: rules as pure functions, one file a family."""

from collections.abc import Callable
from typing import Any, Final

from gitops.checks import (
    bootstrap,
    chart_values,
    edges,
    gates,
    network,
    objects,
    order,
    safety,
    schema,
    secrets,
    shards,
    sources,
    stacks,
    types,
    variables,
)
from gitops.checks.report import UNUSED, Report, report
from gitops.checks.rule import PlatformRule, ProjectRule, Rule
from gitops.platform import Platform

PREREQUISITES: Final[tuple[PlatformRule, ...]] = (*bootstrap.RULES, *order.RULES)
"""What must hold before a policy can work on a platform."""

EARLY_RULES: Final[tuple[PlatformRule, ...]] = (
    *PREREQUISITES,
    *objects.RULES,
    *variables.RULES,
    *types.RULES,
    *sources.RULES,
    *secrets.RULES,
    *safety.RULES,
    *schema.RULES,
    *chart_values.RULES,
)
"""What can be said even of a platform whose order is broken."""

RULES: Final[tuple[PlatformRule, ...]] = (
    *EARLY_RULES,
    *network.RULES,
    *gates.RULES,
    *edges.RULES,
    *shards.RULES,
)
"""The rules of one stack: they must hold before it is planned, previewed or applied."""

PROJECT_RULES: Final[tuple[ProjectRule, ...]] = stacks.PROJECT_RULES
"""The rules of all stacks together, which only `homelab check` asks."""

ALL_RULES: Final[tuple[Rule[Any], ...]] = (*RULES, *PROJECT_RULES, UNUSED)
"""Every rule there is."""


def examined(seed: Platform, profiled: Callable[[Platform], Platform]) -> tuple[Platform, Report]:
    """A platform under its profile and what the rules find on it.

    Where policies cannot work it is the seed platform, and what can be said of that.
    """
    if report(seed, PREREQUISITES).errors:
        return seed, report(seed, (rule for rule in EARLY_RULES if rule.closed_by is None))
    platform = profiled(seed)
    return platform, report(platform, RULES)
