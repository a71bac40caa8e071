"""Where logs and metrics go: the management cluster, over TLS that the homelab's root CA vouches for."""

from typing import Any, Final

from addons.network.trust_manager import KEY, ROOT_CA

LOGS_HOST: Final = "logs.${mgmt_domain}"
METRICS_HOST: Final = "metrics.${mgmt_domain}"
LOGS_PATH: Final = "/insert/loki/api/v1/push"
METRICS_PATH: Final = "/api/v1/write"
LOGS_URL: Final = f"https://{LOGS_HOST}{LOGS_PATH}"
METRICS_URL: Final = f"https://{METRICS_HOST}{METRICS_PATH}"

ROOT_CA_FOLDER: Final = "/etc/homelab"
ROOT_CA_FILE: Final = f"{ROOT_CA_FOLDER}/{KEY}"
ROOT_CA_VOLUME: Final[dict[str, Any]] = {"name": "root-ca", "configMap": {"name": ROOT_CA}}
"""A pod that mounts this starts only after trust-manager has brought the ConfigMap to its namespace."""
