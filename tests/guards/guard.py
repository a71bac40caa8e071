"""Guards of a source file, and the file without one of them."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from typing_extensions import override


@dataclass(frozen=True)
class Guard:
    """A condition, or a part of one.

    Args:
        path: The file that holds it.
        index: Its place among the file's guards.
        change: What its removal makes of it.
        lines: The lines that it stands on.
    """

    path: Path
    index: int
    change: str
    lines: range

    @override
    def __str__(self) -> str:
        return f"{self.path}:{self.lines.start}: {self.change}"


class _Removal(NamedTuple):
    change: str
    node: ast.expr
    remove: Callable[[], object]


def guards(path: Path) -> tuple[Guard, ...]:
    """Every guard of a file."""
    removals = _removals(ast.parse(path.read_text(encoding="utf-8")))
    return tuple(
        Guard(path, index, change, range(node.lineno, (node.end_lineno or node.lineno) + 1))
        for index, (change, node, _) in enumerate(removals)
    )


def without(guard: Guard) -> ast.Module:
    """The syntax tree of a guard's file without it."""
    tree = ast.parse(guard.path.read_text(encoding="utf-8"))
    tuple(_removals(tree))[guard.index].remove()
    return ast.fix_missing_locations(tree)


def _removals(tree: ast.Module) -> Iterator[_Removal]:
    # All at once, because a removal changes what is walked.
    for node in tuple(ast.walk(tree)):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.If(test=test) | ast.IfExp(test=test):
                yield from (_constant(node, test, value=value) for value in (False, True))
            case ast.comprehension(ifs=filters):
                yield from (_part(item, partial(filters.remove, item)) for item in filters)
            case ast.BoolOp(values=operands):
                yield from (_part(item, partial(_drop, operands, item)) for item in operands)
            case ast.match_case(guard=ast.expr() as guard):
                yield _part(guard, partial(setattr, node, "guard", None))
            case _:
                pass


def _constant(node: ast.If | ast.IfExp, test: ast.expr, *, value: bool) -> _Removal:
    replaced = ast.copy_location(ast.Constant(value), test)
    change = f"{'always' if value else 'never'} `{ast.unparse(test)}`"
    return _Removal(change, test, partial(setattr, node, "test", replaced))


def _part(item: ast.expr, remove: Callable[[], object]) -> _Removal:
    return _Removal(f"without `{ast.unparse(item)}`", item, remove)


def _drop(operands: list[ast.expr], item: ast.expr) -> None:
    operands.remove(item)
    if len(operands) == 1:
        # Python takes no operator of one operand.
        operands *= 2
