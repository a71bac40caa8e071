"""What an API server would refuse in an object."""

from typing import Any

import pytest

from gitops.objects import Manifest
from gitops.schemas.catalogue import committed_facts
from gitops.schemas.keywords import FORMATS, KubernetesValidator, compiled
from gitops.schemas.mistakes import Mistake, mistakes_of
from gitops.schemas.validation import mistakes


def obj(api_version: str, kind: str, **fields: Any) -> Manifest:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x", "namespace": "x"}, **fields}


def pool(**spec: Any) -> Manifest:
    return obj("metallb.io/v1beta1", "IPAddressPool", spec={"addresses": ["10.0.0.0/24"], **spec})


def service(**port: Any) -> Manifest:
    return obj("v1", "Service", spec={"ports": [{"port": 80, **port}]})


def release(**spec: Any) -> Manifest:
    return obj("helm.toolkit.fluxcd.io/v2", "HelmRelease", spec={"interval": "1h", **spec})


CHART_REF = {"kind": "OCIRepository", "name": "x"}


def judged(schema: dict[str, Any], value: Any) -> list[Mistake]:
    validator = KubernetesValidator(schema, format_checker=FORMATS)
    return [item for error in validator.iter_errors(value) for item in mistakes_of(error)]


@pytest.mark.parametrize(
    "manifest",
    [
        pool(),
        service(name="http", targetPort="http"),
        service(targetPort=8080),
        release(chartRef=CHART_REF, values={"anything": {"goes": [1]}}),
        obj("v1", "ConfigMap", data={"a": "b"}),
        obj("example.org/v1", "Widget", spec={"nobody": "knows"}),
    ],
    ids=lambda item: item["kind"],
)
def test_valid_objects_have_no_mistakes(manifest: Manifest) -> None:
    assert mistakes(manifest) == ()


def test_a_misspelt_field_is_unknown_and_the_likely_name_is_shown() -> None:
    expected = Mistake(
        kind="unknown-field",
        field="spec.autoassign",
        what='there is no field "autoassign" here',
        fix="did you mean autoAssign?",
    )
    assert mistakes(pool(autoassign=False)) == (expected,)


def test_a_field_like_no_other_is_to_be_removed_and_those_that_are_there_are_shown() -> None:
    (mistake,) = mistakes(pool(zzz=1))
    assert mistake.fix == "remove it; there are addresses, autoAssign, avoidBuggyIPs, serviceAllocation"
    (mistake,) = mistakes(release(chartRef=CHART_REF, zzz=1))
    assert mistake.fix.endswith(", …")


def test_a_field_where_there_are_none_is_to_be_removed() -> None:
    assert judged({"type": "object", "additionalProperties": False}, {"a": 1})[0].fix == (
        "remove it: there are no fields here"
    )


def test_unknown_fields_are_found_in_built_in_kinds_lists_and_metadata_too() -> None:
    assert mistakes(service(taregtPort=1))[0].field == "spec.ports[0].taregtPort"
    manifest = pool()
    manifest["metadata"]["lables"] = {}
    (mistake,) = mistakes(manifest)
    assert (mistake.field, mistake.fix) == ("metadata.lables", "did you mean labels?")
    assert mistakes({**pool(), "sepc": {}})[0].fix == "did you mean spec?"


def test_every_unknown_field_is_found() -> None:
    assert [item.field for item in mistakes(pool(a=1, b=2))] == ["spec.a", "spec.b"]


def test_a_missing_field_says_what_it_holds() -> None:
    manifest = pool()
    del manifest["spec"]["addresses"]
    expected = Mistake(kind="required-field", field="spec.addresses", what="it is missing", fix="add it: a list")
    assert mistakes(manifest) == (expected,)


def test_every_missing_field_is_found() -> None:
    manifest = obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization", spec={})
    assert [(item.field, item.fix) for item in mistakes(manifest)] == [
        ("spec.interval", "add it: a duration, like 10m or 1h30m"),
        ("spec.prune", "add it: true or false"),
        ("spec.sourceRef", "add it: a mapping"),
    ]


