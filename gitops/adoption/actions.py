"""What a step of an adoption does, as data: a command does exactly this and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from gitops.objects import Manifest, object_key

MANAGER: Final = "homelab-adopt"
"""Who owns fields while they change hands."""

_SHOWN: Final = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A JSON merge patch of an object; one that is gone needs none."""

    object: Manifest
    patch: Mapping[str, Any]
    does: str

    @property
    def text(self) -> str:
        """The action for people."""
        return f"{object_key(self.object)}: {self.does}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settle:
    """Wait until an object's controller has ended what it was doing when it was stopped."""

    object: Manifest

    @property
    def text(self) -> str:
        """The action for people."""
        return f"{object_key(self.object)}: what it is doing now comes to its end"


@dataclass(frozen=True, kw_only=True, slots=True)
class Take:
    """Apply what the stack says of an object, by force, then end the part that others have in it.

    Attributes:
        object: The object as the stack declares it.
        others: The field managers that no longer apply it.
        changes: The fields that it gets, or that change.
    """

    object: Manifest
    others: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The action for people."""
        others = f"no longer {' and '.join(self.others)}'s" if self.others else "as the stack declares it"
        more = f" and {len(self.changes) - _SHOWN} more" if len(self.changes) > _SHOWN else ""
        changes = f"changes {', '.join(self.changes[:_SHOWN])}{more}" if self.changes else "changes no value"
        return f"{object_key(self.object)}: {others}; {changes}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """End this command's own part in an object."""

    object: Manifest

    @property
    def text(self) -> str:
        """The action for people."""
        return f"{object_key(self.object)}: left to its owner"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delete:
    """Delete a stopped Kustomization, which leaves what it applied, and wait until it is gone."""

    object: Manifest

    @property
    def text(self) -> str:
        """The action for people."""
        return f"{object_key(self.object)}: deleted alone, without what it applied"


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """Publish, run `pulumi up` in this environment, and wait until every bundle is Ready."""

    does: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The action for people."""
        return self.does


Action: TypeAlias = Change | Settle | Take | Release | Delete | Register


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """Some actions that belong together, and what they are for."""

    title: str
    actions: tuple[Action, ...]
