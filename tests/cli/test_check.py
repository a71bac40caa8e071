"""`homelab check` and `homelab explain` as their users meet them."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from sarif_pydantic import Sarif

from tests.support.cli import SCHEMAS, Homelab, spoil
from tests.support.stacks import ROOT

STRANGE = "homelab:bootstrap: {use: install, secrets: {other: {key: from_config}}}"
UNKNOWN_VARIABLE = ("homelab:shards: [infra]", "homelab:addons: {grafana: {values: {env: {b.c: 'x-${domian}'}}}}")


def test_the_shipped_stacks_pass(homelab: Homelab) -> None:
    done = homelab("check")
    assert (done.status, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith("3 stacks: 0 errors, 0 warnings, ")


def test_a_finding_of_an_object_shows_its_rendered_line_and_who_declared_it(homelab: Homelab, project: Path) -> None:
    spoil(project, *UNKNOWN_VARIABLE)
    done = homelab("check", "odyssey")
    lines = done.stdout.splitlines()
    assert done.status == 1
    assert lines[:4] == [
        "variables",
        "  error variables/substitution  odyssey",
        "    HelmRelease grafana/grafana: spec.values.env.b.c",
        "    no variable is called 'domian'",
    ]
    assert lines[4].startswith("     --> addons/logging/grafana.py:")
    assert lines[5].endswith(" |       b.c: x-${domian}")
    assert lines[6].endswith(" |       ^^^")
    assert lines[7].startswith("    fix: declared are cluster_name, ")
    assert lines[-1].startswith("1 stack: 1 error, 0 warnings, ")


def test_a_finding_of_the_config_shows_its_line(homelab: Homelab, project: Path) -> None:
    spoil(project, "homelab:management: true", STRANGE)
    lines = homelab("check", "odyssey").stdout.splitlines()
    assert lines[1] == "  error bootstrap/secret  odyssey"
    assert lines[4] == "     --> Pulumi.odyssey.yaml:12"
    assert lines[5].startswith("     12 |   homelab:bootstrap: {use: install, ")


def test_the_readme_shows_what_is_printed(homelab: Homelab, project: Path) -> None:
    spoil(
        project,
        "homelab:shards: [infra]",
        "homelab:addons: {cilium: {values: {enableLBIPAM: true, defaultLBServiceIPAM: x}}}",
    )
    printed = {re.sub(r"\d+", "N", line) for line in homelab("check", "odyssey").stdout.splitlines()}
    excerpt = (ROOT / "README.md").read_text(encoding="utf-8").partition("```\nnetwork\n")[2].partition("```")[0]
    assert "network/one-owner" in excerpt
    assert [line for line in excerpt.splitlines() if re.sub(r"\d+", "N", line) not in printed] == []


def test_a_stack_that_cannot_be_parsed_hides_no_other(homelab: Homelab, project: Path) -> None:
    spoil(project, *UNKNOWN_VARIABLE)
    (project / "Pulumi.ithaca.yaml").write_text("config: [\n", encoding="utf-8")
    done = homelab("check")
    assert "  error config/yaml  ithaca" in done.stdout.splitlines()
    assert "  error variables/substitution  odyssey" in done.stdout.splitlines()
    assert "3 stacks: 2 errors" in done.stdout


def test_what_policies_cannot_work_on_is_shown_too(homelab: Homelab, project: Path) -> None:
    spoil(project, "homelab:shards: [infra]", "homelab:addons: {cert-manager: {enabled: false}}")
    done = homelab("check", "odyssey")
    assert "    trust-manager-controllers needs cert-manager-controllers, which is not installed" in done.stdout
    assert "  dependsOn" not in done.stderr


def test_findings_as_json_fit_their_schema(homelab: Homelab, project: Path) -> None:
    spoil(project, *UNKNOWN_VARIABLE)
    done = homelab("check", "--output", "json")
    found = json.loads(done.stdout)
    jsonschema.validate(found, json.loads((SCHEMAS / "check.schema.json").read_text(encoding="utf-8")))
    (finding,) = (item for item in found["findings"] if item["waived"] is None)
    assert done.status == 1
    assert (found["errors"], found["warnings"]) == (1, 0)
    assert finding["object"] == "HelmRelease grafana/grafana"
    assert finding["field"] == "spec.values.env.b.c"
    assert finding["excerpt"] == "b.c: x-${domian}"
    assert finding["file"] == "addons/logging/grafana.py"
    assert finding["line"] > 0


def test_findings_as_workflow_commands_are_escaped(homelab: Homelab, project: Path) -> None:
    spoil(project, "homelab:management: true", "homelab:managment: true")
    (command,) = homelab("check", "--output", "github").stdout.splitlines()
    properties, _, message = command.partition("::odyssey: ")
    assert properties == "::error file=Pulumi.odyssey.yaml,line=12,title=config/unknown-key"
    assert message.endswith('there is no "managment" here%0Afix: did you mean management?')


def test_findings_as_sarif_name_rule_place_and_object(homelab: Homelab, project: Path) -> None:
    spoil(project, *UNKNOWN_VARIABLE)
    log = json.loads(homelab("check", "--output", "sarif").stdout)
    # What the models of SARIF 2.1.0 do not know, they leave out.
    assert json.loads(Sarif.model_validate(log).model_dump_json(by_alias=True, exclude_unset=True)) == log
    (run,) = log["runs"]
    (result,) = (item for item in run["results"] if "suppressions" not in item)
    assert "variables/substitution" in {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert (result["ruleId"], result["level"]) == ("variables/substitution", "error")
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "addons/logging/grafana.py"
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "HelmRelease grafana/grafana: spec.values.env.b.c"


def test_a_waived_finding_is_listed_with_its_reason_and_stops_nothing(homelab: Homelab, project: Path) -> None:
    waiver = "- {rule: bootstrap/secret, reason: 50% done by hand}"
    spoil(project, "homelab:waivers:\n", f"{STRANGE}\n  homelab:waivers:\n    {waiver}\n")
    done = homelab("check", "odyssey")
    assert done.status == 0
    assert "waived bootstrap/secret  odyssey" in done.stdout
    assert "because 50% done by hand" in done.stdout
    assert homelab("check", "odyssey", "--output", "github").stdout == ""
    (run,) = json.loads(homelab("check", "odyssey", "--output", "sarif").stdout)["runs"]
    waived = {item["ruleId"]: item["suppressions"] for item in run["results"] if "suppressions" in item}
    assert waived["bootstrap/secret"] == [{"kind": "inSource", "justification": "50% done by hand"}]
    assert homelab("plan", "odyssey").status == 0


def test_a_waiver_that_waives_nothing_is_shown_where_it_stands(homelab: Homelab, project: Path) -> None:
    spoil(project, "homelab:waivers:\n", "homelab:waivers:\n    - {rule: shards/idle, reason: c}\n")
    done = homelab("check", "odyssey")
    assert done.status == 0
    assert "  warning waivers/unused  odyssey" in done.stdout.splitlines()
    assert "     23 |   homelab:waivers:" in done.stdout.splitlines()


def test_stacks_are_checked_under_another_profile(homelab: Homelab) -> None:
    assert homelab("check", "--profile", "seed").status == 0


def test_an_unknown_stack_ends_with_status_2(homelab: Homelab) -> None:
    assert homelab("check", "odysey").status == 2


def test_explain_prints_what_a_rule_is_for(homelab: Homelab) -> None:
    done = homelab("explain", "variables/substitution")
    assert done.status == 0
    assert done.stdout.splitlines()[:2] == ["variables/substitution", "  error"]
    assert "StrictPostBuildSubstitutions" in done.stdout


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("variables/substitutions", "variables/substitution"),
        ("substitution", "variables/substitution"),
        ("xyz", "docs/checks.md"),
    ],
)
def test_explain_suggests_a_rule_for_one_that_there_is_not(name: str, hint: str, homelab: Homelab) -> None:
    done = homelab("explain", name)
    assert done.status == 2
    assert hint in done.stderr.replace("\n", "")
