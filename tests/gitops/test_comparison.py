"""Differences by object and field path."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addons.catalogue import platform, seed
from gitops.attribution import attribution, manifests
from gitops.comparison import MISSING, FieldChange, compare
from gitops.objects import ObjectKey
from tests.support.stacks import shipped, variant

KEY = ObjectKey("", "ConfigMap", "a", "b")
OTHER = ObjectKey("", "ConfigMap", "a", "c")


def fields(before: Any, after: Any) -> list[tuple[str, Any, Any]]:
    changes = compare({KEY: {"spec": before}}, {KEY: {"spec": after}})
    return [(field.path, field.before, field.after) for change in changes for field in change.fields]


def test_equal_sets_have_no_difference() -> None:
    assert compare({KEY: {"a": [1, {"b": None}]}}, {KEY: {"a": [1, {"b": None}]}}) == ()


def test_nothing_differs_from_itself() -> None:
    value = math.nan
    assert fields({"a": value}, {"a": value}) == []


def test_added_and_removed_objects_are_named_by_key() -> None:
    changes = compare({KEY: {}}, {OTHER: {}})
    assert [(change.key, change.kind, change.fields) for change in changes] == [
        (KEY, "removed", ()),
        (OTHER, "added", ()),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, [("spec.a", 1, 2)]),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, [("spec.a.b", 1, MISSING), ("spec.a.c", MISSING, 1)]),
        ({"a": [1, 2]}, {"a": [1]}, [("spec.a[1]", 2, MISSING)]),
        ({"a": [1]}, {"a": [1, 2]}, [("spec.a[1]", MISSING, 2)]),
        ({"a": None}, {}, [("spec.a", None, MISSING)]),
        ({"a": 1}, {"a": True}, [("spec.a", 1, True)]),
        ({"a": "1"}, {"a": 1}, [("spec.a", "1", 1)]),
        ({"a": {}}, {"a": []}, [("spec.a", {}, [])]),
        ({"a.b/c": 1}, {"a.b/c": 2}, [("spec['a.b/c']", 1, 2)]),
        ({"a-b_c": 1}, {"a-b_c": 2}, [("spec.a-b_c", 1, 2)]),
    ],
)
def test_a_change_is_named_by_the_path_of_its_field(
    before: Any, after: Any, expected: list[tuple[str, Any, Any]]
) -> None:
    assert fields(before, after) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_there_is_a_difference_exactly_when_values_differ(before: Any, after: Any) -> None:
    assert fields(before, before) == []
    assert bool(fields(before, after)) == (_canonical(before) != _canonical(after))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(JSON, JSON)
def test_a_difference_read_backwards_is_the_difference_of_the_sides_swapped(before: Any, after: Any) -> None:
    backwards = [FieldChange(path=path, before=new, after=old) for path, old, new in fields(before, after)]
    forwards = [FieldChange(path=path, before=old, after=new) for path, old, new in fields(after, before)]
    assert sorted(map(repr, backwards)) == sorted(map(repr, forwards))


def test_every_difference_between_seed_and_strict_has_a_policy() -> None:
    cluster = variant(log_collector="alloy")
    causes = attribution(seed(cluster))
    before = manifests(platform(variant(log_collector="alloy", profile="seed")))
    for change in compare(before, manifests(platform(cluster))):
        assert change.kind == "changed" or causes.of_object(change.key)
        assert all(causes.of_field(change.key, field.path) for field in change.fields), change.key


@pytest.mark.parametrize(
    ("key", "path", "policies"),
    [
        (
            ObjectKey("helm.toolkit.fluxcd.io", "HelmRelease", "metallb", "metallb"),
            "spec.install",
            ("releases",),
        ),
        (
            ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", "network-reconciliation"),
            "spec.prune",
            ("pruning",),
        ),
        (
            ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", "metallb-configs"),
            "spec.postBuild",
            ("reserved-addresses", "revision"),
        ),
        (
            ObjectKey("kustomize.toolkit.fluxcd.io", "Kustomization", "flux-system", "cert-manager-configs"),
            "spec.postBuild.substitute.revision",
            ("revision",),
        ),
        (ObjectKey("", "Namespace", "", "metallb"), "spec", ()),
    ],
)
def test_a_field_is_attributed_to_the_policies_that_touched_it(
    key: ObjectKey, path: str, policies: tuple[str, ...]
) -> None:
    assert attribution(seed(shipped("odyssey"))).of_field(key, path) == policies


def test_an_object_is_attributed_to_the_policy_that_added_it() -> None:
    causes = attribution(seed(shipped("odyssey")))
    assert causes.of_object(ObjectKey("metallb.io", "IPAddressPool", "metallb", "reserved")) == ("reserved-addresses",)
    assert causes.of_object(ObjectKey("metallb.io", "IPAddressPool", "metallb", "standard")) == ()
