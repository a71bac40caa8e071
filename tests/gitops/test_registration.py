"""What Pulumi registers, and in which order."""

from gitops.delivery.registration import Registration, website, with_field
from tests.support.platforms import small, thing


def test_a_field_is_set_however_deep_and_its_neighbours_stay() -> None:
    assert with_field({"a": 1}, ("b",), 2) == {"a": 1, "b": 2}
    assert with_field({"a": {"b": {"c": 1}}}, ("a", "b", "d"), 2) == {"a": {"b": {"c": 1, "d": 2}}}
    assert with_field({}, ("a", "b"), 2) == {"a": {"b": 2}}


def test_an_object_is_registered_as_it_is_and_a_release_of_pulumis_own_by_its_settings() -> None:
    metadata = {"name": "r", "namespace": "x"}
    chart = {"apiVersion": "helm.sh/v3", "kind": "Release", "metadata": metadata, "spec": {"chart": "c"}}
    assert Registration(name="r", component="x", manifest=chart).inputs == {"name": "r", "namespace": "x", "chart": "c"}
    other = {**chart, "apiVersion": "v1"}
    assert Registration(name="r", component="x", manifest=other).inputs == other


def test_the_rest_of_the_website_waits_for_its_first_object() -> None:
    items = website(small(website=tuple(thing(kind, "w") for kind in ("Namespace", "Widget", "Gadget"))))
    first = "wedding-website-namespace"
    assert [(item.name, item.depends_on) for item in items] == [
        (first, ()),
        ("wedding-website-widget", (first,)),
        ("wedding-website-gadget", (first,)),
    ]
