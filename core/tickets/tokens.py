"""Signed tokens: a few numbers, the generation of the key that signs them, and a seal. Nothing in them is secret."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from collections.abc import Mapping
from hashlib import sha256

_MAC = 10  # bytes: 2^80 guesses, and the local part of an address stays below its 64 characters


def signed(key: bytes, purpose: bytes, body: bytes) -> str:
    """`body`, whose first byte is the key's generation, with its seal: lower-case letters and digits."""
    mac = hmac.digest(key, purpose + body, sha256)[:_MAC]
    return base64.b32encode(body + mac).decode("ascii").rstrip("=").lower()


def verified(keys: Mapping[int, bytes], purpose: bytes, shape: struct.Struct, said: str) -> tuple[int, ...] | None:
    """What was signed, without the generation; None where it is not ours, cut, or changed. `keys` by generation."""
    try:
        raw = base64.b32decode(said.upper() + "=" * (-len(said) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(raw) != shape.size + _MAC:
        return None
    generation, *facts = shape.unpack_from(raw)
    key = keys.get(generation)
    if key is None or not hmac.compare_digest(signed(key, purpose, raw[: shape.size]), said.lower()):
        return None
    return tuple(facts)
