"""What a sandbox is made of at this moment."""

from pathlib import Path
from typing import TypedDict

import yaml

from sandbox import depot
from sandbox.control_plane import ControlPlane
from sandbox.errors import refusal
from sandbox.place import Place, places


class SandboxStatus(TypedDict):
    """Addresses and processes of a sandbox."""

    name: str
    folder: str
    kubeconfig: str
    api: str
    git: str
    charts: str
    registry: str
    processes: dict[str, bool]


def status_of(place: Place) -> SandboxStatus:
    """The sandbox as it is; SandboxError when there is none of this name."""
    _refuse_unknown(place)
    base = f"http://{depot.address(place)}"
    return SandboxStatus(
        name=place.name,
        folder=str(place.folder),
        kubeconfig=str(place.kubeconfig),
        api=_api(place.kubeconfig),
        git=f"{base}/git/{depot.REPOSITORY}",
        charts=f"{base}/charts",
        registry=f"{base}/v2/",
        processes=_processes(place),
    )


def log_files(place: Place) -> dict[str, Path]:
    """What each process prints, by its name; SandboxError when there is no sandbox of this name."""
    _refuse_unknown(place)
    control_plane = ControlPlane(place, {})
    ours = {name: place.processes.log(name) for name in place.processes.names()}
    return {name: control_plane.log(name) for name in control_plane.states} | ours


def _refuse_unknown(place: Place) -> None:
    if not place.folder.exists():
        known = ", ".join(each.name for each in places()) or "none"
        fix = f"start it: homelab sandbox up --name {place.name}; there are: {known}"
        raise refusal("up", f"sandbox {place.name}", "there is no such sandbox", fix)


def _processes(place: Place) -> dict[str, bool]:
    states = ControlPlane(place, {}).states
    return states | {name: place.processes.running(name) for name in place.processes.names()}


def _api(kubeconfig: Path) -> str:
    if not kubeconfig.exists():
        return "not made yet"
    server: str = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]
    return server
