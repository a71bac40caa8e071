"""Variables: what an object's text refers to is declared, in reach, used, and of the type that its reader wants."""

import re
from collections.abc import Iterator
from typing import Any, Final

from gitops.checks.fields import leaves
from gitops.checks.rule import rule
from gitops.declared import DeclaredBundle, DeclaredObject
from gitops.errors import Violation
from gitops.flux import NAMESPACE
from gitops.layer import Layer
from gitops.objects import Manifest
from gitops.platform import Platform
from gitops.rendering import bundle_kustomization
from gitops.substitution import variables_used
from gitops.variables import CLUSTER_VARS, layer_values


@rule("variables/substitution")
def declared_variables(platform: Platform) -> Iterator[Violation]:
    """Since Flux 2.9 an undeclared variable fails the whole Kustomization (feature gate StrictPostBuildSubstitutions).

    Nothing in that bundle is applied any more, not even what does not use the variable. A bundle that uses no declared
    one is not substituted at all, so that the text `${name}` itself reaches the cluster.
    """
    for item in platform.declared:
        for problem in item.refused:
            yield item.violation(problem.field, what=problem.what, fix=problem.fix)


@rule("variables/reachable")
def reachable_variables(platform: Platform) -> Iterator[Violation]:
    """Flux looks a variable up in the `postBuild` of the one Kustomization that builds the object, and nowhere else.

    A bundle's own Kustomization is built by its layer, so its text can use just what the layer has; and
    `substituteFrom` reads ConfigMaps of the Kustomization's own namespace only.
    """
    for item in platform.declared:
        if item.item in platform.variables and item.key.namespace != NAMESPACE:
            yield item.violation(
                "metadata.namespace",
                what=f"the variables are in namespace {item.key.namespace!r}, where no Kustomization looks for them",
                fix=f"keep them in {NAMESPACE}",
            )
    for layer, (built, manifest) in ((each, item) for each in platform.layers for item in _built_by(platform, each)):
        for name in sorted(variables_used(manifest) - layer_values(platform, layer).keys()):
            yield built.violation(
                what=f"it uses ${{{name}}}, which layer {layer.name}, that builds it, does not have",
                fix=f"give the layer {name} in its substitute, or write the value itself",
            )


@rule("variables/used")
def used_variables(platform: Platform) -> Iterator[Violation]:
    """A variable that nothing uses is a setting that does nothing: most often a name that was changed on one side.

    The seven of `cluster-vars` are always there, as what runs beside the platform may rely on them.
    """
    used = {name for item in platform.declared for name in variables_used(item.manifest)}
    derived = (item for item in platform.declared if item.item in platform.variables and item.key.name != CLUSTER_VARS)
    for item in derived:
        for name in sorted(item.manifest["data"].keys() - used):
            yield item.violation(f"data.{name}", what=f"nothing uses ${{{name}}}", fix="remove it, or use it")


@rule("variables/config")
def configured_variables(platform: Platform) -> Iterator[Violation]:
    """`cluster-vars` is what everything in the cluster may rely on, and just the values of the config are checked.

    One that is changed on its way was never looked at: an address outside of the pool, or a domain that is none.
    """
    wanted = platform.cluster.cluster_vars.as_data()
    for item in platform.declared:
        data = item.manifest["data"] if item.item in platform.variables and item.key.name == CLUSTER_VARS else wanted
        for name in (name for name, value in wanted.items() if data.get(name) != value):
            what = f"{name} is {data.get(name)!r}, but {wanted[name]!r} in the config"
            yield item.violation(f"data.{name}", what=what, fix=f"change homelab:cluster_vars.{name} instead")


@rule("variables/distinct")
def distinct_variables(platform: Platform) -> Iterator[Violation]:
    """Of two ConfigMaps that hold one variable the later wins, and it depends on the bundle which of them it reads."""
    seen: dict[str, str] = {}
    for key, name, value in ((item.key, *pair) for item in platform.variables for pair in item.data.items()):
        if seen.setdefault(name, value) != value:
            yield Violation(
                object=key,
                field=f"data.{name}",
                what=f"{name} is {value!r} here and {seen[name]!r} before",
                fix="give each variable a name of its own",
            )


@rule("variables/accidental")
def accidental_variables(platform: Platform) -> Iterator[Violation]:
    """Flux fills in every `${name}` that it knows, also where a script or dashboard meant a variable of its own.

    What no variable can be called, like `${1}` or `${__from}`, is escaped by itself (`gitops/literals.py`).
    """
    values = platform.values
    for item, leaf in ((each, leaf) for each in platform.declared for leaf in leaves(each.manifest)):
        for name in sorted(_own_names(leaf.value) & values.keys()):
            yield item.violation(
                leaf.path,
                what=f"the text sets {name} itself, but Flux replaces ${{{name}}} by {values[name]!r}",
                fix=f"write $${{{name}}} for the text's own variable, or call it differently",
            )


_ASSIGNED: Final = re.compile(r"^\s*(?:export |local |readonly )?([A-Za-z_][A-Za-z0-9_]*)=", re.MULTILINE)
_DASHBOARD: Final = re.compile(r'"templating"\s*:')
_NAMED: Final = re.compile(r'"name"\s*:\s*"([A-Za-z_][A-Za-z0-9_]*)"')
_EXPANDED: Final = re.compile(r"(?<!\$)(?:\$\$)*\$\{([A-Za-z_][A-Za-z0-9_]*)")


def _own_names(text: Any) -> set[str]:
    """The variables that a script or a Grafana dashboard declares for itself and expands."""
    if not isinstance(text, str) or "\n" not in text.strip():
        return set()
    own = set(_NAMED.findall(text)) if _DASHBOARD.search(text) else set(_ASSIGNED.findall(text))
    return own & set(_EXPANDED.findall(text))


def _built_by(platform: Platform, layer: Layer) -> Iterator[tuple[DeclaredObject | DeclaredBundle, Manifest]]:
    """What a layer's own Kustomization builds: its objects, and the Kustomizations of its bundles."""
    yield from ((item, item.manifest) for item in platform.declared if item.item in layer.objects)
    for home in platform.declared_bundles:
        if home.layer is layer:
            yield home, bundle_kustomization(platform, home.bundle, home.folder).manifest()


RULES: Final = (
    declared_variables,
    reachable_variables,
    used_variables,
    configured_variables,
    distinct_variables,
    accidental_variables,
)
