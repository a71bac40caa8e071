"""`make guards`: removes each guard of the core in turn, and lists those that no test misses.

Tools for mutation change operators and values, and leave alone a condition that is but a name or a call.
"""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.guards.guard import Guard, guards
from tests.guards.reach import Reach
from tests.guards.trial import fails


def main() -> int:
    """Print each guard that nothing misses, and how many are; status 1 when there are any."""
    paths = [Path(name) for name in sys.argv[1:]] or sorted(Path("gitops").rglob("*.py"))
    every = [guard for path in paths for guard in guards(path)]
    missed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        reach = Reach.of_a_run(Path(folder))
        for guard, is_missed in zip(every, pool.map(partial(_is_missed, reach), every), strict=True):
            missed += is_missed
            if not is_missed:
                sys.stdout.write(f"{guard}\n")
    sys.stdout.write(f"{missed} of {len(every)} guards missed by a test, {missed / len(every):.1%}\n")
    return int(missed < len(every))


def _is_missed(reach: Reach, guard: Guard) -> bool:
    return any(fails(guard, tests, reach.patience(tests)) for tests in reach.batches(guard.path, guard.lines))


if __name__ == "__main__":
    sys.exit(main())
