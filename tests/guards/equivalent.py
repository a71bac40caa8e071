"""Guards without which nothing is different, each with what it is there for."""

from collections.abc import Mapping
from typing import Final

from tests.guards.guard import Guard

EQUIVALENT: Final[Mapping[tuple[str, str], str]] = {
    ("gitops/checks/chart_values.py", "without `self.facts is not None`"): "for the type: asked only where there are",
    ("gitops/checks/secrets.py", "without `creation.declared is None`"): "for the type: what an issuer makes has one",
    ("gitops/checks/secrets.py", "without `use.declared`"): "for the type: only the source has none, and lacks nothing",
    ("gitops/config/document.py", "always `event.start_mark`"): "for the type: the reader marks every event",
    ("gitops/config/parsing.py", "without `cluster is None`"): "for the type: without a model there are problems",
    ("gitops/substitution.py", "without `not texts`"): "saves writing and reading what has no variables",
    ("gitops/substitution.py", "always `'$' in value`"): "saves looking for variables where none can be",
}
"""By file and change."""


def is_equivalent(guard: Guard) -> bool:
    """Whether a guard is known to change nothing."""
    return (str(guard.path), guard.change) in EQUIVALENT
