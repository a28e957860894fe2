"""Servers that take our mail, as the settings name them: the usual one, and those of certain mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.desk.outlets import USUAL, Outlet, Outlets
from core.phrases import Refused, phrase
from core.rulebook.kinds import normal_address
from core.settings import OAuthSettings, RelaySettings, Settings
from gateways.email import oauth
from gateways.email.oauth import Vault
from gateways.email.outgoing.send import Relay

Now = Callable[[], datetime]
VaultOf = Callable[[str], Vault]
"""Where the tokens are kept of what has this name."""


def relays_of(settings: Settings, now: Now, vault_of: VaultOf | None = None) -> dict[str, Relay]:
    """Every server that takes our mail, by its name; the usual one, where there is one, by the name USUAL."""
    named = {**({USUAL: settings.relay} if settings.relay else {}), **settings.smtp}
    return {name: _relay(name, said, now, vault_of) for name, said in named.items()}


def outlets_of(settings: Settings) -> Outlets:
    """Whose mail leaves by which of them. Raises Refused where that cannot be understood."""
    own: dict[str, Outlet] = {}
    for name, said in settings.smtp.items():
        addresses = [one.strip() for one in (said.address or said.user or "").split(",") if one.strip()]
        if not addresses or not all("@" in one for one in addresses):
            raise Refused(
                phrase(
                    "Whose mail the relay {name} takes is not known. Set SMTP__{setting}__ADDRESS to addresses in the "
                    "rulebook.",
                    name=name,
                    setting=name.upper(),
                )
            )
        for address in addresses:
            if normal_address(address) in own:
                raise Refused(phrase("Two relays are to take the mail of {address}.", address=address))
            own[normal_address(address)] = Outlet(name, said.max_size)
    return Outlets(Outlet(USUAL, settings.relay_max_size), own)


def tokens_of(said: OAuthSettings, protocol: str, name: str, now: Now, vault_of: VaultOf | None) -> oauth.Tokens | None:
    """The tokens that open a server, by IMAP or by SMTP; None where it has a password."""
    if said.oauth is None:
        return None
    refresh = said.oauth_refresh_token.get_secret_value() if said.oauth_refresh_token else ""
    url, scope = said.oauth_token_url or "", said.oauth_scope
    match said.oauth:
        case "microsoft":
            url = url or oauth.MICROSOFT.format(tenant=said.oauth_tenant)
            scope = scope or (oauth.MICROSOFT_AS_USER[protocol] if refresh else oauth.MICROSOFT_AS_APP)
        case "google":
            url = url or oauth.GOOGLE  # a refresh token has its scope already
        case "other":
            pass
    secret = said.oauth_client_secret.get_secret_value() if said.oauth_client_secret else ""
    client = oauth.Client(url, said.oauth_client_id, secret, refresh, scope or "")
    return oauth.Tokens(client, now, vault_of(f"{protocol}:{name}") if vault_of else None)


def _relay(name: str, said: RelaySettings, now: Now, vault_of: VaultOf | None) -> Relay:
    return Relay(
        host=said.host,
        port=said.port,
        tls=said.tls,
        user=said.user,
        password=said.password.get_secret_value() if said.password else None,
        token=tokens_of(said, "smtp", name, now, vault_of),
    )