@pytest.mark.parametrize(
    ("manifest", "what", "fix"),
    [
        (pool(autoAssign="yes"), '"yes" is not true or false', "write it without quotes: true or false"),
        (pool(addresses="10.0.0.0/24"), '"10.0.0.0/24" is not a list', "write a list"),
        (obj("v1", "ConfigMap", data={"a": 1}), "1 is not text", "quote it"),
        (service(port="http"), '"http" is not a whole number', "write it without quotes: a whole number"),
        (service(nodePort="80"), '"80" is not a whole number', "write it without quotes: a whole number"),
        (obj("v1", "ConfigMap", data=[]), "a list of 0 is not a mapping", "write a mapping"),
        (release(chartRef=CHART_REF, interval=10), "10 is not text", "quote it"),
        (
            release(chartRef=CHART_REF, interval="10"),
            '"10" is not a duration, like 10m or 1h30m',
            "write a duration, like 10m or 1h30m",
        ),
        (
            release(chartRef={"kind": "OciRepository", "name": "x"}),
            '"OciRepository" is not one of OCIRepository, HelmChart, ExternalArtifact',
            "did you mean OCIRepository?",
        ),
        (service(port=2**31), "2147483648 is not a number of 32 bits", "write a number of 32 bits"),
        (service(targetPort={}), "a mapping of 0 keys is not text or a whole number", "write text or a whole number"),
    ],
)
def test_a_wrong_value_says_what_it_should_be(manifest: Manifest, what: str, fix: str) -> None:
    (mistake,) = mistakes(manifest)
    assert (mistake.kind, mistake.what, mistake.fix) == ("value", what, fix)


