"""A sandbox comes up, is left alone where it runs as it should, and goes without a trace."""

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from cluster.client import Write
from gitops.objects import Manifest
from sandbox import kubelet, lifecycle
from sandbox.errors import SandboxError
from sandbox.place import Place
from sandbox.processes import Processes, end, recorded_process
from sandbox.status import log_files, status_of
from tests.support.programs import Programs
from tests.support.sandboxes import kwokctl_calls, tools

NAMESPACE: Manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}}


@dataclass
class Applied:
    """An API server that takes everything."""

    manifests: list[Manifest] = field(default_factory=list)

    def apply(self, manifest: Manifest, write: Write) -> Manifest:
        assert write.force
        self.manifests.append(manifest)
        return manifest


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> Applied:
    api = Applied()
    monkeypatch.setattr(lifecycle, "connect", lambda _kubeconfig: api)
    monkeypatch.setattr(lifecycle, "crds", lambda _names: {"flux": ()})
    monkeypatch.setattr(lifecycle, "stages", lambda: ())
    return api


@pytest.fixture
def up(place: Place, programs: Programs, applied: Applied) -> Iterator[Callable[[], None]]:
    """Brings the sandbox up, of programs that only say that they are healthy."""
    found = tools(programs)
    assert applied.manifests == []
    yield lambda: lifecycle.up(place, found, lambda _step: None)
    lifecycle.down(place)


def pids(place: Place) -> dict[str, int]:
    files = [*place.processes.folder.glob("*.pid"), *place.folder.glob("kwok/clusters/*/pids/*.pid")]
    return {file.stem: int(file.read_text(encoding="utf-8")) for file in files}


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_up_runs_everything_and_waits_until_flux_is_healthy(
    up: Callable[[], None], place: Place, applied: Applied
) -> None:
    up()
    found = status_of(place)
    assert found["processes"]
    assert all(found["processes"].values())
    assert {"etcd", "kube-apiserver", "depot", "source-controller", "helm-controller-infra", "flux-operator"} <= set(
        found["processes"]
    )
    assert found["api"] == "https://127.0.0.1:6443"
    assert applied.manifests == [NAMESPACE]


