"""The bootstrap through the real engine: its secrets, and a Flux that is locked down for tenants.

Unusable secrets stop it before anything is made, and good ones are found nowhere but where they belong.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from cluster.client import Write
from tests.e2e import planted
from tests.e2e.planted import CHOICE, FROM_CONFIG, FROM_OP, HOLDERS, found, in_files, in_objects
from tests.e2e.world import NAME, SMALL, Done, World, a_world, condition, eventually
from tests.support.certificates import certificate, private_key

pytestmark = pytest.mark.e2e

_NEEDED: Final = ("1password-connect", "external-secrets")
SETTINGS: Final[Mapping[str, Any]] = {
    "bootstrap": {**CHOICE, "multitenant": True, "tenant_default_service_account": "tenant"},
    "addons": {name: choice for name, choice in SMALL.items() if name not in _NEEDED},
}
KUSTOMIZE: Final = "kustomize.toolkit.fluxcd.io/v1"
READ: Final = "**bootstrap-read-onepassword-connect-token-token"
TENANT: Final = Write(field_manager="tenant")
OP: Final = """\
#!/bin/sh
case "$3" in
{cases}
esac
"""


def with_op(folder: Path, values: Mapping[str, str]) -> None:
    """A stand-in for the 1Password CLI that holds these values."""
    folder.mkdir(exist_ok=True)
    cases = []
    for number, (reference, text) in enumerate(values.items()):
        (folder / f"value-{number}").write_text(text, encoding="utf-8")
        cases.append(f"{reference}) cat {folder}/value-{number} ;;")
    write_op(folder, OP.format(cases="\n".join(cases)))


def write_op(folder: Path, script: str) -> None:
    (folder / "op").write_text(script, encoding="utf-8")
    (folder / "op").chmod(0o755)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on PATH for the 1Password CLI."""
    folder = tmp_path_factory.mktemp("vault")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(folder), prepend=":")
        yield folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, vault: Path) -> Iterator[World]:
    """A bare control plane, and a stack whose secrets are set."""
    assert vault.is_dir()
    with a_world(tmp_path_factory.mktemp("secrets"), "--bare") as world:
        world.configure(**SETTINGS)
        world.tell(FROM_CONFIG)
        yield world


def untouched(world: World) -> bool:
    names = {item["metadata"]["name"] for item in world.list("v1", "Namespace")}
    return not names & {"flux-system", "cert-manager"}


def test_without_the_1password_cli_nothing_is_changed(bare: World) -> None:
    done = bare.up()
    assert done.status != 0
    assert "install the 1Password CLI where Pulumi runs" in done.output
    assert found(done.output.encode()) == set()
    assert untouched(bare)


def test_a_locked_1password_changes_nothing_and_shows_nothing(bare: World, vault: Path) -> None:
    write_op(
        vault, f"#!/bin/sh\nprintf {planted.values()[13].mark}\necho '[ERROR] you are not signed in' >&2\nexit 1\n"
    )
    done = bare.up()
    assert done.status != 0
    assert "[ERROR] you are not signed in" in done.output
    assert "fix: unlock the 1Password CLI (op signin)" in done.output
    assert found(done.output.encode()) == set()
    assert untouched(bare)


def test_a_value_of_the_vault_that_is_unusable_changes_nothing(bare: World, vault: Path) -> None:
    with_op(vault, {**FROM_OP, "op://Homelab/connect/token": "\n"})
    done = bare.up()
    assert done.status != 0
    assert "onepassword-connect-token was not made" in done.output
    assert "it is empty" in done.output
    assert f"have it read anew: --replace '{READ}'" in done.output
    assert found(done.output.encode()) == set()
    assert untouched(bare)


def test_unusable_values_of_the_config_change_nothing_and_are_told_together(bare: World, vault: Path) -> None:
    with_op(vault, FROM_OP)
    expired = certificate(private_key(), days=30, since=datetime.now(UTC) - timedelta(days=60))
    bare.tell({"cluster-ca/tls.crt": expired, "op-credentials/1password-credentials.json": "{"})
    done = bare.up()
    bare.tell(FROM_CONFIG)
    assert done.status != 0
    assert "nothing was changed" in done.output
    assert "it does not belong to the first certificate of tls.crt" in done.output
    assert "it is no JSON object" in done.output
    assert "certificate CN=homelab is valid from" in done.output
    assert untouched(bare)


@pytest.fixture(scope="module")
def printed(bare: World, vault: Path) -> Mapping[str, Done]:
    """What every command prints, before the platform is there and after."""
    with_op(vault, FROM_OP)
    done = {
        "preview": bare.pulumi("preview", "--diff", "--replace", READ),
        "up": bare.homelab("up", NAME, "--yes", "--diff", "--replace", READ),
    }
    commands = [["plan"], ["diff", NAME, "--delivery", "direct"], ["check"], ["secrets"], ["status"], ["graph"]]
    for command in commands:
        done[command[0]] = bare.homelab(command[0], *(command[1:] or [NAME]))
    done["render"] = bare.homelab("render", NAME, "--out", str(bare.folder / "tree"), "--all")
    done["preview again"] = bare.pulumi("preview", "--diff", "--refresh")
    done["export"] = bare.pulumi("stack", "export")
    done["output"] = bare.pulumi("stack", "output", "--json")
    done["logs"] = bare.homelab("sandbox", "logs", "--name", NAME, "--lines", "100000")
    return done