@pytest.mark.parametrize(
    ("schema", "good", "bad", "what"),
    [
        ({"minimum": 1}, 1, 0, "0 is not at least 1"),
        ({"maximum": 1}, 1, 2, "2 is not at most 1"),
        ({"minLength": 1}, "a", "", '"" is not text of 1 characters or more'),
        ({"maxItems": 1}, [1], [1, 2], "a list of 2 is not a list of 1 or fewer"),
        ({"minProperties": 1}, {"a": 1}, {}, "a mapping of 0 keys is not a mapping of 1 keys or more"),
        ({"pattern": "^a$"}, "a", "b", '"b" is not text that matches ^a$'),
        ({"pattern": "^a$"}, "a", "a\n", r'"a\n" is not text that matches ^a$'),
        ({"pattern": "^a$"}, 1, "b", '"b" is not text that matches ^a$'),
        ({"format": "int64"}, 2**63 - 1, 2**63, f"{2**63} is not a number of 64 bits"),
        ({"format": "ipv4"}, "10.0.0.1", "10.0.0", '"10.0.0" is not an IPv4 address'),
        ({"format": "ipv4"}, 1, "x", '"x" is not an IPv4 address'),
        (
            {"format": "cidr"},
            "10.0.0.1/8",
            "10.0.0.0/33",
            '"10.0.0.0/33" is not an address with its prefix length, like 192.168.0.0/24',
        ),
        ({"format": "byte"}, "YQ==", "a", '"a" is not text in Base64'),
        ({"format": "idn-hostname"}, "not checked", None, ""),
        (
            {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {"a": 1},
            {"a": 1, "b": 1},
            "a mapping of 2 keys is not a mapping with exactly one of a, b",
        ),
        (
            {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
            {"a": 1, "b": 1},
            {},
            "a mapping of 0 keys is not a mapping with at least one of a, b",
        ),
        ({"not": {"type": "string"}}, 1, "a", '"a" is not what the field holds'),
        ({"x-kubernetes-list-type": "atomic"}, [1, 1], None, ""),
        ({"x-kubernetes-list-type": "set"}, [1, 2], [1, 1], "1 occurs twice"),
        ({"x-kubernetes-list-type": "set"}, "aa", ["a", "b", "a"], '"a" occurs twice'),
        ({"x-kubernetes-list-type": "set"}, [{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 1}], '{"a": 1} occurs twice'),
    ],
)
def test_each_limit_is_understood(schema: dict[str, Any], good: object, bad: object, what: str) -> None:
    assert judged(schema, good) == []
    assert [item.what for item in judged(schema, bad)] == ([what] if what else [])


def test_keys_of_a_list_that_is_a_map_may_not_repeat() -> None:
    schema = {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "port"]}
    assert judged(schema, [{"name": "a"}, {"name": "b"}, 1]) == []
    (mistake,) = judged(schema, [{"name": "a", "x": 1}, {"name": "a"}])
    assert (mistake.field, mistake.what) == ("[1]", 'name "a", port null occurs twice')
    assert mistake.fix == "keep one of them"


@pytest.mark.parametrize("name", ["int32", "int64", "ipv4", "cidr", "byte"])
def test_a_format_judges_no_value_of_another_type(name: str) -> None:
    assert judged({"format": name}, {}) == []


@pytest.mark.parametrize(
    ("schema", "value", "fix"),
    [
        ({"type": "string"}, {}, "write text"),
        ({"type": "boolean"}, 1, "write true or false"),
        ({"enum": ["a", "b"]}, 1, "write one of a, b"),
    ],
)
def test_only_what_is_text_or_could_be_is_to_be_respelt(schema: dict[str, Any], value: object, fix: str) -> None:
    assert [item.fix for item in judged(schema, value)] == [fix]


def test_a_null_for_text_is_to_be_left_out() -> None:
    assert judged({"type": "string"}, None)[0].fix == "give it a value, or leave it out"


def test_a_null_is_a_field_that_is_not_set_in_a_built_in_kind_and_where_there_is_a_default() -> None:
    assert mistakes(service(targetPort=None, name=None)) == ()
    assert mistakes(obj("v1", "ConfigMap", data=None)) == ()
    assert mistakes(pool(autoAssign=None)) == ()
    (mistake,) = mistakes(pool(addresses=None))
    assert mistake.what == "null is not a list"
    assert mistakes(service(port=None))[0].kind == "required-field"


def test_defaults_are_filled_in_below_lists_and_names_that_users_choose_too() -> None:
    variables = {"substituteFrom": [{"kind": "ConfigMap", "name": "x", "optional": None}]}
    source = {"kind": "GitRepository", "name": "x"}
    spec = {"interval": "1h", "prune": True, "sourceRef": source, "postBuild": variables}
    assert mistakes(obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization", spec=spec)) == ()
    http = {"proxyConnectHeader": {"X-Header": [{"key": "k", "name": None}]}}
    spec = {"alertmanagerConfiguration": {"global": {"httpConfig": http}}}
    assert mistakes(obj("monitoring.coreos.com/v1", "Alertmanager", spec=spec)) == ()


def test_a_resource_set_must_say_what_it_holds_if_it_is_nothing() -> None:
    def resource_set(**spec: Any) -> Manifest:
        return obj("fluxcd.controlplane.io/v1", "ResourceSet", spec=spec)

    assert mistakes(resource_set(resources=[])) == ()
    assert mistakes(resource_set(resourcesTemplate="")) == ()
    (mistake,) = mistakes(resource_set(wait=True))
    assert mistake.what == (
        "a mapping of 1 key is not a mapping with at least one of steps, resources, resourcesTemplate"
    )


def test_go_s_expressions_are_read_as_go_does() -> None:
    assert compiled("^(?i)(abort|warn)?$").search("ABORT")
    assert not compiled(r"^\PC*$").search("a\x00b")
    assert compiled(r"^a\$$").search("a$")
    assert not compiled("^a$").search("A")


def test_every_committed_pattern_is_one() -> None:
    def patterns(schema: Any) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
        return own | {item for value in schema.values() for item in patterns(value)}

    found = {item for facts in committed_facts().values() for item in patterns(facts["schema"])}
    assert len(found) > 40
    assert all(compiled(item) for item in found)


def test_an_expression_is_judged_after_the_defaults_and_names_its_rule() -> None:
    (mistake,) = mistakes(release())
    assert (mistake.kind, mistake.field) == ("expression", "spec")
    assert mistake.what == (
        "it breaks the rule (has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))"
    )
    assert mistake.fix == "make the rule true: in it, self is spec"


def test_expressions_are_judged_where_nothing_else_is_wrong() -> None:
    assert [item.kind for item in mistakes(release(nope=1))] == ["unknown-field"]


def test_a_rule_of_the_whole_object_says_so() -> None:
    schema = {"x-kubernetes-validations": [{"rule": "self.a > 1"}, {"rule": "self.a > 0"}]}
    (mistake,) = judged(schema, {"a": 1})
    assert (mistake.field, mistake.fix) == ("", "make the rule true: in it, self is the object")


def test_values_of_secrets_are_not_shown() -> None:
    (mistake,) = mistakes(obj("v1", "Secret", stringData={"a": 123456}))
    assert mistake.what == "it is not text"
