"""What a cluster holds beside what the stack's state tells: Pulumi refuses to create what exists."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from gitops.errors import Problem
from gitops.objects import ObjectKey
from gitops.taking_over import TAKE_OVER

_PROVIDER: Final = "kubernetes:"
_SWITCHES: Final = " ".join(f"{name}={value}" for name, value in TAKE_OVER.items())
_FIX: Final = (
    f"let Pulumi take it over: {_SWITCHES} homelab up STACK; or, where an old sync reconciles it, homelab adopt STACK"
)


def recorded(state: Mapping[str, Any]) -> frozenset[ObjectKey]:
    """The objects that a stack's state knows.

    Args:
        state: As `pulumi stack export` prints it.
    """
    resources = state["deployment"].get("resources") or ()
    return frozenset(
        _key(item["type"], item["id"]) for item in resources if item["type"].startswith(_PROVIDER) and "id" in item
    )


def unrecorded(present: Iterable[ObjectKey], known: frozenset[ObjectKey]) -> Iterator[Problem]:
    """What is in the way of an update, of all that Pulumi registers and that is there."""
    for key in sorted(set(present) - known):
        yield Problem(
            rule="existing/state",
            where=str(key),
            what="Pulumi is to create it, and it is there already",
            fix=_FIX,
        )


def _key(token: str, identifier: str) -> ObjectKey:
    """Of a type such as kubernetes:apps/v1:Deployment and an id such as namespace/name."""
    _, version, kind = token.split(":")
    group = version.rpartition("/")[0]
    namespace, _, name = identifier.rpartition("/")
    return ObjectKey("" if group == "core" else group, kind, namespace, name)
