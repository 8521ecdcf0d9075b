"""A certificate authority of our own, and a certificate of this machine, as whoever runs a small server makes them."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Papers(NamedTuple):
    """Files in PEM."""

    authority: Path
    """Whom to trust."""
    certificate: Path
    key: Path


def papers(folder: Path, name: str = "localhost") -> Papers:
    """A new authority and what it says of `name`, good for a day."""
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority of the tests")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begun = datetime.now(UTC) - timedelta(hours=1)

    def begin(of: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(of).issuer_name(authority).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(begun).not_valid_after(begun + timedelta(days=1))

    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    root = begin(authority, ours).add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    root = root.add_extension(usage, critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))])
    leaf = begin(subject, theirs).add_extension(names, critical=False)
    files = Papers(folder / "authority.pem", folder / "certificate.pem", folder / "key.pem")
    files.authority.write_bytes(root.sign(ours, SHA256()).public_bytes(Encoding.PEM))
    files.certificate.write_bytes(leaf.sign(ours, SHA256()).public_bytes(Encoding.PEM))
    files.key.write_bytes(theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files.key.chmod(0o600)
    return files
