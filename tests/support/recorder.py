"""Runs the program under Pulumi's mocks and keeps every request that a real engine would get."""

import asyncio
import json
import os
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pulumi
from google.protobuf import json_format
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks, MockSettings
from pulumi.runtime.settings import ROOT, SETTINGS, configure
from pulumi.runtime.stack import run_in_stack
from typing_extensions import override

# Pulumi's mark of a wrapped secret.
_SIGNATURE = "4dabf18193072939515e22adb298388d"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One registration, as the engine gets it."""

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    provider: str
    dependencies: tuple[str, ...]
    inputs: dict[str, Any]
    clear: dict[str, Any]
    secrets: frozenset[str]
    secret_outputs: frozenset[str]
    ignore_changes: tuple[str, ...]
    retain_on_delete: bool
    create_timeout: str


@dataclass
class Recording:
    """What a run registered."""

    requests: list[Request] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)

    @property
    def stack(self) -> str:
        return self.requests[0].name.removeprefix("homelab-")

    def of_type(self, kind: str) -> list[Request]:
        return [request for request in self.requests if request.type == kind]

    @property
    def objects(self) -> list[Request]:
        """The Kubernetes objects."""
        return [request for request in self.requests if request.type.startswith("kubernetes:")]

    @property
    def components(self) -> list[Request]:
        """The project's components."""
        return [request for request in self.requests if request.type.startswith("homelab:")]

    @property
    def exports(self) -> dict[str, Any]:
        stack = self.of_type("pulumi:pulumi:Stack")
        exports: dict[str, Any] = self.outputs[stack[0].urn]
        return exports


PRINTED: Final = {"digest": f"sha256:{'d1' * 32}"}
"""What every command prints, as JSON."""


class _Refusing(Mocks):
    """Resources echo their inputs, commands print; the program has no business calling functions."""

    @override
    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        printed = {"stdout": json.dumps(PRINTED)} if args.typ == "command:local:Command" else {}
        return f"{args.name}-id", {**args.inputs, **printed}

    @override
    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"unexpected call of {args.token}")


class _Monitor(MockMonitor):
    def __init__(self, recording: Recording) -> None:
        super().__init__(_Refusing())
        self.recording = recording

    @override
    def RegisterResource(self, request: Any) -> Any:
        answer = super().RegisterResource(request)
        self.recording.requests.append(
            Request(
                urn=answer.urn,
                type=request.type,
                name=request.name,
                parent=request.parent,
                custom=request.custom,
                provider=request.provider,
                dependencies=tuple(request.dependencies),
                secrets=_secrets(json_format.MessageToDict(request.object)),
                clear=_clear(json_format.MessageToDict(request.object)),
                secret_outputs=frozenset(request.additionalSecretOutputs),
                ignore_changes=tuple(request.ignoreChanges),
                inputs=plain(json_format.MessageToDict(request.object)),
                retain_on_delete=request.retainOnDelete,
                create_timeout=request.customTimeouts.create,
            )
        )
        return answer

    @override
    def RegisterResourceOutputs(self, request: Any) -> Any:
        self.recording.outputs[request.urn] = plain(json_format.MessageToDict(request.outputs))
        return super().RegisterResourceOutputs(request)


def _secrets(inputs: dict[str, Any]) -> frozenset[str]:
    return frozenset(key for key, value in inputs.items() if isinstance(value, dict) and _SIGNATURE in value)


def _clear(value: Any) -> Any:
    """What everybody sees: secrets are left out."""
    if isinstance(value, dict):
        return {} if _SIGNATURE in value else {key: _clear(item) for key, item in value.items()}
    return [_clear(item) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Protobuf's numbers are floats, and secrets are wrapped; both as the program wrote them."""
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return plain(value["value"])
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def run_program(folder: Path, stack: str, values: Mapping[str, str], *, preview: bool = False) -> Recording:
    """Run `__main__.py` of a folder as a stack with that config; its exceptions come through."""
    recording = Recording()
    here = Path.cwd()
    # `set_mocks` would also make a stack, and so the program's own would be the second.
    monitor, engine = _Monitor(recording), MockEngine(None)
    configure(MockSettings(monitor=monitor, engine=engine, project="homelab", stack=stack, dry_run=preview))
    ROOT.set(None)
    SETTINGS.rpc_manager.clear()
    SETTINGS.outputs.clear()
    pulumi.runtime.set_all_config(dict(values))
    with TemporaryDirectory() as project:
        # The program writes what commands read to the folder that it runs in.
        os.chdir(project)
        try:
            asyncio.run(run_in_stack(lambda: _run(folder / "__main__.py")))
        finally:
            os.chdir(here)
            pulumi.runtime.set_all_config({})
        recording.written = {
            str(path.relative_to(project)): path.stat().st_mode & 0o777 for path in Path(project).rglob("*")
        }
    return recording


def _run(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")
