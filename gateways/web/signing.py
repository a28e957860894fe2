"""Signatures over an id, a time and a body, both ways: Standard Webhooks 1.0, symmetric form ("v1")."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

WINDOW = timedelta(minutes=5)
"""What is signed for another time is nobody's, or is played once more."""

_SECONDS = re.compile(r"[0-9]{1,10}")


def as_said(secret: bytes) -> str:
    """A secret as a partner is given it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def signature(secret: bytes, id: str, seconds: int, body: bytes) -> str:
    """One signature."""
    said = b".".join((id.encode("utf-8", "surrogateescape"), str(seconds).encode(), body))
    return f"v1,{base64.b64encode(hmac.digest(secret, said, sha256)).decode()}"


def headers(secrets: Sequence[bytes], id: str, now: datetime, body: bytes) -> dict[str, str]:
    """What a webhook is sent with; while a secret is being changed, signed by both."""
    seconds = int(now.timestamp())
    signed = " ".join(signature(secret, id, seconds, body) for secret in secrets)
    return {"webhook-id": id, "webhook-timestamp": str(seconds), "webhook-signature": signed}


def is_timely(timestamp: str, now: datetime) -> bool:
    """Whether that is now, nearly."""
    if not _SECONDS.fullmatch(timestamp):
        return False
    return abs(now - datetime.fromtimestamp(int(timestamp), UTC)) <= WINDOW


def is_signed(secrets: Sequence[bytes], id: str, timestamp: str, body: bytes, said: str) -> bool:
    """Whether one of these signatures is by one of these secrets. Takes as long whatever is wrong with them."""
    wanted = [signature(secret, id, int(timestamp), body).encode() for secret in secrets]
    given = [one.encode("utf-8", "surrogateescape") for one in said.split(" ")[:10]]
    return any([hmac.compare_digest(one, right) for one in given for right in wanted])
