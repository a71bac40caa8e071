"""Fields that cannot change in place: the object is replaced, as the real provider does it."""

from collections.abc import Mapping
from typing import Any, Final

from sandbox.plugins.changes import Path
from sandbox.plugins.kubernetes.configuration import Configuration

_METADATA: Final = ("metadata.name", "metadata.namespace")
_SELECTOR: Final = ("spec.selector",)
_ROLE_REF: Final = ("roleRef",)
_FIELDS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("v1", "ConfigMap"): ("data", "binaryData"),
    ("v1", "Secret"): ("data", "stringData", "type"),
    ("v1", "Service"): ("spec.clusterIP",),
    ("v1", "PersistentVolumeClaim"): ("spec",),
    ("v1", "ResourceQuota"): ("spec.scopes",),
    ("apps/v1", "Deployment"): _SELECTOR,
    ("apps/v1", "DaemonSet"): _SELECTOR,
    ("apps/v1", "StatefulSet"): (
        *_SELECTOR,
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch/v1", "Job"): (*_SELECTOR, "spec.completions", "spec.parallelism", "spec.template"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): _ROLE_REF,
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): _ROLE_REF,
    ("storage.k8s.io/v1", "StorageClass"): ("parameters", "provisioner"),
}


def immutable_fields(inputs: Mapping[str, Any], configuration: Configuration) -> tuple[Path, ...]:
    """The fields of an object whose change replaces it."""
    kind = (inputs["apiVersion"], inputs["kind"])
    mutable = (kind == ("v1", "ConfigMap") and configuration.config_map_mutable) or (
        kind == ("v1", "Secret") and configuration.secret_mutable
    )
    # One that is frozen cannot be changed in place, whatever the provider is told.
    own = () if mutable and inputs.get("immutable") is not True else _FIELDS.get(kind, ())
    return tuple(tuple(field.split(".")) for field in (*_METADATA, *own))


def replaces(path: Path, value: Any, fields: tuple[Path, ...]) -> bool:
    """Whether a change at `path` to `value` touches one of the fields, above or below."""
    return any(_touches(path, value, field) for field in fields)


def _touches(path: Path, value: Any, field: Path) -> bool:
    if path[: len(field)] == field:
        return True
    if field[: len(path)] != path:
        return False
    for key in field[len(path) :]:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True