def test_up_again_leaves_alone_what_runs(up: Callable[[], None], place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    up()
    before = pids(place)
    monkeypatch.setenv("OF_ANOTHER_SHELL", "x")
    up()
    assert pids(place) == before


def test_up_again_starts_what_ended_and_only_that(up: Callable[[], None], place: Place, programs: Programs) -> None:
    up()
    before = pids(place)
    for name in ("etcd", "helm-controller"):
        end(psutil.Process(before[name]))
    up()
    changed = {name for name, pid in pids(place).items() if pid != before[name]}
    assert changed == {"etcd", "helm-controller"}
    assert [call.split(" --")[0] for call in kwokctl_calls(programs)] == [
        "create cluster", "scale node", "start cluster", "scale node",
    ]  # fmt: skip


def test_a_control_plane_whose_making_was_interrupted_is_made_anew(
    up: Callable[[], None], place: Place, programs: Programs
) -> None:
    up()
    before = [psutil.Process(pid) for name, pid in pids(place).items() if name in {"etcd", "kube-apiserver"}]
    (place.folder / "control-plane.made").unlink()
    up()
    assert [is_alive(process) for process in before] == [False, False]
    assert [call.split(" --")[0] for call in kwokctl_calls(programs)].count("create cluster") == 2


def test_a_port_that_something_else_has_taken_meanwhile_is_replaced(up: Callable[[], None], place: Place) -> None:
    up()
    before = place.ports.known()
    for name in ("source-controller", "helm-controller"):
        place.processes.stop(name)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", before["source-controller-health"]))
        taken.listen()
        up()
    after = place.ports.known()
    assert {name for name in before if before[name] != after[name]} == {"source-controller-health"}
    assert all(status_of(place)["processes"].values())


@pytest.fixture
def bare(place: Place, programs: Programs, applied: Applied, monkeypatch: pytest.MonkeyPatch) -> Iterator[Applied]:
    """A sandbox without Flux is up."""
    monkeypatch.setattr(kubelet, "downloaded", lambda modules: dict.fromkeys(modules, place.folder))
    lifecycle.up(place, tools(programs), lambda _step: None, bare=True)
    yield applied
    lifecycle.down(place)


def test_a_bare_sandbox_has_no_flux_and_stays_so(place: Place, programs: Programs, bare: Applied) -> None:
    for _ in range(2):
        assert place.processes.names() == ("depot", "kubelet")
        assert all(status_of(place)["processes"].values())
        assert bare.manifests == []
        lifecycle.up(place, tools(programs), lambda _step: None)


def test_a_sandbox_that_has_flux_is_not_made_bare(up: Callable[[], None], place: Place, programs: Programs) -> None:
    up()
    with pytest.raises(SandboxError, match="it has Flux already") as caught:
        lifecycle.up(place, tools(programs), lambda _step: None, bare=True)
    assert caught.value.problems[0].fix == "homelab sandbox down --name trial, then up --bare"


def test_down_ends_first_what_would_start_the_others_again(
    place: Place, bare: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bare.manifests == []
    stopped: list[str] = []
    stop = Processes.stop

    def noted(self: Processes, name: str) -> None:
        stopped.append(name)
        stop(self, name)

    monkeypatch.setattr(Processes, "stop", noted)
    lifecycle.down(place)
    assert stopped[0] == "kubelet"


def test_health_is_asked_for_past_the_users_proxy(up: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    up()


def test_a_controller_that_ends_is_named_with_its_last_line(place: Place, programs: Programs, applied: Applied) -> None:
    found = tools(programs)
    broken = "#!/bin/sh\necho starting\necho 'cannot read the kubeconfig' >&2\n"
    found["helm-controller"].write_text(broken, encoding="utf-8")
    with pytest.raises(SandboxError) as caught:
        lifecycle.up(place, found, lambda _step: None)
    (problem,) = caught.value.problems
    assert problem.where.startswith("sandbox trial: helm-controller")
    assert problem.what == "it does not run: cannot read the kubeconfig"
    assert problem.fix.startswith("homelab sandbox logs helm-controller")
    assert applied.manifests == [NAMESPACE]
    lifecycle.down(place)


@pytest.mark.usefixtures("applied")
def test_a_controller_that_never_becomes_healthy_is_named(
    place: Place, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "_PATIENCE", 0.0)
    found = tools(programs)
    found["helm-controller"].write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    with pytest.raises(SandboxError, match="it does not run: it printed nothing"):
        lifecycle.up(place, found, lambda _step: None)
    lifecycle.down(place)


def test_something_else_on_a_port_is_not_taken_for_a_healthy_controller(place: Place) -> None:
    assert place.folder.exists()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        assert not lifecycle._is_healthy(port)


def test_down_ends_every_process_and_leaves_no_file(up: Callable[[], None], place: Place) -> None:
    up()
    running = [psutil.Process(pid) for pid in pids(place).values()]
    assert len(running) == 13
    lifecycle.down(place)
    assert [process for process in running if is_alive(process)] == []
    assert not place.folder.exists()


def test_down_needs_no_program(
    up: Callable[[], None], place: Place, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    up()
    running = [psutil.Process(pid) for pid in pids(place).values()]
    for file in (programs.folder.parent / "tools").iterdir():
        file.unlink()
    monkeypatch.setenv("PATH", "/nowhere")
    lifecycle.down(place)
    assert [process for process in running if is_alive(process)] == []


def test_down_leaves_processes_alone_that_got_an_id_of_the_control_plane(place: Place) -> None:
    record = place.folder / "kwok/clusters/control-plane/pids/etcd.pid"
    record.parent.mkdir(parents=True)
    record.write_text(str(psutil.Process().pid), encoding="utf-8")
    os.utime(record, (0, 0))
    assert recorded_process(record) is None
    lifecycle.down(place)
    assert not record.exists()


def test_down_of_what_never_was_is_no_mistake(programs: Programs) -> None:
    assert programs.folder.exists()
    lifecycle.down(Place("never"))


def test_the_status_of_what_never_was_is_refused_and_says_what_there_is(place: Place) -> None:
    for ask in (status_of, log_files):
        with pytest.raises(SandboxError) as caught:
            ask(Place("never"))
        (problem,) = caught.value.problems
        assert problem.what == "there is no such sandbox"
        assert problem.fix == f"start it: homelab sandbox up --name never; there are: {place.name}"


def test_a_sandbox_whose_making_was_interrupted_has_a_status(place: Place) -> None:
    found = status_of(place)
    assert found["api"] == "not made yet"
    assert not any(found["processes"].values())
    assert all(isinstance(file, Path) for file in log_files(place).values())
