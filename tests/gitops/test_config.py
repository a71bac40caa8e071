"""From a stack's config to its cluster: what is right passes, and every mistake is named where it stands."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from addons.catalogue import KNOWN
from gitops.cluster import Cluster
from gitops.config import KnownNames, new_stack, parse_config, parse_stack, stack_schema, with_overrides
from gitops.errors import ConfigError, Problem
from tests.support.stacks import ROOT, STACKS, shipped, stack_config, stack_text

CONFIGS = ROOT / "tests" / "configs"
VALID = sorted((CONFIGS / "valid").glob("*.yaml"))
INVALID = sorted((CONFIGS / "invalid").glob("*.yaml"))
BASE = (CONFIGS / "valid" / "minimal.yaml").read_text(encoding="utf-8")
# What a schema cannot say: relations between values, and what YAML's reader sees.
BEYOND_SCHEMA = {
    "acme-domain", "address", "branch", "cidr", "control-characters", "delivery-url", "duplicate-key", "empty",
    "git-secret", "ip-version", "key", "no-variables", "number", "overlap", "pool-size", "range", "size", "url",
    "vip-in-pool", "vips-distinct", "alias", "depth", "yaml",
}  # fmt: skip


def parse(text: str) -> Cluster:
    return parse_stack(text, file="Pulumi.x.yaml", known=KNOWN)


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return caught.value.problems


def _id(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", VALID, ids=_id)
def test_a_valid_config_is_parsed(path: Path) -> None:
    assert parse(path.read_text(encoding="utf-8")).name == "odyssey"


@pytest.mark.parametrize("path", INVALID, ids=_id)
def test_an_invalid_config_is_refused_for_its_rule_at_its_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    _, _, expected = text.partition("\n")[0].partition("# expect: ")
    rule, _, key = expected.partition(" ")
    found = [(problem.rule, problem.where.rpartition(": ")[2] if key else "") for problem in problems(text)]
    assert found == [(f"config/{rule}", key)]


@pytest.mark.parametrize(
    ("old", "new", "what", "fix"),
    [
        ('"1"', "1", "1 is not text", 'quote it: "1"'),
        ("192.168.20.66", "192.168.20.266", '"192.168.20.266" is no IP address', "write an address like 192.168.1.66"),
        (
            "192.168.20.65-192.168.20.126",
            "192.168.20.65/26",
            '"192.168.20.65/26" is no range of addresses',
            "it has host bits set; write 192.168.20.64/26",
        ),
        (
            "192.168.20.65-192.168.20.126",
            "192.168.20.65",
            '"192.168.20.65" is no range of addresses',
            "write a range like 192.168.1.65-192.168.1.126 or a CIDR like 192.168.1.64/26",
        ),
        (
            "192.168.20.65-192.168.20.126",
            "192.168.20.126-192.168.20.65",
            '"192.168.20.126-192.168.20.65" is no range of addresses',
            "write it the other way round: 192.168.20.65-192.168.20.126",
        ),
        (
            "192.168.20.65-192.168.20.126",
            "192.168.20.65-fd00::1",
            '"192.168.20.65-fd00::1" is no range of addresses',
            "use IPv4 or IPv6 on both ends",
        ),
        (
            "dns_ip: 192.168.20.66",
            "dns_ip: 192.168.21.66",
            '"192.168.21.66" is outside load_balancer_pool 192.168.20.65-192.168.20.126',
            "use an address of 192.168.20.65-192.168.20.126, or widen the pool",
        ),
        (
            "_ip: 192.168.20.67",
            "_ip: 192.168.20.66",
            "dns_ip and ingress_ip are both 192.168.20.66",
            "give each an address of its own",
        ),
        (
            "cluster_name: odyssey",
            "cluster_name: my_cluster",
            '"my_cluster" is no DNS label',
            "use at most 63 lower-case letters, digits and '-'",
        ),
        (
            " domain: k8s.example.org",
            " domain: k8s",
            '"k8s" is no domain',
            "write a domain in lower case with two labels or more, like k8s.example.org",
        ),
        (
            " domain: k8s.example.org",
            " domian: k8s.example.org",
            "it is missing",
            "add it: DNS zone of the cluster's services.",
        ),
        ('"1"', '"21"', '"21" is no count from 1 to 20', 'write it quoted, like "2"'),
        (
            " domain: k8s.example.org",
            ' domain: "${x}.org"',
            '"${x}.org" holds ${, which Flux would substitute',
            "write the value itself; variables cannot refer to others",
        ),
        (
            "https://git.example.org/homelab.git",
            "git@example.org:homelab",
            '"git@example.org:homelab" is no URL that can be used here',
            "write a URL that starts with https:// or ssh:// or http://",
        ),
    ],
)  # fmt: skip
def test_a_mistake_says_what_is_wrong_and_how_to_mend_it(old: str, new: str, what: str, fix: str) -> None:
    assert old in BASE
    found = [problem for problem in problems(BASE.replace(old, new, 1)) if problem.what == what]
    assert [problem.fix for problem in found] == [fix]


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file() -> None:
    text = """config:
  homelab:cluster_vars:
    cluster_name: Odyssey
    dns_ip: 192.168.20.300
    ingress_ip: 192.168.20.200
    domain: k8s
    load_balancer_pool: 192.168.20.65-192.168.20.126
    storage_replica: 1
  homelab:managment: true
  homelab:website: {image: "nginx:latest"}
