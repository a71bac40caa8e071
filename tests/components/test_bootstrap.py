"""The bootstrap through the real program: its components, and secrets that are found nowhere in clear."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pulumi
import pytest

from tests.components.test_program import engine_config
from tests.golden import golden
from tests.support.bootstrap import INSTALL, VALUES
from tests.support.certificates import key_text, private_key
from tests.support.programs import Programs
from tests.support.recorder import Recording, run_program
from tests.support.stacks import DELIVERIES, ROOT

PLANTED = {f"bootstrap:{key}": text for key, text in VALUES.items()}


def run(
    delivery: str = "git",
    *,
    choice: dict[str, Any] | None = None,
    changed: Mapping[str, str | None] = MappingProxyType({}),
) -> Recording:
    values = {**PLANTED, **changed}
    config = engine_config("odyssey", delivery) | {"homelab:bootstrap": json.dumps(choice or INSTALL)}
    return run_program(ROOT, "odyssey", config | {key: text for key, text in values.items() if text is not None})


@pytest.fixture(scope="module")
def recordings() -> dict[str, Recording]:
    return {delivery: run(delivery) for delivery in DELIVERIES}


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_planted_values_are_found_nowhere_in_clear(delivery: str, recordings: dict[str, Recording]) -> None:
    clear = json.dumps([item.clear for item in recordings[delivery].requests]) + json.dumps(
        recordings[delivery].outputs
    )
    for text in PLANTED.values():
        assert json.dumps(text)[1:-1] not in clear
    assert "planted" not in clear


def test_the_values_reach_their_secrets(recordings: dict[str, Recording]) -> None:
    named = {item.name: item.inputs for item in recordings["git"].objects}
    assert named["bootstrap-secret-cluster-ca"]["stringData"] == {
        "tls.crt": PLANTED["bootstrap:cluster-ca/tls.crt"],
        "tls.key": PLANTED["bootstrap:cluster-ca/tls.key"],
    }
    assert named["bootstrap-secret-onepassword-connect-token"]["stringData"] == {"token": "planted-token"}
    assert named["bootstrap-configmap-root-ca"]["data"] == {"ca.crt": PLANTED["bootstrap:root-ca/ca.crt"]}


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_urns_are_the_golden_ones(delivery: str, recordings: dict[str, Recording]) -> None:
    own = [item.urn for item in recordings[delivery].requests if "FluxBootstrap" in item.urn]
    text = "".join(f"{urn}\n" for urn in sorted(own))
    assert text == golden("urns/bootstrap.txt", text)


def test_the_releases_are_helms_own_and_cilium_is_left_alone_later(recordings: dict[str, Recording]) -> None:
    releases = {item.name: item for item in recordings["git"].of_type("kubernetes:helm.sh/v3:Release")}
    assert releases["bootstrap-operator"].inputs["name"] == "flux-operator"
    assert releases["bootstrap-operator"].ignore_changes == ()
    assert releases["bootstrap-cilium"].ignore_changes == ("chart", "version", "values", "repositoryOpts", "checksum")
    assert releases["bootstrap-cilium"].retain_on_delete


@pytest.fixture
def op(programs: Programs) -> Programs:
    """The 1Password CLI is there; what it prints here is the recorder's."""
    programs.add("op")
    return programs


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs.on_path(tmp_path / "programs", monkeypatch)


@pytest.mark.usefixtures("programs")
def test_without_the_1password_cli_nothing_is_registered() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        run(choice={"use": "install", "secrets": {"root-ca": {"ca.crt": "op://Homelab/ca/root"}}})
    message = str(caught.value)
    assert message.startswith("nothing was changed")
    assert "it is not on PATH" in message
    assert "fix:  install the 1Password CLI where Pulumi runs, and unlock" in message


@pytest.mark.usefixtures("op")
def test_1password_is_read_without_a_trace() -> None:
    sources = {"onepassword-connect-token": {"token": "op://Homelab/connect/token"}}
    recorded = run(choice={"use": "install", "secrets": sources})
    (read,) = recorded.of_type("command:local:Command")
    assert shlex.split(read.inputs["create"])[-2:] == ["op", "op://Homelab/connect/token"]
    assert read.inputs["logging"] == "none"
    assert read.inputs["addPreviousOutputInEnv"] is False
    assert read.secret_outputs == {"stdout", "stderr"}
    (namespace,) = (item for item in recorded.objects if item.name == "bootstrap-namespace")
    assert namespace.dependencies == (read.urn,)


@pytest.mark.parametrize(
    ("key", "text", "where", "what"),
    [
        ("onepassword-connect-token/token", None, "bootstrap:onepassword-connect-token/token", "it is not set"),
        ("onepassword-connect-token/token", " ", "Secret external-secrets/onepassword-connect-token", "it is empty"),
        ("op-credentials/1password-credentials.json", "planted", "Secret 1password/op-credentials", "no JSON object"),
        ("cluster-ca/tls.key", "planted", "Secret cert-manager/cluster-ca", "no PEM key"),
        ("cluster-ca/tls.key", key_text(private_key()), "Secret cert-manager/cluster-ca", "does not belong"),
        ("root-ca/ca.crt", "planted", "ConfigMap cert-manager/root-ca", "no PEM certificate"),
    ],
)
def test_an_unusable_value_ends_the_program_before_anything_is_registered(
    key: str, text: str | None, where: str, what: str
) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        run(changed={f"bootstrap:{key}": text})
    message = str(caught.value)
    assert message.startswith("nothing was changed")
    assert (where in message, what in message, "planted" in message) == (True, True, False)


def test_all_unusable_values_are_told_at_once() -> None:
    with pytest.raises(pulumi.RunError) as caught:
        run(changed={"bootstrap:root-ca/ca.crt": None, "bootstrap:onepassword-connect-token/token": ""})
    assert "root-ca/ca.crt" in str(caught.value)
    assert "onepassword-connect-token" in str(caught.value)


@pytest.mark.usefixtures("op")
def test_a_value_that_a_command_prints_is_checked_before_anything_is_made() -> None:
    """The stand-in for `op` prints JSON with a digest, which is no certificate."""
    with pytest.raises(pulumi.RunError) as caught:
        run(choice={"use": "install", "secrets": {"root-ca": {"ca.crt": "op://Homelab/ca/root"}}})
    assert "ConfigMap cert-manager/root-ca was not made" in str(caught.value)
    assert "have it read anew: --replace '**bootstrap-read-root-ca-ca-crt'" in str(caught.value)
    assert "d1d1d1" not in str(caught.value)
