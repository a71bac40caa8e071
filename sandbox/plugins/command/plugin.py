"""The stand-in for Pulumi's provider `command`: commands that run on this machine when a resource changes."""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi.provider.experimental import provider as requests
from pulumi.provider.experimental.property_value import PropertyValue

from sandbox.plugins import guard
from sandbox.plugins.changes import REPLACING, changes, path_text
from sandbox.plugins.command.process import Output, Processes
from sandbox.plugins.engine import Engine
from sandbox.plugins.errors import ResourceError
from sandbox.plugins.properties import Properties, plain_map

_TYPE: Final = "command:local:Command"
_OUTPUTS: Final = ("stdout", "stderr")
_PREVIOUS: Final = "addPreviousOutputInEnv"
_LOGGING: Final = ("stdout", "stderr", "stdoutAndStderr", "none")
_ABSENT: Final = ("assetPaths", "archivePaths")


class CommandPlugin:
    """`command:local:Command`, but for the files that it can collect."""

    name: Final = "command"
    version: Final = "1.2.1"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._processes = Processes()

    def diff_config(self, _request: requests.DiffRequest) -> requests.DiffResponse:
        """The provider has no configuration."""
        return requests.DiffResponse(changes=False)

    def configure(self, _request: requests.ConfigureRequest) -> None:
        """Refuse to run anything outside of the sandbox."""
        guard.sandbox_folder()

    def check(self, request: requests.CheckRequest) -> requests.CheckResponse:
        """Inputs with their default."""
        # The type of a component's child follows its parents' types.
        if request.type.rpartition("$")[2] != _TYPE:
            raise ResourceError(f"the stand-in knows {_TYPE} only, not {request.type}")
        inputs = {_PREVIOUS: PropertyValue(True)} | request.new_inputs
        return requests.CheckResponse(inputs, list(_failures(plain_map(inputs))))

    def diff(self, request: requests.DiffRequest) -> requests.DiffResponse:
        """Changed triggers run `create` anew in place of the old resource, unless there is a command for updates."""
        old = {key: value for key, value in plain_map(request.old_state).items() if key not in _OUTPUTS}
        new = plain_map(request.new_inputs)
        detailed = {}
        for change in changes(old, new):
            replacing = change.path[0] == "triggers" and not new.get("update")
            kind = REPLACING[change.kind] if replacing else change.kind
            detailed[path_text(change.path)] = requests.PropertyDiff(kind, input_diff=True)
        replaces = [key for key, item in detailed.items() if item.kind in REPLACING.values()]
        return requests.DiffResponse(changes=bool(detailed), replaces=replaces, detailed_diff=detailed)

    def create(self, request: requests.CreateRequest) -> requests.CreateResponse:
        """Run `create`, if there is one; not at preview."""
        if request.preview:
            return requests.CreateResponse(None, _previewed(request.properties))
        inputs = plain_map(request.properties)
        output = self._run(request.urn, inputs.get("create"), inputs, None)
        return requests.CreateResponse(f"{request.name}{secrets.token_hex(4)}", _state(request.properties, output))

    def read(self, request: requests.ReadRequest) -> requests.ReadResponse:
        """What a command did, nobody can look at again."""
        return requests.ReadResponse(request.resource_id, request.properties, request.inputs)

    def update(self, request: requests.UpdateRequest) -> requests.UpdateResponse:
        """Run `update`, else `create` again; not at preview."""
        if request.preview:
            return requests.UpdateResponse(_previewed(request.news))
        inputs, previous = plain_map(request.news), _output(plain_map(request.olds))
        command = inputs.get("update") or inputs.get("create")
        return requests.UpdateResponse(_state(request.news, self._run(request.urn, command, inputs, previous)))

    def delete(self, request: requests.DeleteRequest) -> None:
        """Run `delete`, if there is one."""
        values = plain_map(request.properties)
        self._run(request.urn, values.get("delete"), values, _output(values))

    def cancel(self) -> None:
        """Kill what runs."""
        self._processes.end()

    def close(self) -> None:
        """There is nothing to close: each command ends with its operation."""

    def _run(self, urn: str, command: str | None, inputs: Mapping[str, Any], previous: Output | None) -> Output:
        if not command:
            return previous or Output(stdout="", stderr="")
        return self._processes.run(command, inputs, previous, lambda line: self._engine.status(urn, line))


def _failures(inputs: Mapping[str, Any]) -> Iterator[requests.CheckFailure]:
    for key in _ABSENT:
        if inputs.get(key):
            yield requests.CheckFailure(key, "the stand-in collects no files")
    logging = inputs.get("logging")
    if isinstance(logging, str) and logging not in _LOGGING:
        yield requests.CheckFailure("logging", f"must be one of {', '.join(_LOGGING)}")


def _output(values: Mapping[str, Any]) -> Output:
    return Output(stdout=values.get("stdout") or "", stderr=values.get("stderr") or "")


def _state(inputs: Properties, output: Output) -> Properties:
    """Inputs and outputs; what a command writes may repeat any secret that it was given."""
    secret = PropertyValue(inputs).contains_secret()
    return inputs | {
        "stdout": PropertyValue(output.stdout, secret),
        "stderr": PropertyValue(output.stderr, secret),
    }


def _previewed(inputs: Properties) -> Properties:
    return inputs | {key: PropertyValue.computed() for key in _OUTPUTS}
