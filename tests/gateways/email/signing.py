"""Other people's signatures: mails signed by dkimpy, with keys that a test keeps, and what stands in DNS for them."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.names import Names

PLAIN = (
    b"From: Carla <carla@shop.example>\r\nTo: support@desk.example\r\nSubject:  Where is\r\n\tmy order?\r\n"
    b"Date: Mon, 02 Mar 2026 12:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n\r\n"
    b"It has  not arrived. \r\n\r\n  Carla\r\n\r\n"
)


@dataclass(frozen=True)
class Pair:
    """A key of a domain: the private half as dkimpy wants it, the public one as DNS has it."""

    private: bytes
    record: str
    algorithm: bytes

    def sign(self, raw: bytes, domain: str = "shop.example", selector: str = "s1", **more: object) -> bytes:
        """The mail with a signature on top."""
        signed = dkim.sign(
            raw,
            selector.encode(),
            domain.encode(),
            self.private,
            signature_algorithm=self.algorithm,
            **more,  # type: ignore[arg-type]
        )
        return signed + raw

    def publish(self, names: Names, domain: str = "shop.example", selector: str = "s1") -> None:
        names.text(f"{selector}._domainkey.{domain}", self.record)


def rsa_pair(bits: int = 2048) -> Pair:
    key = rsa.generate_private_key(65537, bits)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Pair(private, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}", b"rsa-sha256")


def ed25519_pair() -> Pair:
    key = ed25519.Ed25519PrivateKey.generate()
    private = base64.b64encode(key.private_bytes_raw())
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    return Pair(private, f"v=DKIM1; k=ed25519; p={public}", b"ed25519-sha256")


RSA, ED25519 = rsa_pair(), ed25519_pair()
