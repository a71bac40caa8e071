"""Which cluster a live one is: the variables in it say so, whatever delivers them."""

from collections.abc import Iterable, Iterator
from typing import Final

from gitops.errors import Problem
from gitops.flux import NAMESPACE, RESOURCE_SET_API
from gitops.objects import Manifest, object_key
from gitops.variables import CLUSTER_VARS

_PLACE: Final = {"name": CLUSTER_VARS, "namespace": NAMESPACE}
VARIABLES: Final[tuple[Manifest, ...]] = (
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _PLACE},
    {"apiVersion": RESOURCE_SET_API, "kind": "ResourceSetInputProvider", "metadata": _PLACE},
)
"""What may hold a cluster's variables: with a source the first, in delivery inline the other."""


def strange(cluster: str, variables: Iterable[Manifest]) -> Iterator[Problem]:
    """Those of the live variables that are not of the stack's cluster."""
    for item in variables:
        if (name := _cluster_name(item)) != cluster:
            found = f"the cluster {name}" if name else "no stack's cluster"
            yield Problem(
                rule="existing/cluster",
                where=str(object_key(item)),
                what=f"this is {found}, and the stack's is {cluster}",
                fix="choose another kubeconfig or context, or another stack",
            )


def _cluster_name(variables: Manifest) -> str | None:
    values = variables.get("data") or (variables.get("spec") or {}).get("defaultValues") or {}
    name: str | None = values.get("cluster_name")
    return name
