"""Variables and addresses: renamed, moved, or of a type that nobody wants."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from gitops.declared import DeclaredObject
from gitops.objects import ConfigMap, Manifest, Metadata
from gitops.platform import Platform
from gitops.substitution import variables_used
from tests.breaking.breakage import Breakage, bundled, with_manifest
from tests.support.platforms import STRICT
from tests.support.stacks import stack_config

VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "dns_ip": ("192.168.20.67", "192.168.21.66", "192.168.20.300", "fd00::1", "66"),
    "ingress_ip": ("192.168.20.66", "10.0.0.1", "192.168.20.64", "ingress"),
    "domain": ("k8s_home.org", "K8s.org.", "a b.org", "8"),
    "mgmt_domain": ("mgmt_home.org", "a b.org"),
    "load_balancer_pool": ("192.168.20.126-192.168.20.65", "192.168.20.65", "192.168.20.0/33", "10.1.0.0-10.1.0.9"),
    "storage_replica": ("0", "two", "1.5", "-1"),
    "cluster_name": ("1e3", "8", "true", "null", "0x1F"),
}
"""Wrong values of each variable, as they may be written into the ConfigMap by hand or by a wrong config."""


def breakages() -> Iterator[Breakage]:
    """Each variable of odyssey, broken where it is declared and where it is used."""
    for index, config_map in enumerate(STRICT.variables):
        for name in config_map.data:
            yield Breakage("rename a variable", f"{config_map.metadata.name}: {name}", _renamed(index, name))
        moved = replace(config_map, metadata=Metadata(name=config_map.metadata.name, namespace="default"))
        yield Breakage("swap a namespace", config_map.metadata.name, _with_variables(index, moved))
    for name, values in VALUES.items():
        for value in values:
            data = {**STRICT.variables[0].data, name: value}
            changed = replace(STRICT.variables[0], data=data)
            yield Breakage("set a variable to nonsense", f"{name}: {value}", _with_variables(0, changed))
            cluster_vars = stack_config("odyssey")["homelab:cluster_vars"] | {name: value}
            yield Breakage("set a key to nonsense", f"{name}: {value}", {"cluster_vars": cluster_vars})
    for item in bundled():
        for name in sorted(variables_used(item.manifest)):
            yield Breakage("misspell a variable", f"{item.key}: {name}", _misspelled(item, name))


def _renamed(index: int, name: str) -> Platform:
    data = {(f"{key}_" if key == name else key): value for key, value in STRICT.variables[index].data.items()}
    return _with_variables(index, replace(STRICT.variables[index], data=data))


def _with_variables(index: int, config_map: ConfigMap) -> Platform:
    variables = (*STRICT.variables[:index], config_map, *STRICT.variables[index + 1 :])
    return replace(STRICT, variables=variables)


def _misspelled(item: DeclaredObject, name: str) -> Platform:
    def change(manifest: Manifest) -> None:
        manifest |= {key: _replaced(value, name) for key, value in manifest.items() if key != "metadata"}

    return with_manifest(item, change)


def _replaced(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, name) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, name) for item in value]
    return value.replace(f"${{{name}}}", f"${{{name}s}}") if isinstance(value, str) else value
