"""What we send, signed in its domain's name (DKIM, RFC 6376 and 8463): the same mail and key give the same bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from gateways.email.parts.addresses import normal
from gateways.email.vouching.canonical import Field, bare, body, field, selected
from gateways.email.vouching.dkim import LEAST_BITS, PublicKey
from gateways.later import later

if TYPE_CHECKING:
    from cryptography import exceptions
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
else:
    exceptions = later("cryptography.exceptions")
    hashes, serialization = (later(f"cryptography.hazmat.primitives.{name}") for name in ("hashes", "serialization"))
    ed25519, padding, rsa = (
        later(f"cryptography.hazmat.primitives.asymmetric.{name}") for name in ("ed25519", "padding", "rsa")
    )

PrivateKey: TypeAlias = "rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey"

BITS = 2048
"""Of new keys: longer ones do not fit into one answer by UDP everywhere."""

_SIGNED = (
    *("from", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding", "auto-submitted"),
)
_WIDTH = 72


class NoKeyError(ValueError):
    """This is no private key that could sign; the reason is for people."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs for a domain."""

    domain: str  # lower case, A-labels
    selector: str
    private: PrivateKey

    @property
    def name(self) -> str:
        """Where its public half stands in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What stands there."""
        kind = "rsa" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519"
        return f"v=DKIM1; k={kind}; p={base64.b64encode(self.public).decode('ascii')}"

    @property
    def public(self) -> bytes:
        """Its public half, as records have it."""
        return public_bytes(self.private.public_key())


def public_bytes(public: PublicKey) -> bytes:
    """A public key as records have it: RSA with its kind around it, Ed25519 bare."""
    if isinstance(public, rsa.RSAPublicKey):
        return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return public.public_bytes_raw()


def new_private(*, short: bool = False) -> PrivateKey:
    """A new key: RSA of 2048 bits, or Ed25519 where it is to be `short`."""
    return ed25519.Ed25519PrivateKey.generate() if short else rsa.generate_private_key(65537, BITS)


def written(private: PrivateKey) -> bytes:
    """A key as its file has it."""
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def read_private(pem: bytes) -> PrivateKey:
    """Back from its file, also as other programs write them. Raises NoKeyError."""
    try:
        found = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, exceptions.UnsupportedAlgorithm) as error:
        raise NoKeyError("it is no private key without a password") from error
    if isinstance(found, rsa.RSAPrivateKey) and found.key_size >= LEAST_BITS:
        return found
    if isinstance(found, ed25519.Ed25519PrivateKey):
        return found
    raise NoKeyError("only RSA keys of 1024 bits or more and Ed25519 keys sign mail")


def keys_for(keys: Sequence[SigningKey], door: str) -> list[SigningKey]:
    """The keys that sign what is sent from an address: its domain's own, else those of the next one above."""
    domain = normal(door).rpartition("@")[2]
    while "." in domain:
        found = [key for key in keys if key.domain == domain]
        if found:
            return found
        domain = domain.partition(".")[2]
    return []


def sign(raw: bytes, keys: Sequence[SigningKey], at: datetime) -> bytes:
    """A mail with a signature of each key on top. Whole lines only (CRLF): nothing may change it from here on.

    `at` is the mail's own moment and not that of sending it: a repeat is the same to whoever got the first.
    From is named once more than it is there, so that nobody can add another one.
    """
    if not keys:
        return raw
    mail = bare(raw)
    there = [one.key for one in mail.fields]
    names = [name for name in _SIGNED if name in there] + [name for name in there if name.startswith("list-")]
    covered = b"".join(field(one, "relaxed") + b"\r\n" for one in selected(mail.fields, names))
    hashed = base64.b64encode(hashlib.sha256(body(mail.body, "relaxed")).digest()).decode("ascii")
    return b"".join(_signature(key, ["from", *names], covered, hashed, at) for key in keys) + raw


def _signature(key: SigningKey, names: Sequence[str], covered: bytes, hashed: str, at: datetime) -> bytes:
    algorithm = "rsa-sha256" if isinstance(key.private, rsa.RSAPrivateKey) else "ed25519-sha256"
    lines = [
        f"v=1; a={algorithm}; c=relaxed/relaxed;",
        f"d={key.domain}; s={key.selector}; t={int(at.timestamp())};",
        f"h={_folded(':'.join(names), ':')};",
        f"bh={hashed};",
        "b=",
    ]
    own = Field(b"DKIM-Signature", b" " + "\r\n\t".join(lines).encode("ascii"))
    value = _made(key.private, covered + field(own, "relaxed"))
    return own.name + b":" + own.value + _in_pieces(base64.b64encode(value)) + b"\r\n"


def _made(private: PrivateKey, signed: bytes) -> bytes:
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return private.sign(hashlib.sha256(signed).digest())


def _folded(text: str, mark: str) -> str:
    """Over several lines, each ending behind a mark."""
    lines = [""]
    for piece in text.split(mark):
        if len(lines[-1]) + len(piece) > _WIDTH:
            lines.append("")
        lines[-1] += piece + mark
    return "\r\n\t ".join(lines)[: -len(mark)]


def _in_pieces(value: bytes) -> bytes:
    return b"\r\n\t ".join(value[at : at + _WIDTH] for at in range(0, len(value), _WIDTH))
