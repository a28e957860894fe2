"""What is often written wrongly into .env, each with what to do about it: names, tokens, the first supervisor."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr

from core.phrases import Phrase, phrase
from core.settings import Settings

_NEAR = 0.8
"""How like a name of ours another one must be to be taken for it: a file may hold other programs' settings."""

_PLACEHOLDER = re.compile(r"…|\.\.\.|[<>\s]|x{6,}|(?:^|[-_])(?:your|token|example|change|here)", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+")

_WHERE: Mapping[str, Phrase] = {
    "SLACK_BOT_TOKEN": phrase(
        "Copy the Bot User OAuth Token (xoxb-…) from api.slack.com, your app, Install App, and put it into .env."
    ),
    "SLACK_APP_TOKEN": phrase(
        "Make a token (xapp-…) at api.slack.com, your app, Basic Information, App-Level Tokens, with the scope "
        "connections:write, and put it into .env; or set SLACK_MODE=http."
    ),
}
_BEGINS: Mapping[str, tuple[str, ...]] = {"SLACK_BOT_TOKEN": ("xoxb-", "xoxe.xoxb-"), "SLACK_APP_TOKEN": ("xapp-",)}


def misspelt(folder: Path = Path()) -> Iterable[Phrase]:
    """Names in .env that are nearly ones of ours, and so set nothing."""
    known = [name.upper() for name in Settings.model_fields]
    for name in _written(folder):
        if name.upper().partition("__")[0] not in known and (
            near := get_close_matches(name.upper(), known, n=1, cutoff=_NEAR)
        ):
            yield phrase(".env sets {name}, which nothing reads. Did you mean {meant}?", name=name, meant=near[0])


def token(name: str, found: SecretStr | None, folder: Path = Path()) -> Phrase | None:
    """What is wrong with a Slack token by the look of it, never the token itself; None where nothing is."""
    secret = found.get_secret_value() if found is not None else ""
    if not secret:
        written = {**_written(folder), **os.environ}
        said = phrase("{name} is empty.", name=name) if name in written else phrase("{name} is missing.", name=name)
    else:
        begin = next((begin for begin in _BEGINS[name] if secret.startswith(begin)), None)
        other = next((other for other, begins in _BEGINS.items() if other != name and secret.startswith(begins)), None)
        if begin is not None and not _PLACEHOLDER.search(secret.removeprefix(begin)):
            return None
        if other is not None:
            said = phrase("{name} holds what belongs into {other}.", name=name, other=other)
        elif begin is not None:
            said = phrase("{name} is still the placeholder of an example.", name=name)
        else:
            said = phrase(
                "{name} does not begin with {begin}, as such a token does.", name=name, begin=_BEGINS[name][0]
            )
    return phrase("{said} {remedy}", said=said, remedy=_WHERE[name])


def supervisor(found: str | None) -> Phrase | None:
    """What is wrong with SLACK_SUPERVISOR by the look of it."""
    if found is None or _ADDRESS.fullmatch(found.strip()):
        return None
    return phrase(
        "SLACK_SUPERVISOR is “{value}”, which is no mail address. Write the address of that person's Slack account: "
        "you@example.com",
        value=found,
    )


def _written(folder: Path) -> Mapping[str, str | None]:
    path = folder / ".env"
    return dotenv_values(path, interpolate=False) if path.is_file() else {}
