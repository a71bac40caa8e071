"""A project of its own, with a sandbox of its own: what an end-to-end test changes and breaks."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil
import yaml

from addons.catalogue import KNOWN, platform
from cluster.client import Client, ObjectReference
from cluster.connection import Connection
from cluster.kubeconfig import read_kubeconfig
from gitops.config import parse_stack
from gitops.delivery import delivery_of
from gitops.objects import Manifest
from gitops.platform import Platform
from tests.support.stacks import ROOT

NAME: Final = "trial"
"""The stack, and its sandbox."""

_LEFT_OUT: Final = (
    *("nginx", "k8s-gateway", "trust-manager", "1password-connect", "external-secrets", "alloy"),
    *("kube-prometheus-stack", "longhorn", "victoria-metrics", "victoria-logs", "grafana"),
)
SMALL: Final = {name: {"enabled": False} for name in _LEFT_OUT}
"""Choices that leave what takes longest out: Cilium, MetalLB and cert-manager remain."""

TINY: Final = SMALL | {name: {"enabled": False} for name in ("metallb", "cert-manager")}
"""Choices that leave Cilium alone, whose website needs `PLAIN` then."""

PLAIN: Final = yaml.safe_load((ROOT / "Pulumi.sandbox.yaml").read_text(encoding="utf-8"))["config"][
    "homelab:website"
] | {"issuer": "none"}
"""The website without TLS."""

DELIVERIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "git": {},
    "oci": {"delivery": "oci", "git": None, "oci": {"url": "oci://depot.internal/homelab/trial", "insecure": True}},
    "inline": {"delivery": "inline", "git": None},
    "direct": {"delivery": "direct", "git": None},
}
"""Settings of each delivery, in a sandbox."""

_PRODUCT: Final = ("addons", "cli", "cluster", "components", "gitops", "sandbox", "__main__.py", "Pulumi.yaml")
_HOMELAB: Final = (sys.executable, "-c", "from cli.main import main; main()")
_LIMIT: Final = 600.0

T = TypeVar("T")


@dataclass(frozen=True)
class Done:
    status: int
    output: str


@dataclass(frozen=True)
class World:
    """A copy of the product, in which `homelab` and `pulumi` run as a user would run them."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        state = {"HOMELAB_STATE": str(self.state.parent), "PYTHONPATH": str(self.folder), "COLUMNS": "200"}
        # As users have it: what Python has compiled once is kept.
        return {key: value for key, value in (os.environ | state).items() if key != "PYTHONDONTWRITEBYTECODE"}

    @property
    def state(self) -> Path:
        return self.folder.parent / "state" / NAME

    @contextmanager
    def api(self) -> Iterator[Client]:
        connection = Connection(read_kubeconfig(self.state / "kubeconfig", None))
        try:
            yield Client(connection)
        finally:
            connection.close()

    @property
    def stack_file(self) -> Path:
        return self.folder / f"Pulumi.{NAME}.yaml"

    @property
    def platform(self) -> Platform:
        return platform(parse_stack(self.stack_file.read_text(encoding="utf-8"), file=NAME, known=KNOWN))

    def variables(self, **changed: str) -> dict[str, str]:
        """The cluster's variables, with some changed."""
        return {**self.platform.cluster.cluster_vars.as_data(), **changed}

    def configure(self, **settings: Any) -> None:
        """The sandbox's stack with some settings replaced; None takes one away."""
        shipped = yaml.safe_load((ROOT / "Pulumi.sandbox.yaml").read_text(encoding="utf-8"))["config"]
        changed = {f"homelab:{key}": value for key, value in settings.items()} | {"homelab:sandbox": NAME}
        config = {key: value for key, value in (shipped | changed).items() if value is not None}
        self.stack_file.write_text(yaml.safe_dump({"config": config}, sort_keys=False), encoding="utf-8")

    def restore(self) -> None:
        """The product's code as it is shipped, whatever a test has made of it."""
        for name in _PRODUCT:
            source, target = ROOT / name, self.folder / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            else:
                shutil.copy(source, target)

    def homelab(self, *arguments: str, **environment: str) -> Done:
        done = subprocess.run(
            [*_HOMELAB, *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_LIMIT,
        )
        return Done(done.returncode, done.stdout)

    def up(self, **environment: str) -> Done:
        return self.homelab("up", NAME, "--yes", **environment)

    def inside(self, *command: str, **environment: str) -> Done:
        """A command in the sandbox's environment."""
        return self.homelab("sandbox", "run", "--name", NAME, "--", *command, **environment)

    def tell(self, secrets: Mapping[str, str]) -> None:
        """Secrets of the stack's config, as a user sets them, for the bootstrap."""
        made = self.inside("pulumi", "stack", "select", "--create", NAME)
        assert made.status == 0, made.output
        values = [text for key, value in secrets.items() for text in ("--secret", f"bootstrap:{key}={value}")]
        done = self.pulumi("config", "set-all", *values)
        assert done.status == 0, done.output

    def pulumi(self, *arguments: str, **environment: str) -> Done:
        return self.inside("pulumi", *arguments, "--stack", NAME, "--non-interactive", **environment)

    @contextmanager
    def running(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A homelab command beside the test; it is ended with all that it started."""
        child = subprocess.Popen(
            [*_HOMELAB, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            yield child
        finally:
            if child.poll() is None:
                for process in psutil.Process(child.pid).children(recursive=True):
                    process.kill()
                child.kill()
            child.communicate()

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        with self.api() as client:
            return client.get(ObjectReference(api_version=api_version, kind=kind, name=name, namespace=namespace))

    def list(self, api_version: str, kind: str) -> tuple[Manifest, ...]:
        with self.api() as client:
            return client.list(api_version, kind)

    def kustomization(self, name: str) -> Manifest:
        found = self.get("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, "flux-system")
        assert found is not None, f"there is no Kustomization {name}"
        return found

    def pid(self, name: str) -> int:
        """The recorded process of a controller, of the depot, or of the control plane."""
        files = [*self.state.glob(f"processes/{name}.pid"), *self.state.glob(f"kwok/clusters/*/pids/{name}.pid")]
        return int(files[0].read_text(encoding="utf-8"))

    def commands(self) -> tuple[tuple[str, ...], ...]:
        """Command lines of all processes that were started for the sandbox."""
        found = (_command(process, str(self.state)) for process in psutil.process_iter())
        return tuple(command for command in found if command)

    def registered(self) -> dict[str, bool]:
        """Whether each object that Pulumi registers is there."""
        platform = self.platform
        return {
            str(item.key): self.get(
                item.manifest["apiVersion"], item.key.kind, item.key.name, item.key.namespace or None
            )
            is not None
            for item in delivery_of(platform).registrations(platform)
        }


@contextmanager
def a_world(folder: Path, *flags: str) -> Iterator[World]:
    """A world whose sandbox is up, made with these flags, and leaves nothing behind."""
    world = World(folder / "project")
    world.folder.mkdir(parents=True)
    world.restore()
    world.configure()
    started = world.homelab("sandbox", "up", "--name", NAME, *flags)
    assert started.status == 0, started.output
    try:
        yield world
    finally:
        stopped = world.homelab("sandbox", "down", "--name", NAME)
    assert stopped.status == 0, stopped.output
    left = world.commands()
    assert not left, left
    assert not world.state.exists()


def eventually(condition: Callable[[], T], *, within: float = 60, told: Callable[[], object] = str) -> T:
    """What a condition becomes once it is true; it is asked again and again. Where it stays false, `told` says more."""
    end = time.monotonic() + within
    while not (answer := condition()):
        assert time.monotonic() < end, f"not true after {within:.0f} s {told()}"
        time.sleep(0.2)
    return answer


def read_until(child: subprocess.Popen[str], wanted: Callable[[str], bool]) -> None:
    assert child.stdout
    seen = []
    for line in child.stdout:
        seen.append(line)
        if wanted(line):
            return
    raise AssertionError("".join(seen))


def condition(manifest: Manifest, name: str = "Ready") -> Mapping[str, Any]:
    conditions = manifest.get("status", {}).get("conditions", [])
    return next((item for item in conditions if item["type"] == name), {})


def _command(process: psutil.Process, folder: str) -> tuple[str, ...]:
    """Its command line, where that or its environment names the folder; nothing once it has ended."""
    try:
        # Pulumi's own, which notices within five minutes that its engine was killed.
        if process.name() == "pulumi-language-python":
            return ()
        command = tuple(process.cmdline())
        named = any(folder in part for part in (*command, *process.environ().values()))
    except psutil.Error:
        return ()
    return command if named else ()
