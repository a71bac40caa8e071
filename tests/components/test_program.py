"""The real program, run under mocks for every shipped stack and delivery: it registers what the core says."""

import json
from collections.abc import Iterator
from functools import reduce

import pulumi
import pytest

from addons.catalogue import platform
from gitops.delivery import delivery_of
from gitops.delivery.registration import CommandOutput, Registration, ValueFrom, with_field
from gitops.objects import Manifest
from tests.golden import golden
from tests.support.recorder import PRINTED, Recording, Request, run_program
from tests.support.stacks import DELIVERIES, OCI, ROOT, STACKS, shipped, stack_config

CASES = [(stack, delivery) for stack in STACKS for delivery in DELIVERIES]
LAYERS = {"network": "NetworkLayer", "secret": "SecretsLayer", "infra": "InfraLayer", "log": "LoggingLayer"}
CLASSES = LAYERS | {
    "cluster": "ClusterVarsConfigMap",
    "flux": "GitSource",
    "artifact": "Artifact",
    "common-configs": "CommonConfigs",
    "wedding-website": "Website",
}


def engine_config(stack: str, delivery: str) -> dict[str, str]:
    """A stack's config as the engine hands it over: objects as JSON, everything else as text."""
    config = stack_config(stack) | {"homelab:delivery": delivery, "homelab:oci": OCI}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


@pytest.fixture(scope="module")
def recordings() -> dict[tuple[str, str], Recording]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOMELAB_SANDBOX", "/state/sandbox")
        return {case: run_program(ROOT, case[0], engine_config(*case)) for case in CASES}


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    chosen: tuple[str, str] = request.param
    return chosen


@pytest.fixture
def recording(case: tuple[str, str], recordings: dict[tuple[str, str], Recording]) -> Recording:
    return recordings[case]


@pytest.fixture
def registrations(case: tuple[str, str]) -> tuple[Registration, ...]:
    planned = platform(shipped(case[0], delivery=case[1]))
    return delivery_of(planned).registrations(planned)


def test_every_object_that_the_core_names_is_registered_and_nothing_else(
    recording: Recording, registrations: tuple[Registration, ...]
) -> None:
    assert {item.name: item.inputs for item in recording.objects} == {
        item.name: reduce(_with_printed, item.values_from, item.manifest) for item in registrations
    }


def _with_printed(manifest: Manifest, value: ValueFrom) -> Manifest:
    assert isinstance(value.source, CommandOutput)
    return with_field(manifest, value.path, PRINTED[value.source.key or ""])


def test_urns_are_unique(recording: Recording) -> None:
    urns = [item.urn for item in recording.requests]
    assert sorted(set(urns)) == sorted(urns)


def test_every_object_is_a_child_of_its_component(
    recording: Recording, registrations: tuple[Registration, ...]
) -> None:
    parents = {item.name: item.parent for item in recording.objects}
    components = {item.name: item.urn for item in recording.components}
    assert parents == {item.name: components[item.component] for item in registrations}


def test_every_component_has_its_type_and_is_a_child_of_the_stack(recording: Recording) -> None:
    assert {item.name: item.type for item in recording.components} == {
        item.name: f"homelab:index:{CLASSES[item.name]}" for item in recording.components
    }
    assert {item.parent.rpartition("::")[2] for item in recording.components} == {f"homelab-{recording.stack}"}


def test_every_component_registers_its_outputs(recording: Recording, registrations: tuple[Registration, ...]) -> None:
    for component in recording.components:
        objects = [str(item.key) for item in registrations if item.component == component.name]
        assert recording.outputs[component.urn] == {"objects": objects}


def test_dependencies_are_the_edges_of_the_core(recording: Recording, registrations: tuple[Registration, ...]) -> None:
    urns = {item.name: item.urn for item in recording.objects}
    ran = {item.name: item.urn for item in recording.of_type("command:local:Command")}
    for item, request in zip(registrations, _in_order(recording, registrations), strict=True):
        commands = {ran[value.source.command] for value in item.values_from if isinstance(value.source, CommandOutput)}
        assert set(request.dependencies) == {(urns | ran)[name] for name in item.depends_on} | commands


def _in_order(recording: Recording, registrations: tuple[Registration, ...]) -> Iterator[Request]:
    named = {item.name: item for item in recording.objects}
    return (named[item.name] for item in registrations)


def test_every_object_uses_the_stacks_own_provider(recording: Recording) -> None:
    (provider,) = recording.of_type("pulumi:providers:kubernetes")
    assert {item.provider.partition("::kubernetes::")[0] for item in recording.objects} == {
        provider.urn.rpartition("::kubernetes")[0]
    }


