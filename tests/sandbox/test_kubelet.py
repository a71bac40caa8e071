"""What runs in a bare sandbox is what its Deployments say."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.changes import Change, ChangeType
from cluster.client import Client
from cluster.errors import UnreachableError
from gitops.objects import Manifest
from sandbox import kubelet as module
from sandbox.flux import CONTROLLERS, OPERATOR
from sandbox.kubelet import Kubelet, follow
from sandbox.place import Place
from tests.support.programs import Programs
from tests.support.sandboxes import tools


def deployment(name: str, image: str, *flags: str, replicas: int = 1) -> Manifest:
    container = {"name": "manager", "image": image, "args": list(flags)}
    spec = {"replicas": replicas, "template": {"spec": {"containers": [container]}}}
    metadata = {"name": name, "namespace": "flux-system", "uid": name, "resourceVersion": str(hash((flags, replicas)))}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def added(*args: str, **more: Any) -> Change:
    return Change(type=ChangeType.ADDED, manifest=deployment(*args, **more))


@pytest.fixture
def kubelet(place: Place, programs: Programs, tmp_path: Path) -> Iterator[Kubelet]:
    found = tools(programs)
    yield Kubelet(
        place=place,
        programs={name: found[name] for name in (*CONTROLLERS, OPERATOR)},
        distribution=tmp_path / "distribution",
    )
    place.processes.stop_all()


def command(place: Place, name: str) -> list[str]:
    recorded: list[Any] = json.loads((place.processes.folder / f"{name}.command").read_text(encoding="utf-8"))
    return [str(word) for word in recorded[0]]


def test_a_program_runs_with_the_flags_of_its_container(kubelet: Kubelet, place: Place) -> None:
    image = "ghcr.io/fluxcd/kustomize-controller:v1.9.4@sha256:00"
    kubelet.see([added("kustomize-controller-infra", image, "--concurrent=10", "--watch-label-selector=a=b")])
    kubelet.run(0)
    assert place.processes.running("kustomize-controller-infra")
    program, *flags = command(place, "kustomize-controller-infra")
    assert Path(program).name == "kustomize-controller"
    assert flags[:2] == ["--concurrent=10", "--watch-label-selector=a=b"]
    assert {"--enable-leader-election=false", "--events-addr=", "--metrics-addr=0"} <= set(flags)


def test_a_source_is_served_where_this_machine_reaches_it(kubelet: Kubelet, place: Place) -> None:
    declared = "--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local."
    kubelet.see([added("source-controller", "ghcr.io/fluxcd/source-controller:v1.9.1", declared)])
    kubelet.run(0)
    told = [flag for flag in command(place, "source-controller") if flag.startswith("--storage-adv-addr=")]
    assert told[0].endswith("=source-controller.flux-system.svc.cluster.local.")
    assert told[-1] == f"--storage-adv-addr=127.0.0.1:{place.ports.get('source-controller')}"


def test_the_operator_finds_the_manifests_of_flux(kubelet: Kubelet, place: Place) -> None:
    kubelet.see([added("flux-operator", "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1")])
    kubelet.run(0)
    assert f"--storage-path={kubelet.distribution}" in command(place, "flux-operator")
    assert "--events-addr=" not in command(place, "flux-operator")


def test_a_program_ends_with_its_deployment(kubelet: Kubelet, place: Place) -> None:
    image = "ghcr.io/fluxcd/helm-controller:v1.6.3"
    kubelet.see([added("helm-controller", image), added("helm-controller-infra", image)])
    kubelet.run(0)
    gone = Change(type=ChangeType.DELETED, manifest=deployment("helm-controller", image))
    kubelet.see([gone, added("helm-controller-infra", image, replicas=0)])
    kubelet.run(1)
    assert place.processes.names() == ()


def test_another_flag_starts_the_program_anew(kubelet: Kubelet, place: Place) -> None:
    image = "ghcr.io/fluxcd/helm-controller:v1.6.3"
    for number, flags in enumerate([(), ("--concurrent=20",)]):
        kubelet.see([added("helm-controller", image, *flags)])
        kubelet.run(number)
    assert "--concurrent=20" in command(place, "helm-controller")


def test_what_is_no_program_of_flux_is_left_alone(kubelet: Kubelet, place: Place) -> None:
    kubelet.see([added("notification-controller", "ghcr.io/fluxcd/notification-controller:v1.9.4")])
    kubelet.run(0)
    assert place.processes.names() == ()


def test_a_program_that_ends_at_once_is_started_again_after_a_while(kubelet: Kubelet, place: Place) -> None:
    kubelet.programs["helm-controller"].write_text("#!/bin/sh\necho started\n", encoding="utf-8")
    kubelet.see([added("helm-controller", "ghcr.io/fluxcd/helm-controller:v1.6.3")])
    for second in (0, 1, 4, 6):
        kubelet.run(second)
        while place.processes.running("helm-controller"):
            pass
    assert place.processes.log("helm-controller").read_text(encoding="utf-8").count("started") == 2


class Server:
    """Answers to one list after another, and ends the kubelet after the last."""

    server = "https://127.0.0.1:6443"

    def __init__(self, ended: threading.Event, *answers: list[Manifest] | UnreachableError) -> None:
        self.answers = list(answers)
        self.ended = ended

    def request(self, method: str, path: str, **_more: Any) -> Manifest:
        assert method == "GET"
        if path == "/apis/apps/v1":
            return {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]}
        answer = self.answers.pop(0)
        if not self.answers:
            self.ended.set()
        if isinstance(answer, UnreachableError):
            raise answer
        return {"items": answer}

    def close(self) -> None:
        return


def test_a_silent_api_server_ends_nothing(kubelet: Kubelet, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK", 0)
    there = [deployment("helm-controller", "ghcr.io/fluxcd/helm-controller:v1.6.3")]
    silent = UnreachableError("https://127.0.0.1:6443", TimeoutError())
    ended = threading.Event()
    follow(kubelet, Client(Server(ended, there, silent, silent)), ended)
    assert place.processes.running("helm-controller")


def test_it_is_told_where_everything_is(place: Place, programs: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    found = tools(programs)
    monkeypatch.setattr(module, "downloaded", lambda modules: dict.fromkeys(modules, Path("/modules")))
    service = module.service(place, found)
    told: dict[str, Any] = {}
    api = Client(Server(threading.Event()))

    def follow_once(kubelet: Kubelet, client: Client, ended: threading.Event) -> None:
        told.update(place=kubelet.place, programs=kubelet.programs, distribution=kubelet.distribution)
        assert client is api
        assert not ended.is_set()

    monkeypatch.setattr(module, "follow", follow_once)
    monkeypatch.setattr(module, "connect", lambda _kubeconfig: api)
    monkeypatch.setattr("sys.argv", ["kubelet", *service.command[3:]])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    module.main()
    assert told["place"] == place
    assert told["distribution"] == Path("/modules/config/data")
    assert told["programs"]["flux-operator"] == found["flux-operator"]
    assert service.environment["HOMELAB_STATE"] == str(place.folder.parent)
