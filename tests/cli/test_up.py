"""`homelab up`, with a Pulumi that is a shell script and an API server that gives prepared answers."""

import itertools
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cli import up as command
from cli.publish import Published
from cli.pulumi import Pulumi, PulumiError
from cli.target import Target
from tests.support.api_server import ApiServer, refusal
from tests.support.cli import Homelab, spoil
from tests.support.odyssey import INLINE, SETS, resource_sets
from tests.support.programs import SYSTEM, Programs
from tests.support.stacks import COMMIT, ROOT

FAILED = {"type": "Ready", "status": "False", "reason": "HealthCheckFailed", "message": "HelmRelease metallb/metallb"}


@pytest.mark.usefixtures("api")
def test_up_ends_well_when_pulumi_has_and_every_bundle_is_ready(homelab: Homelab, pulumi: Programs) -> None:
    done = homelab("up", "odyssey", "--yes")
    assert (done.status, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "Updating (odyssey)" in lines
    assert any(line.startswith("flux  metallb-controllers  Ready in ") for line in lines)
    bundles = next(len(layer.bundles) for layer in INLINE.layers if layer.name == "network")
    assert any(line.split()[:4] == ["network", str(bundles), "of", str(bundles)] for line in lines)
    assert pulumi.calls("pulumi") == ["up --yes --stack odyssey"]


def test_what_an_interrupted_destroy_left_suspended_goes_on(homelab: Homelab, api: ApiServer) -> None:
    first, *others = resource_sets()
    marks = {"homelab/suspended": "destroy", "fluxcd.controlplane.io/reconcile": "disabled"}
    left = first | {"metadata": first["metadata"] | {"annotations": marks}}
    api.answer("GET", SETS, {"items": [left, *others]}, {"items": resource_sets()})
    path = f"{SETS.removesuffix('resourcesets')}namespaces/flux-system/resourcesets/{first['metadata']['name']}"
    api.answer("PATCH", path, {})
    assert homelab("up", "odyssey", "--yes").status == 0
    patched = [item for item in api.asked if item.method == "PATCH"]
    assert [item.path for item in patched] == [path]
    assert patched[0].body == {"metadata": {"annotations": dict.fromkeys(marks)}}


@pytest.mark.usefixtures("api")
def test_flags_are_pulumis_own(homelab: Homelab, pulumi: Programs) -> None:
    homelab("up", "odyssey", "--yes", "--target", "urn:x", "-m", "message")
    assert pulumi.calls("pulumi") == ["up --yes --target urn:x -m message --stack odyssey"]


@pytest.mark.usefixtures("api")
def test_up_waits_for_flux_also_when_pulumi_has_ended(homelab: Homelab, api: ApiServer) -> None:
    unknown = {"type": "Ready", "status": "Unknown", "reason": "Progressing", "message": "waiting for speakers"}
    late = {"items": resource_sets(metallb_controllers=unknown)}
    api.answer("GET", SETS, late, late, {"items": resource_sets(version="2")})
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 0
    flux = [line for line in done.stdout.splitlines() if line.startswith("flux  metallb-controllers")]
    assert flux[0] == "flux  metallb-controllers  reconciling: waiting for speakers"
    assert flux[1].startswith("flux  metallb-controllers  Ready in ")


@pytest.mark.usefixtures("api")
def test_a_pulumi_that_fails_ends_up_with_its_status(homelab: Homelab, pulumi: Programs) -> None:
    pulumi.says("pulumi", "error: update failed", status=255)
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 255
    assert "error: update failed" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_failure_of_flux_ends_pulumi_and_names_the_declaration(
    homelab: Homelab, pulumi: Programs, api: ApiServer
) -> None:
    api.answer("GET", SETS, {"items": resource_sets(metallb_controllers=FAILED)})
    pulumi.add("pulumi", "trap 'echo cancelled; kill $child; exit 1' INT\necho waits\nsleep 600 & child=$!\nwait\n")
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "metallb-controllers cannot become ready: HealthCheckFailed: HelmRelease metallb/metallb" in done.stderr
    assert "addons/network/metallb.py:" in done.stderr
    assert "rule: flux/reconciled" in done.stderr


def test_a_pulumi_that_hears_nothing_is_killed_though_a_child_of_it_holds_its_output(
    homelab: Homelab, pulumi: Programs, api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.pulumi._PATIENCE", 0.2)
    api.answer("GET", SETS, {"items": resource_sets(metallb_controllers=FAILED)})
    pulumi.add("pulumi", f"trap '' INT TERM\necho waits\nsleep 600 & echo $! > {tmp_path}/child\nwait\n")
    done = homelab("up", "odyssey", "--yes")
    os.kill(int((tmp_path / "child").read_text(encoding="utf-8")), signal.SIGKILL)
    assert done.status == 1
    assert "rule: flux/reconciled" in done.stderr


def test_what_is_still_not_ready_when_it_must_have_been_is_listed(
    homelab: Homelab, api: ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 10**9, 10_000))
    monkeypatch.setattr("cli.rollout.time.monotonic", lambda: float(next(seconds)))
    unknown = {"type": "Ready", "status": "Unknown", "reason": "Progressing", "message": "waiting for speakers"}
    api.answer("GET", SETS, {"items": resource_sets(metallb_controllers=unknown)})
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "error: metallb-controllers" in done.stderr
    assert "reconciling waiting for speakers" in done.stderr
    asked = "resourceset.fluxcd.controlplane.io metallb-controllers --namespace flux-system"
    assert asked in " ".join(done.stderr.split())


def test_a_refusal_of_the_api_server_ends_pulumi_too(homelab: Homelab, pulumi: Programs, api: ApiServer) -> None:
    api.answer("GET", SETS, {"items": []}, refusal(403, "Forbidden", "resourcesets is forbidden"))
    pulumi.add("pulumi", "trap 'echo cancelled; kill $child; exit 1' INT\nsleep 600 & child=$!\nwait\n")
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "resourcesets is forbidden" in done.stderr
    assert "cancelled" in done.stdout


@pytest.mark.usefixtures("api")
def test_where_nobody_can_be_asked_up_asks_for_yes(homelab: Homelab, pulumi: Programs) -> None:
    done = homelab("up", "odyssey")
    assert done.status == 2
    assert "needed where nobody can be asked" in done.stderr
    assert pulumi.calls("pulumi") == []


@pytest.mark.usefixtures("api")
def test_without_pulumi_one_message_says_what_to_install(homelab: Homelab, pulumi: Programs) -> None:
    (pulumi.folder / "pulumi").unlink()
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "Pulumi is not installed" in done.stderr
    assert "Traceback" not in done.stderr


def test_in_delivery_git_the_published_commit_is_pinned(
    homelab: Homelab, pulumi: Programs, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "homelab:delivery: git" in (project / "Pulumi.odyssey.yaml").read_text(encoding="utf-8")
    pulumi.add("pulumi", '[ "$1" = config ] || exit 1\n')
    asked: list[str] = []

    def published(stack: str, _platform: object, _environment: object) -> Published:
        asked.append(stack)
        return Published(branch="rendered/odyssey", commit=COMMIT, pushed=True)

    monkeypatch.setattr(command, "published", published)
    monkeypatch.setattr(command, "refuse_unfit", lambda _client, _platform, _pulumi: None)
    monkeypatch.setattr(Target, "client", lambda _target: None)
    monkeypatch.setattr(command, "resume", lambda _client: None)
    monkeypatch.setattr(command, "observed", lambda _client, _rollout: itertools.count())
    done = homelab("up", "odyssey", "--yes")
    assert (done.status, asked) == (1, ["odyssey"])
    assert done.stdout.splitlines()[0] == f"rendered/odyssey: {COMMIT} pushed"
    pinned = f"config set --path homelab:git.commit {COMMIT} --stack odyssey"
    assert pulumi.calls("pulumi") == [pinned, "up --yes --stack odyssey"]


def test_a_pinned_artifact_that_cannot_be_pulled_is_refused_before_anything_changes(
    homelab: Homelab, pulumi: Programs, api: ApiServer, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert api.kubeconfig()
    monkeypatch.setattr(command, "refuse_unfit", lambda _client, _platform, _pulumi: None)
    digest = f"sha256:{'0' * 64}"
    pinned = f"homelab:delivery: oci\n  homelab:oci: {{url: 'oci://registry.example.org/a', digest: '{digest}'}}"
    spoil(project, "homelab:delivery: git", pinned)
    pulumi.fails("flux", "✗ MANIFEST_UNKNOWN: manifest unknown")
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "error: homelab:oci.digest" in done.stderr
    assert "MANIFEST_UNKNOWN" in done.stderr
    assert pulumi.calls("flux")[0].startswith(f"pull artifact oci://registry.example.org/a@{digest} --output=")
    assert pulumi.calls("pulumi") == []


def test_a_sandbox_that_is_not_up_is_one_message(
    homelab: Homelab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMELAB_STATE", str(tmp_path / "state"))
    done = homelab("up", "sandbox", "--yes")
    assert done.status == 1
    assert "sandbox sandbox" in done.stderr
    assert "fix: start it: homelab sandbox up --name sandbox" in done.stderr


def test_a_stack_of_the_engines_that_cannot_be_made_is_one_message(pulumi: Programs, tmp_path: Path) -> None:
    pulumi.fails("pulumi", "warning: first\nerror: could not read the passphrase")
    made = Pulumi("sandbox", tmp_path, {"PATH": f"{pulumi.folder}:{SYSTEM}"})
    with pytest.raises(PulumiError, match="pulumi stack select failed: error: could not read the passphrase"):
        made.select()
    assert pulumi.calls("pulumi") == ["stack select --create --stack sandbox"]


def test_a_pulumi_that_ignores_the_request_is_made_to_end(
    pulumi: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.pulumi._PATIENCE", 0.05)
    pulumi.add("pulumi", "trap '' INT TERM\necho deaf\nwhile :; do read line < /dev/null; done\n")
    deaf = threading.Event()
    started = Pulumi("odyssey", tmp_path, {"PATH": f"{pulumi.folder}:{SYSTEM}"})
    run = started.start(lambda _line: deaf.set(), "up")
    assert deaf.wait(60)
    run.cancel()
    assert run.status == -signal.SIGKILL


def test_an_interrupted_up_interrupts_pulumi_once_and_waits_for_it(
    pulumi: Programs, api: ApiServer, project: Path, tmp_path: Path
) -> None:
    api.answer("GET", SETS, {"items": []})
    counted = tmp_path / "interrupts"
    script = f"""\
trap 'echo x >> {counted}; kill $child; exit 1' INT
sleep 600 & child=$!
echo waits
wait
"""
    pulumi.add("pulumi", script)
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from cli.main import main; main()"
    command = [sys.executable, "-c", program, "up", "odyssey", "--yes"]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        assert "waits" in next(line for line in child.stdout if "waits" in line)
        child.send_signal(signal.SIGINT)
        child.wait(60)
    assert child.returncode != 0
    assert counted.read_text(encoding="utf-8") == "x\n"


def test_without_access_to_the_cluster_pulumi_is_not_even_started(
    homelab: Homelab, pulumi: Programs, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(project, "homelab:delivery: git", "homelab:delivery: inline")
    monkeypatch.setenv("KUBECONFIG", "/nowhere/kubeconfig")
    done = homelab("up", "odyssey", "--yes")
    assert done.status == 1
    assert "rule: cluster/kubeconfig" in done.stderr
    assert pulumi.calls("pulumi") == []