"""
    assert [(problem.rule, problem.where) for problem in problems(text)] == [
        ("config/delivery-url", "Pulumi.x.yaml:1: homelab:git.url"),
        ("config/missing", "Pulumi.x.yaml:2: homelab:cluster_vars.mgmt_domain"),
        ("config/label", "Pulumi.x.yaml:3: homelab:cluster_vars.cluster_name"),
        ("config/address", "Pulumi.x.yaml:4: homelab:cluster_vars.dns_ip"),
        ("config/vip-in-pool", "Pulumi.x.yaml:5: homelab:cluster_vars.ingress_ip"),
        ("config/domain", "Pulumi.x.yaml:6: homelab:cluster_vars.domain"),
        ("config/type", "Pulumi.x.yaml:8: homelab:cluster_vars.storage_replica"),
        ("config/unknown-key", "Pulumi.x.yaml:9: homelab:managment"),
        ("config/image", "Pulumi.x.yaml:10: homelab:website.image"),
    ]


def test_a_megabyte_of_text_is_refused_and_not_shown() -> None:
    (problem,) = problems(BASE.replace("odyssey", "a" * 1_000_000))
    assert problem.rule == "config/size"
    assert len(str(problem)) < 200


def test_a_long_value_is_shortened_in_the_message() -> None:
    (problem,) = problems(BASE.replace("cluster_name: odyssey", f"cluster_name: {'A' * 500}"))
    assert len(problem.what) < 90
    assert "…" in problem.what


def test_control_characters_are_shown_escaped() -> None:
    (problem,) = problems(BASE.replace("cluster_name: odyssey", 'cluster_name: "a\\e[31m"'))
    assert problem.what == '"a\\x1b[31m" holds control characters'


def test_a_secret_is_named_and_never_shown() -> None:
    found = problems(BASE.replace("url: https://git.example.org/homelab.git", "url: {secure: v1:planted}"))
    assert "planted" not in "".join(map(str, found))


@pytest.mark.parametrize("stack", STACKS)
def test_the_engines_config_gives_the_same_cluster_as_the_file(stack: str) -> None:
    config = {key: value if isinstance(value, str) else json.dumps(value) for key, value in stack_config(stack).items()}
    assert parse_config(config, source="engine", known=KNOWN) == shipped(stack)


def test_a_mistake_in_the_engines_config_is_named_without_a_line() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config({"homelab:cluster_vars": "[" * 100_000}, source="Pulumi.x.yaml", known=KNOWN)
    assert caught.value.problems[0].where == "Pulumi.x.yaml: homelab:cluster_vars"


def test_an_override_changes_what_it_names_and_what_follows_from_it() -> None:
    seed = shipped("odyssey", profile="seed")
    assert (seed.profile.use, seed.collector) == ("seed", "promtail")
    assert (shipped("odyssey").profile.use, shipped("odyssey").collector) == ("strict", "alloy")


def test_without_an_override_the_cluster_is_the_same() -> None:
    cluster = shipped("odyssey")
    assert with_overrides(cluster) is cluster


def test_an_override_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match="delivery oci has no oci"):
        shipped("odyssey", delivery="oci")


def test_a_collector_that_is_chosen_wins_over_the_profile() -> None:
    text = f"{BASE}  homelab:log_collector: promtail\n"
    assert parse(text).collector == "promtail"


def test_defaults_follow_from_the_variables() -> None:
    cluster = parse(BASE)
    assert cluster.git_branch == "rendered/odyssey"
    assert cluster.api_host == "api.k8s.example.org"
    assert str(cluster.pool) == "192.168.20.65-192.168.20.126"
    assert cluster.delivery == "git"


def test_names_are_not_checked_where_none_are_known() -> None:
    text = f"{BASE}  homelab:addons: {{anything: {{}}}}\n  homelab:profile: {{without: [anything]}}\n"
    assert parse_stack(text, file="x", known=KnownNames()).profile.without == ("anything",)


@pytest.mark.parametrize("path", [*VALID, *(ROOT / f"Pulumi.{stack}.yaml" for stack in STACKS)], ids=_id)
def test_the_schema_accepts_what_the_parser_accepts(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), stack_schema(KNOWN))


@pytest.mark.parametrize("path", INVALID, ids=_id)
def test_the_schema_refuses_what_a_schema_can_refuse(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rule = text.partition("# expect: ")[2].split()[0]
    if rule in BEYOND_SCHEMA or path.stem in {"host-too-long", "text-instead-of-boolean"}:
        return
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), stack_schema(KNOWN))


def test_without_known_names_the_schema_takes_any() -> None:
    schema = stack_schema(KnownNames())
    addons = schema["properties"]["config"]["properties"]["homelab:addons"]
    assert "propertyNames" not in addons
    assert schema["$defs"]["ProfileChoice"]["properties"]["without"]["items"] == {"type": "string"}


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


def test_a_new_stack_parses_and_takes_the_second_and_third_address() -> None:
    text = new_stack("calypso", domain="k8s.example.org", pool="10.0.0.8/29", git_url="https://a.example/b")
    cluster = parse(text)
    assert (cluster.cluster_vars.dns_ip, cluster.cluster_vars.ingress_ip) == ("10.0.0.9", "10.0.0.10")
    assert cluster.management
    assert cluster.git is not None
    assert cluster.git.secret is None


def test_a_new_stack_may_belong_to_another_management_cluster() -> None:
    text = new_stack(
        "calypso",
        domain="k8s.example.org",
        pool="10.0.0.8/29",
        git_url="ssh://git@a.example/b",
        mgmt_domain="mgmt.example.org",
    )
    cluster = parse(text)
    assert not cluster.management
    assert cluster.cluster_vars.mgmt_domain == "mgmt.example.org"
    assert cluster.git is not None
    assert cluster.git.secret == "flux-system"  # noqa: S105 — the name of a Secret


@pytest.mark.parametrize("answer", ['"', "a: b", "${x}", "\n- a", "#", "'"])
def test_answers_cannot_break_out_of_their_place(answer: str) -> None:
    with pytest.raises(ConfigError):
        new_stack("calypso", domain=answer, pool=answer, git_url=answer)
