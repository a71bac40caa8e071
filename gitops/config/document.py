"""A stack file's text as plain data, with the line of every key."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import yaml

from gitops.errors import ConfigError, Problem
from gitops.values import shown

Path: TypeAlias = tuple[str | int, ...]

_MAXIMUM_SIZE: Final = 256 * 1024
_MAXIMUM_DEPTH: Final = 32
_MAXIMUM_NUMBER: Final = 2**53
_DIGITS: Final = 20
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_NUMBER: Final = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_TEXT_TAG: Final = "tag:yaml.org,2002:str"
_NUMBER_TAGS: Final = frozenset({"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"})
_ENDLESS: Final = frozenset({".inf", ".nan"})
_CONSTANT_TAGS: Final = frozenset({"tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"})
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(slots=True)
class Document:
    """What a stack file holds.

    Attributes:
        file: Its name.
        data: The values.
        lines: The line of each key, by path.
        problems: What is wrong with single values, each with its line.
    """

    file: str
    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[tuple[int, Problem]] = field(default_factory=list)

    def where(self, path: Path) -> str:
        """A path for people, with file and line; the nearest line above it where it has none itself."""
        source = self.source(path)
        return f"{source}: {spelled(path)}" if path else source

    def source(self, path: Path) -> str:
        """File and line of a path, or of the nearest above it; the file alone where there is none."""
        line = self._line(path)
        return self.file if line is None else f"{self.file}:{line}"

    def sorted(self) -> tuple[Problem, ...]:
        """The problems in the order of the file, each once."""
        return tuple(dict.fromkeys(problem for _, problem in sorted(self.problems, key=lambda item: item[0])))

    def add(self, rule: str, path: Path, what: str, fix: str, *, confidential: bool = False) -> None:
        """Note what is wrong with a value, which is not to be shown where it is confidential."""
        problem = Problem(
            rule=f"config/{rule}",
            where=self.where(path),
            field=spelled(path),
            source=self.source(path),
            what=what,
            fix=fix,
            confidential=confidential,
        )
        self.problems.append((self._line(path) or 0, problem))

    def _line(self, path: Path) -> int | None:
        ends = range(len(path), 0, -1)
        return next((self.lines[path[:end]] for end in ends if path[:end] in self.lines), None)


def spelled(path: Path) -> str:
    """A path as people write it: `homelab:network.pod_cidr`, `homelab:shards[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text.removeprefix("config.")


def stack_file_name(stack: str) -> str:
    """Name of a stack's file."""
    return f"Pulumi.{stack}.yaml"


def read_document(text: str, file: str) -> Document:
    """Parse a stack file; ConfigError when it cannot be read as one YAML mapping."""
    if len(text.encode(errors="replace")) > _MAXIMUM_SIZE:
        raise _refused(file, "size", f"it has {len(text)} characters", "keep a stack file under 256 KiB")
    try:
        _refuse_shapes(text, file)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeEncodeError) as error:
        raise _invalid(error, file) from None
    document = Document(file=file)
    if not isinstance(node, yaml.MappingNode):
        what = "it is empty" if node is None else "it is no mapping of keys to values"
        raise _refused(file, "empty", what, "start it with config:, and homelab:cluster_vars under it")
    document.data = _constructed(node, (), document)
    return document


def _refuse_shapes(text: str, file: str) -> None:
    """What a reader could not follow, or what grows when it is read, is refused before it is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if getattr(event, "anchor", None):
            raise _refused(_at(event, file), "alias", "YAML anchors and aliases are not read", "write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAXIMUM_DEPTH:
            raise _refused(
                _at(event, file), "depth", f"values nest deeper than {_MAXIMUM_DEPTH} levels", "flatten them"
            )


def _at(event: yaml.Event, file: str) -> str:
    return f"{file}:{event.start_mark.line + 1}" if event.start_mark else file


def _constructed(node: yaml.Node, path: Path, document: Document) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key: _constructed(value, (*path, key), document) for key, value in _pairs(node, path, document)}
    if isinstance(node, yaml.SequenceNode):
        return [_constructed(item, (*path, index), document) for index, item in enumerate(node.value)]
    return _scalar(node, path, document)


def _pairs(node: yaml.MappingNode, path: Path, document: Document) -> Iterator[tuple[str, yaml.Node]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
        document.lines.setdefault((*path, key), key_node.start_mark.line + 1)
        if key in seen:
            document.add("duplicate-key", (*path, key), f"{shown(key)} is there twice", "keep one of the two")
        elif not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _TEXT_TAG:
            document.add("key", (*path, key), f"{shown(key)} is no text", "quote the key")
        else:
            yield key, value_node
        seen.add(key)


def _scalar(node: yaml.Node, path: Path, document: Document) -> Any:
    """A scalar as Pulumi reads it, which knows less of YAML's guesses: `yes` is text, and so is 1_000."""
    text: str = node.value
    if node.tag in _CONSTANT_TAGS and text.lower() in _CONSTANTS:
        return _CONSTANTS[text.lower()]
    if node.tag in _NUMBER_TAGS and (_NUMBER.fullmatch(text) or text.strip("+-").lower() in _ENDLESS):
        return _number(text, path, document)
    return text


def _number(text: str, path: Path, document: Document) -> int | float:
    # Python spells the endless ones without a dot, and takes its time for integers of thousands of digits.
    short = _INTEGER.fullmatch(text) and len(text) < _DIGITS
    value = int(text) if short else float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if not math.isfinite(value) or abs(value) > _MAXIMUM_NUMBER:
        document.add("number", path, f"{shown(text)} is too large a number", "quote it, if it is meant as text")
    return value


def _invalid(error: Exception, file: str) -> ConfigError:
    mark = getattr(error, "problem_mark", None)
    where = f"{file}:{mark.line + 1}" if mark else file
    what = getattr(error, "problem", None) or getattr(error, "reason", None)
    return _refused(
        where, "yaml", f"it is no valid YAML: {what}", "mend the line: indent with spaces, and quote what is odd"
    )


def _refused(where: str, rule: str, what: str, fix: str) -> ConfigError:
    return ConfigError([Problem(rule=f"config/{rule}", where=where, source=where, what=what, fix=fix)])
