"""The schema of stack files says what the parser says, as far as a schema can."""

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from addons.catalogue import KNOWN
from gitops.cluster import Cluster
from gitops.config import KnownNames, stack_schema
from tests.gitops.test_config import BASE, INVALID, VALID
from tests.support.stacks import ROOT, STACKS, stack_text

# What a schema cannot say: relations between values, and what YAML's reader sees.
BEYOND_SCHEMA = {
    "acme-domain", "address", "branch", "cidr", "control-characters", "delivery-url", "duplicate-key", "empty",
    "git-secret", "ip-version", "key", "no-variables", "number", "oci-verify", "overlap", "pool-size", "range", "size",
    "url", "vip-in-pool", "vips-distinct", "alias", "depth", "yaml",
}  # fmt: skip


def _id(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", [*VALID, *(ROOT / f"Pulumi.{stack}.yaml" for stack in STACKS)], ids=_id)
def test_the_schema_accepts_what_the_parser_accepts(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), stack_schema(KNOWN))


@pytest.mark.parametrize(
    ("key", "value"),
    [("secretsprovider", 1), ("encryptionsalt", []), ("encryptedkey", {}), ("config", []), ("other", "x")],
)
def test_the_schema_knows_pulumis_own_keys(key: str, value: object) -> None:
    stack = yaml.safe_load(BASE) | {key: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(stack, stack_schema(KNOWN))


def test_the_schema_asks_for_a_mapping() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([], stack_schema(KNOWN))


@pytest.mark.parametrize("path", INVALID, ids=_id)
def test_the_schema_refuses_what_a_schema_can_refuse(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rule = text.partition("# expect: ")[2].split()[0]
    if rule in BEYOND_SCHEMA or path.stem in {"host-too-long", "text-instead-of-boolean", "signer-is-no-pattern"}:
        return
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), stack_schema(KNOWN))


def test_without_known_names_the_schema_takes_any() -> None:
    schema = stack_schema(KnownNames())
    addons = schema["properties"]["config"]["properties"]["homelab:addons"]
    assert "propertyNames" not in addons
    assert schema["$defs"]["ProfileChoice"]["properties"]["without"]["items"] == {"type": "string"}
    assert "enum" not in schema["$defs"]["WaiverChoice"]["properties"]["rule"]


def test_shipped_stacks_name_their_schema_for_editors() -> None:
    for stack in STACKS:
        assert stack_text(stack).startswith("# yaml-language-server: $schema=docs/schemas/stack.schema.json\n")


def test_the_project_declares_exactly_the_keys_that_every_stack_must_have() -> None:
    """Pulumi asks every stack for a key that is declared without a value (pulumi/pulumi#21797)."""
    text = (ROOT / "Pulumi.yaml").read_text(encoding="utf-8")
    declared = {key for key in yaml.safe_load(text)["config"] if ":" not in key}
    required = {name for name, field in Cluster.model_fields.items() if field.is_required()}
    assert declared == required
    described = set(re.findall(r"^  #   (\w+)  +\w+  ", text, re.MULTILINE))
    assert described == Cluster.model_fields.keys() - required
