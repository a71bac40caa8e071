"""The provider's `helm.sh/v3:Release`: charts that Pulumi installs by Helm itself."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from pulumi.provider.experimental import provider as requests
from pulumi.provider.experimental.property_value import PropertyValue

from gitops.documents import from_yaml
from sandbox.plugins.changes import REPLACING, Change, changes, path_text
from sandbox.plugins.errors import InitializationError, ResourceError
from sandbox.plugins.kubernetes.helm import Helm, HelmError
from sandbox.plugins.properties import Properties, has_unknown, marked_map, plain_map

_TYPE: Final = "kubernetes:helm.sh/v3:Release"
_INPUTS: Final = "__inputs"
_SECONDS: Final = 300
_TAKEN: Final = ("name", "namespace", "chart", "version", "repositoryOpts", "values", "timeout", "skipAwait")
_COMPUTED: Final = ("checksum", "resourceNames")
_NOT_FOUND: Final = "release: not found"


def is_release(resource_type: str) -> bool:
    """Whether a resource is a Helm release; the type of a component's child follows its parents' types."""
    return resource_type.rpartition("$")[2] == _TYPE


@dataclass(frozen=True, kw_only=True, slots=True)
class Releases:
    """Answers for releases as the real provider does.

    Attributes:
        helm: Helm on the sandbox's cluster.
        namespace: Of releases that name none.
        unreachable: Why the cluster cannot be reached; empty where it can.
    """

    helm: Helm
    namespace: str
    unreachable: str

    def check(self, request: requests.CheckRequest) -> requests.CheckResponse:
        """Inputs with what they leave out, and with a checksum of what the chart makes of them."""
        inputs = {"namespace": self.namespace, "timeout": _SECONDS} | plain_map(request.new_inputs)
        failures = list(_failures(inputs))
        if failures or has_unknown(inputs):
            return requests.CheckResponse(marked_map(inputs, request.new_inputs), failures)
        try:
            inputs |= _computed(self.helm.run("template", *_install(inputs), "--include-crds", stdin=_values(inputs)))
        except HelmError as error:
            reason = f"{error}; check the chart name and repository configuration."
            failures = [requests.CheckFailure("chart", reason)]
        return requests.CheckResponse(marked_map(inputs, request.new_inputs), failures)

    def diff(self, request: requests.DiffRequest) -> requests.DiffResponse:
        """What differs between the inputs of the last installation and the new ones."""
        old, new = _old_inputs(request.old_state), plain_map(request.new_inputs)
        if "checksum" in request.ignore_changes:
            new["checksum"] = old.get("checksum")
        detailed = {path_text(change.path): _difference(change) for change in changes(old, new)}
        replaces = [key for key, item in detailed.items() if item.kind in REPLACING.values()]
        return requests.DiffResponse(changes=bool(detailed), replaces=replaces, detailed_diff=detailed)

    def create(self, request: requests.CreateRequest) -> requests.CreateResponse:
        """Install the chart and wait for it."""
        inputs = plain_map(request.properties)
        if request.preview:
            return requests.CreateResponse(None, _state(request.properties, {}))
        self._need_cluster("create")
        try:
            self.helm.run("install", *_install(inputs), *_wait(inputs), stdin=_values(inputs))
        except HelmError as error:
            if self._metadata(inputs) is None or "cannot reuse a name" in str(error):
                raise
            raise self._half_made(inputs, request.properties, error) from None
        return requests.CreateResponse(_identity(inputs), self._deployed(inputs, request.properties))

    def update(self, request: requests.UpdateRequest) -> requests.UpdateResponse:
        """Upgrade the release and wait for it."""
        inputs = plain_map(request.news)
        if request.preview:
            return requests.UpdateResponse(_state(request.news, {}))
        self._need_cluster("update")
        try:
            self.helm.run("upgrade", *_install(inputs), *_wait(inputs), stdin=_values(inputs))
        except HelmError as error:
            if self._metadata(inputs) is None:
                raise
            raise self._half_made(inputs, request.news, error) from None
        return requests.UpdateResponse(self._deployed(inputs, request.news))

    def read(self, request: requests.ReadRequest) -> requests.ReadResponse:
        """The release as it is now, its version and values as somebody else may have left them."""
        inputs = {key: value for key, value in plain_map(request.inputs).items() if key in (*_TAKEN, *_COMPUTED)}
        if not inputs:
            raise ResourceError("the stand-in imports no releases")
        found = self._metadata(inputs)
        if found is None:
            return requests.ReadResponse()
        values = json.loads(self.helm.run("get", "values", *_named(inputs), "--output", "json")) or {}
        live = marked_map(inputs | {"version": found["version"], "values": values}, request.inputs)
        known = _state(marked_map(_old_inputs(request.properties), request.inputs), found)
        return requests.ReadResponse(request.resource_id, known | live, live)

    def delete(self, request: requests.DeleteRequest) -> None:
        """Uninstall the release and wait for the end of what it made."""
        self._need_cluster("delete")
        inputs = _old_inputs(request.properties)
        self.helm.run("uninstall", *_named(inputs), *_patience(inputs))

    def _need_cluster(self, verb: str) -> None:
        if self.unreachable:
            raise ResourceError(f"can't {verb} Helm Release with unreachable cluster: {self.unreachable}")

    def _deployed(self, inputs: Mapping[str, Any], properties: Properties) -> Properties:
        return _state(properties, self._metadata(inputs) or {})

    def _half_made(self, inputs: Mapping[str, Any], properties: Properties, error: HelmError) -> InitializationError:
        identity = _identity(inputs)
        reason = f'Helm release "{identity}" failed to initialize completely. Use Helm CLI to investigate.: {error}'
        state = self._deployed(inputs, properties)
        return InitializationError([reason], resource_id=identity, properties=state)

    def _metadata(self, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
        """What Helm knows of the release; nothing where there is none."""
        try:
            found: dict[str, Any] = json.loads(self.helm.run("get", "metadata", *_named(inputs), "--output", "json"))
        except HelmError as error:
            if _NOT_FOUND in str(error):
                return None
            raise
        return found


def _failures(inputs: Mapping[str, Any]) -> Iterator[requests.CheckFailure]:
    for key in sorted(inputs.keys() - {*_TAKEN, *_COMPUTED}):
        yield requests.CheckFailure(key, "the stand-in does not know this setting of a release")
    for key in ("name", "chart", "version"):
        if not inputs.get(key):
            yield requests.CheckFailure(key, f"the stand-in chooses none: set a {key}")


def _computed(manifest: str) -> dict[str, Any]:
    names: dict[str, list[str]] = {}
    for item in from_yaml(manifest):
        group, _, _ = item["apiVersion"].rpartition("/")
        kind = f"{item['kind']}{f'.{group}' if group else ''}/{item['apiVersion']}"
        names.setdefault(kind, []).append(_identity(item["metadata"]))
    return {"checksum": sha256(manifest.encode()).hexdigest(), "resourceNames": names}


def _difference(change: Change) -> requests.PropertyDiff:
    replacing = change.path[0] in {"name", "namespace"}
    return requests.PropertyDiff(REPLACING[change.kind] if replacing else change.kind, input_diff=True)


def _state(inputs: Properties, found: Mapping[str, Any]) -> Properties:
    """Inputs, what Helm says of the release, and the inputs again, by which the next ones are compared."""
    keys = ("appVersion", "chart", "name", "namespace", "revision", "status", "version")
    status = {key: found[key] for key in keys if key in found}
    return inputs | marked_map({"status": status} if status else {}, {}) | {_INPUTS: PropertyValue(inputs, True)}


def _old_inputs(state: Properties) -> dict[str, Any]:
    found: dict[str, Any] = plain_map(state).get(_INPUTS) or {}
    return found


def _identity(named: Mapping[str, Any]) -> str:
    return f"{named['namespace']}/{named['name']}" if named.get("namespace") else str(named["name"])


def _named(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    return (inputs["name"], "--namespace", inputs["namespace"])


def _install(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """A release, its chart, and its values on standard input."""
    repository = (inputs.get("repositoryOpts") or {}).get("repo")
    name, *namespace = _named(inputs)
    where = ("--repo", repository) if repository else ()
    return (name, inputs["chart"], *namespace, *where, "--version", inputs["version"], "--values", "-")


def _wait(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    # As Helm 3 does it, which the real provider holds.
    return (*_patience(inputs), "--server-side=false")


def _patience(inputs: Mapping[str, Any]) -> tuple[str, ...]:
    waits = () if inputs.get("skipAwait") else ("--wait=legacy",)
    return (*waits, "--timeout", f"{inputs['timeout']}s")


def _values(inputs: Mapping[str, Any]) -> str:
    return json.dumps(inputs.get("values") or {})
