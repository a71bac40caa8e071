"""The command line as its users meet it: what it prints, writes and ends with."""

import json
from pathlib import Path

import jsonschema
import pytest

from gitops.profile import POLICIES
from tests.golden import golden
from tests.support.cli import SCHEMAS, Homelab, run_cli, spoil
from tests.support.stacks import STACKS, stack_text


@pytest.mark.parametrize("stack", STACKS)
def test_plan_shows_the_golden_tree(stack: str, homelab: Homelab) -> None:
    done = homelab("plan", stack)
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout == golden(f"plans/{stack}.txt", done.stdout)


def test_plan_names_what_a_reader_looks_for(homelab: Homelab) -> None:
    text = homelab("plan", "odyssey").stdout
    assert "management cluster, profile strict, delivery git" in text
    assert "metallb 0.16.1" in text
    assert "Kept when removed: metallb, cilium, external-secrets, longhorn." in text
    assert "Website: https://wedding.k8s.cicci8ino.it" in text


def test_plan_without_a_terminal_is_plain_and_unwrapped(homelab: Homelab) -> None:
    text = homelab("plan", "odyssey").stdout
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) > 120


def test_plan_under_another_profile(homelab: Homelab) -> None:
    text = homelab("plan", "odyssey", "--profile", "seed").stdout
    assert "profile seed" in text
    assert "promtail 6.17.1" in text


@pytest.mark.parametrize("stack", STACKS)
def test_plan_as_json_fits_its_schema(stack: str, homelab: Homelab) -> None:
    planned = json.loads(homelab("plan", stack, "--output", "json").stdout)
    jsonschema.validate(planned, json.loads((SCHEMAS / "plan.schema.json").read_text(encoding="utf-8")))
    assert planned["cluster"] == stack


def test_plan_adds_up_how_long_each_layer_may_take(homelab: Homelab) -> None:
    lines = homelab("plan", "odyssey", "--timing").stdout.splitlines()
    assert any(
        line.startswith("secret ") and line.endswith("1password-connect-controllers 6m = 17m30s") for line in lines
    )
    assert lines[-1].startswith("Ready on a cold start after, by rule of thumb: common-configs 0s, network ")


def test_plan_lists_the_owner_of_every_object(homelab: Homelab) -> None:
    lines = homelab("plan", "odyssey", "--owners").stdout.splitlines()
    assert "pulumi  ConfigMap flux-system/cluster-vars" in lines
    assert "flux    HelmRelease metallb/metallb" in lines


