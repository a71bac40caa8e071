"""JSON Schemas of what `homelab` reads and writes, from the types that do it."""

import json
from typing import Any

from pydantic import TypeAdapter

from addons.catalogue import KNOWN
from cli.diff import Differences
from cli.findings import Found
from cli.real_charts import Examination
from gitops.config import stack_schema
from gitops.mirror import Mirror
from gitops.plan import Plan
from gitops.secrets.plan import SecretsPlan


def schemas() -> dict[str, str]:
    """Texts of the schemas by file name."""
    found: dict[str, dict[str, Any]] = {
        "stack": stack_schema(KNOWN),
        "plan": TypeAdapter(Plan).json_schema(),
        "check": TypeAdapter(Found).json_schema(),
        "secrets": TypeAdapter(SecretsPlan).json_schema(),
        "diff": TypeAdapter(Differences).json_schema(),
        "charts": TypeAdapter(Mirror).json_schema(),
        "real-charts": TypeAdapter(Examination).json_schema(),
    }
    return {f"{name}.schema.json": json.dumps(schema, indent=2) + "\n" for name, schema in found.items()}
