"""A bootstrap whose secrets come from the stack's config, with values made anew for each run."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tests.support.certificates import certificate, key_text, private_key

_KEY: Final = private_key()
_NOW: Final = datetime.now(UTC)
VALUES: Final[Mapping[str, str]] = {
    "cluster-ca/tls.crt": certificate(_KEY, since=_NOW),
    "cluster-ca/tls.key": key_text(_KEY),
    "root-ca/ca.crt": certificate(_KEY, since=_NOW),
    "op-credentials/1password-credentials.json": json.dumps({"planted": "planted-credentials"}),
    "onepassword-connect-token/token": "planted-token",
}
"""By Secret and key."""

INSTALL: Final[Mapping[str, Any]] = {
    "use": "install",
    "secrets": {
        "cluster-ca": {"tls.crt": "from_config", "tls.key": "from_config"},
        "root-ca": {"ca.crt": "from_config"},
        "op-credentials": {"1password-credentials.json": "from_config"},
        "onepassword-connect-token": {"token": "from_config"},
    },
}
"""The config's `homelab:bootstrap`."""
