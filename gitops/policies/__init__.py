"""What `strict` adds to the article's YAML: named, pure changes to a platform, each with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getdoc
from typing import TypeAlias

from gitops.platform import Platform

Change: TypeAlias = Callable[[Platform], Platform]


@dataclass(frozen=True, slots=True)
class Policy:
    """One named change; the first line of its function's docstring is its reason."""

    name: str
    apply: Change

    @property
    def reason(self) -> str:
        """Why the change is made, in one line."""
        return (getdoc(self.apply) or "").partition("\n")[0]
