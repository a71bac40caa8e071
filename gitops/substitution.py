"""Flux's post-build substitution of variables in an object, as kustomize-controller does it.

It works on the YAML text of each object and parses the result, so a field that is nothing but `${replicas}`
becomes the number that the variable spells. Writing and reading follow sigs.k8s.io/yaml v1.6.0, not PyYAML: `1e3` and
`08` are numbers, `y` is a boolean, dates and `22:22` are text, and every key is text.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import yaml

from gitops.envsubst import TemplateError, evaluate, references
from gitops.errors import Problem, SubstitutionError
from gitops.objects import Manifest, object_key, thaw

SUBSTITUTE: Final = "kustomize.toolkit.fluxcd.io/substitute"
_VARIABLE: Final = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")

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
    return dumper.represent_scalar(_TEXT, value, style=None if isinstance(_typed(value), str) else '"')


_Dumper.yaml_implicit_resolvers = {}
for _type in (str, bool, int, float, type(None)):
    _Dumper.add_representer(_type, _written)
_Loader.yaml_implicit_resolvers = {None: [(_PLAIN, re.compile(""))]}


def opted_out(manifest: Mapping[str, Any]) -> bool:
    """Whether a label or annotation keeps Flux from substituting in this object."""
    metadata = manifest["metadata"]
    return any((metadata.get(field) or {}).get(SUBSTITUTE) == "disabled" for field in ("labels", "annotations"))


def variables_used(manifest: Mapping[str, Any]) -> frozenset[str]:
    """The names of the variables in an object; none where its text is malformed or not substituted."""
    if opted_out(manifest):
        return frozenset()
    return frozenset(name for _, text in _texts("", manifest) for name in _references(text))


def substitute(manifest: Mapping[str, Any], variables: Mapping[str, str], *, strict: bool = True) -> Manifest:
    """The object with its variables replaced; SubstitutionError with every text that Flux would refuse."""
    plain: Manifest = thaw(manifest)
    texts = tuple(_texts("", plain))
    if opted_out(plain) or not texts:
        return plain
    values = {name: value.replace("\n", "") for name, value in variables.items()}
    problems = (*_bad_names(values), *_bad_texts(plain, texts, values, strict=strict))
    if problems:
        raise SubstitutionError(problems)
    return _replaced(plain, values, strict=strict)


def _texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text with a dollar sign in it, keys too, with its field path."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(path, key)
            yield from _texts(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _texts(f"{path}[{index}]", item)
    elif isinstance(value, str) and "$" in value:
        yield path, value


def _references(text: str) -> frozenset[str]:
    try:
        return references(text)
    except TemplateError:
        return frozenset()


def _bad_names(values: Mapping[str, str]) -> Iterator[Problem]:
    for name in values:
        if not _VARIABLE.fullmatch(name):
            yield Problem(
                rule="variables/name",
                where=f"variable {name!r}",
                what=f"{name!r} is no name for a variable, and fails every object that uses any",
                fix="use letters, digits and '_', not starting with a digit",
            )


def _bad_texts(
    manifest: Manifest, texts: tuple[tuple[str, str], ...], values: Mapping[str, str], *, strict: bool
) -> Iterator[Problem]:
    for path, text in texts:
        try:
            evaluate(text, values, strict=strict)
        except TemplateError as error:
            yield Problem(
                rule="variables/substitution",
                where=f"{object_key(manifest)}: {path}",
                object=object_key(manifest),
                field=path,
                what=str(error),
                fix=f"declared are {', '.join(sorted(values)) or 'none'}; for a literal dollar write $$",
            )


def _replaced(manifest: Manifest, values: Mapping[str, str], *, strict: bool) -> Manifest:
    try:
        text = evaluate(_yaml(manifest), values, strict=strict)
        replaced: Manifest = _data(next(yaml.compose_all(text, Loader=_Loader)))
    except TemplateError as error:
        what = f"the object's YAML is no template, as it escapes characters: {error}"
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        what = f"the object is no YAML any more once its variables are replaced: {getattr(error, 'problem', error)}"
    else:
        return replaced
    fix = "quote the variable's value as YAML, or keep it out of the middle of quoted text"
    key = object_key(manifest)
    raise SubstitutionError([Problem(rule="variables/substitution", where=str(key), object=key, what=what, fix=fix)])


def _yaml(manifest: Manifest) -> str:
    text: str = yaml.dump(
        manifest, Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=2**31 - 1
    )
    return text


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
