"""Flux's controllers as processes, one set for the cluster, one for each shard; and the Flux Operator beside them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from gitops.flux import NAMESPACE
from sandbox import depot
from sandbox.place import Place
from sandbox.processes import Service

SHARDS: Final = ("infra",)
HEALTH: Final = "-health"
"""Ends the purpose of a port that tells a controller's health."""

_SHARD_KEY: Final = "sharding.fluxcd.io/key"
_CONTROLLERS: Final = ("source-controller", "kustomize-controller", "helm-controller")
_OPERATOR: Final = "flux-operator"
# It refuses to start without.
_FIPS: Final = {"GODEBUG": "fips140=on"}
# As Flux Operator sets them for clusters of medium size. Each layer that waits holds a worker, so that Flux's
# default of four is all taken before the first bundle; and with its 30 s for a dependency a platform would mostly wait.
_WORKERS: Final = 10
_REQUEUE: Final = "5s"


def services(place: Place, tools: Mapping[str, Path]) -> Iterator[Service]:
    """The processes of all controllers, and of the operator."""
    for name, controller, shard in _named():
        yield _service(place, name, (str(tools[controller]), *_arguments(place, controller, name, shard)))
    yield _service(place, _OPERATOR, (str(tools[_OPERATOR]), *_operator_arguments(place)), _FIPS)


def health_ports(place: Place) -> dict[str, int]:
    """Where each controller says whether it is healthy."""
    names = (*(name for name, _, _ in _named()), _OPERATOR)
    return {name: place.ports.get(f"{name}{HEALTH}") for name in names}


def _named() -> Iterator[tuple[str, str, str | None]]:
    """Name, program and shard of each controller."""
    for controller in _CONTROLLERS:
        yield controller, controller, None
        yield from ((f"{controller}-{shard}", controller, shard) for shard in SHARDS)


def _service(place: Place, name: str, command: tuple[str, ...], own: Mapping[str, str] | None = None) -> Service:
    # Nothing of the shell that starts them: it may hold secrets, and another shell is no reason to start them anew.
    environment = depot.proxy(place) | {
        "HOME": str(_folder(place, name)),
        "KUBECONFIG": str(place.kubeconfig),
        "RUNTIME_NAMESPACE": NAMESPACE,
        # Each keeps what it unpacks apart, and it goes with the sandbox.
        "TMPDIR": str(_folder(place, name)),
    }
    return Service(name=name, command=command, environment=environment | dict(own or {}))


def _arguments(place: Place, controller: str, name: str, shard: str | None) -> Iterator[str]:
    selector = f"{_SHARD_KEY}={shard}" if shard else f"!{_SHARD_KEY}"
    yield f"--watch-label-selector={selector}"
    yield "--events-addr="
    yield f"--concurrent={_WORKERS}"
    yield from _common_arguments(place, name)
    if controller == "source-controller":
        address = f"127.0.0.1:{place.ports.get(name)}"
        yield from (f"--storage-path={_folder(place, name)}", f"--storage-addr={address}")
        yield f"--storage-adv-addr={address}"
    else:
        yield f"--requeue-dependency={_REQUEUE}"
        # A health check that cannot succeed any more gives way to the next revision.
        yield "--feature-gates=CancelHealthCheckOnNewRevision=true"


def _operator_arguments(place: Place) -> Iterator[str]:
    yield from _common_arguments(place, _OPERATOR)
    yield from ("--web-server-port=0", f"--storage-path={_folder(place, _OPERATOR)}")
    yield f"--requeue-dependency={_REQUEUE}"


def _common_arguments(place: Place, name: str) -> Iterator[str]:
    yield from ("--metrics-addr=0", "--log-level=info", "--enable-leader-election=false")
    yield f"--health-addr=127.0.0.1:{place.ports.get(f'{name}{HEALTH}')}"


def _folder(place: Place, name: str) -> Path:
    folder = place.folder / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
