"""`homelab secrets` as its users meet it, and findings that must not be shown."""

import json
from pathlib import Path

import jsonschema
import pytest

from tests.support.cli import SCHEMAS, Homelab, spoil

PASSWORD = "correct" + "-horse-battery"


def test_the_inventory_is_a_table_in_order(homelab: Homelab) -> None:
    done = homelab("secrets", "odyssey")
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    assert (done.status, done.stderr) == (0, "")
    assert lines[0].split() == ["STEP", "OBJECT", "KEYS", "MADE", "BY", "NEEDED", "BY"]
    assert lines[1].startswith("0     Secret 1password/op-credentials ")
    assert "  bootstrap, for 1Password Connect  " in lines[1]
    assert any("external-secrets, for ExternalSecret grafana/grafana-admin" in line for line in lines)
    assert lines[-2] == "item grafana (username, password) in vault Homelab, for ExternalSecret grafana/grafana-admin"
    assert lines[-1] == "12 objects are needed: 5 before Flux, 1 in the vault. No values are read here."


def test_a_cluster_without_external_secrets_needs_nothing_of_the_vault(homelab: Homelab) -> None:
    lines = homelab("secrets", "ithaca").stdout.splitlines()
    assert lines[-1] == "7 objects are needed: 5 before Flux. No values are read here."


def test_the_inventory_as_json_fits_its_schema(homelab: Homelab) -> None:
    found = json.loads(homelab("secrets", "odyssey", "--output", "json").stdout)
    jsonschema.validate(found, json.loads((SCHEMAS / "secrets.schema.json").read_text(encoding="utf-8")))
    assert found["cluster"] == "odyssey"
    assert found["secrets"][0]["name"] == "op-credentials"
    assert found["secrets"][0]["needed_by"][0]["bundle"] == "1password-connect-controllers"


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_secret_that_nothing_makes_is_listed_and_is_an_error(output: str, homelab: Homelab, project: Path) -> None:
    values = "{admin: {existingSecret: nowhere}}"
    spoil(project, "homelab:shards: [infra]", f"homelab:addons: {{grafana: {{values: {values}}}}}")
    done = homelab("secrets", "odyssey", "--output", output)
    assert done.status == 1
    assert "nowhere" in done.stdout
    assert "nothing makes Secret grafana/nowhere" in done.stderr


def test_bundles_without_an_order_have_no_inventory(homelab: Homelab, project: Path) -> None:
    spoil(project, "homelab:shards: [infra]", "homelab:addons: {cert-manager: {enabled: false}}")
    done = homelab("secrets", "odyssey")
    assert (done.status, done.stdout) == (1, "")
    assert "trust-manager-controllers needs cert-manager-controllers" in done.stderr


@pytest.mark.parametrize("output", ["text", "json", "sarif", "github"])
def test_no_report_shows_a_credential(output: str, homelab: Homelab, project: Path) -> None:
    values = f"{{adminPassword: {PASSWORD}, env: {{TOKEN: {PASSWORD}}}}}"
    spoil(project, "homelab:shards: [infra]", f"homelab:addons: {{grafana: {{values: {values}}}}}")
    done = homelab("check", "odyssey", "--output", output)
    assert done.status == 1
    assert "secrets/literal" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_a_credential_in_the_config_names_its_line(homelab: Homelab, project: Path) -> None:
    values = f"{{adminPassword: {PASSWORD}}}"
    spoil(project, "homelab:shards: [infra]", f"homelab:addons: {{grafana: {{values: {values}}}}}")
    lines = homelab("check", "odyssey").stdout.splitlines()
    assert lines[1:5] == [
        "  error secrets/literal  odyssey",
        "    homelab:addons.grafana.values.adminPassword",
        "    looks like a credential, by its key adminPassword (21 characters, not shown)",
        "     --> Pulumi.odyssey.yaml:22",
    ]


def test_no_other_command_shows_it_either(homelab: Homelab, project: Path) -> None:
    values = f"{{adminPassword: {PASSWORD}}}"
    spoil(project, "homelab:shards: [infra]", f"homelab:addons: {{grafana: {{values: {values}}}}}")
    for command in ("plan", "secrets", "graph"):
        done = homelab(command, "odyssey")
        assert done.status == 1
        assert PASSWORD not in done.stdout + done.stderr
