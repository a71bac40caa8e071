"""The shipped stacks, and variants of them."""

from pathlib import Path
from typing import Any, Final

import yaml

from addons.catalogue import KNOWN
from gitops.cluster import Cluster
from gitops.config import parse_config, parse_stack, with_overrides

ROOT: Final = Path(__file__).parents[2]
STACKS: Final = ("ithaca", "odyssey", "sandbox")
DELIVERIES: Final = ("direct", "git", "inline", "oci")
PROFILES: Final = ("seed", "strict")
OCI: Final = {"url": "oci://registry.example.org/homelab"}
COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"


def stack_text(stack: str) -> str:
    return (ROOT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")


def stack_config(stack: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load(stack_text(stack))["config"]
    return config


def shipped(stack: str, *, profile: str | None = None, delivery: str | None = None) -> Cluster:
    """A shipped stack under a profile and delivery; those that need a registry get one."""
    if delivery == "oci":
        return with_overrides(variant(stack, delivery=delivery), profile=profile)
    cluster = parse_stack(stack_text(stack), file=f"Pulumi.{stack}.yaml", known=KNOWN)
    return with_overrides(cluster, profile=profile, delivery=delivery)


def variant(stack: str = "odyssey", **settings: Any) -> Cluster:
    """A shipped stack with some of its top-level settings replaced; it has a registry to push to."""
    config = {**stack_config(stack), "homelab:oci": OCI}
    config |= {f"homelab:{name}": value for name, value in settings.items()}
    return parse_config(config, source="variant", known=KNOWN)
