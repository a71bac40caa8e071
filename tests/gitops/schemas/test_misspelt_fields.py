"""Odyssey with each of its fields misspelt, one at a time."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from addons.catalogue import platform
from gitops.applied import applied
from gitops.chart import chart_of
from gitops.objects import Manifest
from gitops.schemas.chart_facts import chart_facts, unknown_keys
from gitops.schemas.validation import mistakes
from tests.support.stacks import shipped

USERS_NAME_THEM = {
    ("ClusterSecretStore", "spec.provider.onepassword.vaults"),
    ("ConfigMap", "data"),
    ("HelmRelease", "spec.values"),
    ("ResourceSet", "spec.inputs"),
    ("ResourceSet", "spec.resources"),
    ("ResourceSetInputProvider", "spec.defaultValues"),
}
"""What holds keys that are no fields of the kind, beside the next."""

NAMES = {"annotations", "labels", "limits", "matchLabels", "requests", "selector", "substitute"}
"""Fields that hold such a mapping in many kinds."""

Path = tuple[str | int, ...]


def _fields(value: Any, path: Path) -> Iterator[Path]:
    """The path of every field below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if isinstance(key, str):
            yield (*path, key)
        yield from _fields(item, (*path, key))


def _misspelt(manifest: Manifest, path: Path) -> Manifest:
    changed = copy.deepcopy(manifest)
    owner: Any = changed
    for part in path[:-1]:
        owner = owner[part]
    owner[f"{path[-1]}x"] = owner.pop(path[-1])
    return changed


def _is_named_by_users(kind: str, path: Path) -> bool:
    names = [str(part) for part in path[:-1]]
    places = {(kind, ".".join(names[:end])) for end in range(1, len(names) + 1)}
    return bool(places & USERS_NAME_THEM) or not NAMES.isdisjoint(names)


@pytest.mark.parametrize("delivery", ["git", "inline"])
def test_every_misspelt_field_is_found_wherever_it_is(delivery: str) -> None:
    objects = [item.manifest for item in applied(platform(shipped("odyssey", delivery=delivery)))]
    judged = [
        (manifest, path)
        for manifest in objects
        for path in _fields(manifest, ())
        # Without its kind or version an object is none.
        if path not in {("apiVersion",), ("kind",)} and not _is_named_by_users(manifest["kind"], path)
    ]
    assert len(judged) > 1000
    missed = {(item["kind"], path) for item, path in judged if not mistakes(_misspelt(item, path))}
    assert missed == set()


def test_every_misspelt_key_at_the_top_of_a_chart_s_values_is_found() -> None:
    judged = 0
    for addon in platform(shipped("odyssey")).addons:
        chart = chart_of(addon.controllers.objects)
        facts = chart_facts(chart.name) if chart else None
        (release,) = (item.manifest() for item in addon.controllers.objects if item.kind == "HelmRelease")
        for key, value in release["spec"].get("values", {}).items():
            assert facts
            assert [item.path for item in unknown_keys({f"{key}x": value}, facts)] == [(f"{key}x",)]
            judged += 1
    assert judged > 30
