"""Where a field stands in YAML text: its line, with a caret under it."""

from dataclasses import dataclass

import yaml


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """One line of a text; line and column count from 1."""

    line: int
    column: int
    width: int
    text: str


def excerpt(text: str, field: str) -> Excerpt | None:
    """The line of a field path like `spec.hosts[0]` in a YAML mapping, or of the nearest above it that is there.

    There is none where not even the first key is there, or where the text is no YAML.
    """
    try:
        found = _found(yaml.compose(text, Loader=yaml.CSafeLoader), field, None)
    except yaml.YAMLError:
        return None
    if found is None:
        return None
    mark = found.start_mark
    line = text.splitlines()[mark.line]
    width = found.end_mark.column - mark.column if found.end_mark.line == mark.line else len(line) - mark.column
    return Excerpt(line=mark.line + 1, column=mark.column + 1, width=max(width, 1), text=line)


def _found(node: yaml.Node | None, path: str, nearest: yaml.Node | None) -> yaml.Node | None:
    """The key or list item that a path leads to; keys may hold dots, so the longest that fits is taken."""
    rest = path.removeprefix(".")
    if isinstance(node, yaml.MappingNode):
        keys = {key.value: (key, value) for key, value in node.value if rest.startswith(str(key.value))}
        for name in sorted((name for name in keys if _ends(rest, name)), key=len, reverse=True):
            return _found(keys[name][1], rest.removeprefix(name), keys[name][0])
    if isinstance(node, yaml.SequenceNode) and rest.startswith("["):
        index, _, after = rest[1:].partition("]")
        if int(index) < len(node.value):
            return _found(node.value[int(index)], after, node.value[int(index)])
    return nearest


def _ends(path: str, key: str) -> bool:
    return path[len(key) : len(key) + 1] in {"", ".", "["}
