"""Values of bootstrap secrets: each mistake by its name, and never the value itself."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from gitops.secret_values import faults
from tests.support.certificates import NOW, certificate, key_text, private_key

KEY, OTHER = private_key(), private_key()
PAIR = {"tls.crt": certificate(KEY), "tls.key": key_text(KEY)}


def said(data: dict[str, str]) -> list[tuple[str, str]]:
    return [(fault.key, fault.what) for fault in faults(data, NOW)]


@pytest.mark.parametrize(
    "data",
    [
        PAIR,
        {**PAIR, "tls.crt": certificate(KEY) + certificate(OTHER)},
        {"ca.crt": certificate(OTHER)},
        {"1password-credentials.json": "{}"},
        {"identity": key_text(KEY, PrivateFormat.OpenSSH), "known_hosts": "example.org ssh-ed25519 x"},
        {"identity": key_text(KEY)},
        {"token": "x"},
    ],
)
def test_what_readers_can_use_passes(data: dict[str, str]) -> None:
    assert said(data) == []


@pytest.mark.parametrize(
    ("data", "key", "what"),
    [
        ({"token": " \n"}, "token", "it is empty"),
        ({"x.json": "["}, "x.json", "it is no JSON object"),
        ({"x.json": "[]"}, "x.json", "it is no JSON object"),
        ({"ca.crt": "planted"}, "ca.crt", "it is no PEM certificate"),
        ({"identity": "planted"}, "identity", "it is no private key without a passphrase"),
        ({**PAIR, "tls.key": "planted"}, "tls.key", "it is no PEM key without a passphrase"),
        ({**PAIR, "tls.key": key_text(OTHER)}, "tls.key", "it does not belong to the first certificate of tls.crt"),
        ({**PAIR, "tls.crt": "planted"}, "tls.crt", "it is no PEM certificate"),
    ],
)
def test_what_readers_cannot_use_is_named(data: dict[str, str], key: str, what: str) -> None:
    assert said(data) == [(key, what)]
    assert "planted" not in str(list(faults(data, NOW)))


def test_an_expired_certificate_says_when_it_was_valid() -> None:
    ((key, what),) = said({"ca.crt": certificate(KEY, days=30, since=NOW - timedelta(days=60))})
    assert key == "ca.crt"
    assert what == "certificate CN=homelab is valid from 2026-09-26 00:00:00+00:00 to 2026-10-26 00:00:00+00:00"


def test_a_certificate_of_the_future_is_refused_too() -> None:
    ((key, _),) = said({"ca.crt": certificate(KEY, since=NOW + timedelta(days=2))})
    assert key == "ca.crt"
