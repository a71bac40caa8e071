"""Bringing a sandbox up and down; both can be interrupted anywhere, and do the rest the next time."""

import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Final

from cluster.client import Write, connect
from gitops.flux import NAMESPACE
from gitops.objects import Manifest
from sandbox import depot, engine, flux
from sandbox.control_plane import ControlPlane
from sandbox.crds import crds
from sandbox.errors import SandboxError, refusal
from sandbox.place import Place
from sandbox.ports import is_free
from sandbox.processes import last_line
from sandbox.stages import stages

_MANAGER: Final = Write(field_manager="homelab-sandbox", force=True)
_PATIENCE: Final = 60.0
_PAUSE: Final = 0.1
# Past any proxy of the user's.
_DIRECTLY: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def up(place: Place, tools: Mapping[str, Path], say: Callable[[str], None]) -> None:
    """Run all of the sandbox; what runs already as it should is left alone."""
    place.make()
    say("Pulumi")
    engine.prepare(place, tools)
    say("control plane")
    ControlPlane(place, tools).ensure()
    client = connect(place.kubeconfig)
    for manifest in _objects():
        client.apply(manifest, _MANAGER)
    say("Flux, and the depot it reads from")
    depot.make_repository(place)
    _renew_ports(place)
    for service in (depot.service(place, tools["depot"]), *flux.services(place, tools)):
        place.processes.ensure(service)
    _wait_until_healthy(place)


def down(place: Place) -> None:
    """End every process and remove every file."""
    place.processes.stop_all()
    ControlPlane(place, {}).remove()
    place.remove()


def _objects() -> Iterator[Manifest]:
    """What must exist before Flux starts."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    for manifests in crds(("flux", "flux-operator")).values():
        yield from manifests
    yield from stages()


def _renew_ports(place: Place) -> None:
    for purpose, port in place.ports.known().items():
        if not place.processes.running(purpose.removesuffix(flux.HEALTH)) and not is_free(port):
            place.ports.forget(purpose)


def _wait_until_healthy(place: Place) -> None:
    """Until each controller says that it is; one that ends instead is named with its last line."""
    end = time.monotonic() + _PATIENCE
    waiting = flux.health_ports(place)
    while waiting:
        waiting = {name: port for name, port in waiting.items() if not _is_healthy(port)}
        ended = [name for name in (depot.NAME, *waiting) if not place.processes.running(name)]
        if ended or time.monotonic() > end:
            raise _unhealthy(place, (ended or list(waiting))[0])
        time.sleep(_PAUSE)


def _is_healthy(port: int) -> bool:
    try:
        with _DIRECTLY.open(f"http://127.0.0.1:{port}/healthz", timeout=1) as answer:
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


def _unhealthy(place: Place, name: str) -> SandboxError:
    said = last_line(place.processes.log(name))
    fix = f"homelab sandbox logs {name} --name {place.name}"
    return refusal("process", f"sandbox {place.name}: {name}", f"it does not run: {said}", fix)
