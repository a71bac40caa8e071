"""Objects as templates of the Flux Operator's ResourceSets.

The operator writes a template as YAML, fills it in as Go's text/template does with `<<` and `>>`, and reads the result.
But for the syntax that is Flux's own substitution: `${name}` becomes `<< inputs.name >>`, and a field that is nothing
else becomes the number or list that the input spells.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gitops import flux_yaml
from gitops.envsubst_syntax import Expansion, Part, TemplateError, parse
from gitops.objects import Manifest, thaw
from gitops.substitution import opted_out, substitute

# A `<` at the end of a text could meet the `<<` of an action.
_OPENING: Final = re.compile(r"<{2,}|<\Z")
_INPUT: Final = re.compile(r"<< inputs\.(\w+) >>")
_ACTION: Final = re.compile(rf"{_INPUT.pattern}|<< `(<+)` >>|<</\*.*?\*/>>")
# Plain `<<` as a key is YAML's merge; a comment that holds a colon and a space makes every writer quote the text.
_QUOTED: Final = "<</* : */>>"


def template(manifest: Mapping[str, Any], variables: Mapping[str, str]) -> Manifest:
    """The template that makes the object which Flux's substitution would make.

    An object in which an expansion does more than stand for a value, like `${name:-default}`, is substituted here, and
    so follows its variables only when it is registered again. SubstitutionError where Flux would refuse the text.
    """
    plain: Manifest = thaw(manifest)
    templated = not opted_out(plain) and all(map(_is_simple, _texts(plain)))
    source = plain if templated else substitute(plain, variables)
    changed: Manifest = _changed(source, _templated if templated else _escaped)
    return changed


def uses_inputs(resource: Mapping[str, Any]) -> bool:
    """Whether a template needs any input."""
    return any(_INPUT.search(text) for text in _texts(resource))


def build(resource: Mapping[str, Any], inputs: Mapping[str, str]) -> Manifest:
    """The object that the operator makes of a template that `template` wrote."""

    def filled(match: re.Match[str]) -> str:
        name, literal = match.groups(default="")
        return inputs[name] if name else literal

    return flux_yaml.read(_ACTION.sub(filled, flux_yaml.write(thaw(resource))))


def _is_simple(text: str) -> bool:
    try:
        return not any(isinstance(part, Expansion) and part.operator for part in parse(text))
    except TemplateError:
        return False


def _templated(text: str) -> str:
    return _quoted("".join(map(_action, parse(text))))


def _escaped(text: str) -> str:
    return _quoted(_action(text))


def _action(part: Part) -> str:
    if isinstance(part, Expansion):
        return f"<< inputs.{part.name} >>"
    return _OPENING.sub(lambda match: f"<< `{match[0]}` >>", part)


def _quoted(text: str) -> str:
    return f"{_QUOTED}{text}" if text == "<< `<<` >>" else text


def _texts(value: Any) -> Iterator[str]:
    """Every text, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): _changed(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_changed(item, change) for item in value]
    return value
