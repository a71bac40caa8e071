"""The keys of charts' values, from the charts that are inside the Go modules of the add-ons' CRDs."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path
from typing import Any, Final

from gitops.documents import from_yaml
from sandbox.crds import ADDONS
from sandbox.modules import Module

_FOLDERS: Final = {
    "cilium": "install/kubernetes/cilium",
    "cert-manager": "deploy/charts/cert-manager",
    "trust-manager": "deploy/charts/trust-manager",
    "metallb": "charts/metallb",
}
"""External Secrets is missing: the module is older than the chart."""

_COMMENTED: Final = re.compile(r"^# ?([a-z][A-Za-z0-9]*):(?:\s|$)", re.MULTILINE)
_PROSE: Final = frozenset({"type", "ref", "enum", "http", "https"})
# Below these is what Kubernetes defines, or names that users choose.
_OPEN: Final = re.compile(
    r"(resources|securitycontext|affinity|probe|strategy|selector|labels|annotations|capabilities|extraargs|config)$",
    re.IGNORECASE,
)


def chart_values(roots: Mapping[Module, Path]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each chart's name and the facts of its values."""
    for chart, folder in _FOLDERS.items():
        module = ADDONS[chart].module
        yield (
            chart,
            {
                "version": _version(chart, module),
                "evidence": f"{module} {folder}/values.yaml and values.schema.json",
                "complete": True,
                "values": _keys(roots[module] / folder),
            },
        )


def _version(chart: str, module: Module) -> str:
    """A module's version as the chart spells it."""
    return module.version if chart.endswith("-manager") else module.version.removeprefix("v")


def _keys(folder: Path) -> dict[str, Any]:
    text = (folder / "values.yaml").read_text(encoding="utf-8")
    schema = json.loads((folder / "values.schema.json").read_text(encoding="utf-8"))
    commented = {name: None for name in _COMMENTED.findall(text) if name not in _PROSE}
    return _merged(_merged(commented, _of_schema(schema, schema)), _of_values(next(from_yaml(text))))


def _of_values(values: Mapping[str, Any]) -> dict[str, Any]:
    closed = (
        (name, value) if isinstance(value, dict) and not _is_open(name, value) else (name, {})
        for name, value in values.items()
    )
    return {name: _of_values(value) or None for name, value in closed}


def _of_schema(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a schema; its references are into itself."""
    target = reduce(lambda node, part: node[part], schema.get("$ref", "#").split("/")[1:], root)
    fields = (target if "$ref" in schema else schema).get("properties", {})
    return {name: None if _OPEN.search(name) else _of_schema(item, root) or None for name, item in fields.items()}


def _is_open(name: str, value: Mapping[str, Any]) -> bool:
    return bool(_OPEN.search(name)) or any("." in key or "/" in key for key in value)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of both; what is open in the one that names a key is closed by the other."""
    names = sorted({*one, *other})
    return {name: _merged(one.get(name) or {}, other.get(name) or {}) or None for name in names}
