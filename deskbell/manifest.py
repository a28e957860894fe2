"""`deskbell manifest`: what to paste at api.slack.com, for Socket Mode or for signed HTTP."""

from __future__ import annotations

import argparse
import json
from urllib.parse import urlsplit

from core.phrases import Refused, phrase
from gateways.slack.wire.manifest import manifest, manifest_for_http


def main(options: argparse.Namespace) -> int:
    made = manifest() if options.url is None else manifest_for_http(_public(options.url))
    print(json.dumps(made, indent=2, ensure_ascii=False))
    return 0


def _public(url: str) -> str:
    """Slack sends its requests by HTTPS only."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        raise Refused(
            phrase("{url} is not an address that Slack can use: it begins with https:// and a name.", url=url)
        )
    return url