def test_the_provider_survives_a_new_address_and_updates_variables_in_place(recording: Recording) -> None:
    (provider,) = recording.of_type("pulumi:providers:kubernetes")
    assert provider.inputs["clusterIdentifier"] == recording.stack
    assert provider.inputs["enableConfigMapMutable"] == "true"


def test_timeouts_and_retention_reach_the_engine(recording: Recording, registrations: tuple[Registration, ...]) -> None:
    assert {item.name: (item.create_timeout, item.retain_on_delete) for item in recording.objects} == {
        item.name: (str(item.timeout or ""), item.retain_on_delete) for item in registrations
    }


def test_the_stack_exports_what_other_stacks_read(case: tuple[str, str], recording: Recording) -> None:
    exports = recording.exports
    assert set(exports) == {"revision", "layers", "owners", "website"} - ({"website"} if case[0] == "ithaca" else set())
    assert exports["layers"]["network"] == "network-reconciliation"
    assert exports["owners"]["pulumi"] == len(recording.objects)


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_only_a_management_cluster_has_the_logging_layer(
    delivery: str, recordings: dict[tuple[str, str], Recording]
) -> None:
    names = {stack: {item.name for item in recordings[stack, delivery].components} for stack in STACKS}
    assert names["odyssey"] - names["ithaca"] == {"log", "wedding-website"}


def test_urns_are_the_golden_ones(case: tuple[str, str], recording: Recording) -> None:
    """A changed URN deletes and creates the object: a rename needs `aliases` in the same commit."""
    urns = sorted(item.urn for item in recording.requests if item.type != "pulumi:pulumi:Stack")
    text = "".join(f"{urn}\n" for urn in urns)
    assert text == golden(f"urns/{case[0]}-{case[1]}.txt", text)


def test_a_mistake_in_the_config_ends_the_program_before_anything_is_registered() -> None:
    config = engine_config("odyssey", "git") | {"homelab:managment": "true"}
    with pytest.raises(pulumi.RunError) as caught:
        run_program(ROOT, "odyssey", config)
    assert "homelab:managment" in str(caught.value)
    assert "did you mean management?" in str(caught.value)


def test_a_stack_without_an_engine_is_read_from_its_file() -> None:
    recorded = run_program(ROOT, "odyssey", {})
    assert len(recorded.objects) == len(run_program(ROOT, "odyssey", engine_config("odyssey", "git")).objects)


def test_the_kubeconfig_stays_secret() -> None:
    config = engine_config("odyssey", "git") | {"kubernetes:kubeconfig": "planted-kubeconfig"}
    recorded = run_program(ROOT, "odyssey", config)
    (provider,) = recorded.of_type("pulumi:providers:kubernetes")
    assert provider.secrets == {"kubeconfig"}
    assert all("planted-kubeconfig" not in str(item.inputs) for item in recorded.objects)


def test_the_artifact_is_pushed_from_files_that_everybody_packs_the_same(
    recordings: dict[tuple[str, str], Recording],
) -> None:
    recorded = recordings["odyssey", "oci"]
    (push,) = recorded.of_type("command:local:Command")
    assert push.inputs["create"].startswith("flux push artifact oci://registry.example.org/homelab:odyssey ")
    assert push.inputs["environment"] == {"TZ": "UTC"}
    files = {path: mode for path, mode in recorded.written.items() if path.endswith(".yaml")}
    assert ".homelab/odyssey/common/network/metallb/metallb.yaml" in files
    assert set(files.values()) == {0o644}
    folders = {mode for path, mode in recorded.written.items() if path.startswith(".homelab/") and path not in files}
    assert folders == {0o755}


def test_a_preview_writes_nothing() -> None:
    assert run_program(ROOT, "odyssey", engine_config("odyssey", "oci"), preview=True).written == {}


def test_deliveries_without_a_push_run_no_command(recordings: dict[tuple[str, str], Recording]) -> None:
    others = [item for (_, delivery), item in recordings.items() if delivery != "oci"]
    assert [item.of_type("command:local:Command") for item in others] == [[]] * len(others)


@pytest.mark.parametrize("elsewhere", [None, "", "/state/other", "/state/sandbox/pulumi"])
def test_a_sandboxs_stack_refuses_to_run_outside_of_it(elsewhere: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOMELAB_SANDBOX", raising=False)
    if elsewhere is not None:
        monkeypatch.setenv("HOMELAB_SANDBOX", elsewhere)
    with pytest.raises(pulumi.RunError) as caught:
        run_program(ROOT, "sandbox", engine_config("sandbox", "git"))
    assert "nothing was changed\nthis stack lives in the sandbox 'sandbox'" in str(caught.value)
    assert "fix: homelab up sandbox" in str(caught.value)


def test_other_stacks_run_in_a_sandboxs_environment_as_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOMELAB_SANDBOX", "/state/sandbox")
    assert run_program(ROOT, "odyssey", engine_config("odyssey", "git")).objects
