"""What looks like a credential, and what merely resembles one; every example is put together at run time."""

import base64
import hashlib
from typing import Any

import pytest
import yaml

from addons.catalogue import platform
from gitops.outputs import outputs
from gitops.secrets.credentials import looks_like, suspicions
from tests.support.stacks import DELIVERIES, PROFILES, ROOT, STACKS, shipped, stack_config

# Deterministic, and as random as a key is.
NOISE = base64.b64encode(hashlib.sha256(b"homelab").digest()).decode().replace("+", "x").replace("/", "y").rstrip("=")
DASHES = "-" * 5


def json_web_token() -> str:
    header, claims = (base64.b64encode(part.encode()).decode().rstrip("=") for part in ('{"alg":"x"}', '{"sub":"abc"}'))
    return f"{header}.{claims}.{NOISE}"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}\nMII", "a private key"),
        (f"{DASHES}BEGIN PRIVATE KEY{DASHES}\nMII", "a private key"),
        (f"{DASHES}BEGIN OPENSSH PRIVATE KEY{DASHES}", "a private key"),
        ("AGE-SECRET-KEY-" + "1" + "Q" * 58, "an age key"),
        ("gh" + "p_" + "a1B2" * 9, "a GitHub token"),
        ("github" + "_pat_" + "a1B2" * 20, "a GitHub token"),
        ("gl" + "pat-" + "a1B2" * 5, "a GitLab token"),
        ("AK" + "IA" + "B" * 16, "an AWS access key"),
        ("AI" + "za" + "a" * 35, "a Google API key"),
        ("xo" + "xb-" + "1" * 12, "a Slack token"),
        ("gl" + "sa_" + "a" * 40, "a Grafana token"),
        ("pu" + "l-" + "0" * 40, "a Pulumi access token"),
        ("dckr" + "_pat_" + "a" * 27, "a Docker Hub token"),
        ("ts" + "key-auth-" + "a" * 24, "a Tailscale key"),
        ("hv" + "s." + "a" * 24, "a Vault token"),
        ("1" * 9 + ":" + "a" * 35, "a Telegram bot's token"),
        ('{"verifier": {}, "enc' + 'Credentials": {}}', "a 1Password credentials file"),
        (json_web_token(), "a token"),
        ("ops" + "_eyJ" + "a" * 40, "a 1Password token"),
        ("https://me:" + "hunter2" + "@example.org/x.git", "a URL with a password"),
        ("postgres://u:" + "p" * 8 + "@db/x", "a URL with a password"),
        ("admin_password" + ' = "' + "hunter2hunter2" + '"', "a password in a text"),
        ("api-key: " + "abcdefgh", "a password in a text"),
        (f"key {NOISE} end", "a random key"),
        (NOISE, "a random key"),
    ],
)
def test_a_credential_is_told_by_its_shape(text: str, kind: str) -> None:
    assert looks_like(text) == kind


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "adminPassword",
        "GF_SECURITY_ADMIN_PASSWORD",
        "tunnel_token",
        "apiKey",
        "credentials_base64",
        "secretAccessKey",
    ],
)
def test_any_text_under_a_key_for_credentials_is_one(key: str) -> None:
    assert looks_like("hunter2", key) == f"a credential, by its key {key}"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("password", ""),
        ("password", " "),
        ("password", "${admin_password}"),
        ("password", "$__file{/etc/secrets/password}"),
        ("password", "{{ .Values.password }}"),
        ("token", "/var/run/secrets/token"),
        ("password", "op://Homelab/grafana/password"),
        ("passwordKey", "admin-password"),
        ("existingSecret", "grafana-admin"),
        ("property", "password"),
        ("secretKey", "admin-password"),
        ("passwordFile", "etc/password"),
        ("", "https://example.org/a?token"),
        ("", "ssh://git@github.com/cicci8ino/homelab"),
        ("", "https://user@example.org/x.git"),
        ("", 'bearer_token_file = "/var/run/token"'),
        ("", 'password = sys.env("PASSWORD")'),
        ("", "password = ${PASSWORD}"),
        ("", "the token is a token"),
        ("", f"docker.io/nginxinc/nginx@sha256:{'0c79d56aee561a1d' * 4}"),
        ("", "0123456789abcdef0123456789abcdef01234567"),
        ("", "sha512-" + NOISE + NOISE),
        ("", "ssh-ed25519 " + "AAAA" + NOISE + " me@host"),
        ("", f"{DASHES}BEGIN CERTIFICATE{DASHES}\n{NOISE}\n{DASHES}END CERTIFICATE{DASHES}"),
        ("", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS" + NOISE),
        ("", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
        ("", "prometheusSpecServiceMonitorSelectorNilUsesHelmValues"),
        ("", "io.k8s.api.core.v1.PodTemplateSpecification2026Version1"),
        ("", "aaaaaaaaaaaaaaaaAAAA1111aaaa"),
        ("", "aB1" * 8),
        ("", "a1c3e5g7i9k2m4o6q8s0u1w3y5"),
    ],
)
def test_what_resembles_a_credential_is_none(key: str, text: str) -> None:
    assert looks_like(text, key) is None


def test_a_suspicion_says_where_and_of_what_kind() -> None:
    (found,) = suspicions({"a": [{"b": {"password": "hunter2"}}]})
    assert (found.field, found.kind, found.text) == ("a[0].b.password", "a credential, by its key password", "hunter2")


def test_a_containers_variable_is_judged_by_its_name() -> None:
    (found,) = suspicions({"env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "fast"}]})
    assert (found.field, found.kind) == ("env[0].value", "a credential, by its key DB_PASSWORD")


def test_numbers_are_passwords_too_but_switches_are_none() -> None:
    value: dict[str, Any] = {"password": 12345, "automountServiceAccountToken": False, "token": None, "replicas": 2}
    assert [found.field for found in suspicions(value)] == ["password"]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("delivery", DELIVERIES)
def test_nothing_that_is_shipped_looks_like_one(stack: str, profile: str, delivery: str) -> None:
    planned = platform(shipped(stack, profile=profile, delivery=delivery))
    assert list(suspicions([item.manifest for item in planned.declared])) == []
    assert list(suspicions(outputs(planned))) == []
    assert list(suspicions(stack_config(stack))) == []


def test_the_golden_trees_hold_none() -> None:
    trees = sorted((ROOT / "tests/golden/trees").glob("*.yaml"))
    assert trees
    assert [list(suspicions(list(yaml.safe_load_all(file.read_text(encoding="utf-8"))))) for file in trees] == [
        [] for _ in trees
    ]
