"""Variables: what an object's text refers to must be declared."""

from collections.abc import Iterator
from typing import Final

from gitops.checks.rule import rule
from gitops.errors import Violation
from gitops.platform import Platform


@rule("variables/substitution")
def declared_variables(platform: Platform) -> Iterator[Violation]:
    """Since Flux 2.9 an undeclared variable fails the whole Kustomization (StrictPostBuildSubstitutions)."""
    for item in platform.declared:
        for problem in item.refused:
            yield item.violation(problem.field, what=problem.what, fix=problem.fix)


RULES: Final = (declared_variables,)
