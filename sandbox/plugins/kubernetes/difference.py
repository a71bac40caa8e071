"""What differs between an object as it was last seen and the new inputs, field by field."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.provider import DiffResponse, PropertyDiff, PropertyDiffKind

from gitops.objects import Manifest
from sandbox.plugins.changes import REPLACING, Change, Path, changes, path_text
from sandbox.plugins.kubernetes.replacement import replaces
from sandbox.plugins.kubernetes.state import State, normalized, pruned


def difference(
    state: State, news: Manifest, fields: tuple[Path, ...], *, namespaced: bool, ignored: Sequence[str] = ()
) -> DiffResponse:
    """What the new inputs change, and whether that replaces the object; nothing where only others changed it."""
    new = _placed(normalized(news), namespaced=namespaced)
    old = _placed(pruned(state.live, normalized(state.inputs)), namespaced=namespaced)
    detailed = {
        path_text(change.path): _diff(change, fields)
        for change in changes(old, new)
        if not _is_ignored(path_text(change.path), ignored)
    }
    replacing = [
        key
        for key, item in detailed.items()
        if item.kind in REPLACING.values() or (key == "metadata" and item.kind is PropertyDiffKind.DELETE)
    ]
    same = new["metadata"].get("name") == state.live["metadata"]["name"] and _namespace(new) == _namespace(state.live)
    return DiffResponse(
        changes=bool(detailed),
        replaces=replacing,
        # The new object cannot be created beside the old one of the same name.
        delete_before_replace=bool(replacing) and same,
        detailed_diff=detailed,
    )


def _placed(manifest: Manifest, *, namespaced: bool) -> Manifest:
    """With its namespace spelt out, or without one where the kind has none."""
    metadata = {key: value for key, value in manifest.get("metadata", {}).items() if key != "namespace"}
    if namespaced:
        metadata["namespace"] = _namespace(manifest) or "default"
    return manifest | {"metadata": metadata}


def _namespace(manifest: Mapping[str, Any]) -> Any:
    return manifest.get("metadata", {}).get("namespace")


def _diff(change: Change, fields: tuple[Path, ...]) -> PropertyDiff:
    deleted = change.kind is PropertyDiffKind.DELETE
    replacing = replaces(change.path, change.value, fields)
    return PropertyDiff(REPLACING[change.kind] if replacing else change.kind, input_diff=deleted)


def _is_ignored(path: str, ignored: Sequence[str]) -> bool:
    return any(path == item or path.startswith((f"{item}.", f"{item}[")) for item in ignored)
