"""Certificates and keys, made anew for each run."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def private_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def key_text(key: EllipticCurvePrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


def certificate(key: EllipticCurvePrivateKey, *, days: int = 365, since: datetime = NOW) -> str:
    """A certificate of a key, signed by itself, valid for some days from a day before `since`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "homelab")])
    start = since - timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = builder.not_valid_before(start).not_valid_after(start + timedelta(days=days))
    made = dated.sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode()
