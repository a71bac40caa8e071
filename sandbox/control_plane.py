"""The control plane: etcd and Kubernetes as processes, with nodes that only kwok simulates."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from sandbox.errors import refusal
from sandbox.folders import cache_folder
from sandbox.lock import locked
from sandbox.place import Place
from sandbox.processes import end, last_line, recorded_process

NODES: Final = 2
_STORAGE: Final = '.allocatable["ephemeral-storage"]="1Ti"'
_CLUSTER: Final = "control-plane"
_COMPONENTS: Final = {
    "etcd": "etcd",
    "kube-apiserver": "kube-apiserver",
    "kube-controller-manager": "kube-controller-manager",
    "kube-scheduler": "kube-scheduler",
    "kwok": "kwok-controller",
}
"""Programs, by the name under which kwokctl runs them."""

_ATTEMPTS: Final = 3
_CONFIG: Final = {
    "apiVersion": "config.kwok.x-k8s.io/v1alpha1",
    "kind": "KwokctlConfiguration",
    "options": {"bindAddress": "127.0.0.1"},
}


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """The control plane of one sandbox, made by kwokctl."""

    place: Place
    tools: Mapping[str, Path]

    def ensure(self) -> None:
        """Make it, start what does not run of it, and wait until its API answers.

        Raises:
            SandboxError: A process of it ends again and again.
        """
        if not self._complete.exists():
            self._make()
        elif not all(self.states.values()):
            self._start()
        # Pods that limit what they write ask for room, which kwokctl's nodes have none of.
        self._kwokctl("scale", "node", "--replicas", str(NODES), "--param", _STORAGE)

    @property
    def states(self) -> dict[str, bool]:
        """Whether each of its processes is alive, by name."""
        return {component: self._process(component) is not None for component in _COMPONENTS.values()}

    def log(self, component: str) -> Path:
        """What a component printed."""
        return self._folder / "logs" / f"{component}.log"

    def remove(self) -> None:
        """End its processes by the ids that kwokctl recorded, and forget that it was made; needs no program."""
        self._complete.unlink(missing_ok=True)
        for component in reversed(_COMPONENTS.values()):
            end(self._process(component))
        shutil.rmtree(self._work, ignore_errors=True)

    def _make(self) -> None:
        """Make it anew; again where another program was faster to a port that kwokctl had found free."""
        self._until_alive(self._make_once)
        self._complete.touch()

    def _make_once(self) -> None:
        self.remove()
        # It takes the first free ports from the top: two that look at the same time take the same ones.
        with locked(cache_folder() / "ports.lock", busy=lambda: None):
            self._create()

    def _start(self) -> None:
        """Start what has ended; again where something ended meanwhile, as a scheduler whose lease ran out does."""
        self._until_alive(self._start_once)

    def _start_once(self) -> None:
        self._forget_ended()
        self._kwokctl("start", "cluster", "--wait", "60s")

    def _until_alive(self, attempt: Callable[[], None]) -> None:
        for _ in range(_ATTEMPTS):
            attempt()
            if all(self.states.values()):
                break
        self._refuse_ended()

    def _refuse_ended(self) -> None:
        ended = [component for component, alive in self.states.items() if not alive]
        if ended:
            said = last_line(self.log(ended[0]))
            fix = "homelab sandbox down, then up, starts afresh"
            raise refusal("control-plane", f"sandbox {self.place.name}: {ended[0]}", f"it ended: {said}", fix)

    def _create(self) -> None:
        config = self.place.folder / "kwokctl.json"
        config.write_text(json.dumps(_CONFIG), encoding="utf-8")
        binaries = [part for name in _COMPONENTS for part in (f"--{_flag(name)}-binary", str(self.tools[name]))]
        self._kwokctl(
            "create", "cluster", "--config", str(config), "--kubeconfig", str(self.place.kubeconfig),
            "--runtime", "binary", *binaries, "--enable-crds", "Stage", "--wait", "60s",
        )  # fmt: skip

    def _forget_ended(self) -> None:
        """Kwokctl believes an id that another process may have by now."""
        for component in _COMPONENTS.values():
            if self._process(component) is None:
                self._pid_file(component).unlink(missing_ok=True)

    def _process(self, component: str) -> psutil.Process | None:
        return recorded_process(self._pid_file(component))

    def _pid_file(self, component: str) -> Path:
        return self._folder / "pids" / f"{component}.pid"

    @property
    def _work(self) -> Path:
        return self.place.folder / "kwok"

    @property
    def _folder(self) -> Path:
        return self._work / "clusters" / _CLUSTER

    @property
    def _complete(self) -> Path:
        return self.place.folder / "control-plane.made"

    def _kwokctl(self, *arguments: str) -> None:
        environment = os.environ | {"KWOK_WORKDIR": str(self._work), "KUBECONFIG": str(self.place.kubeconfig)}
        done = subprocess.run(  # noqa: S603 — the sandbox's own program
            [self.tools["kwokctl"], *arguments, "--name", _CLUSTER],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["it gave no reason"]
            where = f"sandbox {self.place.name}: kwokctl {' '.join(arguments[:2])}"
            fix = f"look into {self._folder / 'logs'}; homelab sandbox down, then up, starts afresh"
            raise refusal("control-plane", where, f"it failed: {said[-1]}", fix)


def _flag(program: str) -> str:
    return "kwok-controller" if program == "kwok" else program
