"""`make golden`: runs the tests that compare with golden files, and lets them write what they would compare."""

import os
import sys

import pytest

from tests.golden import UPDATE

if __name__ == "__main__":
    os.environ[UPDATE] = "1"
    sys.exit(pytest.main(["--no-cov", "-q", "-k", "golden or stale"]))
