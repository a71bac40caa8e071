"""Objects are frozen values that become plain manifests."""

from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from gitops.duration import Duration
from gitops.objects import (
    ConfigMap,
    Metadata,
    Namespace,
    ObjectKey,
    Unstructured,
    encode,
    freeze,
    object_key,
    thaw,
)

POOL = Unstructured(
    api_version="metallb.io/v1beta1",
    kind="IPAddressPool",
    metadata=Metadata(name="standard", namespace="metallb"),
    fields={"spec": {"addresses": ["10.0.0.1-10.0.0.9"], "avoidBuggyIPs": False}},
)


def test_a_manifest_has_its_keys_in_the_customary_order() -> None:
    assert list(POOL.manifest()) == ["apiVersion", "kind", "metadata", "spec"]


def test_a_manifest_is_plain_data() -> None:
    manifest = POOL.manifest()
    manifest["spec"]["addresses"].append("10.0.1.0/24")
    assert POOL.manifest()["spec"] == {"addresses": ["10.0.0.1-10.0.0.9"], "avoidBuggyIPs": False}


def test_what_is_frozen_is_nobodys_to_change() -> None:
    mine = {"a": ["b"]}
    frozen = freeze(mine)
    mine["a"].append("c")
    assert frozen == {"a": ("b",)}


def test_unset_and_empty_fields_of_typed_objects_are_left_out() -> None:
    assert Namespace(metadata=Metadata(name="a")).manifest()["metadata"] == {"name": "a"}


def test_empty_values_in_free_fields_are_kept() -> None:
    item = Unstructured(api_version="v1", kind="Pod", metadata=Metadata(name="a"), fields={"spec": {"v": {}}})
    assert item.manifest()["spec"] == {"v": {}}


def test_objects_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        POOL.kind = "Pod"  # type: ignore[misc]
    with pytest.raises(TypeError):
        POOL.fields["spec"]["addresses"] = ()


def test_data_of_a_config_map_is_copied() -> None:
    data = {"a": "1"}
    item = ConfigMap(metadata=Metadata(name="vars"), data=data)
    data["a"] = "2"
    assert item.manifest()["data"] == {"a": "1"}


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (POOL.key, "IPAddressPool metallb/standard"),
        (Namespace(metadata=Metadata(name="a")).key, "Namespace a"),
    ],
)
def test_a_key_prints_as_people_name_objects(key: ObjectKey, text: str) -> None:
    assert str(key) == text


def test_an_object_and_its_manifest_have_one_key() -> None:
    assert object_key(POOL.manifest()) == POOL.key == ObjectKey("metallb.io", "IPAddressPool", "metallb", "standard")


def test_the_core_group_has_an_empty_name() -> None:
    assert object_key({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}).group == ""


def test_the_version_is_no_part_of_a_key() -> None:
    first, second = (
        {"apiVersion": f"metallb.io/{version}", "kind": "A", "metadata": {"name": "a"}} for version in ("v1", "v2")
    )
    assert object_key(first) == object_key(second)


@dataclass(frozen=True)
class _Sample:
    match_oidc_identity: str = field(metadata={"key": "matchOIDCIdentity"})
    retry_interval: Duration
    health_checks: tuple[str, ...] = ()
    prune: bool = False


def test_fields_get_upstream_names() -> None:
    encoded = encode(_Sample("a", Duration.minutes(1), ("x",)))
    assert encoded == {"matchOIDCIdentity": "a", "retryInterval": "1m", "healthChecks": ["x"], "prune": False}


def test_freezing_and_thawing_is_the_identity_on_plain_data() -> None:
    plain = {"a": [1, {"b": None}], "c": "text"}
    assert thaw(freeze(plain)) == plain
