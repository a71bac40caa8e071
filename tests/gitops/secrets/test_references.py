"""Where objects name the Secrets and ConfigMaps that they need."""

from typing import Any

import pytest

from gitops.objects import ObjectKey
from gitops.secrets.references import Reference, references


def secret(name: str, namespace: str = "x") -> ObjectKey:
    return ObjectKey("", "Secret", namespace, name)


def config_map(name: str) -> ObjectKey:
    return ObjectKey("", "ConfigMap", "x", name)


def of(value: Any) -> list[Reference]:
    return list(references(value, namespace="x"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"env": [{"valueFrom": {"secretKeyRef": {"name": "a", "key": "k"}}}]},
            Reference(key=secret("a"), field="env[0].valueFrom.secretKeyRef.name", keys=("k",)),
        ),
        (
            {"envFrom": [{"secretRef": {"name": "a"}}]},
            Reference(key=secret("a"), field="envFrom[0].secretRef.name"),
        ),
        (
            {"envFrom": [{"configMapRef": {"name": "a"}}]},
            Reference(key=config_map("a"), field="envFrom[0].configMapRef.name"),
        ),
        (
            {"volumes": [{"secret": {"secretName": "a", "items": [{"key": "k", "path": "p"}]}}]},
            Reference(key=secret("a"), field="volumes[0].secret.secretName", keys=("k",)),
        ),
        (
            {"sources": [{"secret": {"name": "a", "items": [{"key": "k"}, {"key": "l"}]}}]},
            Reference(key=secret("a"), field="sources[0].secret.name", keys=("k", "l")),
        ),
        (
            {"volumes": [{"configMap": {"name": "a"}}]},
            Reference(key=config_map("a"), field="volumes[0].configMap.name"),
        ),
        ({"imagePullSecrets": [{"name": "a"}]}, Reference(key=secret("a"), field="imagePullSecrets[0].name")),
        (
            {"secret": {"secretName": "a", "items": [None, {"path": "p"}, {"key": 5}, {"key": "k"}]}},
            Reference(key=secret("a"), field="secret.secretName", keys=("k",)),
        ),
        ({"imagePullSecrets": ["a"]}, Reference(key=secret("a"), field="imagePullSecrets[0]")),
        (
            {"valuesFrom": [{"kind": "ConfigMap", "name": "a", "valuesKey": "k"}]},
            Reference(key=config_map("a"), field="valuesFrom[0].name", keys=("k",)),
        ),
        (
            {"auth": {"tokenSecretRef": {"name": "a", "key": "k", "namespace": "y"}}},
            Reference(key=secret("a", "y"), field="auth.tokenSecretRef.name", keys=("k",)),
        ),
        ({"admin": {"existingSecret": "a"}}, Reference(key=secret("a"), field="admin.existingSecret")),
        ({"tlsSecret": "y/a"}, Reference(key=secret("a", "y"), field="tlsSecret")),
        (
            {"tls": [{"hosts": ["h"], "secretName": "a"}]},
            Reference(key=secret("a"), field="tls[0].secretName", waits=False),
        ),
        ({"configMap": {"create": False, "name": "a"}}, Reference(key=config_map("a"), field="configMap.name")),
    ],
)
def test_every_way_to_name_one_is_understood(value: dict[str, Any], expected: Reference) -> None:
    assert of(value) == [expected]


@pytest.mark.parametrize(
    "value",
    [
        {"secretRef": {"name": "a", "optional": True}},
        {"secret": {"secretName": "a", "optional": True}},
        {"configMap": {"name": "a", "optional": True}},
        {"configMap": {"content": "text"}},
        {"secret": {"create": True, "name": "a"}},
        {"existingSecret": ""},
        {"valuesFrom": [{"name": "a"}]},
        {"valuesFrom": ["a"]},
        {"imagePullSecrets": [None]},
        {"imagePullSecrets": None},
        {"tls": {"enabled": False, "secretName": "a"}},
        {"operator": {"create": False, "existingSecret": "a"}},
        {"secretStoreRef": {"name": "a"}},
        {"secretRef": {"name": 5}},
        {"secretRef": {"name": ""}},
        {"data": [{"secretKey": "a"}]},
        "secretName",
    ],
)
def test_what_is_optional_off_or_made_by_the_chart_itself_is_left_out(value: Any) -> None:
    assert of(value) == []
