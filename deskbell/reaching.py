"""What the doctor says of our pages: whether there are any, and whether their address leads to them."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import aiohttp

from core.phrases import Phrase, phrase
from core.settings import Settings

Found = tuple[str, Phrase]

_NOWHERE = "/t/whetherthisleadstoourpages"
_PATIENCE = aiohttp.ClientTimeout(total=5)


async def reaching(settings: Settings) -> AsyncGenerator[Found]:
    """Nothing where there are no pages: a desk works without."""
    url = settings.web_url
    if not url:
        return
    if urlsplit(url).scheme == "http" and not _is_here(urlsplit(url).hostname or ""):
        said = phrase(
            "WEB_URL begins with http: whoever sees the traffic can read the links in it, and with them customers' "
            "conversations. Put a certificate before the desk and write https."
        )
        yield "bad", said
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as http,
            http.get(url + _NOWHERE, allow_redirects=False) as response,
        ):
            ours = response.status == 404 and "noindex" in response.headers.get("X-Robots-Tag", "")
            status = response.status
    except (aiohttp.ClientError, TimeoutError) as error:
        cause = str(error) or type(error).__name__
        yield (
            "warn",
            phrase(
                "Nothing answers at WEB_URL, {url} ({cause}). That is so while the desk is not running; else have your "
                "web server hand /t/, /u/ and /contact on to WEB_PORT.",
                url=url,
                cause=cause,
            ),
        )
        return
    if ours:
        yield "good", phrase("Customers reach our pages: {url}.", url=url)
    else:
        yield (
            "bad",
            phrase(
                "WEB_URL, {url}, does not lead to our pages: something else answers there (HTTP {code}). Have your web "
                "server hand /t/, /u/ and /contact on to WEB_PORT, with their paths as they are.",
                url=url,
                code=status,
            ),
        )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
