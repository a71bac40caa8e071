"""The style budget and the rules of the architecture, held by a machine."""

import ast
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("gitops", "addons", "cluster", "components", "cli", "sandbox")
FORBIDDEN_NAMES = ("utils", "helpers", "manager", "common", "misc")


def _modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


PRODUCT = [*_modules(*PACKAGES), ROOT / "__main__.py"]
TESTS = _modules("tests")


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(path: Path) -> Iterator[ast.FunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _lines(function: ast.FunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _depth(node: ast.AST) -> int:
    nested = isinstance(node, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match)
    # `elif` is an `If` in the `orelse` of another one, but reads on the same level.
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.If) and len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If):
        children.remove(node.orelse[0])
        return max([_depth(node.orelse[0]), 1 + max(map(_depth, children), default=0)])
    return nested + max(map(_depth, children), default=0)


@pytest.mark.parametrize("path", [*PRODUCT, *TESTS], ids=_id)
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", PRODUCT, ids=_id)
def test_no_function_is_longer_than_40_lines(path: Path) -> None:
    assert {item.name: _lines(item) for item in _functions(path) if _lines(item) > 40} == {}


@pytest.mark.parametrize("path", _modules("components"), ids=_id)
def test_no_component_constructor_is_longer_than_25_lines(path: Path) -> None:
    constructors = [item for item in _functions(path) if item.name == "__init__"]
    assert [_lines(item) for item in constructors if _lines(item) > 25] == []


@pytest.mark.parametrize("path", PRODUCT, ids=_id)
def test_nothing_nests_deeper_than_two_levels(path: Path) -> None:
    deep = {item.name: depth for item in _functions(path) if (depth := max(map(_depth, item.body))) > 2}
    assert deep == {}


@pytest.mark.parametrize("path", PRODUCT, ids=_id)
def test_no_function_has_more_than_five_positional_parameters(path: Path) -> None:
    counts = {item.name: len([arg for arg in item.args.args if arg.arg != "self"]) for item in _functions(path)}
    assert {name: count for name, count in counts.items() if count > 5} == {}


def test_files_and_functions_keep_the_budget_of_the_whole() -> None:
    lengths = sorted(_lines(item) for path in PRODUCT for item in _functions(path))
    assert statistics.median(len(path.read_text(encoding="utf-8").splitlines()) for path in PRODUCT) <= 120
    assert statistics.median(lengths) <= 8
    assert lengths[int(len(lengths) * 0.9)] <= 25


def test_main_has_at_most_40_lines() -> None:
    assert len((ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 40


@pytest.mark.parametrize("path", [*PRODUCT, *TESTS], ids=_id)
def test_no_module_has_a_name_that_says_nothing(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", PRODUCT, ids=_id)
def test_config_is_read_in_one_place(path: Path) -> None:
    if path.name not in {"config.py", "provider.py"}:
        assert "pulumi.Config(" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _modules("gitops", "addons"), ids=_id)
def test_the_core_asks_no_clock_no_environment_and_no_network(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    # Taking a URL apart asks nobody.
    roots = {name.partition(".")[0] for name in imported - {"urllib.parse"}}
    assert roots.isdisjoint({"os", "time", "random", "socket", "subprocess", "urllib", "http", "requests"})


@pytest.mark.parametrize("path", [*PRODUCT, *TESTS], ids=_id)
def test_every_exemption_has_a_reason(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    markers = ("# noqa", "# pragma: no cover") if path != Path(__file__) else ()
    assert [line for line in lines if any(marker in line for marker in markers) and "—" not in line] == []


@pytest.mark.parametrize("path", PRODUCT, ids=_id)
def test_the_product_ignores_no_type_error(path: Path) -> None:
    assert "type: ignore" not in path.read_text(encoding="utf-8")


def test_no_file_names_a_machine() -> None:
    command = ["git", "ls-files"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    marks = ("/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/")
    texts = {name: (ROOT / name).read_text(encoding="utf-8", errors="ignore") for name in listed.stdout.split()}
    assert [name for name, text in texts.items() if any(mark in text for mark in marks)] == []
