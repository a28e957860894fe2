"""Slack's Web API: finds the method, checks token, scope and tier, and answers as Slack does."""

import asyncio
import logging

from aiohttp import web

from sandbox.errors import Json, SandboxError
from sandbox.names import fresh_id
from sandbox.web_api import auth, chat, checking, conversations, files, marks, people, streams, views
from sandbox.web_api.call import Call, Method, read_params
from sandbox.web_api.scopes import SCOPES
from sandbox.workspace import ApiCall, Workspace

log = logging.getLogger("sandbox.web_api")
METHODS: dict[str, Method] = {
    **auth.METHODS,
    **chat.METHODS,
    **checking.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **marks.METHODS,
    **people.METHODS,
    **streams.METHODS,
    **views.METHODS,
}
NO_TOKEN = frozenset({"api.test", "oauth.v2.access"})
APP_TOKEN = frozenset({"apps.connections.open"})


class WebApi:
    def __init__(self, slack: Workspace) -> None:
        self._slack = slack

    async def serve(self, request: web.Request) -> web.StreamResponse:
        slack, method = self._slack, request.match_info["method"]
        if slack.faults.slow_ms:
            await asyncio.sleep(slack.faults.slow_ms / 1000)
        call = ApiCall(method, {})
        slack.calls.append(call)
        if slack.faults.breaks():
            call.status = 500
            return web.Response(status=500, text="internal server error")
        try:
            call.params = await read_params(request)
            answer = self._answer(request, Call(method, call.params))
        except _RateLimited as limited:
            call.status, call.answer = 429, {"ok": False, "error": "ratelimited"}
            return web.json_response(call.answer, status=429, headers={"Retry-After": str(limited.seconds)})
        except SandboxError as error:
            answer = {"ok": False, "error": error.code, **error.details}
        call.answer = answer
        if slack.faults.spend_of(slack.faults.lose_answers, method) and request.transport is not None:
            call.status = 0
            request.transport.abort()
        headers = {"X-Slack-Req-Id": fresh_id(""), "X-OAuth-Scopes": ",".join(slack.manifest.scopes)}
        return web.json_response(answer, headers=headers)

    def _answer(self, request: web.Request, call: Call) -> Json:
        slack = self._slack
        if slack.faults.spend("rate_limit_next"):
            raise _RateLimited(slack.faults.rate_limit_seconds)
        if error := slack.faults.error_of(call.method):
            raise SandboxError(error)
        handler = METHODS.get(call.method)
        if handler is None:
            log.error("the app called %s, which this sandbox does not know", call.method)
            raise SandboxError("unknown_method", req_method=call.method)
        self._check_token(request, call)
        slack.manifest.check_scope(SCOPES.get(call.method, ()))
        if seconds := slack.tiers.admit(call.method, call.params):
            log.warning("%s is rate limited for %d s", call.method, seconds)
            raise _RateLimited(seconds)
        return {"ok": True, **handler(slack, call)}

    def _check_token(self, request: web.Request, call: Call) -> None:
        """Raises SandboxError: not_authed, invalid_auth, not_allowed_token_type."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token.strip() if scheme.lower() == "bearer" else call.text("token")
        if call.method in NO_TOKEN:
            return
        if not token:
            raise SandboxError("not_authed")
        keys = self._slack.keys
        if token not in (keys.bot_token, keys.app_token):
            raise SandboxError("invalid_auth")
        if token != (keys.app_token if call.method in APP_TOKEN else keys.bot_token):
            raise SandboxError("not_allowed_token_type")


class _RateLimited(Exception):
    def __init__(self, seconds: int) -> None:
        super().__init__(f"rate limited for {seconds} s")
        self.seconds = seconds
