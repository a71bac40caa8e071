"""How each figure is taken."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from addons.catalogue import platform, seed
from gitops.addon import Addon, configs, controllers, namespace
from gitops.chart import Chart
from gitops.delivery import delivery_of
from gitops.objects import Metadata, Unstructured
from gitops.plan import plan
from gitops.platform import Platform
from gitops.profile import profiled
from gitops.rendering import tree
from tests.bench.engine import engine
from tests.support.stacks import ROOT, STACKS, shipped, stack_config

BARE: Final = ROOT / "tests" / "bench" / "bare.py"
SIZES: Final = (100, 1_000, 5_000)
# A child's ru_maxrss starts at its parent's; the kernel's high-water mark is its own.
_PEAK: Final = "print(next(int(l.split()[1]) // 1024 for l in open('/proc/self/status') if l.startswith('VmHWM')))"
_RUN: Final = """
import sys
from cli.main import main
sys.argv = ["homelab", {}]
try:
    main()
except SystemExit:
    pass
"""

# Compiled modules are kept, as on a user's machine.
_ENVIRONMENT: Final = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


class Row(NamedTuple):
    """What was measured, its time, its memory, and its relation to the floor."""

    what: str
    time: str
    memory: str
    floor: str


def command_rows() -> list[Row]:
    """Start-up of the CLI and its main job, beside an interpreter that loads the same libraries."""
    libraries = "import typer, rich.console, rich.tree, yaml, pydantic"
    codes = {
        "python": "pass",
        "the libraries": libraries,
        "import of homelab": "import cli.main",
        "homelab plan odyssey": _RUN.format('"plan", "odyssey"'),
        "homelab check, all stacks": _RUN.format('"check"'),
    }
    times = {what: _wall(code) for what, code in codes.items()}
    floor = times["the libraries"]
    return [
        Row(what, f"{1000 * spent:.0f} ms", f"{_peak(codes[what])} MiB", f"{spent / floor:.2f} x")
        for what, spent in times.items()
    ]


def _wall(code: str) -> float:
    def once() -> float:
        start = time.perf_counter()
        _python("-c", code)
        return time.perf_counter() - start

    once()
    return statistics.median(once() for _ in range(9))


def _peak(code: str) -> int:
    return int(_python("-c", f"{code}\n{_PEAK}").splitlines()[-1])


def _python(*arguments: str, **environment: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env={**_ENVIRONMENT, **environment}, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def synthetic_rows() -> list[Row]:
    """Building, rendering and planning platforms of many add-ons; the cost of one must not grow."""
    steps: dict[str, Callable[[Platform], object]] = {"policies": profiled, "tree": tree, "plan": plan}
    rows = []
    for name, step in steps.items():
        spent = {size: _cpu(step, synthetic(size)) / size for size in SIZES}
        rows += [
            Row(f"{name}, {size:,} add-ons", f"{1000 * one:.2f} ms", "", f"{one / spent[SIZES[0]]:.2f} x")
            for size, one in spent.items()
        ]
    return rows


def _cpu(step: Callable[[Platform], object], planned: Platform) -> float:
    def once() -> float:
        start = time.process_time()
        step(planned)
        return time.process_time() - start

    return min(once() for _ in range(3))


def synthetic(count: int) -> Platform:
    """Odyssey with `count` more add-ons in its network layer, each after the one four before it."""
    added = tuple(_addon(index) for index in range(count))
    return seed(shipped("odyssey")).map_layers(
        lambda layer: replace(layer, addons=(*layer.addons, *added)) if layer.name == "network" else layer
    )


def _addon(index: int) -> Addon:
    name = f"synthetic-{index}"
    # Breadth and depth of a real platform: a few bundles start together, and paths stay short.
    needs = (f"synthetic-{index - 4}-controllers",) if index % 20 >= 4 else ()
    chart = Chart(name=name, version="1.0.0", repository="oci://registry.example.org/charts")
    release = chart.release(name, namespace=name, values={"host": f"{name}.${{domain}}", "replicas": 1})
    metadata = Metadata(name=name, namespace=name)
    widget = Unstructured(
        api_version="example.org/v1", kind="Widget", metadata=metadata, fields={"spec": {"ip": "${dns_ip}"}}
    )
    return Addon(
        name=name,
        controllers=controllers(name, namespace(name), *release, needs=needs),
        configs=configs(name, widget),
    )


def program_rows() -> list[Row]:
    """The real program beside a bare one that registers as many objects: as a whole, and each object by itself."""
    return [row for stack in STACKS for row in _stack_rows(stack)]


def _stack_rows(stack: str) -> list[Row]:
    runs = {delivery: _program_run(stack, delivery) for delivery in ("git", "direct")}
    rows = [
        Row(
            f"{stack}, {delivery}: {run.objects} objects (bare {1000 * run.floor:.0f} ms)",
            f"{1000 * run.spent:.0f} ms",
            f"{run.peak} MiB",
            f"{run.spent / run.floor:.2f} x",
        )
        for delivery, run in runs.items()
    ]
    few, many = runs["git"], runs["direct"]
    objects = many.objects - few.objects
    each, floor = (many.spent - few.spent) / objects, (many.floor - few.floor) / objects
    what = f"{stack}, each further object (bare {1000 * floor:.2f} ms)"
    return [*rows, Row(what, f"{1000 * each:.2f} ms", "", f"{each / floor:.2f} x")]


class ProgramRun(NamedTuple):
    """Objects, seconds and mebibytes of a program, and the seconds of its floor."""

    objects: int
    spent: float
    peak: int
    floor: float


def _program_run(stack: str, delivery: str) -> ProgramRun:
    count = _count(stack, delivery)
    config = stack_config(stack) | {"homelab:delivery": delivery}
    spent, peak = _run(ROOT / "__main__.py", stack, PULUMI_CONFIG=_engine_config(config), HOMELAB_SANDBOX=stack)
    floor, _ = _run(BARE, stack, BARE_COUNT=str(count), PULUMI_CONFIG="{}")
    return ProgramRun(count, spent, peak, floor)


def _count(stack: str, delivery: str) -> int:
    planned = platform(shipped(stack, delivery=delivery))
    return len(delivery_of(planned).registrations(planned))


def _engine_config(config: dict[str, object]) -> str:
    return json.dumps({key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()})


def _run(program: Path, stack: str, **environment: str) -> tuple[float, int]:
    def once() -> tuple[float, int]:
        with engine() as address:
            answer = json.loads(_python("-m", "tests.bench.program", address, str(program), stack, **environment))
        return answer["seconds"], answer["mebibytes"]

    once()
    runs = [once() for _ in range(7)]
    return statistics.median(seconds for seconds, _ in runs), max(peak for _, peak in runs)
