"""Flux's controllers as processes, one set for the cluster, one for each shard; and the Flux Operator beside them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from gitops.bootstrap import FEATURE_GATES
from gitops.flux import NAMESPACE
from sandbox import depot
from sandbox.place import Place
from sandbox.processes import Service

SHARDS: Final = ("infra",)
HEALTH: Final = "-health"
"""Ends the purpose of a port that tells a controller's health."""

_SHARD_KEY: Final = "sharding.fluxcd.io/key"
CONTROLLERS: Final = ("source-controller", "kustomize-controller", "helm-controller")
OPERATOR: Final = "flux-operator"
# It refuses to start without.
_FIPS: Final[Mapping[str, dict[str, str]]] = {OPERATOR: {"GODEBUG": "fips140=on"}}
# As Flux Operator sets it for clusters of medium size. Each layer that waits holds a worker, so that Flux's default
# of four is all taken before the first bundle.
_WORKERS: Final = 10
# Sooner than Flux Operator's 5 s: workloads are Ready at once here, so that a platform mostly waits for its turn.
_REQUEUE: Final = "1s"


def services(place: Place, tools: Mapping[str, Path]) -> Iterator[Service]:
    """The processes of all controllers, and of the operator."""
    for name, program, shard in _named():
        yield service(place, tools[program], name, _chosen(program, shard))
    yield service(place, tools[OPERATOR], OPERATOR, (f"--requeue-dependency={_REQUEUE}",))


def service(
    place: Place, program: Path, name: str, flags: Iterable[str], *, distribution: Path | None = None
) -> Service:
    """A controller or the operator with flags, and those that this machine decides.

    Args:
        place: The sandbox.
        program: The program.
        name: Of the process.
        flags: As its container would have them; of one that is given twice, the last counts.
        distribution: Where the operator finds Flux's own manifests, if it is to install Flux.
    """
    folder = _folder(place, name)
    # Nothing of the shell that starts them: it may hold secrets, and another shell is no reason to start them anew.
    environment = depot.proxy(place) | {
        "HOME": str(folder),
        "KUBECONFIG": str(place.kubeconfig),
        "RUNTIME_NAMESPACE": NAMESPACE,
        # Each keeps what it unpacks apart, and it goes with the sandbox.
        "TMPDIR": str(folder),
    }
    command = (str(program), *flags, *_own(place, program.name, name, distribution or folder))
    return Service(name=name, command=command, environment=environment | _FIPS.get(program.name, {}))


def health_ports(place: Place) -> dict[str, int]:
    """Where each controller says whether it is healthy."""
    names = (*(name for name, _, _ in _named()), OPERATOR)
    return {name: place.ports.get(f"{name}{HEALTH}") for name in names}


def _named() -> Iterator[tuple[str, str, str | None]]:
    """Name, program and shard of each controller."""
    for controller in CONTROLLERS:
        yield controller, controller, None
        yield from ((f"{controller}-{shard}", controller, shard) for shard in SHARDS)


def _chosen(controller: str, shard: str | None) -> Iterator[str]:
    """What Flux Operator would give a controller."""
    selector = f"{_SHARD_KEY}={shard}" if shard else f"!{_SHARD_KEY}"
    yield f"--watch-label-selector={selector}"
    yield f"--concurrent={_WORKERS}"
    if controller in FEATURE_GATES:
        yield f"--requeue-dependency={_REQUEUE}"
        yield f"--feature-gates={FEATURE_GATES[controller]}"


def _own(place: Place, program: str, name: str, storage: Path) -> Iterator[str]:
    """What a process on this machine needs, whatever its container would have."""
    yield from ("--metrics-addr=0", "--log-level=info", "--enable-leader-election=false")
    yield f"--health-addr=127.0.0.1:{place.ports.get(f'{name}{HEALTH}')}"
    if program == OPERATOR:
        yield from ("--web-server-port=0", f"--storage-path={storage}")
        return
    # Nobody listens for events.
    yield "--events-addr="
    if program == "source-controller":
        address = f"127.0.0.1:{place.ports.get(name)}"
        yield from (f"--storage-path={storage}", f"--storage-addr={address}", f"--storage-adv-addr={address}")


def _folder(place: Place, name: str) -> Path:
    folder = place.folder / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
