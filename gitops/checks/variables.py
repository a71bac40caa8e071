"""Variables: what an object's text refers to must be declared."""

from collections.abc import Iterator

from gitops.errors import Problem, SubstitutionError
from gitops.objects import KubernetesObject
from gitops.platform import Platform
from gitops.substitution import substitute


def declared_variables(platform: Platform) -> Iterator[Problem]:
    """Since Flux 2.9 an undeclared variable fails the whole Kustomization (StrictPostBuildSubstitutions)."""
    values = platform.values
    declared = (
        (addon.declared_at, item) for addon in platform.addons for bundle in addon.bundles for item in bundle.objects
    )
    for where, item in (*declared, *(("the website", item) for item in platform.website)):
        yield from _problems(item, values, where)


def _problems(item: KubernetesObject, values: dict[str, str], where: str) -> tuple[Problem, ...]:
    try:
        substitute(item.manifest(), values)
    except SubstitutionError as error:
        return tuple(_placed(problem, where) for problem in error.problems)
    return ()


def _placed(problem: Problem, where: str) -> Problem:
    return Problem(rule=problem.rule, where=f"{where}: {problem.where}", what=problem.what, fix=problem.fix)
