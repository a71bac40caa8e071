"""`make guards`: removes each guard of the core in turn, and lists those that no test misses.

Tools for mutation change operators and values, and leave alone a condition that is but a name or a call.
"""

import os
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from tests.guards.equivalent import is_equivalent
from tests.guards.guard import Guard, guards
from tests.guards.reach import Reach
from tests.guards.session import missed
from tests.guards.trial import fails

_TESTS: Final = ("tests/gitops", "tests/addons", "tests/test_article.py")
"""Those of the core, and those that need nothing but the core."""


def main() -> int:
    """Print each guard that nothing misses, and how many are; status 1 when there are any."""
    parser = ArgumentParser(
        "python -m tests.guards", description="Remove each guard in turn; list what no test misses."
    )
    parser.add_argument("files", nargs="*", type=Path, help="whose guards are removed; all of the core")
    parser.add_argument("--tests", nargs="+", default=_TESTS, help="what is run; all that need nothing but the core")
    arguments = parser.parse_args()
    every = [guard for path in arguments.files or sorted(Path("gitops").rglob("*.py")) for guard in guards(path)]
    tried = [guard for guard in every if not is_equivalent(guard)]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        for guard in _survivors(Reach.of_a_run(arguments.tests, Path(folder)), tried):
            survivors += 1
            sys.stdout.write(f"{guard}\n")
    sys.stdout.write(f"{len(tried) - survivors} of {len(tried)} guards missed by a test; ")
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
