"""The stack's config: from text to a `Cluster`, with every mistake in one report."""

from gitops.config.document import stack_file_name
from gitops.config.parsing import KnownNames, parse_config, parse_stack, with_overrides
from gitops.config.schema import stack_schema
from gitops.config.template import new_stack

__all__ = [
    "KnownNames",
    "new_stack",
    "parse_config",
    "parse_stack",
    "stack_file_name",
    "stack_schema",
    "with_overrides",
]
