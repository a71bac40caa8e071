"""Annotations by which an object tells Pulumi's Kubernetes provider what to wait for."""

from typing import Final

WAIT_FOR: Final = "pulumi.com/waitFor"
"""Conditions in kubectl's spelling; one, or a JSON array."""

SKIP_AWAIT: Final = "pulumi.com/skipAwait"
"""`true`: do not wait."""
