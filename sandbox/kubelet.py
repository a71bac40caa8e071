"""In place of kubelets: runs Flux for real in a sandbox that comes without.

kwok says of every pod that it is ready, and runs none. For each Deployment in Flux's namespace whose image is one of
Flux's programs, this runs that program with the flags of its container; it ends with the Deployment.
"""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

from cluster.changes import Change, ChangeType, Selection, looks
from cluster.client import Client, connect
from gitops.flux import NAMESPACE
from gitops.objects import Manifest
from sandbox import flux
from sandbox.folders import state_folder
from sandbox.modules import downloaded, pinned
from sandbox.place import Place
from sandbox.processes import Processes, Service

NAME: Final = "kubelet"
PROGRAMS: Final = (*flux.CONTROLLERS, flux.OPERATOR)
"""What it runs; any other Deployment is left to kwok alone, notification-controller's among them."""

_ROOT: Final = Path(__file__).parent.parent
_OPERATOR: Final = "github.com/controlplaneio-fluxcd/flux-operator"
_DISTRIBUTION: Final = "config/data"
_DEPLOYMENTS: Final = Selection(api_version="apps/v1", kind="Deployment", namespace=NAMESPACE)
_LOOK: Final = 0.5
# A program that ends at once is not started at every look.
_BACK_OFF: Final = 5.0


def service(place: Place, tools: Mapping[str, Path]) -> Service:
    """Its own process.

    Raises:
        ModuleError: Go cannot bring the operator's module, which holds Flux's manifests.
    """
    module = pinned(_OPERATOR)
    distribution = downloaded([module])[module] / _DISTRIBUTION
    programs = [f"--program={tools[name]}" for name in PROGRAMS]
    command = (sys.executable, "-m", "sandbox.kubelet", place.name, f"--distribution={distribution}", *programs)
    environment = {
        "HOME": str(place.folder),
        "HOMELAB_STATE": str(state_folder()),
        "PATH": os.defpath,
        "PYTHONPATH": str(_ROOT),
    }
    return Service(name=NAME, command=command, environment=environment)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kubelet:
    """Runs the Deployments that it is told about.

    Attributes:
        place: The sandbox.
        programs: Paths by name.
        distribution: Flux's manifests, which the operator's image holds.
    """

    place: Place
    programs: Mapping[str, Path]
    distribution: Path
    _deployments: dict[str, Manifest] = field(default_factory=dict)
    _started: dict[str, float] = field(default_factory=dict)

    def see(self, changes: Iterable[Change]) -> None:
        """Take notice of Deployments that are new, other or gone."""
        for change in changes:
            name = change.manifest["metadata"]["name"]
            if change.type is ChangeType.DELETED or not change.manifest["spec"].get("replicas", 1):
                self._deployments.pop(name, None)
            else:
                self._deployments[name] = change.manifest

    def run(self, now: float) -> None:
        """Make what runs be what is there."""
        wanted = {item.name: item for item in self._services()}
        processes = self._processes
        for name in set(processes.names()) - {NAME, *wanted}:
            if name.startswith(PROGRAMS):
                processes.forget(name)
        for name, each in wanted.items():
            if processes.running(name) or now - self._started.get(name, -_BACK_OFF) >= _BACK_OFF:
                self._start(each, now)

    def _start(self, each: Service, now: float) -> None:
        if self._processes.ensure(each):
            self._started[each.name] = now

    def _services(self) -> Iterator[Service]:
        for name, manifest in self._deployments.items():
            container = manifest["spec"]["template"]["spec"]["containers"][0]
            program = _program(container["image"])
            if program in self.programs:
                flags = _flags(container)
                distribution = self.distribution if program == flux.OPERATOR else None
                yield flux.service(self.place, self.programs[program], name, flags, distribution=distribution)

    @property
    def _processes(self) -> Processes:
        return self.place.processes


def follow(kubelet: Kubelet, client: Client, ended: threading.Event) -> None:
    """Run what is in the cluster until told to end; what runs then goes on."""
    for look in looks(client, [_DEPLOYMENTS], interval=_LOOK, pause=ended.wait):
        if ended.is_set():
            return
        # A silent API server is no reason to end anything.
        if look.error is None:
            kubelet.see(look.changes)
            kubelet.run(monotonic())


def _program(image: str) -> str:
    """`source-controller` of `ghcr.io/fluxcd/source-controller:v1.9.1@sha256:…`."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _flags(container: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(flag.replace("$(RUNTIME_NAMESPACE)", NAMESPACE) for flag in container.get("args") or ())


def main() -> None:
    """Be the kubelet of one sandbox until this process is told to end."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.kubelet", description=__doc__)
    parser.add_argument("place", type=Place)
    parser.add_argument("--distribution", type=Path, required=True)
    parser.add_argument("--program", type=Path, action="append", required=True)
    chosen = parser.parse_args()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    programs = {path.name: path for path in chosen.program}
    kubelet = Kubelet(place=chosen.place, programs=programs, distribution=chosen.distribution)
    follow(kubelet, connect(chosen.place.kubeconfig), ended)


if __name__ == "__main__":
    main()
