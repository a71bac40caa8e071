"""Plain values and properties with their marks."""

from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue

from sandbox.plugins.properties import marked, plain


def test_one_secret_makes_its_whole_list_secret_but_only_its_own_key() -> None:
    secrets = PropertyValue(
        {
            "l": PropertyValue([PropertyValue("a"), PropertyValue("b", True)]),
            "m": PropertyValue({"x": PropertyValue("1", True)}),
        }
    )
    found: Any = marked({"l": ["b", "a"], "m": {"x": "1", "y": "2"}}, secrets).value
    assert found["l"].is_secret
    assert (found["m"].is_secret, found["m"].value["x"].is_secret, found["m"].value["y"].is_secret) == (
        False,
        True,
        False,
    )


def test_whole_numbers_are_integers_as_kubernetes_wants_them() -> None:
    assert plain(marked({"a": 2, "b": 1.5, "c": None, "d": True})) == {"a": 2, "b": 1.5, "d": True}
    assert isinstance(plain(marked(2)), int)
