"""Which tests reach which lines, and how long each takes."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree as ET

from coverage import CoverageData

from tests.guards.guard import Guard


@dataclass(frozen=True)
class Reach:
    """What one run of tests has told.

    Attributes:
        tests: The files and folders that were run.
        data: Which lines each test reaches.
        counts: How many lines each test reaches.
        seconds: How long each test takes.
    """

    tests: tuple[str, ...]
    data: CoverageData
    counts: Counter[str]
    seconds: Mapping[str, float]

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
        by_line = (_tests_by_line(found, file).values() for file in found.measured_files())
        cases = ET.parse(times).iter("testcase")  # noqa: S314 — pytest wrote it
        return cls(
            tests=tuple(tests),
            data=found,
            counts=Counter(test for lines in by_line for some in lines for test in some),
            seconds={_node(case.attrib): float(case.attrib["time"]) for case in cases},
        )

    def reaching(self, guard: Guard) -> list[str]:
        """The tests that reach a guard, the likeliest to miss it first: named like its file, or with small reach."""
        lines = _tests_by_line(self.data, str(guard.path.absolute()))
        return self._ranked(guard, {test for line in guard.lines for test in lines.get(line, ())})

    def batches(self, guard: Guard) -> Iterator[list[str]]:
        """All tests: a few of those that reach a guard, then ever more.

        Last come the others, as what they see may have been worked out before, and kept.
        """
        ranked = self.reaching(guard)
        others = self._ranked(guard, self.seconds.keys() - set(ranked))
        yield from filter(None, (ranked[:20], ranked[20:200], ranked[200:], others))

    def _ranked(self, guard: Guard, tests: Iterable[str]) -> list[str]:
        return sorted(tests, key=lambda test: (-_likeness(test, guard.path), self.counts[test], test))

    def patience(self, tests: Iterable[str]) -> float:
        """Seconds after which these tests hang, on a machine that has become busier than it was."""
        return 60 + 4 * sum(map(self.took, tests))

    def took(self, test: str) -> float:
        """Seconds of a test."""
        return self.seconds.get(test, 1.0)


def _likeness(test: str, path: Path) -> int:
    """How many of the names in a source's path a test's file has in its own; the last counts twice."""
    return sum(part in test.partition("::")[0] for part in (*path.with_suffix("").parts[1:], path.stem))


# Guards come file by file.
@lru_cache(maxsize=1)
def _tests_by_line(data: CoverageData, file: str) -> dict[int, frozenset[str]]:
    contexts = data.contexts_by_lineno(file)
    return {line: frozenset(name.rpartition("|")[0] for name in names if name) for line, names in contexts.items()}


def _node(case: dict[str, str]) -> str:
    return f"{case['classname'].replace('.', '/')}.py::{case['name']}"
