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


def unrecorded(present: Iterable[ObjectKey], state: Mapping[str, Any]) -> Iterator[Problem]:
    """What is in the way of an update.

    Args:
        present: Of all that Pulumi registers, what is there.
        state: The stack's, as `pulumi stack export` prints it.
    """
    for key in sorted(set(present) - _recorded(state)):
        yield Problem(
            rule="existing/state",
            where=str(key),
            what="Pulumi is to create it, and it is there already",
            fix=_FIX,
        )


def _recorded(state: Mapping[str, Any]) -> set[ObjectKey]:
    resources = state["deployment"].get("resources") or ()
    return {_key(item["type"], item["id"]) for item in resources if item["type"].startswith(_PROVIDER) and "id" in item}


def _key(token: str, identifier: str) -> ObjectKey:
    """Of a type such as kubernetes:apps/v1:Deployment and an id such as namespace/name."""
    _, version, kind = token.split(":")
    group = version.rpartition("/")[0]
    namespace, _, name = identifier.rpartition("/")
    return ObjectKey("" if group == "core" else group, kind, namespace, name)
