"""Runs the tests that stdin names without one guard: `python -m tests.guards.trial FILE INDEX`."""

import ast
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from typing_extensions import override

from tests.guards.guard import without

_FLAGS = ("-x", "-q", "--no-cov", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist")


class _Changed(MetaPathFinder, InspectLoader):
    """Loads one module from a tree instead of from its file."""

    def __init__(self, path: Path, tree: ast.Module) -> None:
        self._path, self._tree = path, tree
        self._name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        inner = [str(self._path.parent)] if self.is_package(fullname) else None
        return spec_from_file_location(fullname, self._path, loader=self, submodule_search_locations=inner)

    @override
    def is_package(self, fullname: str) -> bool:
        return self._path.stem == "__init__"

    @override
    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self._path, "exec")

    @override
    def get_source(self, fullname: str) -> str:
        return self._path.read_text(encoding="utf-8")


def main() -> int:
    """Pytest's exit status."""
    path, index = Path(sys.argv[1]), int(sys.argv[2])
    sys.meta_path.insert(0, _Changed(path, without(path, index)))
    return pytest.main([*_FLAGS, *sys.stdin.read().splitlines()])


if __name__ == "__main__":
    sys.exit(main())
