"""A shop whose customers write in its own chat: a partner, which brings their words by the desk's web API and takes its
webhooks, as docs/adding-a-channel.md says and from nothing else.
"""

import base64
import binascii
import hmac
import json
import secrets
import time
from collections.abc import Mapping

import aiohttp
from aiohttp import web

from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.notices import Notices

NAME = "webshop"
HOOKS = "/shop/hooks"
CUSTOMERS = (("mia", "Mia Novak"), ("leo", "Leo Martin"))
TIMELY = 300  # seconds that a webhook's time may be off
LONGEST = 10_000  # characters of a webhook that are shown
TRIES = 3
SECONDS = 15


class Shop:
    """`api` is the address of the desk's web API, empty while nobody has told us of a desk."""

    def __init__(self, journal: Journal, notices: Notices) -> None:
        self._journal = journal
        self._notices = notices
        self.api = ""
        self.refuses = False
        self._http: aiohttp.ClientSession | None = None

    # -- how it is connected

    @property
    def keys(self) -> Json:
        """The token and the secret of the source, as they were in the last run; {} where there are none."""
        return self._journal.table("app").get("shop_keys", {})

    def connect(self, api: str, token: str, secret: str) -> None:
        self.api = api
        self._journal.put("app", "shop_keys", {"token": token, "secret": secret})
        self._tell()

    def routes(self) -> list[web.RouteDef]:
        return [web.post(HOOKS, self._take)]

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    # -- what is there

    def seed(self) -> None:
        if not self._journal.table("shoppers"):
            for key, name in CUSTOMERS:
                self._keep_shopper({"id": key, "name": name, "ticket": None})

    def shown(self) -> Json:
        return {
            **self._state(),
            "shoppers": list(self._journal.table("shoppers").values()),
            "said": list(self._journal.table("shop_said").values()),
            "hooks": list(self._journal.table("shop_hooks").values()),
        }

    def hooks(self) -> list[Json]:
        """The webhooks that came, oldest first."""
        return list(self._journal.table("shop_hooks").values())

    def _state(self) -> Json:
        return {"name": NAME, "connected": bool(self.api), "refuses": self.refuses}

    def _tell(self) -> None:
        self._notices.tell("shop", self._state())

    # -- what its customers do

    def new_shopper(self, name: str) -> Json:
        if not name.strip():
            raise SandboxError("invalid_name")
        shopper = {"id": f"c-{self._number()}", "name": name.strip()[:80], "ticket": None}
        self._keep_shopper(shopper)
        return shopper

    def refuse(self, yes: bool) -> None:
        """Answer webhooks by 503 from now on, or take them again."""
        self.refuses = yes
        self._tell()

    async def write(self, shopper: str, text: str) -> Json:
        """A customer says something in the shop's chat. Brought to the desk until it has it, by the same key."""
        known = self._journal.table("shoppers").get(shopper)
        if known is None:
            raise SandboxError("user_not_found")
        if not text.strip():
            raise SandboxError("no_text")
        if not self.api:
            raise SandboxError("no_desk")
        said = {"n": self._number(), "shopper": shopper, "text": text, "at": time.time(), "state": "on its way"}
        said["key"] = f"{NAME}-{secrets.token_hex(8)}"
        self._keep_said(said)
        person = {"id": known["id"], "name": known["name"]}
        status, answer = await self._bring(said["key"], {"thread": shopper, "text": text, "person": person})
        if status == 202:
            said = {**said, "state": "kept", "number": answer["id"]}
        else:
            said = {**said, "state": "refused", "why": str(answer.get("detail", status))[:300]}
        self._keep_said(said)
        return said

    async def _bring(self, key: str, body: Json) -> tuple[int, Json]:
        """The desk's last word. What nobody answered, or failed there, is sent again with the same key."""
        headers = {"Authorization": f"Bearer {self.keys['token']}", "Idempotency-Key": key}
        status, answer = 0, {"detail": "The desk does not answer."}
        for _ in range(TRIES):
            try:
                async with self._session().post(f"{self.api}/messages", json=body, headers=headers) as said:
                    status, answer = said.status, await said.json(content_type=None)
            except (aiohttp.ClientError, TimeoutError, ValueError):
                continue
            if status < 500:
                break
        return status, answer

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))
        return self._http

    # -- what comes from the desk

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        wrong = not_signed(self.keys.get("secret", ""), request.headers, raw)
        said = _said_in(raw)
        hook = self._seen(request.headers.get("webhook-id", "")[:200], raw, said, wrong)
        if wrong:
            return web.json_response({"detail": wrong}, status=401)
        if self.refuses:
            return web.json_response({"detail": "The shop takes nothing now."}, status=503)
        self._note(hook, said)
        return web.Response(status=204)

    def _seen(self, id: str, raw: bytes, said: Json, wrong: str) -> Json:
        """The webhook, for those who look; told again, it is the same one."""
        before = self._journal.table("shop_hooks").get(id, {})
        taken = before.get("taken", False) or not (wrong or self.refuses)
        hook = {
            "n": before.get("n") or self._number(),
            "id": id,
            "at": before.get("at") or time.time(),
            "times": before.get("times", 0) + 1,
            "signed": not wrong,
            "wrong": wrong,
            "taken": taken,
            "type": str(said.get("type", ""))[:60],
            "thread": _of(said, "ticket").get("thread", ""),
            "text": _of(said, "message").get("text", ""),
            "files": [one.get("name", "") for one in _of(said, "message").get("files") or []],
            "body": _pretty(raw),
        }
        self._journal.put("shop_hooks", id, hook)
        self._notices.tell("shop_hook", {"hook": hook})
        return hook

    def _note(self, hook: Json, said: Json) -> None:
        """How its customer's ticket stands now."""
        shopper, ticket = self._journal.table("shoppers").get(hook["thread"]), _of(said, "ticket")
        if shopper is not None:
            stands = {name: ticket.get(name) for name in ("number", "status", "goes_on")}
            self._keep_shopper({**shopper, "ticket": stands})

    def _keep_shopper(self, shopper: Json) -> None:
        self._journal.put("shoppers", shopper["id"], shopper)
        self._notices.tell("shopper", {"shopper": shopper})

    def _keep_said(self, said: Json) -> None:
        self._journal.put("shop_said", str(said["n"]), said)
        self._notices.tell("shop_said", {"said": said})

    def _number(self) -> int:
        """The next one. None is given twice, not even after everything was cleared."""
        last = self._journal.table("app").get("shop_number", {"last": 0})["last"]
        self._journal.put("app", "shop_number", {"last": last + 1})
        return last + 1


