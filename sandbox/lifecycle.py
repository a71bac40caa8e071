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
from sandbox import depot, engine, flux, kubelet
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


def up(place: Place, tools: Mapping[str, Path], say: Callable[[str], None], *, bare: bool = False) -> None:
    """Run all of the sandbox; what runs already as it should is left alone.

    Args:
        place: The sandbox.
        tools: The programs by name.
        say: Told what comes next.
        bare: Whether to leave Flux to whoever installs it in the cluster; a sandbox that was made so stays so.

    Raises:
        SandboxError: Something does not start, or the sandbox has Flux and shall be bare.
    """
    place.make()
    bare = _is_bare(place, wanted=bare)
    say("Pulumi")
    engine.prepare(place, tools)
    say("control plane")
    ControlPlane(place, tools).ensure()
    client = connect(place.kubeconfig)
    for manifest in (*(() if bare else _flux()), *stages()):
        client.apply(manifest, _MANAGER)
    say("the depot that Flux will read from" if bare else "Flux, and the depot it reads from")
    depot.make_repository(place)
    _renew_ports(place)
    services = (kubelet.service(place, tools),) if bare else tuple(flux.services(place, tools))
    for service in (depot.service(place, tools["depot"]), *services):
        place.processes.ensure(service)
    ports, others = ({}, (depot.NAME, kubelet.NAME)) if bare else (flux.health_ports(place), (depot.NAME,))
    _wait_until_healthy(place, ports, others)


def down(place: Place) -> None:
    """End every process and remove every file."""
    # First of all what would start the others again.
    place.processes.stop(kubelet.NAME)
    place.processes.stop_all()
    ControlPlane(place, {}).remove()
    place.remove()


def _is_bare(place: Place, *, wanted: bool) -> bool:
    if wanted and not place.bare.exists():
        if place.kubeconfig.exists():
            where, fix = f"sandbox {place.name}", f"homelab sandbox down --name {place.name}, then up --bare"
            raise refusal("bare", where, "it has Flux already", fix)
        place.bare.touch()
    return place.bare.exists()


def _flux() -> Iterator[Manifest]:
    """What must exist before Flux starts."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    for manifests in crds(("flux", "flux-operator")).values():
        yield from manifests


def _renew_ports(place: Place) -> None:
    for purpose, port in place.ports.known().items():
        if not place.processes.running(purpose.removesuffix(flux.HEALTH)) and not is_free(port):
            place.ports.forget(purpose)


def _wait_until_healthy(place: Place, waiting: Mapping[str, int], others: tuple[str, ...]) -> None:
    """Until each controller says that it is; one that ends instead is named with its last line."""
    end = time.monotonic() + _PATIENCE
    while True:
        waiting = {name: port for name, port in waiting.items() if not _is_healthy(port)}
        ended = [name for name in (*others, *waiting) if not place.processes.running(name)]
        if ended or (waiting and time.monotonic() > end):
            raise _unhealthy(place, (ended or list(waiting))[0])
        if not waiting:
            return
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
