"""Writes the facts that the schema checks judge by: `make schemas`.

Each file under `gitops/schemas/data/` is one version of one kind of custom resource, and under
`gitops/schemas/charts/` the keys of one chart's values, with the Go module that it comes from. Of the charts that are
in no Go module the files are kept by hand.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from gitops.objects import Manifest
from gitops.schemas.facts import facts_of
from sandbox.chart_values import chart_values
from sandbox.crds import FOLDERS
from sandbox.modules import downloaded

_PACKAGE: Final = Path(__file__).parent.parent / "gitops" / "schemas"
_WIDTH: Final = 120
# Its licence is the AGPL: what its fields are is a fact, its expressions are text.
_WITHOUT_EXPRESSIONS: Final = frozenset({"flux-operator"})


def schemas() -> dict[str, str]:
    """The files by path in the package; ModuleError when a module cannot be had."""
    roots = downloaded(folder.module for folders in FOLDERS.values() for folder in folders)
    kinds = {
        f"data/{name}.json": facts
        for addon, folders in FOLDERS.items()
        for folder in folders
        for crd in folder.manifests(roots[folder.module])
        for name, facts in _kinds(addon, str(folder.module), crd)
    }
    charts = {f"charts/{name}.json": facts for name, facts in chart_values(roots)}
    return {path: as_json(facts) + "\n" for path, facts in (kinds | charts).items()}


def as_json(value: Any, indent: str = "") -> str:
    """JSON of one line where it fits, and of one line for each member where it does not."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) <= _WIDTH or not isinstance(value, Mapping):
        return line
    inner = indent + " "
    members = (f"{inner}{json.dumps(name)}: {as_json(item, inner)}" for name, item in value.items())
    return "{\n" + ",\n".join(members) + "\n" + indent + "}"


def _kinds(addon: str, module: str, crd: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    expressions = addon not in _WITHOUT_EXPRESSIONS
    marked = {} if expressions else {"expressions": False}
    for name, facts in facts_of(crd, expressions=expressions).items():
        yield name, {"module": module, **marked, **facts}


def main() -> None:
    """Write all files anew."""
    files = schemas()
    shutil.rmtree(_PACKAGE / "data", ignore_errors=True)
    for name, text in files.items():
        path = _PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