class Shopping:
    """What a customer of the shop, and who runs it, can do on the page."""

    shop: Shop

    async def new_shopper(self, name: str) -> Json:
        return self.shop.new_shopper(name)

    async def shop_write(self, shopper: str, text: str) -> Json:
        return await self.shop.write(shopper, text)

    async def shop_refuse(self, refuse: bool) -> None:
        self.shop.refuse(refuse)


def not_signed(secret: str, headers: Mapping[str, str], raw: bytes) -> str:
    """Why this is not the desk's (Standard Webhooks 1.0); empty where it is."""
    id, at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not at.isascii() or not at.isdigit() or len(at) > 12 or abs(time.time() - int(at)) > TIMELY:
        return "its time is not now"
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return "there is no secret to look by"
    right = f"v1,{base64.b64encode(hmac.digest(key, f'{id}.{at}.'.encode() + raw, 'sha256')).decode()}"
    given = headers.get("webhook-signature", "").split()
    is_right = any(hmac.compare_digest(one.encode(), right.encode()) for one in given)
    return "" if is_right and key else "its signature is not by our secret"


def _said_in(raw: bytes) -> Json:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _of(said: Json, name: str) -> Json:
    data = said.get("data")
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _pretty(raw: bytes) -> str:
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)[:LONGEST]
    except (ValueError, RecursionError):
        return raw[:LONGEST].decode("utf-8", "replace")
