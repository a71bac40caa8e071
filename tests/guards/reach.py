"""Which tests reach which lines, and how long each takes."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from coverage import CoverageData

from tests.guards.guard import Guard


@dataclass(frozen=True)
class Reach:
    """What one run of tests has told.

    Attributes:
        tests: The files and folders that were run.
        data: Lines by test.
        seconds: Times by test.
    """

    tests: tuple[str, ...]
    data: CoverageData
    seconds: dict[str, float]

    @classmethod
    def of_a_run(cls, tests: Sequence[str], folder: Path) -> "Reach":
        """Run tests once, with what they tell in a folder."""
        data, times = folder / "coverage", folder / "times.xml"
        flags = ["-q", "-n", "auto", "--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0"]
        command = [sys.executable, "-m", "pytest", *flags, f"--junitxml={times}", *tests]
        environment = os.environ | {"COVERAGE_FILE": str(data)}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        found = CoverageData(str(data))
        found.read()
        cases = ET.parse(times).iter("testcase")  # noqa: S314 — pytest wrote it
        return cls(tuple(tests), found, {_node(case.attrib): float(case.attrib["time"]) for case in cases})

    def batches(self, guard: Guard) -> Iterator[tuple[str, ...]]:
        """The tests that reach a guard: those that most likely miss it, then ever more of them."""
        contexts = self.data.contexts_by_lineno(str(guard.path.absolute()))
        found = {context.rpartition("|")[0] for line in guard.lines for context in contexts.get(line, ()) if context}
        files = Counter(test.partition("::")[0] for test in found)
        ranked = sorted(files, key=lambda file: (_about(file, guard.path), files[file]), reverse=True)
        for some in (ranked[:2], ranked[2:6], ranked[6:]):
            if tests := sorted((test for test in found if test.partition("::")[0] in some), key=self.took):
                yield tuple(tests)

    def patience(self, tests: Iterable[str]) -> float:
        """Seconds after which these tests hang, on a machine that has become busier than it was."""
        return 60 + 4 * sum(map(self.took, tests))

    def took(self, test: str) -> float:
        """Seconds of a test."""
        return self.seconds.get(test, 1.0)


def _about(file: str, path: Path) -> int:
    """How many of the names in a source's path a file of tests has in its own; the last counts twice."""
    return sum(part in file for part in (*path.with_suffix("").parts[1:], path.stem))


def _node(case: dict[str, str]) -> str:
    return f"{case['classname'].replace('.', '/')}.py::{case['name']}"