def test_all_values_reach_their_secrets(bare: World, printed: Mapping[str, Done]) -> None:
    assert {name: done.output for name, done in printed.items() if done.status not in {0, 1}} == {}
    assert printed["up"].status == 0, printed["up"].output
    secrets = [item for item in bare.list("v1", "Secret") if planted.key(item) in HOLDERS]
    held = found(json.dumps([item["data"] for item in secrets]).encode())
    assert held == {value.name for value in planted.values()}
    assert len(held) == 20


def test_no_command_prints_a_value(printed: Mapping[str, Done]) -> None:
    assert {name: found(done.output.encode()) for name, done in printed.items()} == {name: set() for name in printed}


def test_no_file_holds_a_value(bare: World, printed: Mapping[str, Done]) -> None:
    """Of the project, the sandbox with its logs, Git repository and charts, and Pulumi with its state."""
    assert printed
    assert in_files(bare.folder) == {}
    # That is the cluster's own memory, which holds its Secrets.
    assert in_files(bare.state, but=("/etcd/",)) == {}
    history = bare.inside("git", "-C", str(bare.state / "depot" / "git" / "homelab.git"), "log", "--all", "--patch")
    assert "1password" in history.output
    assert found(history.output.encode()) == set()


def test_no_object_holds_a_value_but_the_secrets(bare: World, printed: Mapping[str, Done]) -> None:
    assert printed
    listed = "$(kubectl api-resources --verbs=list --output name | paste -sd, -)"
    command = f"kubectl get {listed} --all-namespaces --output json --show-managed-fields 2> /dev/null"
    manifests = json.loads(bare.inside("sh", "-c", command).output)["items"]
    kinds = {item["kind"] for item in manifests}
    assert {"ConfigMap", "Kustomization", "HelmRelease", "FluxInstance", "Event", "Secret"} <= kinds
    assert in_objects(manifests) == {}


def test_flux_runs_locked_down(bare: World, printed: Mapping[str, Done]) -> None:
    assert printed["up"].status == 0
    for name in ("kustomize-controller", "helm-controller", "kustomize-controller-infra", "helm-controller-infra"):
        command = (bare.state / "processes" / f"{name}.command").read_text(encoding="utf-8")
        assert "--no-cross-namespace-refs=true" in command
        assert "--default-service-account=tenant" in command


def test_a_tenant_that_names_no_account_may_do_nothing_and_reach_no_other_namespace(
    bare: World, printed: Mapping[str, Done]
) -> None:
    assert printed["up"].status == 0
    source = bare.kustomization("network-reconciliation")["spec"]["sourceRef"]
    spec = {"interval": "1h", "prune": True, "path": "./none", "sourceRef": source}
    tenants = {
        "flux-system": (spec | {"path": "./common/network/metallb/controllers"}, "forbidden"),
        "default": (spec | {"sourceRef": source | {"namespace": "flux-system"}}, "cross-namespace references"),
    }
    for namespace, (wanted, _) in tenants.items():
        metadata = {"name": "tenant", "namespace": namespace}
        with bare.api() as client:
            client.apply(
                {"apiVersion": KUSTOMIZE, "kind": "Kustomization", "metadata": metadata, "spec": wanted}, TENANT
            )
    for namespace, (_, refusal) in tenants.items():
        assert refusal in eventually(partial(refused, bare, namespace))


def refused(world: World, namespace: str) -> str:
    """Why the tenant's Kustomization is not Ready, once Flux has said so."""
    found = world.get(KUSTOMIZE, "Kustomization", "tenant", namespace) or {}
    ready = condition(found)
    return str(ready.get("message", "")) if ready.get("status") == "False" else ""


def test_the_search_finds_every_value_however_it_is_written() -> None:
    texts = [*FROM_CONFIG.values(), *FROM_OP.values()]
    names = {value.name for value in planted.values()}
    coded = [base64.b64encode(b"x" * number + text.encode()) for number in range(3) for text in texts]
    assert found("".join(texts).encode()) == found(json.dumps(texts).encode()) == names
    assert found(json.dumps([json.dumps(text) for text in texts]).encode()) == names
    for written in (coded[: len(texts)], coded[len(texts) : 2 * len(texts)], coded[2 * len(texts) :]):
        assert found(b"\n".join(written)) == names
    assert found(zlib.compress("".join(texts).encode())) == found(gzip.compress("".join(texts).encode())) == names
