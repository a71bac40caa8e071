"""What is said of keys that are unknown or missing, wherever they stand."""

import pytest

from addons.catalogue import KNOWN
from gitops.config import KnownNames, parse_stack, stack_schema
from gitops.errors import ConfigError
from tests.gitops.test_config import BASE, problems


@pytest.mark.parametrize(
    ("extra", "key", "fix"),
    [
        ("waivers: [{reason: x}]", "homelab:waivers[0].rule", "add it: Id of the rule, as "),
        ("waivers: [{rule: x, reason: x, objct: y}]", "homelab:waivers[0].objct", "did you mean object?"),
        (
            "oci: {url: oci://registry.example.org/a, digest: 'sha256:%s', verify: {identities: [{issuer: ^a$}]}}",
            "homelab:oci.verify.identities[0].subject",
            "add it: Subject of the signer's OIDC token.",
        ),
    ],
)  # fmt: skip
def test_a_key_is_told_by_those_of_its_own_section(extra: str, key: str, fix: str) -> None:
    fixes = {problem.field: problem.fix for problem in problems(f"{BASE}  homelab:{extra.replace('%s', '0' * 64)}\n")}
    assert fixes[key].startswith(fix)


@pytest.mark.parametrize("name", ["enabled", "values"])
def test_an_add_on_may_be_called_like_a_setting_of_its_own(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_stack(f"{BASE}  homelab:addons: {{{name}: {{zzz: 1}}}}\n", file="x", known=KnownNames())
    (problem,) = caught.value.problems
    assert (problem.field, problem.fix) == (f"homelab:addons.{name}.zzz", "there are enabled, values")


def test_a_key_may_be_called_like_one_of_the_programs_own_models() -> None:
    (problem,) = problems(f"{BASE}  homelab:ProfileChoice: 1\n")
    assert (problem.rule, problem.field) == ("config/unknown-key", "homelab:ProfileChoice")


def test_every_key_that_must_be_there_has_a_description_to_quote() -> None:
    sections = stack_schema(KNOWN)["$defs"].values()
    required = [section["properties"][key] for section in sections for key in section.get("required", ())]
    assert len(required) > 10
    assert [schema for schema in required if not schema.get("description")] == []
    fixes = {problem.field: problem.fix for problem in problems("config: {}")}
    assert fixes["homelab:cluster_vars"] == "add it: The seven values of the ConfigMap cluster-vars."
