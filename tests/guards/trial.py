"""Runs tests without one guard, in a process of its own."""

import ast
import os
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import pytest
from typing_extensions import override

from tests.guards.guard import Guard, without

# Processes are forked from one that has loaded what no guard is in: that is most of a trial's time.
_CONTEXT: Final = get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__, "hypothesis", "jsonschema", "pydantic", "yaml"])

FLAGS: Final = ("-x", "-q", "--no-cov", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:xdist")


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


def fails(guard: Guard, tests: Sequence[str], patience: float) -> bool:
    """Whether one of the tests misses a guard; after so many seconds it hangs, which is a difference too."""
    process = _CONTEXT.Process(target=_run, args=(guard, tests))
    process.start()
    process.join(patience)
    process.kill()
    process.join()
    return process.exitcode != 0


def _run(guard: Guard, tests: Sequence[str]) -> None:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    sys.meta_path.insert(0, _Changed(guard.path, without(guard)))
    sys.exit(pytest.main([*FLAGS, *tests]))
