"""What the programs of a sandbox see: the sandbox, and nothing else of the user's."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sandbox import depot, engine, flux, project
from sandbox.errors import SandboxError, files_refused
from sandbox.place import Place
from sandbox.plugins.executables import PLUGINS
from sandbox.programs import PROGRAMS
from tests.support.programs import Programs
from tests.support.stacks import ROOT

TOOLS = {program.name: Path("/programs") / program.name for program in PROGRAMS}
PROXIES = ("http_proxy", "HTTP_PROXY")


@pytest.fixture(autouse=True)
def somebodys_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED_TOKEN", "planted")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("NO_PROXY", "example.org")
    monkeypatch.setenv("KUBECONFIG", "/production")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "somebody's own")


def test_services_get_nothing_of_the_shell_that_starts_them_least_of_all_its_secrets(place: Place) -> None:
    services = [depot.service(place, TOOLS["depot"]), *flux.services(place, TOOLS)]
    assert len(services) == 8
    assert [item.name for item in services if "planted" in item.environment.values()] == []
    assert [item.name for item in services if "/production" in item.environment.values()] == []


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("", "homelab <homelab@depot.internal>"),
        ("[user]\nname = Ada\nemail = ada@example.org", "Ada <ada@example.org>"),
    ],
)
def test_git_knows_who_publishes_and_the_user_is_asked_first(
    configured: str, expected: str, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path / "gitconfig"
    mine.write_text(configured, encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(mine))
    command = ["git", "var", "GIT_COMMITTER_IDENT"]
    said = subprocess.run(command, env=engine.environment(place, TOOLS), capture_output=True, text=True, check=True)
    assert said.stdout.startswith(expected)


def test_services_are_the_same_from_every_shell(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [depot.service(place, TOOLS["depot"]), *flux.services(place, TOOLS)]
    monkeypatch.setenv("OF_ANOTHER_SHELL", "x")
    monkeypatch.delenv("HOME", raising=False)
    assert [depot.service(place, TOOLS["depot"]), *flux.services(place, TOOLS)] == before


def test_controllers_reach_the_depot_by_its_name_and_the_api_server_directly(place: Place) -> None:
    for service in flux.services(place, TOOLS):
        assert {service.environment[name] for name in PROXIES} == {f"http://{depot.address(place)}"}
        assert service.environment["NO_PROXY"] == service.environment["no_proxy"] == "127.0.0.1,localhost"
        assert service.environment["KUBECONFIG"] == str(place.kubeconfig)


def test_every_controller_runs_once_for_the_cluster_and_once_for_each_shard(place: Place) -> None:
    selectors = {
        service.name: next(word.partition("=")[2] for word in service.command if word.startswith("--watch-label"))
        for service in flux.services(place, TOOLS)
        if service.name != "flux-operator"
    }
    assert selectors == {
        f"{name}{suffix}": selector
        for name in ("source-controller", "kustomize-controller", "helm-controller")
        for suffix, selector in (("", "!sharding.fluxcd.io/key"), ("-infra", "sharding.fluxcd.io/key=infra"))
    }


def test_the_operator_runs_once_and_is_allowed_to_start(place: Place) -> None:
    (operator,) = (service for service in flux.services(place, TOOLS) if service.name == "flux-operator")
    assert operator.environment["GODEBUG"] == "fips140=on"
    assert operator.environment["RUNTIME_NAMESPACE"] == "flux-system"
    assert {"--web-server-port=0", "--metrics-addr=0", "--enable-leader-election=false"} <= set(operator.command)


def test_no_two_controllers_share_a_port_or_a_folder(place: Place) -> None:
    services = tuple(flux.services(place, TOOLS))
    health = [word for service in services for word in service.command if word.startswith("--health-addr=")]
    folders = [service.environment["TMPDIR"] for service in services]
    assert len(set(health)) == len(set(folders)) == len(services)
    assert {f"--health-addr=127.0.0.1:{port}" for port in flux.health_ports(place).values()} == set(health)


def test_pulumi_sees_the_sandbox_and_nothing_else(place: Place) -> None:
    found = engine.environment(place, TOOLS)
    assert found["KUBECONFIG"] == str(place.kubeconfig)
    assert found["HOMELAB_SANDBOX"] == str(place.folder)
    assert found["PULUMI_BACKEND_URL"].startswith(f"file://{place.folder}")
    assert Path(found["PULUMI_HOME"]).is_relative_to(place.folder)
    assert {found[name] for name in PROXIES} == {f"http://{depot.address(place)}"}
    assert "PULUMI_CONFIG_PASSPHRASE" not in found


def test_the_sandboxs_programs_come_before_the_users(place: Place) -> None:
    folders = engine.environment(place, TOOLS)["PATH"].split(os.pathsep)
    assert folders[:3] == [str(engine.plugins(place)), str(Path(sys.executable).parent), "/programs"]
    assert folders[3:] == os.environ["PATH"].split(os.pathsep)


def test_without_a_path_of_the_users_the_current_folder_is_not_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PATH")
    assert "" not in engine.environment(place, TOOLS)["PATH"].split(os.pathsep)
    assert "" not in depot.service(place, TOOLS["depot"]).environment["PATH"].split(os.pathsep)


def test_the_repository_takes_pushes_also_after_an_interruption(place: Place) -> None:
    repository = place.depot / "git" / depot.REPOSITORY
    repository.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--bare"], cwd=repository, check=True)
    for _ in range(2):
        depot.make_repository(place)
    asked = ["git", "config", "--get-all", "http.receivepack"]
    done = subprocess.run(asked, cwd=repository, check=True, capture_output=True, text=True)
    assert done.stdout == "true\n"


def test_the_repository_is_the_depots_own_also_within_a_hook_of_git(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    depot.make_repository(place)
    assert (place.depot / "git" / depot.REPOSITORY / "HEAD").exists()
    assert not (tmp_path / "elsewhere").exists()


def test_without_git_one_message_says_so(place: Place, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(programs.folder))
    with pytest.raises(SandboxError, match="Git is not installed"):
        depot.make_repository(place)


def test_a_git_that_refuses_is_one_message(place: Place, programs: Programs) -> None:
    programs.fails("git", "warning: first\nfatal: cannot mkdir: disk quota exceeded", status=128)
    with pytest.raises(SandboxError, match="it failed: fatal: cannot mkdir: disk quota exceeded"):
        depot.make_repository(place)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.odyssey.yaml", "Pulumi.sandbox.yaml"):
        text = (ROOT / name).read_text(encoding="utf-8").replace("homelab:sandbox: sandbox", "homelab:sandbox: trial")
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "Pulumi.broken.yaml").write_text("config: null\n", encoding="utf-8")
    return folder


def read(file: Path) -> dict[str, object]:
    document: dict[str, object] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return document


def test_the_project_is_the_checkouts_program_with_the_stacks_of_this_sandbox(place: Place, checkout: Path) -> None:
    project.refresh(place, checkout)
    folder = project.folder(place)
    assert sorted(file.name for file in folder.iterdir()) == ["Pulumi.sandbox.yaml", "Pulumi.yaml"]
    before, made = read(checkout / "Pulumi.yaml"), read(folder / "Pulumi.yaml")
    assert made == before | {
        "main": str(checkout),
        "runtime": {"name": "python", "options": {"virtualenv": sys.prefix}},
    }
    assert read(folder / "Pulumi.sandbox.yaml") == read(checkout / "Pulumi.sandbox.yaml")


def test_the_salt_and_the_commit_outlast_a_refresh_and_the_rest_is_the_checkouts(place: Place, checkout: Path) -> None:
    project.refresh(place, checkout)
    file = project.folder(place) / "Pulumi.sandbox.yaml"
    stack = yaml.safe_load(file.read_text(encoding="utf-8"))
    stack["encryptionsalt"] = "v1:salt"
    stack["config"]["homelab:git"]["commit"] = "a" * 40
    stack["config"]["homelab:management"] = "true"
    stack["config"]["homelab:stray"] = "gone"
    file.write_text(yaml.safe_dump(stack), encoding="utf-8")
    project.refresh(place, checkout)
    source = yaml.safe_load((checkout / "Pulumi.sandbox.yaml").read_text(encoding="utf-8"))
    source["encryptionsalt"] = "v1:salt"
    source["config"]["homelab:git"]["commit"] = "a" * 40
    assert read(file) == source


def test_secrets_that_are_set_in_the_stack_outlast_a_refresh(place: Place, checkout: Path) -> None:
    project.refresh(place, checkout)
    file = project.folder(place) / "Pulumi.sandbox.yaml"
    stack = yaml.safe_load(file.read_text(encoding="utf-8"))
    stack["config"]["bootstrap:root-ca/ca.crt"] = {"secure": "v1:ciphertext"}
    stack["config"]["bootstrap:other"] = {"secure": "v1:ciphertext", "more": "x"}
    file.write_text(yaml.safe_dump(stack), encoding="utf-8")
    project.refresh(place, checkout)
    kept = yaml.safe_load(file.read_text(encoding="utf-8"))["config"]
    assert kept["bootstrap:root-ca/ca.crt"] == {"secure": "v1:ciphertext"}
    assert "bootstrap:other" not in kept


def test_a_commit_that_the_checkout_pins_wins(place: Place, checkout: Path) -> None:
    project.refresh(place, checkout)
    file = project.folder(place) / "Pulumi.sandbox.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("branch:", "commit: aaaaaaa\n    branch:"), encoding="utf-8"
    )
    source = checkout / "Pulumi.sandbox.yaml"
    pinned = source.read_text(encoding="utf-8").replace("    branch:", "    commit: bbbbbbb\n    branch:")
    source.write_text(pinned, encoding="utf-8")
    project.refresh(place, checkout)
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["config"]["homelab:git"]["commit"] == "bbbbbbb"


def test_the_checkout_stays_as_it_is(place: Place, checkout: Path) -> None:
    before = {file.name: file.read_bytes() for file in checkout.iterdir()}
    project.refresh(place, checkout)
    assert {file.name: file.read_bytes() for file in checkout.iterdir()} == before


def test_a_full_disk_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught, files_refused():
        raise OSError(28, "No space left on device", str(tmp_path))
    (problem,) = caught.value.problems
    assert (problem.rule, problem.where, problem.what) == ("sandbox/space", str(tmp_path), "the disk is full")


def test_what_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught, files_refused():
        raise PermissionError(13, "Permission denied", str(tmp_path))
    assert caught.value.problems[0].what == "Permission denied"


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), files_refused():
        _ = 1 / 0


def test_only_its_owner_may_read_the_passphrase_and_it_stays(place: Place, programs: Programs) -> None:
    found = {"pulumi": programs.fails("pulumi", "error: 403 HTTP error fetching plugin")}
    engine.prepare(place, found)
    file = Path(engine.environment(place, TOOLS)["PULUMI_CONFIG_PASSPHRASE_FILE"])
    before = file.read_text(encoding="utf-8")
    assert len(before) > 30
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    engine.prepare(place, found)
    assert file.read_text(encoding="utf-8") == before


def test_stand_ins_of_plugins_are_made_only_where_pulumi_cannot_download_them(place: Place, programs: Programs) -> None:
    engine.prepare(place, {"pulumi": programs.says("pulumi", "installed")})
    assert list(engine.plugins(place).iterdir()) == []
    assert all(call.startswith("plugin install resource ") for call in programs.calls("pulumi"))
    engine.plugins(place).rmdir()
    engine.prepare(place, {"pulumi": programs.fails("pulumi", "error: 403 HTTP error fetching plugin")})
    assert sorted(file.name for file in engine.plugins(place).iterdir()) == [
        f"pulumi-resource-{name}" for name in sorted(PLUGINS)
    ]
