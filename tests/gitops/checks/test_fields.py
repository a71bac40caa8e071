"""Single values and the ways to them."""

from gitops.checks.fields import Leaf, at, leaves

MANIFEST = {"spec": {"hosts": ["a", {"b": 1}], "empty": {}}}


def test_every_single_value_has_a_path_and_a_key() -> None:
    found = list(leaves(MANIFEST))
    assert found == [Leaf(("spec", "hosts", 0), "a"), Leaf(("spec", "hosts", 1, "b"), 1)]
    assert [leaf.path for leaf in found] == ["spec.hosts[0]", "spec.hosts[1].b"]
    assert [leaf.key for leaf in found] == ["hosts", "b"]
    assert Leaf((0,), "a").key == ""


def test_a_path_leads_to_its_value_or_to_nothing() -> None:
    assert at(MANIFEST, ("spec", "hosts", 1, "b")) == 1
    assert at(MANIFEST, ("spec", "hosts", 7)) is None
    assert at(MANIFEST, ("spec", "hosts", "a")) is None
    assert at(MANIFEST, ("spec", 0)) is None
