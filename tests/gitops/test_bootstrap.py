"""The bootstrap: what comes before the layers, in which order, and whose it is."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from addons.catalogue import platform
from gitops.bootstrap import OPERATOR_VERSION, charts
from gitops.delivery import DELIVERIES, delivery_of
from gitops.delivery.files import registered_files
from gitops.delivery.registration import Command, CommandOutput, Registration, SecretConfig
from gitops.flux import HelmRelease, OCIRepository
from gitops.inventory import Owner, inventory
from gitops.plan import plan
from gitops.platform import Platform
from gitops.policies.revision import revision_of
from gitops.rendering import tree
from gitops.substitution import substitute
from sandbox.modules import pinned
from tests.support.platforms import addon, release, small
from tests.support.programs import Programs
from tests.support.stacks import DELIVERIES as NAMES
from tests.support.stacks import PROFILES, variant

SECRETS = {
    "cluster-ca": {"tls.crt": "from_config", "tls.key": "op://Homelab/sub-ca/key"},
    "root-ca": {"ca.crt": "from_config"},
    "op-credentials": {"1password-credentials.json": "op://Homelab/connect/credentials.json"},
}


def planned(secrets: dict[str, dict[str, str]] | None = None, **settings: Any) -> Platform:
    choice = {"use": "install", "secrets": SECRETS if secrets is None else secrets, **settings.pop("bootstrap", {})}
    return platform(variant(bootstrap=choice, **settings))


def registered(**settings: Any) -> dict[str, Registration]:
    made = planned(**settings)
    return {item.name: item for item in delivery_of(made).registrations(made)}


def commands(**settings: Any) -> dict[str, Command]:
    made = planned(**settings)
    return {item.name: item for item in delivery_of(made).commands(made)}


def test_an_existing_flux_is_left_alone() -> None:
    made = platform(variant())
    assert not [item for item in delivery_of(made).registrations(made) if item.component == "bootstrap"]
    assert delivery_of(made) is DELIVERIES["git"]


@pytest.mark.parametrize("delivery", NAMES)
def test_everything_else_comes_after_flux_and_the_secrets(delivery: str) -> None:
    items = registered(delivery=delivery)
    for item in items.values():
        if item.component != "bootstrap":
            assert {"bootstrap-flux", "bootstrap-secret-cluster-ca"} <= set(item.depends_on), item.name


@pytest.mark.parametrize("delivery", NAMES)
def test_nothing_depends_on_what_comes_later(delivery: str) -> None:
    names = [*commands(delivery=delivery), *registered(delivery=delivery)]
    place = {name: index for index, name in enumerate(names)}
    assert all(
        place[name] < place[item.name] for item in registered(delivery=delivery).values() for name in item.depends_on
    )


def test_flux_comes_after_its_operator_and_that_after_the_network() -> None:
    items = registered()
    assert items["bootstrap-flux"].depends_on == ("bootstrap-operator",)
    assert items["bootstrap-operator"].depends_on == ("bootstrap-namespace", "bootstrap-cilium")


def test_a_secret_that_cannot_be_read_fails_before_anything_is_made() -> None:
    items, reads = registered(), tuple(commands())
    assert len(reads) == 2
    assert items["bootstrap-namespace"].depends_on == reads
    assert items["bootstrap-cilium"].depends_on == reads


def test_the_operator_is_a_pinned_release() -> None:
    item = registered()["bootstrap-operator"]
    assert item.inputs == {
        "name": "flux-operator",
        "namespace": "flux-system",
        "chart": "oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator",
        "version": OPERATOR_VERSION,
        "timeout": 600,
        "values": {},
    }


def test_the_operator_comes_from_the_mirror_of_all_charts() -> None:
    item = registered(charts={"mirror": "oci://mirror.example.org/charts"})["bootstrap-operator"]
    assert item.inputs["chart"] == "oci://mirror.example.org/charts/flux-operator"


def test_a_mirror_without_tls_is_read_as_an_index() -> None:
    """Helm in Pulumi's provider speaks to registries over TLS only."""
    items = registered(charts={"mirror": "http://mirror.example.org/charts/"})
    for name, chart in (("bootstrap-operator", "flux-operator"), ("bootstrap-cilium", "cilium")):
        assert items[name].inputs["chart"] == chart
        assert items[name].inputs["repositoryOpts"] == {"repo": "http://mirror.example.org/charts"}


