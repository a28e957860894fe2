"""Signatures of domains over mails (DKIM, RFC 6376): what one says, what a key record says, and whether both agree.

Our own over `cryptography` and not dkimpy: that one reads the wall clock where a mail's own time counts, cannot be told
when it signs, and takes the square of a run of blanks. It is the witness of the tests, in both directions.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from gateways.email.parts.addresses import normal
from gateways.email.vouching.canonical import (
    Bare,
    Field,
    Form,
    MalformedError,
    body,
    field,
    selected,
    tags,
    without_tag,
)
from gateways.later import later

Algorithm = Literal["rsa", "ed25519"]
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

PublicKey: TypeAlias = "rsa.RSAPublicKey | ed25519.Ed25519PublicKey"

LEAST_BITS = 1024  # RFC 8301 §3.2
_MOST_BITS = 8192
LONGEST = 8192
"""Bytes of a signature's field; what is longer signs nothing that we would believe."""

_SLACK = timedelta(hours=10)  # of clocks that are wrong
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature says of itself; nothing of it proven."""

    own: Field  # the field that it stands in
    algorithm: Algorithm
    domain: str  # lower case, A-labels
    selector: str
    identity: str  # the domain behind `i=`
    head_form: Form
    body_form: Form
    covers: tuple[str, ...]  # names of fields, lower case
    body_hash: bytes
    value: bytes
    expires: int | None  # seconds since 1970

    @property
    def key_at(self) -> str:
        """The name in DNS under which its key stands."""
        return f"{self.selector}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True)
class Key:
    """A key record as it counts."""

    public: PublicKey
    exact: bool  # `t=s`: only for the domain itself


def read_signature(own: Field, *, arc: bool = False) -> Signature:
    """A signature's field. Raises MalformedError with the reason why it counts for nothing."""
    if len(own.value) > LONGEST:
        raise MalformedError("its signature is too long")
    said = tags(own.value)
    try:
        algorithm = said["a"].lower()
        value, hashed = read_value(said["b"]), read_value(said["bh"])
        domain, selector = _domain(said["d"]), _domain(said["s"])
        covers = tuple(name.strip(" \t\r\n").lower() for name in said["h"].split(":"))
        version = said["i"] if arc else said["v"]
    except KeyError as error:
        raise MalformedError(f"its signature lacks {error.args[0]}=") from None
    forms = (said.get("c") or "simple").split("/")
    head_form, body_form = forms[0].lower(), (forms[1] if len(forms) > 1 else "simple").lower()
    identity = domain if arc else _domain(said.get("i", domain).rpartition("@")[2])
    expires = said.get("x", "")
    if algorithm not in ("rsa-sha256", "ed25519-sha256"):
        raise MalformedError(
            f"{algorithm[:20]} counts no more" if algorithm == "rsa-sha1" else "its algorithm is unknown"
        )
    if {head_form, body_form} - {"simple", "relaxed"} or len(forms) > 2:
        raise MalformedError("its form is unknown")
    if "from" not in covers or (arc and "arc-seal" in covers):
        raise MalformedError("it does not sign who writes")
    if not arc and (version != "1" or not f".{identity}".endswith(f".{domain}")):
        raise MalformedError("it signs for another domain")
    if "l" in said:
        raise MalformedError("it signs only a part of the text")
    if said.get("q", "dns/txt") != "dns/txt" or (expires and not re.fullmatch(r"\d{1,12}", expires)):
        raise MalformedError("its tags cannot be read")
    return Signature(
        own=own,
        algorithm="rsa" if algorithm == "rsa-sha256" else "ed25519",
        domain=domain,
        selector=selector,
        identity=identity,
        head_form=cast(Form, head_form),
        body_form=cast(Form, body_form),
        covers=covers,
        body_hash=hashed,
        value=value,
        expires=int(expires) if expires else None,
    )


def read_key(record: bytes) -> Key:
    """A key record (RFC 6376 §3.6.1, RFC 8463). Raises MalformedError with the reason why it is no use."""
    said = tags(record)
    if said.get("v", "DKIM1") != "DKIM1" or "p" not in said:
        raise MalformedError("what stands in DNS is no key")
    flags = {flag.strip() for flag in said.get("t", "").split(":")}
    if "y" in flags:
        raise MalformedError("its key is only being tried out")
    if {"*", "email"}.isdisjoint(word.strip() for word in said.get("s", "*").split(":")):
        raise MalformedError("its key is not for mail")
    if "sha256" not in [word.strip() for word in said.get("h", "sha256").split(":")]:
        raise MalformedError("its key is for another algorithm")
    packed = read_value(said["p"])
    if not packed:
        raise MalformedError("its key was revoked")
    return Key(_public(said.get("k", "rsa"), packed), "s" in flags)


def _public(kind: str, packed: bytes) -> PublicKey:
    try:
        if kind == "ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(packed)
        found = serialization.load_der_public_key(packed) if kind == "rsa" else None
    except (ValueError, exceptions.UnsupportedAlgorithm) as error:
        raise MalformedError("its key cannot be read") from error
    if not isinstance(found, rsa.RSAPublicKey):
        raise MalformedError("its key is of another kind")
    if not LEAST_BITS <= found.key_size <= _MOST_BITS:
        raise MalformedError("its key is too short" if found.key_size < LEAST_BITS else "its key is too long")
    return found


def check(mail: Bare, signature: Signature, key: Key, at: datetime, *, hashed: dict[Form, bytes]) -> str | None:
    """None where the signature holds for a mail that came at that time, else why it does not.

    `hashed` remembers what the body's hash is in each form, from one signature of a mail to the next.
    """
    if signature.expires is not None and at.timestamp() > signature.expires + _SLACK.total_seconds():
        return "it was out of date"
    if key.exact and signature.identity != signature.domain:
        return "its key is for another domain"
    form = signature.body_form
    if form not in hashed:
        hashed[form] = hashlib.sha256(body(mail.body, form)).digest()
    if hashed[form] != signature.body_hash:
        return "the text was changed on its way"
    covered = [field(one, signature.head_form) + b"\r\n" for one in selected(mail.fields, signature.covers)]
    own = field(signature.own._replace(value=without_tag(signature.own.value, b"b")), signature.head_form)
    return (
        None
        if holds(key.public, signature.algorithm, signature.value, b"".join(covered) + own)
        else ("its header was changed on its way")
    )


def holds(public: PublicKey, algorithm: Algorithm, value: bytes, signed: bytes) -> bool:
    """Whether a signature's value is this key's over these bytes."""
    try:
        if isinstance(public, ed25519.Ed25519PublicKey) and algorithm == "ed25519":
            public.verify(value, hashlib.sha256(signed).digest())
        elif isinstance(public, rsa.RSAPublicKey) and algorithm == "rsa":
            public.verify(value, signed, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except (exceptions.InvalidSignature, ValueError):
        return False
    return True


def read_value(text: str) -> bytes:
    """Base64, blanks in it or not. Raises MalformedError."""
    try:
        return base64.b64decode(re.sub(r"[ \t\r\n]+", "", text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedError("its tags cannot be read") from error


def _domain(text: str) -> str:
    name = normal(f"x@{text.strip()}").partition("@")[2].lower()
    if not _DOMAIN.fullmatch(name):
        raise MalformedError("its tags cannot be read")
    return name
