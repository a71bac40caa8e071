"""What is kept of an object in Pulumi's state: the object as it was last seen, and the inputs that it came from."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue

from gitops.objects import Manifest
from sandbox.plugins.kubernetes.annotations import annotation
from sandbox.plugins.properties import Properties, marked_map, plain_map

_INPUTS: Final = "__inputs"
_MANAGER: Final = "__fieldManager"
_VERSION: Final = "__initialApiVersion"
_MARKS: Final = (_INPUTS, _MANAGER, _VERSION)
_SERVER_METADATA: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """The state of one object, as it is read back."""

    live: Manifest
    inputs: Manifest
    field_manager: str
    initial_api_version: str

    @classmethod
    def parse(cls, properties: Properties) -> "State":
        """The state that `checkpoint` wrote; a resource that is being imported has none yet."""
        values = plain_map(properties)
        return cls(
            live={key: value for key, value in values.items() if key not in _MARKS},
            inputs=values.get(_INPUTS) or {},
            field_manager=values.get(_MANAGER) or new_field_manager(),
            initial_api_version=values.get(_VERSION) or values.get("apiVersion") or "",
        )


def new_field_manager() -> str:
    """A manager for server-side apply, of this resource alone."""
    return f"pulumi-kubernetes-{secrets.token_hex(4)}"


def field_manager(inputs: Mapping[str, Any], state: State | None = None) -> str:
    """The manager that the object names, else the one of the state, else a new one."""
    return annotation(inputs, "patchFieldManager") or (state.field_manager if state else new_field_manager())


def checkpoint(
    live: Manifest, inputs: Manifest, like: Properties, *, manager: str, initial_api_version: str
) -> Properties:
    """The state of an object: secret where its inputs (`like`) are, and where a Secret holds what its name says."""
    metadata = {key: value for key, value in live["metadata"].items() if key != "managedFields"}
    properties = marked_inputs(live | {"metadata": metadata}, like)
    properties[_INPUTS] = PropertyValue(marked_inputs(inputs, like))
    properties[_MANAGER] = PropertyValue(manager)
    properties[_VERSION] = PropertyValue(initial_api_version)
    return properties


def marked_inputs(manifest: Manifest, like: Properties) -> Properties:
    """A manifest as properties, with its secrets marked."""
    properties = marked_map(manifest, like)
    if manifest.get("kind") == "Secret":
        for key in ("data", "stringData"):
            properties |= {key: properties[key].with_secret(True)} if key in properties else {}
    return properties


def identity(manifest: Mapping[str, Any]) -> str:
    """Pulumi's id of an object: `namespace/name`, or `name` where there are no namespaces."""
    metadata = manifest["metadata"]
    namespace, name = metadata.get("namespace"), metadata["name"]
    return f"{namespace}/{name}" if namespace else str(name)


def pruned(live: Any, shape: Any) -> Any:
    """The live value cut to the fields that the inputs have, so that what others set is no difference."""
    if isinstance(live, Mapping) and isinstance(shape, Mapping):
        return {key: pruned(live[key], shape[key]) for key in live if key in shape}
    if not (isinstance(live, list) and isinstance(shape, list)):
        return live
    if live and shape and type(live[0]) is not type(shape[0]):
        return live
    return [pruned(item, twin) for item, twin in zip(live, shape, strict=False)]


def normalized(inputs: Manifest) -> Manifest:
    """Inputs in the form in which the API server gives them back."""
    found = dict(inputs)
    if "metadata" in found:
        found["metadata"] = {key: value for key, value in found["metadata"].items() if key not in _SERVER_METADATA}
    if found.get("kind") == "Secret" and isinstance(found.get("stringData"), Mapping):
        encoded = {
            key: base64.b64encode(text.encode()).decode()
            for key, text in found.pop("stringData").items()
            if isinstance(text, str)
        }
        found["data"] = (found.get("data") or {}) | encoded
    return found


def imported(live: Manifest) -> Manifest:
    """Inputs for an object that Pulumi did not create: all that is not the API server's own."""
    return normalized({key: value for key, value in live.items() if key != "status"})
