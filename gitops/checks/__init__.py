"""What can be wrong with a platform: pure functions from a platform to problems, one file a family."""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from gitops.checks.availability import available
from gitops.checks.objects import distinct_objects, valid_names
from gitops.checks.order import acyclic_bundles, distinct_bundles, existing_bundles
from gitops.checks.variables import declared_variables
from gitops.errors import PlatformError, Problem, Severity
from gitops.platform import Platform

Check: TypeAlias = Callable[[Platform], Iterable[Problem]]

SEED_CHECKS: Final[tuple[Check, ...]] = (
    available,
    distinct_bundles,
    existing_bundles,
    acyclic_bundles,
)
"""What must hold before a policy can work on a platform."""

CHECKS: Final[tuple[Check, ...]] = (distinct_objects, valid_names, declared_variables)
"""What must hold before a platform is rendered or registered."""


def sound(platform: Platform, checks: Iterable[Check], *, others: Iterable[Check] = ()) -> Platform:
    """The platform itself; PlatformError when the checks find an error, with what `others` find too."""
    problems = _problems(platform, checks)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise PlatformError(problems + _problems(platform, others))
    return platform


def _problems(platform: Platform, checks: Iterable[Check]) -> tuple[Problem, ...]:
    return tuple(problem for check in checks for problem in check(platform))
