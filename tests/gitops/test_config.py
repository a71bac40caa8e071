"""From a stack's config to its cluster: what is right passes, and every mistake is named where it stands."""

import json
from pathlib import Path

import pytest

from addons.catalogue import KNOWN
from gitops.cluster import Cluster
from gitops.config import KnownNames, parse_config, parse_stack, with_overrides
from gitops.errors import ConfigError, Problem
from tests.support.stacks import ROOT, STACKS, shipped, stack_config

CONFIGS = ROOT / "tests" / "configs"
VALID = sorted((CONFIGS / "valid").glob("*.yaml"))
INVALID = sorted((CONFIGS / "invalid").glob("*.yaml"))
BASE = (CONFIGS / "valid" / "minimal.yaml").read_text(encoding="utf-8")


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


@pytest.mark.parametrize(
    ("extra", "what", "fix"),
    [
        ("    brnch: main\n", 'there is no "brnch" here', "did you mean branch?"),
        ("    zzz: main\n", 'there is no "zzz" here', "there are branch, commit, secret, url"),
        ("  homelab:zzz: 1\n", 'there is no "zzz" here', "there are addons, bootstrap, charts, "),
        ("  homelab:addons: {nginx: {enable: true}}\n", 'there is no "enable" here', "did you mean enabled?"),
        ("  homelab:profile: {withot: []}\n", 'there is no "withot" here', "did you mean without?"),
        ("  homelab:addons: {zzz: {}}\n", 'there is no "zzz" here', "there are 1password-connect, alloy, "),
        ("  homelab:network: {api_host: true}\n", "true is not text", 'quote it: "…"'),
        ("  homelab:network: {api_host: 1.5}\n", "1.5 is not text", 'quote it: "1.5"'),
        ("  homelab:network: {api_host: []}\n", "[] is not text", 'quote it: "…"'),
        ("  homelab:shards: infra\n", '"infra" is not a list', "write it as a list: [a, b]"),
        ("  homelab:network: a\n", '"a" is not a mapping', "write keys and values under it"),
        ("  homelab:addons: []\n", "[] is not a mapping", "write keys and values under it"),
        ("  homelab:management: 1\n", "1 is not true or false", "write true or false, without quotes"),
        ("  homelab:delivery: x\n", '"x" is none of the choices', "use 'git', 'direct', 'oci' or 'inline'"),
        (
            '  homelab:website: {image: "%s", replicas: "2"}\n',
            '"2" is not a whole number',
            "write it without quotes and point",
        ),
        ('  homelab:website: {image: "%s", replicas: 0}\n', "0 is out of range", "use at least 1"),
        ('  homelab:website: {image: "%s", replicas: 21}\n', "21 is out of range", "use at most 20"),
        ("  homelab:website: {}\n", "it is missing", "add it: Image by digest."),
    ],
)  # fmt: skip
def test_a_mistake_in_a_setting_says_how_to_mend_it(extra: str, what: str, fix: str) -> None:
    image = f"example.org/site@sha256:{'0' * 64}"
    (problem,) = problems(BASE + extra.replace("%s", image))
    assert problem.what == what
    assert problem.fix.startswith(fix)


def test_what_only_a_program_can_pass_is_told_in_pydantics_words() -> None:
    config = stack_config("odyssey") | {"homelab:git": {1: 2, "url": "https://git.example.org/homelab"}}
    with pytest.raises(ConfigError) as caught:
        parse_config(config, source="engine", known=KNOWN)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.what, problem.fix) == (
        "config/value",
        "1 cannot stand here",
        "Keys should be strings",
    )


def test_a_file_without_config_says_what_to_write() -> None:
    (problem,) = problems("encryptionsalt: x\n")
    assert (problem.where, problem.what) == ("Pulumi.x.yaml: config", "there is no config")
    assert problem.fix == "add config:, and homelab:cluster_vars under it"


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
    with pytest.raises(ConfigError) as caught:
        with_overrides(shipped("odyssey"), delivery="oci")
    assert [problem.where for problem in caught.value.problems] == ["with the options given: homelab:oci.url"]


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


def test_a_kubeconfig_in_clear_is_refused_and_never_shown() -> None:
    token = "not-a-" + "token-at-all"
    text = f"{BASE}  kubernetes:kubeconfig: |\n    users:\n    - user: {{token: {token}}}\n"
    (problem,) = problems(text)
    assert problem.rule == "config/credential"
    assert problem.field == "kubernetes:kubeconfig"
    assert problem.what.startswith("kubernetes:kubeconfig looks like a password in a text, in clear (")
    assert problem.fix.startswith("encrypt it: pulumi config set --secret kubernetes:kubeconfig; ")
    assert problem.confidential
    assert token not in str(problem)


@pytest.mark.parametrize(
    "kubeconfig",
    ["{secure: v1:abc/DEF+123456789012345678901234567890xYz}", "'current-context: odyssey'", "~/.kube/odyssey"],
)
def test_a_kubeconfig_that_is_encrypted_or_holds_no_credential_is_fine(kubeconfig: str) -> None:
    assert parse(f"{BASE}  kubernetes:kubeconfig: {kubeconfig}\n").name == "odyssey"
