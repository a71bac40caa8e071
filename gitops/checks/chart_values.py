"""Chart values: keys that a chart does not have, by what is recorded of it with its version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gitops.addon import Addon
from gitops.chart import Chart, chart_of
from gitops.checks.rule import rule
from gitops.errors import Severity, Violation
from gitops.flux import HelmRelease
from gitops.platform import Platform
from gitops.schemas.chart_facts import ChartFacts, UnknownKey, chart_facts, unknown_keys
from gitops.schemas.mistakes import suggestion

_STAND_IN: Final = "sandbox"
"""The key that the sandbox's stand-ins have beside their chart's own."""


@rule("schema/chart-key")
def known_chart_keys(platform: Platform) -> Iterator[Violation]:
    """Helm hands a misspelt value to its chart, which ignores it: the release is Ready without what was asked for."""
    for release, item in _unknown_keys(platform):
        if release.exact and len(item.path) == 1:
            yield release.unknown_key(item, f"{release.title} has no value {item.path[0]!r}")


@rule("schema/chart-key-unlisted", severity=Severity.WARNING)
def listed_chart_keys(platform: Platform) -> Iterator[Violation]:
    """A value that is in no list of the chart's own is most often misspelt, and then ignored without a word.

    Some charts also take values that they do not list, and of some not every key is recorded.
    """
    for release, item in _unknown_keys(platform):
        if not (release.exact and len(item.path) == 1):
            what = f"{release.title} is not known to have a value {'.'.join(item.path)!r}"
            yield release.unknown_key(item, what)


@rule("schema/chart-facts", severity=Severity.WARNING)
def recorded_charts(platform: Platform) -> Iterator[Violation]:
    """Between two versions a chart drops and renames values, and then ignores the old ones without a word."""
    for release in _releases(platform):
        if release.facts is None:
            what = f"the values of {release.title} are not recorded, so they are not checked"
        elif release.facts.version != release.chart.version:
            facts = release.facts
            what = f"the values of {release.title} are checked by those of {facts.version} ({facts.evidence})"
        else:
            continue
        fix = f"record its keys in gitops/schemas/charts/{release.chart.name}.json"
        yield release.violation("spec.values", what=what, fix=fix)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Release:
    """A release with its chart and what is known of that."""

    addon: Addon
    chart: Chart
    release: HelmRelease
    facts: ChartFacts | None
    chosen: Mapping[str, Any]

    @property
    def title(self) -> str:
        return f"the chart {self.chart.name} {self.chart.version}"

    @property
    def exact(self) -> bool:
        return self.facts is not None and self.facts.complete and self.facts.version == self.chart.version

    def violation(self, field: str, *, what: str, fix: str) -> Violation:
        return Violation(what=what, fix=fix, object=self.release.key, field=field, source=self.addon.declared_at)

    def unknown_key(self, item: UnknownKey, what: str) -> Violation:
        """In the stack's config, where that holds the key."""
        path, fix = ".".join(item.path), suggestion(item.path[-1], item.known)
        if _holds(self.chosen, item.path):
            return Violation(what=what, fix=fix, field=f"homelab:addons.{self.addon.name}.values.{path}")
        return self.violation(f"spec.values.{path}", what=what, fix=fix)


def _holds(values: Any, path: tuple[str, ...]) -> bool:
    return not path or (isinstance(values, Mapping) and path[0] in values and _holds(values[path[0]], path[1:]))


def _unknown_keys(platform: Platform) -> Iterator[tuple[_Release, UnknownKey]]:
    own = (_STAND_IN,) if platform.cluster.sandbox else ()
    for release in _releases(platform):
        if release.facts is not None:
            found = unknown_keys(release.release.spec.values, release.facts)
            yield from ((release, item) for item in found if item.path != own)


def _releases(platform: Platform) -> Iterator[_Release]:
    for addon in platform.addons:
        chart = chart_of(addon.controllers.objects)
        if chart:
            yield from _of_chart(platform, addon, chart)


def _of_chart(platform: Platform, addon: Addon, chart: Chart) -> Iterator[_Release]:
    choice = platform.cluster.addons.get(addon.name)
    for item in addon.controllers.objects:
        if isinstance(item, HelmRelease):
            yield _Release(
                addon=addon,
                chart=chart,
                release=item,
                facts=chart_facts(chart.name),
                chosen=choice.values if choice else {},
            )


RULES: Final = (known_chart_keys, listed_chart_keys, recorded_charts)
