"""Flux's post-build substitution of variables in an object, as kustomize-controller does it.

It works on the YAML text of each object and parses the result, so a field that is nothing but `${replicas}`
becomes the number that the variable spells.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitops import flux_yaml
from gitops.envsubst import evaluate, references
from gitops.envsubst_syntax import TemplateError
from gitops.errors import Problem, SubstitutionError
from gitops.objects import Manifest, object_key, thaw

SUBSTITUTE: Final = "kustomize.toolkit.fluxcd.io/substitute"
_VARIABLE: Final = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")


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
    # Text first: most of an object is text, and to tell a mapping takes ten times as long.
    if isinstance(value, str):
        if "$" in value:
            yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(path, key)
            yield from _texts(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _texts(f"{path}[{index}]", item)


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
        replaced = flux_yaml.read(evaluate(flux_yaml.write(manifest), values, strict=strict))
    except TemplateError as error:
        what = f"the object's YAML is no template, as it escapes characters: {error}"
    except ValueError as error:
        what = f"the object is no YAML any more once its variables are replaced: {error}"
    else:
        return replaced
    fix = "quote the variable's value as YAML, or keep it out of the middle of quoted text"
    key = object_key(manifest)
    raise SubstitutionError([Problem(rule="variables/substitution", where=str(key), object=key, what=what, fix=fix)])
