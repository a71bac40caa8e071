"""Who owns which fields: what Pulumi created or kubectl applied becomes the resource's own before it is applied."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

CREATOR: Final = "pulumi-kubernetes"
"""The manager that objects are created with."""

_OWN: Final = frozenset({CREATOR, "pulumi-resource-kubernetes"})
_TAKEN_OVER: Final = frozenset(
    {("kubectl", "Apply"), ("kubectl", "Update"), ("before-first-apply", "Update")}
    | {(name, "Update") for name in _OWN}
)


def taken_over(managed: Sequence[Mapping[str, Any]], manager: str) -> list[dict[str, Any]] | None:
    """The managed fields once `manager` has taken over; nothing when there is nothing to take over."""
    taken = [item for item in managed if _is_taken_over(item)]
    if not taken:
        return None
    own = [item for item in managed if (item["manager"], item["operation"]) == (manager, "Apply")]
    merged: dict[str, Any] = {}
    for item in (*own, *taken):
        merged = _union(merged, item["fieldsV1"])
    entry = dict(taken[-1]) | {"manager": manager, "operation": "Apply", "fieldsV1": merged}
    return [dict(item) for item in managed if item not in taken and item not in own] + [entry]


def created_by_pulumi(managed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether fields are still its creator's: only a preview meets that, as an update takes them over first."""
    return any(item["manager"] in _OWN and item["operation"] == "Update" for item in managed)


def _is_taken_over(item: Mapping[str, Any]) -> bool:
    return (item["manager"], item["operation"]) in _TAKEN_OVER and not item.get("subresource")


def _union(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _union(left.get(key, {}), right.get(key, {})) for key in left.keys() | right.keys()}
