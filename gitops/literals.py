"""Text that is another language's template: what can be no variable of Flux's is escaped by itself."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gitops.flux import HelmRelease
from gitops.objects import ConfigMap, KubernetesObject, Unstructured

# `${1}`, `${{ … }}`, `${}`; Grafana's own `${__from}`; and `${a.b}`, `${a[0]}` or `${a(…)}` of programs. Flux refuses
# all of them, so none can be meant for it. `${#name}` is a length, and `${name }` most likely a slip.
_FOREIGN: Final = re.compile(r"(\$+)(?=\{(?:[^A-Za-z_#]|__|[A-Za-z_][A-Za-z0-9_]*[.\[(|+?!*@]))")


def with_literals(item: KubernetesObject) -> KubernetesObject:
    """The object with such text escaped, wherever its content is free-form."""
    match item:
        case HelmRelease():
            return replace(item, spec=replace(item.spec, values=_escaped(item.spec.values)))
        case Unstructured():
            return replace(item, fields=_escaped(item.fields))
        case ConfigMap():
            return replace(item, data=_escaped(item.data))
        case _:
            return item


def escaped(text: str) -> str:
    """The text with a dollar sign more before every brace that Flux could not read."""
    # Dollars come in pairs; just the last of an odd number starts an expression.
    return _FOREIGN.sub(lambda match: match.group() + "$" * (len(match.group()) % 2), text)


def _escaped(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_escaped(item) for item in value)
    return escaped(value) if isinstance(value, str) else value
