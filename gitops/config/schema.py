"""The JSON Schema of a stack file, from the model that reads it."""

from typing import TYPE_CHECKING, Any

from gitops.cluster import Cluster

if TYPE_CHECKING:
    from gitops.config.parsing import KnownNames


def stack_schema(known: "KnownNames") -> dict[str, Any]:
    """JSON Schema, draft 2020-12, of a whole `Pulumi.<stack>.yaml`; other namespaces' keys are free."""
    model = Cluster.model_json_schema()
    definitions = model.pop("$defs")
    if known.addons:
        model["properties"]["addons"]["propertyNames"] = {"enum": list(known.addons)}
    if known.policies:
        definitions["ProfileChoice"]["properties"]["without"]["items"] = {"enum": list(known.policies)}
    if known.rules:
        definitions["WaiverChoice"]["properties"]["rule"]["enum"] = list(known.rules)
    own = {f"homelab:{name}": schema for name, schema in model["properties"].items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of the project homelab",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "required": [f"homelab:{name}" for name in model["required"]],
                "properties": own,
                "patternProperties": {"^(?!homelab:)[^:]+:.+$": {}},
                "additionalProperties": False,
            },
            "secretsprovider": {"type": "string"},
            "encryptionsalt": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "environment": {},
        },
        "additionalProperties": False,
        "$defs": definitions,
    }
