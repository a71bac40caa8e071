"""The committed schemas are those of the code."""

import pytest

from cli.schemas import schemas
from tests.golden import golden


@pytest.mark.parametrize(("name", "text"), schemas().items(), ids=list(schemas()))
def test_a_committed_schema_is_not_stale(name: str, text: str) -> None:
    assert golden(f"../../docs/schemas/{name}", text) == text
