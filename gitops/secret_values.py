"""What is wrong with the values of a secret that the bootstrap brings, told by the names of its keys."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)


class Fault(NamedTuple):
    """One value that its reader could not use; the value itself is never shown."""

    key: str
    what: str
    fix: str


def faults(data: Mapping[str, str], now: datetime) -> Iterator[Fault]:
    """Empty values, JSON that is none, PEM that is none, certificates out of date, keys of another certificate."""
    given = {key: text for key, text in data.items() if text.strip()}
    yield from (Fault(key, "it is empty", "give it its value") for key in data if key not in given)
    for key, text in given.items():
        if key.endswith(".json") and not _is_json(text):
            yield Fault(key, "it is no JSON object", "give it the whole file, as it was downloaded")
        if key.endswith(".crt"):
            yield from _certificate(key, text, now)
        if key == "identity" and not _is_ssh_key(text):
            yield Fault(key, "it is no private key without a passphrase", "make one with ssh-keygen -N '' -f FILE")
    if {"tls.crt", "tls.key"} <= given.keys():
        yield from _pair(given["tls.crt"], given["tls.key"])


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _is_ssh_key(text: str) -> bool:
    loaders = (load_ssh_private_key, load_pem_private_key)
    return any(_loads(loader, text) for loader in loaders)


def _loads(loader: Callable[..., object], text: str) -> bool:
    try:
        loader(text.encode(), password=None)
    except (ValueError, TypeError):
        return False
    return True


def _certificates(text: str) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        return ()


def _certificate(key: str, text: str, now: datetime) -> Iterator[Fault]:
    chain = _certificates(text)
    if not chain:
        yield Fault(key, "it is no PEM certificate", "give it the file that begins with -----BEGIN CERTIFICATE-----")
    for item in chain:
        if not item.not_valid_before_utc <= now <= item.not_valid_after_utc:
            subject, period = (
                item.subject.rfc4514_string(),
                f"{item.not_valid_before_utc} to {item.not_valid_after_utc}",
            )
            yield Fault(key, f"certificate {subject} is valid from {period}", "issue it anew")


def _pair(certificate: str, key: str) -> Iterator[Fault]:
    try:
        public = load_pem_private_key(key.encode(), password=None).public_key()
    except (ValueError, TypeError):
        yield Fault("tls.key", "it is no PEM key without a passphrase", "decrypt it with openssl pkey")
        return
    chain = _certificates(certificate)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if chain and chain[0].public_key().public_bytes(*form) != public.public_bytes(*form):
        yield Fault("tls.key", "it does not belong to the first certificate of tls.crt", "give both of one pair")