def test_charts_of_the_bootstrap_are_what_pulumi_installs() -> None:
    assert [chart.name for chart in charts(planned())] == ["flux-operator", "cilium"]
    assert [chart.name for chart in charts(planned(bootstrap={"cilium": "existing"}))] == ["flux-operator"]
    assert charts(platform(variant())) == ()


def test_the_operator_is_the_one_that_the_sandbox_runs() -> None:
    assert pinned("github.com/controlplaneio-fluxcd/flux-operator").version == f"v{OPERATOR_VERSION}"


def test_flux_is_what_the_config_chose() -> None:
    choice = {"flux_version": "2.9.4", "size": "large", "network_policy": False}
    spec = registered(bootstrap=choice)["bootstrap-flux"].manifest["spec"]
    assert spec["distribution"] == {"version": "2.9.4", "registry": "ghcr.io/fluxcd"}
    assert spec["cluster"] == {"size": "large", "networkPolicy": False}
    assert spec["sharding"] == {"shards": ["infra"]}
    assert "sync" not in spec
    assert "sharding" not in registered(shards=[])["bootstrap-flux"].manifest["spec"]


def test_a_stuck_health_check_ends_with_the_next_revision_and_is_nobodys_last_failure() -> None:
    patches = registered()["bootstrap-flux"].manifest["spec"]["kustomize"]["patches"]
    gates = {patch["target"]["labelSelector"]: yaml.safe_load(patch["patch"])[0]["value"] for patch in patches}
    cancel = "--feature-gates=CancelHealthCheckOnNewRevision=true"
    assert gates == {
        "app.kubernetes.io/component=kustomize-controller": cancel,
        "app.kubernetes.io/component=helm-controller": f"{cancel},DefaultToRetryOnFailure=true",
    }


@pytest.mark.parametrize("settings", [{}, {"network": {"load_balancer": "cilium", "pod_cidr": "10.244.0.0/16"}}])
def test_the_first_install_of_cilium_and_its_release_are_one(settings: dict[str, Any]) -> None:
    made = planned(**settings)
    first = registered(**settings)["bootstrap-cilium"]
    (addon,) = (item for item in made.addons if item.name == "cilium")
    source, release = addon.controllers.objects
    assert isinstance(source, OCIRepository)
    assert isinstance(release, HelmRelease)
    assert first.inputs == {
        "name": release.spec.release_name,
        "namespace": release.spec.target_namespace,
        "chart": source.spec.url,
        "version": source.spec.ref.tag,
        "timeout": 600,
        "values": substitute(release.manifest(), made.values)["spec"]["values"],
    }


def test_a_release_that_finds_no_chart_is_not_installed_first() -> None:
    alone = small(addon("cilium", release("cilium")), bootstrap="install")
    assert "bootstrap-cilium" not in {item.name for item in delivery_of(alone).registrations(alone)}


def test_pulumi_leaves_cilium_to_flux_once_it_is_installed() -> None:
    item = registered()["bootstrap-cilium"]
    assert item.retain_on_delete
    assert item.ignore_changes == ("chart", "version", "values", "repositoryOpts", "checksum")
    assert "bootstrap-cilium" not in registered(bootstrap={"cilium": "existing"})


def test_a_chart_of_an_index_is_installed_from_there() -> None:
    made = planned()
    (addon,) = (item for item in made.addons if item.name == "metallb")
    renamed = made.map_addons(lambda item: replace(item, name="cilium") if item == addon else replace(item, name="x"))
    (first,) = (item for item in delivery_of(renamed).registrations(renamed) if item.name == "bootstrap-cilium")
    assert first.inputs["chart"] == "metallb"
    assert first.inputs["repositoryOpts"] == {"repo": "https://metallb.github.io/metallb"}


def test_values_are_named_and_never_held() -> None:
    item = registered()["bootstrap-secret-cluster-ca"]
    assert item.manifest == {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "cluster-ca", "namespace": "cert-manager"},
        "type": "kubernetes.io/tls",
    }
    assert {value.path: value.source for value in item.values_from} == {
        ("stringData", "tls.crt"): SecretConfig(key="cluster-ca/tls.crt"),
        ("stringData", "tls.key"): CommandOutput(command="bootstrap-read-cluster-ca-tls-key"),
    }


