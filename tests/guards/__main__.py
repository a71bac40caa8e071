"""`make guards`: removes each guard of the core in turn, and lists those that no test misses.

Tools for mutation change operators and values, and leave alone a condition that is but a name or a call.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.guards.equivalent import is_equivalent
from tests.guards.guard import Guard, guards
from tests.guards.reach import Reach
from tests.guards.session import missed
from tests.guards.trial import fails


def main() -> int:
    """Print each guard that nothing misses, and how many are; status 1 when there are any."""
    paths = [Path(name) for name in sys.argv[1:]] or sorted(Path("gitops").rglob("*.py"))
    every = [guard for path in paths for guard in guards(path)]
    tried = [guard for guard in every if not is_equivalent(guard)]
    with tempfile.TemporaryDirectory() as folder:
        survivors = tuple(_survivors(Reach.of_a_run(Path(folder)), tried))
    sys.stdout.writelines(f"{guard}\n" for guard in survivors)
    count, share = len(tried) - len(survivors), 1 - len(survivors) / len(tried)
    sys.stdout.write(f"{count} of {len(tried)} guards missed by a test, {share:.1%}; ")
    sys.stdout.write(f"{len(every) - len(tried)} more change nothing\n")
    return int(bool(survivors))


def _survivors(reach: Reach, tried: Sequence[Guard]) -> Iterator[Guard]:
    found = missed(reach, tried)
    left = [guard for guard in tried if guard not in found]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for guard, is_missed in zip(left, pool.map(partial(_is_missed, reach), left), strict=True):
            if not is_missed:
                yield guard


def _is_missed(reach: Reach, guard: Guard) -> bool:
    return any(fails(guard, tests, reach.patience(tests)) for tests in reach.batches(guard))


if __name__ == "__main__":
    sys.exit(main())
