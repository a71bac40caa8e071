"""Go modules as a source of files: downloaded and verified by Go itself, read where Go keeps them."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from gitops.errors import GitOpsError, Problem

TOOLS: Final = Path(__file__).parent / "tools"
"""The Go modules that pin what the sandbox runs, one a folder."""


class ModuleError(GitOpsError):
    """Go is missing, or did not bring a module as it is pinned."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Module:
    """A Go module at one exact version.

    Attributes:
        path: Its import path.
        version: With the `v`, as Go spells it.
        sum: Go's hash of its files, `h1:…`.
    """

    path: str
    version: str
    sum: str

    @override
    def __str__(self) -> str:
        return f"{self.path}@{self.version}"


def pinned(path: str, folder: str = "platform") -> Module:
    """The module as a folder of the sandbox's tools pins it; KeyError when that does not use it."""
    version = _match(rf"^(?:require)?\s+{re.escape(path)} (v\S+)", f"{folder}/go.mod", path)
    checksum = _match(rf"^{re.escape(path)} {re.escape(version)} (h1:\S+)", f"{folder}/go.sum", path)
    return Module(path=path, version=version, sum=checksum)


def downloaded(modules: Iterable[Module]) -> dict[Module, Path]:
    """The folders that hold the modules' files; ModuleError with every module that cannot be had."""
    wanted = tuple(modules)
    if not wanted:
        return {}
    answers = {answer["Path"]: answer for answer in _download(wanted)}
    problems = tuple(problem for module in wanted for problem in _problems(module, answers.get(module.path, {})))
    if problems:
        raise ModuleError(problems)
    return {module: Path(answers[module.path]["Dir"]) for module in wanted}


def _match(pattern: str, file: str, path: str) -> str:
    found = re.search(pattern, (TOOLS / file).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise KeyError(path)
    return found[1]


def _download(modules: Iterable[Module]) -> Iterator[dict[str, Any]]:
    command = ["go", "mod", "download", "-json", *map(str, modules)]
    try:
        # In the root folder, so in no module whose files Go would change.
        done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)  # noqa: S603 — a list of pins
    except FileNotFoundError:
        raise ModuleError([_problem("go", "Go is not installed", "install Go: https://go.dev/doc/install")]) from None
    if not done.stdout:
        said = done.stderr.strip() or "it gave no reason"
        raise ModuleError([_problem("go mod download", said, "make `go version` work")])
    yield from _documents(done.stdout)


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, rest = json.JSONDecoder(), text.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        yield document
        rest = rest[end:].lstrip()


def _problems(module: Module, answer: dict[str, Any]) -> Iterator[Problem]:
    if "Sum" not in answer:
        said = " ".join(answer.get("Error", "Go did not mention it").split())
        yield _problem(str(module), said, "let this machine reach a Go module proxy (GOPROXY), then run it again")
    elif answer["Sum"] != module.sum:
        what = f"its hash is {answer['Sum']}, and {module.sum} is pinned"
        yield _problem(str(module), what, "find out who changed it; pin the new hash only if upstream says so")


def _problem(where: str, what: str, fix: str) -> Problem:
    return Problem(rule="sandbox/module", where=where, what=what, fix=fix)