def test_1password_is_read_in_secret() -> None:
    read = commands()["bootstrap-read-cluster-ca-tls-key"]
    assert read.arguments[-1] == "op://Homelab/sub-ca/key"
    assert (read.secret, read.triggers) == (True, ("op://Homelab/sub-ca/key",))


def read_by_op(programs: Programs, script: str) -> subprocess.CompletedProcess[str]:
    programs.add("op", script)
    read = commands()["bootstrap-read-cluster-ca-tls-key"]
    return subprocess.run(read.arguments, capture_output=True, text=True, check=False)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Programs:
    return Programs.on_path(tmp_path / "programs", monkeypatch)


def test_what_1password_holds_is_read_to_its_last_line_break(programs: Programs) -> None:
    done = read_by_op(programs, "printf 'planted\\n\\n'")
    assert (done.returncode, done.stdout, done.stderr) == (0, "planted\n\n", "")
    assert programs.calls("op") == ["read --no-newline op://Homelab/sub-ca/key"]


def test_a_locked_1password_says_so_and_shows_nothing(programs: Programs) -> None:
    done = read_by_op(programs, "echo planted; echo '[ERROR] you are not signed in' >&2; exit 1")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "[ERROR] you are not signed in",
        "fix: unlock the 1Password CLI (op signin), or set OP_SERVICE_ACCOUNT_TOKEN",
    ]


def test_what_is_public_is_a_config_map() -> None:
    item = registered()["bootstrap-configmap-root-ca"]
    assert item.manifest["kind"] == "ConfigMap"
    assert item.values_from[0].path == ("data", "ca.crt")


def test_the_credentials_of_the_source_are_made_in_the_namespace_of_flux() -> None:
    secrets = {"flux-system": {"identity": "from_config", "known_hosts": "op://Homelab/github/known_hosts"}}
    made = planned(secrets)
    (item,) = (item for item in delivery_of(made).registrations(made) if item.key.kind == "Secret")
    assert str(item.key) == "Secret flux-system/flux-system"
    assert item.depends_on[0] == "bootstrap-namespace"
    assert made.namespaces == ()


def test_a_secret_that_is_not_named_exists_already() -> None:
    assert "bootstrap-secret-onepassword-connect-token" not in registered()
    assert not commands(secrets={})


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("delivery", NAMES)
def test_every_delivery_still_expands_to_the_same_objects(delivery: str, profile: str) -> None:
    made, before = planned(delivery=delivery, profile=profile), platform(variant(delivery=delivery, profile=profile))
    kept = delivery_of(before).expand(before)
    expanded = delivery_of(made).expand(made)
    assert expanded == kept
    objects = {(item.kind, item.metadata.name) for bundle in made.bundles for item in bundle.objects}
    assert ("Namespace", "cert-manager") not in objects


def test_a_namespace_that_holds_a_secret_is_pulumis_alone() -> None:
    made = planned()
    entries = inventory(made)
    owners = {key.name: entry.owner for key, entry in entries.items() if key.kind == "Namespace"}
    assert owners["cert-manager"] is owners["1password"] is owners["flux-system"] is Owner.PULUMI
    assert owners["metallb"] is Owner.FLUX
    assert "common/network/cert-manager/controllers/namespace.yaml" not in tree(made)
    items = registered()
    assert items["bootstrap-namespace-cert-manager"].retain_on_delete
    assert items["bootstrap-secret-cluster-ca"].depends_on == ("bootstrap-namespace-cert-manager",)


@pytest.mark.parametrize("delivery", NAMES)
def test_the_revision_that_layers_carry_is_the_one_that_is_waited_for(delivery: str) -> None:
    made = planned(delivery=delivery)
    assert made.namespaces
    assert {layer.reconciliation.substitute["revision"] for layer in made.layers} == {revision_of(made)}


def test_helm_releases_are_no_files_for_review_but_in_the_plan() -> None:
    made = planned()
    assert not [name for name in registered_files(made, "x") if "release" in name]
    assert "x/fluxinstance-flux.yaml" in registered_files(made, "x")
    assert "Release flux-system/flux-operator" in {item.object for item in plan(made).resources}
