"""Signatures of mails (RFC 6376, RFC 8463), so that who receives one can tell that it is from this domain, unchanged.

dkimpy says what is signed (its canonical forms), cryptography signs it, a tenth of the time that dkimpy's own RSA
takes. Nothing in a signature is of the moment: the same mail has the same one.
"""

from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from stat import S_IRGRP, S_IROTH
from typing import TYPE_CHECKING

from digest.delivery.settings import Dkim
from digest.errors import UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    Key = Ed25519PrivateKey | RSAPrivateKey

SIGNED = (
    *(b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"),
    *(b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"auto-submitted"),
)
"""The fields that a signature covers; From once more than there is, so that nobody can add another."""


def signer(dkim: Dkim) -> Callable[[bytes], bytes]:
    """A function that puts a signature before a message with CRLF.

    Raises UsageError for a key that cannot be used, and where the packages of the extra `mail` are not installed.
    """
    key = private_key(dkim)
    from dkim import rfc822_parse
    from dkim.canonicalization import CanonicalizationPolicy

    canonical = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    domain, selector = dkim.domain.encode("idna"), dkim.selector.encode("ascii")
    kind = algorithm(key).encode()

    def sign(message: bytes) -> bytes:
        fields, body = rfc822_parse(message)
        found = [(name.lower(), value) for name, value in fields]
        names = [name for name in SIGNED for there, _ in found if there == name]
        digest = b64encode(sha256(canonical.canonicalize_body(body)).digest())
        told = b"v=1; a=%b; c=relaxed/relaxed;\r\n d=%b; s=%b;\r\n h=%b;\r\n bh=%b;\r\n b=" % (
            kind,
            domain,
            selector,
            b":\r\n  ".join([*names, b"from"]),
            digest,
        )
        signed = [*_chosen(found, names), (b"dkim-signature", b" " + told)]
        lines = [name + b":" + value for name, value in canonical.canonicalize_headers(signed)]
        # The signature's own field is the last, and has no line break (RFC 6376 section 3.7).
        made = b64encode(_sign(key, b"".join(lines).removesuffix(b"\r\n")))
        folded = b"\r\n  ".join(made[at : at + 70] for at in range(0, len(made), 70))
        return b"DKIM-Signature: " + told + folded + b"\r\n" + message

    return sign


def private_key(dkim: Dkim) -> "Key":
    """The key in its file. Raises UsageError."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        from dkim import rfc822_parse  # noqa: F401  # the other half of the extra
    except ImportError:
        raise UsageError("`mail: dkim` needs more packages: pip install 'paperdigest[mail]'") from None
    try:
        if dkim.key.stat().st_mode & (S_IRGRP | S_IROTH):
            raise UsageError(f"{dkim.key} can be read by others than its owner; chmod 600 {dkim.key}")
        key = load_pem_private_key(dkim.key.read_bytes(), password=None)
    except OSError as error:
        raise UsageError(f"{dkim.key}: the key that signs mails cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UsageError(f"{dkim.key} is no private key in PEM without a password") from None
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise UsageError(f"{dkim.key} is neither an RSA nor an Ed25519 key")
    if isinstance(key, RSAPrivateKey) and key.key_size < 1024:
        raise UsageError(f"{dkim.key} has {key.key_size} bits; 2048 are right, and fewer than 1024 are refused")
    return key


def algorithm(key: "Key") -> str:
    return "rsa-sha256" if hasattr(key, "key_size") else "ed25519-sha256"


def record(dkim: Dkim) -> tuple[str, str]:
    """The name and the text of the TXT record to publish. Raises UsageError as `signer`."""
    key = private_key(dkim)
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = key.public_key()
    if algorithm(key) == "rsa-sha256":
        kind, told = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        kind, told = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{dkim.selector}._domainkey.{dkim.domain}", f"v=DKIM1; k={kind}; p={b64encode(told).decode()}"


def _chosen(fields: Sequence[tuple[bytes, bytes]], names: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """The fields called `names`; of several of one name, from the last (RFC 6376 section 5.4.2)."""
    left = list(reversed(fields))
    chosen: list[tuple[bytes, bytes]] = []
    for name in names:
        at = next(place for place, (there, _) in enumerate(left) if there == name)
        chosen.append(left.pop(at))
    return chosen


def _sign(key: "Key", content: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(key, Ed25519PrivateKey):
        return key.sign(sha256(content).digest())
    return key.sign(content, PKCS1v15(), SHA256())
