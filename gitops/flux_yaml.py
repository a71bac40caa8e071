"""An object's YAML as Flux and the Flux Operator write it before they fill it in, and read it after.

Follows sigs.k8s.io/yaml v1.6.0, not PyYAML: `1e3` and `08` are numbers, `y` is a boolean, dates and `22:22` are text,
and every key is text.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import yaml

from gitops.objects import Manifest

_Scalar: TypeAlias = str | int | float | bool | None
_TEXT: Final = "tag:yaml.org,2002:str"
_PLAIN: Final = "!plain"
_WORDS: Final[Mapping[str, _Scalar]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((sign + word for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")), math.inf),
}
_DECIMAL: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,19})")
_OCTAL: Final = re.compile(r"[-+]?0[0-7]+")
_PREFIXED: Final = re.compile(r"[-+]?0([xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class _Dumper(yaml.CSafeDumper):
    """Writes text plain wherever it is read as the same text, so that what replaces it is typed anew."""


class _Loader(yaml.CSafeLoader):
    """Tells plain text, of any type, from quoted text."""


def _written(dumper: _Dumper, value: _Scalar) -> yaml.ScalarNode:
    if not isinstance(value, str):
        return dumper.represent_scalar(_TEXT, json.dumps(value))
    if "\n" in value:
        return dumper.represent_scalar(_TEXT, value, style="|")
    return dumper.represent_scalar(_TEXT, value, style=None if is_text(value) else '"')


_Dumper.yaml_implicit_resolvers = {}
for _type in (str, bool, int, float, type(None)):
    _Dumper.add_representer(_type, _written)
_Loader.yaml_implicit_resolvers = {None: [(_PLAIN, re.compile(""))]}


def write(manifest: Manifest) -> str:
    """The text: plain wherever plain text is read as the same value."""
    text: str = yaml.dump(
        manifest, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=2**31 - 1
    )
    return text


def read(text: str) -> Manifest:
    """What the text says in JSON; ValueError where it is no YAML, or nothing in JSON."""
    try:
        manifest: Manifest = _data(next(yaml.compose_all(text, Loader=_Loader)))
    except (RecursionError, yaml.YAMLError) as error:
        raise ValueError(str(getattr(error, "problem", error))) from None
    return manifest


def _data(node: yaml.Node) -> Any:
    """What the node is in JSON; ValueError where it is nothing there."""
    if isinstance(node, yaml.MappingNode):
        return {_key(key): _data(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_data(item) for item in node.value]
    if node.tag == _TEXT:
        return node.value
    if node.tag != _PLAIN:
        raise ValueError("it has a YAML tag")
    value = _typed(node.value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"JSON has no number {node.value!r}")
    return value


def _key(node: yaml.Node) -> str:
    value = _data(node)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    if not isinstance(value, str) or (value == "<<" and node.tag == _PLAIN):
        raise ValueError("a key is no text")
    return value


def is_text(plain: str) -> bool:
    """Whether plain, unquoted text is read as text and nothing else."""
    return isinstance(_typed(plain), str)


def _typed(text: str) -> _Scalar:
    """What plain text means: a word, a number or itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    number = _number(text if text[0] == "." else text.replace("_", ""))
    return text if number is None else number


def _number(digits: str) -> int | float | None:
    for pattern, base in ((_DECIMAL, 10), (_OCTAL, 8), (_PREFIXED, 0)):
        if pattern.fullmatch(digits) and -(2**63) <= (number := int(digits, base)) < 2**64:
            return number
    if _FLOAT.fullmatch(digits) and math.isfinite(real := float(digits)):
        return real
    return None