def test_render_writes_the_tree_and_a_second_time_nothing(homelab: Homelab, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first, second = homelab("render", "odyssey", "--out", str(out)), homelab("render", "odyssey", "--out", str(out))
    assert "0 unchanged, 0 removed" in first.stdout
    assert " 0 files written, " in second.stdout
    assert (out / "common/network/kustomization.yaml").is_file()
    assert not (out / "pulumi").exists()


def test_render_all_also_writes_what_pulumi_registers(homelab: Homelab, tmp_path: Path) -> None:
    out = tmp_path / "out"
    homelab("render", "odyssey", "--out", str(out), "--all")
    assert (out / "pulumi/odyssey/kustomization-network-reconciliation.yaml").is_file()
    assert homelab("render", "odyssey", "--out", str(out)).stdout.endswith(" removed\n")
    assert not (out / "pulumi").exists()


def test_render_refuses_a_folder_that_is_not_its_own(homelab: Homelab, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("keep", encoding="utf-8")
    done = homelab("render", "odyssey", "--out", str(tmp_path / "mine"))
    assert done.status == 1
    assert "it is not empty, and homelab did not write it" in done.stderr
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_diff_of_a_stack_with_itself_under_its_own_profile_is_empty(homelab: Homelab) -> None:
    done = homelab("diff", "odyssey", "--profile", "strict")
    assert (done.status, done.stdout) == (0, "No difference.\n")


def test_diff_under_another_profile_names_the_policy_behind_each_change(homelab: Homelab) -> None:
    done = homelab("diff", "odyssey", "--profile", "seed")
    assert done.status == 1
    lines = done.stdout.splitlines()
    assert "- IPAddressPool metallb/reserved  [reserved-addresses]" in lines
    assert "    spec.wait: true → (none)  [health-gates]" in lines
    assert any(line.endswith(" changed") for line in lines)
    counted = {line.split()[0]: int(line.split()[1]) for line in lines[-9:]}
    assert set(counted) == set(POLICIES)
    assert counted["watch"] == 1


def test_diff_of_two_stacks_shows_what_differs(homelab: Homelab) -> None:
    done = homelab("diff", "odyssey", "ithaca")
    assert done.status == 1
    assert '    data.domain: "k8s.cicci8ino.it" → "ithaca.cicci8ino.it"' in done.stdout.splitlines()


def test_diff_as_markdown_is_a_table(homelab: Homelab) -> None:
    lines = homelab("diff", "odyssey", "ithaca", "--output", "markdown").stdout.splitlines()
    assert lines[0] == "| | object | field | before | after | policy |"
    assert lines[1] == "|---|---|---|---|---|---|"
    assert all(line.count(" | ") >= 5 for line in lines[2:-2])


def test_diff_as_json_fits_its_schema(homelab: Homelab) -> None:
    done = homelab("diff", "odyssey", "--profile", "seed", "--output", "json")
    differences = json.loads(done.stdout)
    jsonschema.validate(differences, json.loads((SCHEMAS / "diff.schema.json").read_text(encoding="utf-8")))
    assert {change["change"] for change in differences["changes"]} == {"added", "removed", "changed"}


def test_diff_alone_asks_for_something_to_compare_with(homelab: Homelab) -> None:
    done = homelab("diff", "odyssey")
    assert done.status == 2
    assert "name another stack, or give --profile or --delivery" in done.stderr


def test_graph_prints_mermaid(homelab: Homelab) -> None:
    assert homelab("graph", "odyssey").stdout.startswith("flowchart LR\n")


def test_new_writes_a_stack_that_plans(homelab: Homelab, project: Path) -> None:
    answers = ("--domain", "k8s.example.org", "--pool", "192.168.1.65-192.168.1.126")
    done = homelab("new", "calypso", *answers, "--git-url", "https://git.example.org/homelab.git")
    assert (done.status, done.stdout) == (0, "Pulumi.calypso.yaml written; next: homelab plan calypso\n")
    assert (project / "Pulumi.calypso.yaml").read_text(encoding="utf-8").startswith("# yaml-language-server:")
    assert homelab("plan", "calypso").status == 0


def test_new_never_replaces_a_stack(homelab: Homelab, project: Path) -> None:
    done = homelab("new", "odyssey", "--domain", "a.b", "--pool", "10.0.0.0/24", "--git-url", "https://a.b/c")
    assert done.status == 1
    assert "the stack exists already" in done.stderr
    assert (project / "Pulumi.odyssey.yaml").read_text(encoding="utf-8") == stack_text("odyssey")


def test_new_reports_bad_answers_and_writes_nothing(homelab: Homelab, project: Path) -> None:
    done = homelab("new", "calypso", "--domain", "k8s", "--pool", "10.0.0.9-10.0.0.1", "--git-url", "nowhere")
    assert done.status == 1
    assert '"k8s" is no domain' in done.stderr
    assert "write it the other way round: 10.0.0.1-10.0.0.9" in done.stderr
    assert not (project / "Pulumi.calypso.yaml").exists()


def test_new_without_a_terminal_names_the_option_that_is_needed(homelab: Homelab) -> None:
    done = homelab("new", "calypso")
    assert done.status == 2
    assert "--domain" in done.stderr


@pytest.mark.parametrize("command", ["plan", "graph"])
def test_an_unknown_stack_lists_those_that_exist(command: str, homelab: Homelab) -> None:
    done = homelab(command, "odysey")
    assert done.status == 2
    assert "there is no such stack" in done.stderr
    assert "stacks: ithaca, odyssey" in done.stderr


def test_a_stack_file_that_is_no_text_is_named(homelab: Homelab, project: Path) -> None:
    (project / "Pulumi.odyssey.yaml").write_bytes(b"\xff\xfe\x00")
    done = homelab("plan", "odyssey")
    assert done.status == 2
    assert "it is not UTF-8 text" in done.stderr


def test_outside_of_a_project_the_command_says_so(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    done = run_cli(("plan", "odyssey"), capsys)
    assert done.status == 2
    assert "there is no Pulumi.yaml in this folder or above it" in done.stderr


def test_the_project_is_found_from_a_folder_inside_it(
    homelab: Homelab, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "site").mkdir()
    monkeypatch.chdir(project / "site")
    assert homelab("plan", "odyssey").status == 0


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ('storage_replica: "1"', "storage_replica: 1", ["storage_replica", "1 is not text", 'quote it: "1"']),
        ("dns_ip: 192.168.20.66", "dns_ip: 192.168.21.66", ["outside load_balancer_pool", "use an address of"]),
        ("homelab:management", "homelab:managment", ["homelab:managment", "did you mean management?"]),
        ("ingress_ip: 192.168.20.67", "ingress_ip: 192.168.20.66", ["are both 192.168.20.66"]),
        ("domain: k8s.cicci8ino.it", "domain: cluster", ['"cluster" is no domain']),
    ],
)
def test_five_typical_mistakes_end_with_the_key_the_rule_and_the_fix(
    old: str, new: str, messages: list[str], homelab: Homelab, project: Path
) -> None:
    spoil(project, old, new)
    done = homelab("render", "odyssey", "--out", str(project / "out"))
    assert done.status == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "Pulumi.odyssey.yaml:" in done.stderr
    assert all(message in done.stderr for message in messages)
    assert done.stderr.splitlines()[-1].endswith("nothing was written")
    assert not (project / "out").exists()


def test_an_addon_that_others_need_cannot_be_switched_off(homelab: Homelab, project: Path) -> None:
    spoil(project, "homelab:shards: [infra]", "homelab:addons: {cert-manager: {enabled: false}}")
    done = homelab("plan", "odyssey")
    assert done.status == 1
    assert "trust-manager-controllers needs cert-manager-controllers, which is not installed" in done.stderr
    assert "addons/network/trust_manager.py:" in done.stderr


def test_wrong_use_ends_with_status_2(homelab: Homelab) -> None:
    assert homelab("plan").status == 2
    assert homelab("plan", "odyssey", "--profile", "loose").status == 2
    assert homelab("nonsense").status == 2


def test_help_names_every_command(homelab: Homelab) -> None:
    text = homelab("--help").stdout
    assert all(command in text for command in ("plan", "render", "diff", "graph", "new"))


def test_diff_under_another_delivery_shows_what_changes_hands_and_how(homelab: Homelab) -> None:
    done = homelab("diff", "odyssey", "--delivery", "inline")
    assert done.status == 1
    lines = done.stdout.splitlines()
    at = lines.index("~ HelmRelease metallb/metallb")
    holders = ("Kustomization flux-system/metallb-controllers", "ResourceSet flux-system/metallb-controllers")
    assert lines[at + 1] == f'    owner: "{holders[0]}" → "{holders[1]}"'
    assert "- GitRepository flux-system/flux-system" in lines
    assert "From git to inline, without deleting a workload:" in lines
    assert lines[-1] == "5. Remove homelab:retain and run homelab up."


def test_diff_under_the_same_delivery_is_empty(homelab: Homelab) -> None:
    done = homelab("diff", "odyssey", "--delivery", "git")
    assert (done.status, done.stdout) == (0, "No difference.\n")


def test_plan_under_another_delivery_shows_the_steps(homelab: Homelab) -> None:
    text = homelab("plan", "odyssey", "--delivery", "direct").stdout
    assert "profile strict, delivery direct" in text
    assert "From git to direct, without deleting a workload:\n1. Set homelab:retain: true and run homelab up:" in text


def test_plan_shows_the_command_that_pushes_the_artifact(homelab: Homelab, project: Path) -> None:
    oci = "homelab:delivery: oci\n  homelab:oci: {url: oci://registry.example.org/homelab}"
    spoil(project, "homelab:delivery: git", oci)
    text = homelab("plan", "odyssey").stdout
    assert "runs flux push artifact oci://registry.example.org/homelab:odyssey --path=.homelab/odyssey" in text


def test_plan_lists_the_way_down_and_what_stays(homelab: Homelab) -> None:
    lines = homelab("plan", "odyssey", "--teardown").stdout.splitlines()
    at = lines.index("To take it down, delete bundle by bundle:")
    assert lines[at + 1].startswith(" 1 wedding-website  Ingress wedding-website/wedding-website-ingress, ")
    assert lines[at + 3].startswith(" 3 grafana-controllers  HelmRelease grafana/grafana, ")
    assert "   longhorn-controllers" in lines
    assert "   1password-connect-controllers  for external-secrets-configs" in lines


def test_with_delete_data_the_way_down_ends_with_the_network(homelab: Homelab) -> None:
    lines = homelab("plan", "odyssey", "--teardown", "--delete-data").stdout.splitlines()
    assert lines[-2].split()[1] == "cilium-controllers"
    assert lines[-1].startswith("and at the end these namespaces: nginx-ingress, ")
    assert not [line for line in lines if line.startswith("These stay")]
