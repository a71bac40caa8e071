"""What counts as a guard, and what its removal makes of it."""

import ast
from pathlib import Path

import pytest

from tests.guards.guard import guards, without


@pytest.mark.parametrize(
    ("source", "removed"),
    [
        ("if a:\n    b()", {"never `a`": "if False:\n    b()", "always `a`": "if True:\n    b()"}),
        ("b if a else c", {"never `a`": "b if False else c", "always `a`": "b if True else c"}),
        ("[b for b in c if b if a]", {"without `b`": "[b for b in c if a]", "without `a`": "[b for b in c if b]"}),
        ("a and b", {"without `a`": "b and b", "without `b`": "a and a"}),
        ("a or b or c", {"without `a`": "b or c", "without `b`": "a or c", "without `c`": "a or b"}),
        (
            "match a:\n    case b if c:\n        pass",
            {"without `c`": "match a:\n    case b:\n        pass"},
        ),
        ("if TYPE_CHECKING:\n    import a", {}),
    ],
)
def test_each_part_of_a_condition_is_removed_in_turn(tmp_path: Path, source: str, removed: dict[str, str]) -> None:
    file = tmp_path / "source.py"
    file.write_text(source, encoding="utf-8")
    found = {guard.change: ast.unparse(without(guard)) for guard in guards(file)}
    assert found == removed
    for text in found.values():
        compile(text, "", "exec")


def test_a_guard_knows_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "source.py"
    file.write_text("a = 1\nif (\n    a\n    > 0\n):\n    pass\n", encoding="utf-8")
    never, always = guards(file)
    assert (never.lines, always.lines) == (range(3, 5), range(3, 5))
    assert str(never) == f"{file}:3: never `a > 0`"
