"""What objects ask for by annotations, and whose fields are whose."""

from typing import Any

import pytest

from sandbox.plugins.errors import ResourceError
from sandbox.plugins.kubernetes.annotations import propagation, skips_deletion, timeout
from sandbox.plugins.kubernetes.conditions import conditions
from sandbox.plugins.kubernetes.ownership import taken_over

Document = dict[str, Any]


def annotated(**annotations: str) -> Document:
    return {"metadata": {"annotations": {f"pulumi.com/{key}": value for key, value in annotations.items()}}}


READY = {"type": "Ready", "status": "True"}


@pytest.mark.parametrize(
    ("expression", "status", "satisfied"),
    [
        ("condition=Ready", {"conditions": [READY]}, True),
        ("condition=ready=true", {"conditions": [READY]}, True),
        ("condition=Ready=False", {"conditions": [READY]}, False),
        ("condition=Stalled", {"conditions": [READY]}, False),
        ("condition=Ready", {}, False),
        ("condition=Ready", {"conditions": [READY], "observedGeneration": 1}, False),
        ("condition=Ready", {"conditions": [READY | {"observedGeneration": 2}], "observedGeneration": 1}, True),
        ("condition=Ready", {"conditions": [READY | {"observedGeneration": 1}], "observedGeneration": 2}, False),
        ("jsonpath={.status.phase}", {"phase": "x"}, True),
        ("jsonpath={.status.phase}", {}, False),
        ("jsonpath={.status.phase}=x", {"phase": "x"}, True),
        ("jsonpath={.status.phase}=x", {"phase": "y"}, False),
        ("jsonpath={$.status.count}=3", {"count": 3}, True),
        ("jsonpath={.status.on}=true", {"on": True}, True),
        ("jsonpath={.status.conditions[?@.type=='Ready'].status}=True", {"conditions": [READY]}, True),
        (
            '["condition=Ready","jsonpath={.status.rev}=main@sha1:1"]',
            {"conditions": [READY], "rev": "main@sha1:1"},
            True,
        ),
        ('["condition=Ready","jsonpath={.status.rev}=2"]', {"conditions": [READY], "rev": "1"}, False),
    ],
)
def test_an_object_is_waited_for_as_kubectl_does(expression: str, status: Document, *, satisfied: bool) -> None:
    found = annotated(waitFor=expression)
    found["metadata"]["generation"] = 2
    asked = conditions(found)
    assert all(condition.satisfied(found | {"status": status}) for condition in asked) is satisfied


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ("Ready", 'expected a "jsonpath=" or "condition=" prefix, got "Ready"'),
        ("[]", "at least one condition"),
        ("jsonpath=.status", "format should be"),
        ("jsonpath={.a}=b=c", "format should be"),
        ("jsonpath={.a[}", "parsing"),
        ("condition=", "expected a"),
    ],
)
def test_an_expression_that_is_none_is_said(expression: str, what: str) -> None:
    with pytest.raises(ResourceError) as caught:
        conditions(annotated(waitFor=expression))
    assert what in str(caught.value)


def test_a_mapping_equals_no_value() -> None:
    (condition,) = conditions(annotated(waitFor="jsonpath={.status}=x"))
    with pytest.raises(ResourceError, match="non-primitive"):
        condition.satisfied({"status": {"a": 1}})


@pytest.mark.parametrize(
    ("annotations", "custom", "seconds"),
    [
        ({}, 0, 600),
        ({"timeoutSeconds": "30"}, 0, 30),
        ({"timeoutSeconds": "30"}, 6, 6),
        ({"timeoutSeconds": "x"}, 0, 600),
    ],
)
def test_a_custom_timeout_comes_before_the_annotation(
    annotations: dict[str, str], custom: float, seconds: float
) -> None:
    assert timeout(annotated(**annotations), custom) == seconds


def test_deletions_are_waited_for_where_the_real_provider_waits() -> None:
    skipped = annotated(skipAwait="true")
    assert [skips_deletion(skipped | {"kind": kind}) for kind in ("Namespace", "Kustomization")] == [True, False]


@pytest.mark.parametrize(
    ("policy", "expected"), [("", "Foreground"), ("Orphan", "Orphan"), ("background", "Background")]
)
def test_dependents_go_as_asked(policy: str, expected: str) -> None:
    assert propagation(annotated(deletionPropagationPolicy=policy)) == expected


def entry(manager: str, operation: str, *fields: str, **more: str) -> Document:
    return {"manager": manager, "operation": operation, "fieldsV1": {key: {} for key in fields}} | more


def test_fields_of_the_creator_and_of_kubectl_become_the_resources_own() -> None:
    flux, status = entry("flux", "Update", "f:c"), entry("kubectl", "Update", "f:d", subresource="status")
    managed = [entry("pulumi-kubernetes", "Update", "f:a"), entry("kubectl", "Apply", "f:b"), flux, status]
    found = taken_over([*managed, entry("m", "Apply", "f:e")], "m")
    assert found is not None
    assert found[:2] == [flux, status]
    assert (found[2]["manager"], found[2]["operation"]) == ("m", "Apply")
    assert found[2]["fieldsV1"].keys() == {"f:a", "f:b", "f:e"}


def test_where_there_is_nothing_to_take_over_nothing_changes() -> None:
    assert taken_over([entry("m", "Apply", "f:a"), entry("flux", "Update", "f:b")], "m") is None
