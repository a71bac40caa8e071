"""`make break`: breaks odyssey in every way that there is here, and lists what no rule finds."""

import sys
from collections import Counter

from tests.breaking import config, gates, objects, values

GOAL = 0.95


def main() -> int:
    """Print what is found, sort by sort, and what is missed; status 1 when that is too much."""
    total, found, missed = Counter[str](), Counter[str](), list[str]()
    for breakage in (item for part in (gates, objects, values, config) for item in part.breakages()):
        total[breakage.sort] += 1
        if breakage.is_found:
            found[breakage.sort] += 1
        else:
            missed.append(f"{breakage.sort}: {breakage.where}")
    for sort, count in total.items():
        sys.stdout.write(f"{found[sort]:>4} of {count:>4}  {sort}\n")
    for line in missed:
        sys.stdout.write(f"missed: {line}\n")
    share = found.total() / total.total()
    sys.stdout.write(f"{found.total()} of {total.total()} breakages found, {share:.1%}\n")
    return int(share < GOAL)


if __name__ == "__main__":
    sys.exit(main())
