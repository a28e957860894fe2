"""The keys that sign what the desk sends, as the settings name them."""

from __future__ import annotations

import re

from core.phrases import Refused, phrase
from core.settings import DkimSettings, Settings
from gateways.email.outgoing.signing import NoKeyError, SigningKey, read_private
from gateways.email.parts.addresses import normal

_LABELS = re.compile(r"(?=.{1,200}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")


def keys_of(settings: Settings) -> list[SigningKey]:
    """Every key. Raises Refused where one cannot be read."""
    return [_key(name, said) for name, said in settings.dkim.items()]


def domain_name(said: str) -> str:
    """A domain as mail names it. Raises Refused where it is none."""
    name = normal(f"x@{said.strip()}").partition("@")[2]
    if "." not in name or not _LABELS.fullmatch(name):
        raise Refused(phrase("{name} is no domain.", name=said))
    return name


def selector_name(said: str) -> str:
    """A key's name in DNS. Raises Refused where it can be none."""
    name = said.strip().lower()
    if not _LABELS.fullmatch(name):
        raise Refused(phrase("{name} is no name for a key: letters, digits and hyphens only.", name=said))
    return name


def _key(name: str, said: DkimSettings) -> SigningKey:
    path = str(said.key_file)
    try:
        private = read_private(said.key_file.read_bytes())
    except OSError as error:
        cause = error.strerror or str(error)
        raise Refused(
            phrase(
                "The key {path} (DKIM__{setting}__KEY_FILE) cannot be read: {cause}",
                path=path,
                setting=name.upper(),
                cause=cause,
            )
        ) from error
    except NoKeyError as error:
        raise Refused(
            phrase(
                "{path} (DKIM__{setting}__KEY_FILE) is no key that signs: RSA of 1024 bits or more, or Ed25519, "
                "without a password. To make one: deskbell dkim new {domain}",
                path=path,
                setting=name.upper(),
                domain=said.domain,
            )
        ) from error
    return SigningKey(domain_name(said.domain), selector_name(said.selector), private)
