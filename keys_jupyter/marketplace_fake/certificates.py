"""Certificates for https on loopback, good ones and bad ones, made when a test asks for them."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_DAY = dt.timedelta(days=1)


class Tls(enum.Enum):
    """How an origin speaks https."""

    TRUSTED = "trusted"
    """With a certificate of the authority in :attr:`Certificates.ca_file`."""
    SELF_SIGNED = "self-signed"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    OTHER_NAME = "other name"
    NONE = "none"
    """Not at all, though its address says so: the handshake meets plain HTTP."""


class Certificates:
    """One authority and what it signs, as files of one folder."""

    def __init__(self, folder: Path, names: tuple[str, ...] = ()) -> None:
        """Make the authority.

        Args:
            folder: where keys and certificates are written.
            names: hosts a good certificate is for, beside those of loopback.
        """
        self._names = ["localhost", "127.0.0.1", "::1", *names]
        self._folder = folder
        self._key = _new_key()
        self._name = _named("Authority of the tests")
        now = dt.datetime.now(dt.timezone.utc)
        self._certificate = _sign(
            self._name, self._name, self._key, self._key, (now - 30 * _DAY, now + 30 * _DAY), None
        )
        self.ca_file = folder / "authority.pem"
        self.ca_file.write_bytes(_pem(self._certificate))

    def context(self, kind: Tls) -> ssl.SSLContext | None:
        """Return what a server needs to speak so; None for :attr:`Tls.NONE`."""
        if kind is Tls.NONE:
            return None
        from cryptography.hazmat.primitives import serialization

        key = _new_key()
        file = self._folder / f"{kind.name.lower()}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        file.write_bytes(secret + _pem(self._issue(kind, key)))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _issue(self, kind: Tls, key: EllipticCurvePrivateKey) -> x509.Certificate:
        subject = _named("loopback")
        now = dt.datetime.now(dt.timezone.utc)
        times = {
            Tls.EXPIRED: (now - 2 * _DAY, now - _DAY),
            Tls.NOT_YET_VALID: (now + _DAY, now + 2 * _DAY),
        }.get(kind, (now - _DAY, now + _DAY))
        alone = kind is Tls.SELF_SIGNED
        issuer, signer = (subject, key) if alone else (self._name, self._key)
        hosts = ["another.example"] if kind is Tls.OTHER_NAME else self._names
        return _sign(subject, issuer, key, signer, times, hosts)


def _new_key() -> EllipticCurvePrivateKey:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _named(text: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return certificate.public_bytes(serialization.Encoding.PEM)


def _sign(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    signer: EllipticCurvePrivateKey,
    times: tuple[dt.datetime, dt.datetime],
    hosts: list[str] | None,
) -> x509.Certificate:
    """Return a certificate for hosts, or of an authority when there are none."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    identifier = x509.SubjectKeyIdentifier.from_public_key
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(times[0])
        .not_valid_after(times[1])
        .add_extension(x509.BasicConstraints(ca=hosts is None, path_length=None), critical=True)
        .add_extension(identifier(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if hosts is not None:
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        made = made.add_extension(names, critical=False)
    else:
        made = made.add_extension(_may_sign(), critical=True)
    return made.sign(signer, hashes.SHA256())


def _host(host: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _may_sign() -> x509.KeyUsage:
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
