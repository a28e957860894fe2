"""Access tokens in place of a password: asked for in time, and anew when one is refused (RFC 6749)."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from core.phrases import DeskError, phrase

EARLY = timedelta(minutes=5)
"""So long before its end a token is not used any more."""

PATIENCE = 20.0
_MOST = 256 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"
MICROSOFT_AS_USER = {
    "imap": "https://outlook.office.com/IMAP.AccessAsUser.All offline_access",
    "smtp": "https://outlook.office.com/SMTP.Send offline_access",
}
MICROSOFT_AS_APP = "https://outlook.office365.com/.default"
GOOGLE = "https://oauth2.googleapis.com/token"


class TokenRefused(DeskError):
    """The provider gives us none: somebody must correct the settings."""


class ProviderAway(DeskError):
    """The provider cannot be asked now: try again."""


class Vault(Protocol):
    """Where refresh tokens are kept that a provider gave in place of ours, for all processes and the next start.

    `seed` is the one in the settings: what was given in place of another counts no more.
    """

    def kept(self, seed: str) -> str | None: ...
    def keep(self, seed: str, token: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks for tokens, and where. Without a refresh token it asks in its own name (client credentials)."""

    url: str
    id: str
    secret: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    scope: str = ""


class Tokens:
    """The tokens of one client. Call it for one; with True when the last was refused. For any thread."""

    def __init__(self, client: Client, now: Callable[[], datetime], vault: Vault | None = None):
        self.client, self._now, self._vault = client, now, vault
        self._lock = threading.Lock()
        self._token = ""
        self._until: datetime | None = None
        self._refresh = client.refresh_token

    def __call__(self, refused: bool) -> str:
        """A token. Raises TokenRefused where the provider gives none, ProviderAway where it cannot be asked."""
        with self._lock:
            if refused or self._until is None or self._now() >= self._until:
                self._ask()
            return self._token

    def _ask(self) -> None:
        self._look_up()
        try:
            said = self._answer(self._request())
        except TokenRefused:
            if not self._look_up():  # another process may have been given a new one while we asked with the old one
                raise
            said = self._answer(self._request())
        token, lasts = said.get("access_token"), said.get("expires_in", 3600)
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise self._no("no access_token")
        self._token = token
        span = timedelta(
            seconds=float(lasts) if isinstance(lasts, int | float | str) and str(lasts).isdigit() else 3600
        )
        self._until = self._now() + max(span - EARLY, span / 2)
        if isinstance(again := said.get("refresh_token"), str):
            self._given(again)

    def _look_up(self) -> bool:
        """Take the refresh token that was given last, to whichever process. Whether that is another one."""
        if self._vault is None or not self.client.refresh_token:
            return False
        kept = self._vault.kept(self.client.refresh_token) or self._refresh
        changed, self._refresh = kept != self._refresh, kept
        return changed

    def _given(self, token: str) -> None:
        """The provider gave another refresh token: the one before may end at once, so it is kept before it is used."""
        if token != self._refresh and self._vault is not None and self.client.refresh_token:
            self._vault.keep(self.client.refresh_token, token)
        self._refresh = token

    def _request(self) -> urllib.request.Request:
        client = self.client
        form = {"client_id": client.id, "scope": client.scope, "client_secret": client.secret}
        if self._refresh:
            form |= {"grant_type": "refresh_token", "refresh_token": self._refresh}
        else:
            form |= {"grant_type": "client_credentials"}
        parts = urllib.parse.urlsplit(client.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise self._no("the address must begin with https://")
        body = urllib.parse.urlencode({name: value for name, value in form.items() if value}).encode()
        headers = {"Accept": "application/json"}
        return urllib.request.Request(client.url, body, headers, method="POST")  # noqa: S310 - looked at above

    def _answer(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with _OPENER.open(request, timeout=PATIENCE) as answer:
                said = answer.read(_MOST)
        except urllib.error.HTTPError as error:
            with error:
                raise self._http(error.code, error.read(_MOST)) from None
        except (OSError, ValueError) as error:
            raise self._lost(str(getattr(error, "reason", error))) from error
        try:
            found = json.loads(said)
        except ValueError as error:
            raise self._lost("the answer is no JSON") from error
        return found if isinstance(found, dict) else {}

    def _http(self, code: int, body: bytes) -> TokenRefused | ProviderAway:
        """What an error means: of the provider it passes, of the client it does not."""
        if code == 429 or code >= 500:
            return self._lost(f"HTTP {code}")
        try:
            said = json.loads(body)
            why = f"{said.get('error', '')} {said.get('error_description', '')}".strip()
        except (ValueError, AttributeError):
            why = ""
        return self._no(" ".join(why.split())[:200] or f"HTTP {code}")

    def _no(self, reason: str) -> TokenRefused:
        return TokenRefused(
            phrase(
                "{url} gives no token: {reason}. Look whether its client, secret and refresh token in "
                ".env are right and not out of date.",
                url=self.client.url,
                reason=reason,
            )
        )

    def _lost(self, reason: str) -> ProviderAway:
        return ProviderAway(
            phrase("{url} cannot be asked for a token: {reason}", url=self.client.url, reason=reason[:200])
        )


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Secrets go where they were meant to, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)
