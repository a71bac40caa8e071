"""What new inputs change on an object, and whether that replaces it."""

from typing import Any

import pytest
import yaml
from pulumi.provider.experimental.provider import PropertyDiffKind

from cluster.kubeconfig import parse_kubeconfig
from sandbox.plugins.kubernetes.configuration import Configuration
from sandbox.plugins.kubernetes.difference import difference
from sandbox.plugins.kubernetes.replacement import immutable_fields
from sandbox.plugins.kubernetes.state import State
from sandbox.plugins.properties import UNKNOWN
from tests.support.api_server import ApiServer

Document = dict[str, Any]


def configuration(*, config_map_mutable: bool = False) -> Configuration:
    access = parse_kubeconfig(yaml.safe_dump(ApiServer("http://127.0.0.1:1").kubeconfig()))
    return Configuration(access=access, namespace="mine", config_map_mutable=config_map_mutable)


def manifest(kind: str = "ConfigMap", version: str = "v1", **fields: Any) -> Document:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "a", "namespace": "here"}} | fields


def kinds(old: Document, new: Document, live: Document | None = None, *, mutable: bool = True) -> dict[str, str]:
    state = State(live=live or old, inputs=old, field_manager="m", initial_api_version="v1")
    fields = immutable_fields(new, configuration(config_map_mutable=mutable))
    found = difference(state, new, fields, namespaced=True)
    return {path: item.kind.name for path, item in found.detailed_diff.items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"data": {"x": "1"}}, {"data": {"x": "1"}}, {}),
        ({"data": {"x": "1"}}, {"data": {"x": "2", "y": "3"}}, {"data.x": "UPDATE", "data.y": "ADD"}),
        ({"data": {"x": "1", "y": "2"}}, {"data": {"x": "1"}}, {"data.y": "DELETE"}),
        ({"spec": {"l": [{"a": 1}, 2]}}, {"spec": {"l": [{"a": 2}]}}, {"spec.l[0].a": "UPDATE", "spec.l[1]": "DELETE"}),
        ({"spec": {"a.b/c": 1}}, {"spec": {"a.b/c": 2}}, {'spec["a.b/c"]': "UPDATE"}),
        ({"spec": {"n": 1}}, {"spec": {"n": True}}, {"spec.n": "UPDATE"}),
        ({"spec": {"n": 1}}, {"spec": {"n": 1.0}}, {}),
        ({"spec": {"n": 1}}, {"spec": {"n": UNKNOWN}}, {"spec.n": "UPDATE"}),
    ],
)
def test_differences_are_named_by_their_paths(old: Document, new: Document, expected: dict[str, str]) -> None:
    assert kinds(manifest(**old), manifest(**new)) == expected


def test_what_others_set_is_no_difference() -> None:
    inputs = manifest(data={"x": "1"})
    live = manifest(data={"x": "1", "by": "others"}, status={"phase": "x"})
    assert kinds(inputs, inputs, live) == {}


def test_what_others_changed_is_a_difference() -> None:
    inputs = manifest(data={"x": "1"})
    assert kinds(inputs, inputs, manifest(data={"x": "9"})) == {"data.x": "UPDATE"}


def test_a_text_that_a_secret_was_given_is_found_as_what_it_became() -> None:
    inputs = manifest("Secret", stringData={"x": "1"})
    assert kinds(inputs, inputs, manifest("Secret", data={"x": "MQ=="})) == {}


@pytest.mark.parametrize(
    ("old", "new", "mutable", "path"),
    [
        (manifest(data={"x": "1"}), manifest(data={"x": "2"}), False, "data.x"),
        (manifest(data={"x": "1"}), manifest(data={"x": "2"}, immutable=True), True, "data.x"),
        (manifest("Secret", type="a"), manifest("Secret", type="b"), True, "type"),
        (
            manifest("Deployment", "apps/v1", spec={"selector": {"matchLabels": {"a": "b"}}}),
            manifest("Deployment", "apps/v1", spec={"selector": {"matchLabels": {"a": "c"}}}),
            True,
            "spec.selector.matchLabels.a",
        ),
    ],
)
def test_a_field_that_cannot_change_replaces_the_object(
    old: Document, new: Document, *, mutable: bool, path: str
) -> None:
    assert kinds(old, new, mutable=mutable)[path] == "UPDATE_REPLACE"


def test_an_object_is_deleted_before_another_of_its_name_is_created() -> None:
    old = manifest(data={"x": "1"})
    state = State(live=old, inputs=old, field_manager="m", initial_api_version="v1")
    fields = immutable_fields(old, configuration())
    changed = difference(state, manifest(data={"x": "2"}), fields, namespaced=True)
    assert (changed.replaces, changed.delete_before_replace) == (["data.x"], True)
    moved = difference(state, old | {"metadata": {"name": "a", "namespace": "there"}}, fields, namespaced=True)
    assert (moved.replaces, moved.delete_before_replace) == (["metadata.namespace"], False)


def test_a_removed_field_that_cannot_change_replaces_too() -> None:
    old, new = manifest(data={"x": "1"}), manifest()
    state = State(live=old, inputs=old, field_manager="m", initial_api_version="v1")
    found = difference(state, new, immutable_fields(new, configuration()), namespaced=True)
    assert found.detailed_diff["data"].kind is PropertyDiffKind.DELETE_REPLACE


def test_ignored_changes_are_none() -> None:
    old, new = manifest(spec={"a": {"b": 1}, "c": 1}), manifest(spec={"a": {"b": 2}, "c": 2})
    state = State(live=old, inputs=old, field_manager="m", initial_api_version="v1")
    assert list(difference(state, new, (), namespaced=True, ignored=["spec.a"]).detailed_diff) == ["spec.c"]
