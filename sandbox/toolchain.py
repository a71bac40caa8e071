"""Finds each program of the sandbox: on PATH, else in the cache, else it is built into the cache."""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

from sandbox.errors import files_refused, refusal
from sandbox.folders import cache_folder
from sandbox.go import Go
from sandbox.lock import locked
from sandbox.modules import TOOLS, downloaded
from sandbox.programs import PROGRAMS, Program

_HASH_LENGTH: Final = 12
_SPACE: Final = 15 * 2**30
_DURATIONS: Final = "durations.json"
_ANSWERS_WITHIN: Final = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Tool:
    """A program and where it was found; `path` is nothing while it is not built yet."""

    program: Program
    path: Path | None
    origin: str


class Watcher(Protocol):
    """Who is told how far the builds are."""

    def started(self, program: Program, number: int, count: int, left: float) -> None:
        """A build starts; `left` seconds are expected for it and all that follow."""

    def finished(self, program: Program, seconds: float) -> None:
        """A build is done."""

    def waiting(self) -> None:
        """Another homelab builds, and this one waits until it is done."""


def tools() -> tuple[Tool, ...]:
    """Where each program is."""
    found: dict[str, Tool] = {}
    for program in PROGRAMS:
        found[program.name] = _found(program, found.get(program.beside))
    return tuple(found.values())


def make_available(watcher: Watcher) -> Mapping[str, Path]:
    """The paths of all programs, after building those that are nowhere."""
    if _missing():
        with files_refused(), locked(cache_folder() / "lock", busy=watcher.waiting):
            _build_all(_missing(), watcher)
    return {tool.program.name: tool.path for tool in tools() if tool.path}


def _missing() -> tuple[Program, ...]:
    return tuple(tool.program for tool in tools() if tool.path is None)


def _found(program: Program, owner: Tool | None) -> Tool:
    if (on_path := _on_path(program, owner)) is not None:
        return Tool(program=program, path=on_path, origin="PATH")
    cached = _binary(program)
    if cached.exists():
        return Tool(program=program, path=cached, origin="cache")
    return Tool(program=program, path=None, origin="to be built")


def _on_path(program: Program, owner: Tool | None) -> Path | None:
    found = shutil.which(program.name)
    if found is None:
        return None
    if owner is not None:
        return Path(found) if owner.origin == "PATH" else None
    return Path(found) if program.minimum and _is_compatible(program, found, program.minimum) else None


def _is_compatible(program: Program, path: str, minimum: tuple[int, int]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 — asks a program of the user's own PATH for its version
            [path, *program.version_arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_ANSWERS_WITHIN,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    version = re.search(r"(\d+)\.(\d+)\.\d+", done.stdout)
    return version is not None and minimum <= (int(version[1]), int(version[2])) < (minimum[0] + 1, 0)


def _folder(module: str) -> Path:
    """The module's folder in the cache, by the hash of all that decides what is built."""
    digest = sha256()
    for file in sorted(path for path in (TOOLS / module).rglob("*") if path.is_file()):
        digest.update(file.relative_to(TOOLS).as_posix().encode() + b"\0" + file.read_bytes())
    return cache_folder() / "tools" / f"{module}-{digest.hexdigest()[:_HASH_LENGTH]}"


def _binary(program: Program) -> Path:
    return _folder(program.module) / "bin" / program.name


def _build_all(programs: Sequence[Program], watcher: Watcher) -> None:
    """Build what is missing, each so that an interruption costs no more than the one that was being built."""
    if not programs:
        return
    go = Go.installed()
    free = shutil.disk_usage(cache_folder()).free
    if free < _SPACE:
        what = f"{free / 2**30:.1f} GiB are free, and building takes up to {_SPACE / 2**30:.0f}"
        raise refusal("space", str(cache_folder()), what, "free some space, or point HOMELAB_CACHE at another disk")
    expected = _durations()
    for index, program in enumerate(programs):
        left = sum(expected.get(item.name, item.seconds) for item in programs[index:])
        watcher.started(program, index + 1, len(programs), left)
        start = monotonic()
        _build(go, program)
        seconds = monotonic() - start
        expected[program.name] = round(seconds)
        _write(cache_folder() / _DURATIONS, json.dumps(expected))
        watcher.finished(program, seconds)


def _build(go: Go, program: Program) -> None:
    binary = _binary(program)
    binary.parent.mkdir(parents=True, exist_ok=True)
    partial = binary.with_suffix(".partial")
    if program.script:
        shutil.copy(_files(program) / program.script, partial)
    else:
        _compile(go, program, partial)
    partial.chmod(0o755)
    partial.replace(binary)


def _compile(go: Go, program: Program, target: Path) -> None:
    source = target.parent.parent / "source"
    shutil.copytree(TOOLS / program.module, source, dirs_exist_ok=True)
    modules = _with_generated(go, program, source) if program.generated else source / "go.mod"
    arguments = ["-trimpath", f"-modfile={modules}", "-ldflags", program.linker_flags, "-o", str(target)]
    go.run("build", *arguments, program.package, folder=source, log=target.with_suffix(".log"))


def _with_generated(go: Go, program: Program, source: Path) -> Path:
    """A go.mod that reads the program's module from a copy, with the files that only its releases have."""
    copy = source / f"{program.name}.module"
    shutil.copytree(_files(program), copy, dirs_exist_ok=True, copy_function=shutil.copyfile)
    for name, text in program.generated.items():
        file = copy / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    modules = source / f"{program.name}.mod"
    shutil.copyfile(source / "go.mod", modules)
    shutil.copyfile(source / "go.sum", modules.with_suffix(".sum"))
    go.run("mod", "edit", f"-replace={program.source}={copy}", str(modules), folder=source)
    return modules


def _files(program: Program) -> Path:
    return downloaded([program.pin])[program.pin]


def _durations() -> dict[str, float]:
    file = cache_folder() / _DURATIONS
    known: dict[str, float] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return known


def _write(file: Path, text: str) -> None:
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)
