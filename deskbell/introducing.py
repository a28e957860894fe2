"""The sandbox's shop, made known to the desk as a source, and the desk to it."""

from __future__ import annotations

from datetime import timedelta

from core.desk import Desk
from core.phrases import phrase
from core.tickets.sources import USUAL, Told
from deskbell.speaking import speak
from gateways.web.signing import as_said
from sandbox.shop import NAME, Shop


async def introduce(desk: Desk, shop: Shop, api: str, hooks: str) -> None:
    """Let the shop bring messages to `api`, and take webhooks at `hooks`, whichever of both is new here."""
    known = next((one for one in await desk.sources.soon() if one.name == NAME), None)
    if known is not None and known.revoked_at is not None:
        speak(phrase("The source {name} was revoked: the sandbox's shop stays closed.", name=NAME))
        return
    token, secret = shop.keys.get("token", ""), shop.keys.get("secret", "")
    if known is None or await desk.source_with.soon(token) is None:
        made = desk.add_source.soon(NAME, USUAL) if known is None else desk.rotate_source.soon(NAME, timedelta(0))
        key = await made
        token, secret = key.token, as_said(key.secret)
    await desk.revise_source.soon(NAME, url=hooks, told=tuple(Told))
    shop.connect(api, token, secret)
