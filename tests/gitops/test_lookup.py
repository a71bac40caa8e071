"""Looking into plain data of any shape."""

from gitops.lookup import mapping_at, mappings_at, text_at, value_at

VALUES = {"a": {"b": {"c": 1}, "text": "x", "list": [{"d": 1}, "e", {"f": 2}]}}


def test_a_value_is_found_by_its_path() -> None:
    assert value_at(VALUES, "a.b.c") == 1
    assert value_at(VALUES, "a.x", default=2) == 2
    assert value_at(VALUES, "a.b.c.d") is None
    assert value_at("text", "a") is None


def test_what_has_another_type_is_not_there() -> None:
    assert (text_at(VALUES, "a.text"), text_at(VALUES, "a.b"), text_at(VALUES, "a.b", default="y")) == ("x", "", "y")
    assert (mapping_at(VALUES, "a.b"), mapping_at(VALUES, "a.text")) == ({"c": 1}, {})
    assert mappings_at(VALUES, "a.list") == ({"d": 1}, {"f": 2})
    assert mappings_at(VALUES, "a.b") == ()
