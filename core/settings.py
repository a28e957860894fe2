"""One frozen Settings, read from the environment and `.env` once, when a command starts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_NEEDED = ("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
_BOT_TOKEN = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{20,100}")
_NEEDED_KINDS = ("LC_", "PYTHON")


def for_a_child(environment: Mapping[str, str], *kinds: str) -> dict[str, str]:
    """What a program needs of our environment that we start: no setting of ours, and no secret of anybody's.

    `kinds` are how the names begin of what it needs beside that.
    """
    return {
        name: value
        for name, value in environment.items()
        if name in _NEEDED or name.startswith((*_NEEDED_KINDS, *kinds))
    }


Port = Annotated[int, Field(ge=0, le=65535)]


class OAuthSettings(BaseModel):
    """How a server is logged in to: with a password, or with tokens that a provider gives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    password: SecretStr | None = None
    oauth: Literal["microsoft", "google", "other"] | None = Field(None, description="a token instead of a password")
    oauth_tenant: str = Field("common", description="Microsoft: the tenant's id or domain")
    oauth_token_url: str | None = Field(None, description="where tokens are given, of any other provider")
    oauth_scope: str | None = None
    oauth_client_id: str = ""
    oauth_client_secret: SecretStr | None = None
    oauth_refresh_token: SecretStr | None = Field(None, description="without it the client asks in its own name")

    @model_validator(mode="after")
    def _knows_where_to_ask(self) -> Self:
        if self.oauth == "other" and not self.oauth_token_url:
            raise ValueError("OAUTH=other needs OAUTH_TOKEN_URL")
        return self


class RelaySettings(OAuthSettings):
    """A server that takes mail from certain mailboxes of ours, as SMTP__NAME__… in the environment says."""

    host: str
    port: Port = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    address: str = Field("", description="the rulebook's mailboxes that it sends for, by commas; default: the user")
    max_size: int = Field(25 * 1024 * 1024, description="bytes of a whole mail; it may say less itself")


class ImapSettings(OAuthSettings):
    """A mailbox on another server, as IMAP__NAME__… in the environment says."""

    host: str
    port: Port | None = Field(None, description="default: 993, without TLS from the start 143")
    tls: Literal["tls", "starttls", "none"] = "tls"
    user: str

    address: str | None = Field(None, description="the rulebook's mailbox that its mail is for; default: the user")
    recipient: str = Field("", description="a header that this server writes itself, e.g. Delivered-To, to be believed")
    folders: str = Field("INBOX", description="separated by commas; the first is listened to, the others are polled")
    hold: str = Field("", description="of these folders, separated by commas, mail is held back as spam: Junk")
    start: Literal["new", "all"] = Field("new", description="whether mails count that lie there at the first look")
    after: Literal["flag", "move", "delete", "leave"] = Field(
        "flag", description="what becomes there of a mail we have"
    )
    move_to: str = "Deskbell"
    authserv: str | None = Field(None, description="whose Authentication-Results count; default: MAIL_TRUSTED_AUTHSERV")
    poll: timedelta = Field(timedelta(minutes=5), ge=timedelta(seconds=1), le=timedelta(hours=1))
    max_size: int = Field(50 * 1024 * 1024, description="bytes; of a larger mail only the headers are taken")

    @model_validator(mode="after")
    def _can_log_in(self) -> ImapSettings:
        if self.oauth is None and self.password is None:
            raise ValueError("set PASSWORD, or OAUTH with its client")
        return self


class DkimSettings(BaseModel):
    """A key that signs what we send, as DKIM__NAME__… in the environment says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: str = Field(description="of the mailboxes whose mail it signs, and of those below it")
    selector: str = Field(description="its name in DNS")
    key_file: Path = Field(description="its private half, as PEM")


class Settings(BaseSettings):
    """Where the desk lives and what it talks to. What decisions read is in the rulebook, not here."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_nested_delimiter="__", extra="ignore", frozen=True
    )

    # Store
    database_url: str = Field("sqlite:///var/deskbell.db", repr=False, description="sqlite:///PATH or postgresql://…")
    var: Path = Field(Path("var"), description="folder for the embedded database, blobs and the local socket")
    desk_file: Path = Field(Path("desk.toml"), description="the rulebook's file; read when the database is new")

    # Slack
    slack_bot_token: SecretStr | None = Field(None, description="xoxb-…")
    slack_app_token: SecretStr | None = Field(None, description="xapp-…, for Socket Mode")
    slack_signing_secret: SecretStr | None = Field(None, description="for signed HTTP instead of Socket Mode")
    slack_mode: Literal["socket", "http"] = "socket"
    slack_api_url: str = "https://slack.com/api/"
    slack_supervisor: str | None = Field(None, description="mail address of the first supervisor in Slack")

    # Telegram
    telegram_bot_token: SecretStr | None = Field(
        None, description="of the bot that customers write to, from @BotFather"
    )
    telegram_mode: Literal["polling", "webhook"] = Field(
        "polling", description="whether the desk asks for what comes, or Telegram brings it to WEB_URL"
    )
    telegram_api_url: str = Field("https://api.telegram.org", description="another server of the Bot API")
    telegram_groups: Literal["addressed", "all", "none"] = Field(
        "addressed", description="what counts in groups: what is said to the bot, everything that it hears, nothing"
    )

    # Watched from outside
    heartbeat_url: str | None = Field(
        None, repr=False, description="asked every five minutes while all goes well; whoever misses it raises the alarm"
    )

    # Mail in
    smtp_host: str = "127.0.0.1"
    smtp_port: Port = 2525
    smtp_max_size: int = Field(50 * 1024 * 1024, description="bytes")
    smtp_hostname: str | None = Field(None, description="the name in our greeting; default: the first mailbox's domain")
    smtp_tls_cert: Path | None = Field(None, description="PEM file of our certificate and those above it: STARTTLS")
    smtp_tls_key: Path | None = Field(None, description="its key, where it is not in the same file")

    lmtp_host: str = "127.0.0.1"
    lmtp_port: Port | None = Field(None, description="a door for your own mail server, by LMTP")

    submission_host: str = "127.0.0.1"
    submission_port: Port | None = Field(None, description="a door for those who log in, over TLS")
    submission_users: dict[str, SecretStr] = Field({}, description="SUBMISSION_USERS__NAME=password")

    imap: dict[str, ImapSettings] = Field({}, description="mailboxes to read, by a name of ours: IMAP__SUPPORT__HOST=…")

    # Whom to believe
    mail_verify: Literal["off", "headers", "check"] = Field(
        "headers", description="whether senders are who they say: by what servers of ours wrote, or also by asking DNS"
    )
    mail_trusted_authserv: str = Field("", description="names in Authentication-Results that are ours, by commas")
    mail_trusted_sealers: str = Field("", description="domains whose ARC seals are believed, by commas")
    mail_relays: str = Field("", description="networks of servers of ours that hand mail on, beside private ones")
    dns_server: str = Field("", description="ADDRESS or ADDRESS:PORT, by commas; default: the machine's own")

    # Mail out
    relay_host: str | None = Field(None, description="the SMTP server that takes our mail")
    relay_port: Port = 587
    relay_tls: Literal["starttls", "tls", "none"] = "starttls"
    relay_user: str | None = None
    relay_password: SecretStr | None = None
    relay_max_size: int = Field(25 * 1024 * 1024, description="bytes of a whole mail; the relay may say less itself")
    relay_oauth: Literal["microsoft", "google", "other"] | None = Field(None, description="a token, not a password")
    relay_oauth_tenant: str = "common"
    relay_oauth_token_url: str | None = None
    relay_oauth_scope: str | None = None
    relay_oauth_client_id: str = ""
    relay_oauth_client_secret: SecretStr | None = None
    relay_oauth_refresh_token: SecretStr | None = None

    smtp: dict[str, RelaySettings] = Field(
        {}, description="relays of certain mailboxes, by a name of ours: SMTP__BILLING__HOST=…"
    )

    dkim: dict[str, DkimSettings] = Field({}, description="keys that sign, by a name of ours: DKIM__MAIN__DOMAIN=…")

    # Web
    web_host: str = "127.0.0.1"
    web_port: Port = 8025
    web_url: str | None = Field(
        None, description="https://…, where customers reach our pages; without it there are none"
    )
    web_link_days: int = Field(90, ge=1, le=3650, description="so long a link to a ticket's page holds")
    web_upload_max: int = Field(
        200_000_000,
        ge=100_000,
        le=1_000_000_000,
        description="bytes of files sent at once by a page; Slack takes no larger file",
    )
    web_contact_max: int = Field(
        20_000_000, ge=0, le=50_000_000, description="the same of the contact form, which is anybody's; 0: no files"
    )
    web_proxies: str = Field("", description="networks of web servers of ours before WEB_PORT, beside private ones")
    web_hooks_networks: str = Field(
        "", description="networks that webhooks may go to beside the outside, by commas: 10.1.0.0/16, 127.0.0.0/8"
    )

    # Understanding
    encoders: str = Field("use,e5", description="what knows sentences of many languages, by commas: use, e5; or none")
    understanding_memory: int = Field(
        2 << 30, ge=1 << 29, description="bytes of address space of the process that understands what customers want"
    )

    # Sandbox
    sandbox_port: Port = Field(8026, description="the port of the sandbox's page; its desk has SMTP_PORT and WEB_PORT")

    # Behaviour that belongs to the installation
    undo_seconds: float = Field(10, ge=0, le=60)
    pace: dict[str, Annotated[float, Field(ge=0.01, le=10_000)]] = Field(
        {}, description="what the outside allows, where it is not the usual, a second: PACE__RELAY=14, PACE__TELEGRAM=…"
    )
    lease: timedelta = timedelta(seconds=6)

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME")
        try:
            _ = urlsplit(url).port
        except ValueError:  # which quotes what it stumbles over: it may be the password
            raise ValueError(
                "it cannot be taken apart; in a password write %40 for @, %2F for /, %3A for :, %23 for #"
            ) from None
        return url

    @field_validator("slack_bot_token", "slack_app_token", "slack_signing_secret", "telegram_bot_token", mode="after")
    @classmethod
    def _nothing_written(cls, secret: SecretStr | None) -> SecretStr | None:
        """An example's empty line sets nothing."""
        return secret if secret is not None and secret.get_secret_value().strip() else None

    @field_validator("web_url", mode="after")
    @classmethod
    def _a_pages_address(cls, url: str | None) -> str | None:
        """Without a slash at its end. An example's empty line sets nothing."""
        if url is None or not url.strip():
            return None
        parts = urlsplit(url.strip())
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("write https://HOST, or https://HOST/PATH where the pages lie below a path")
        return url.strip().rstrip("/")

    @field_validator("web_proxies", mode="after")
    @classmethod
    def _networks(cls, said: str) -> str:
        for one in filter(None, map(str.strip, said.split(","))):
            ip_network(one, strict=False)
        return said

    @field_validator("telegram_bot_token", mode="after")
    @classmethod
    def _a_bots_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not _BOT_TOKEN.fullmatch(token.get_secret_value()):
            raise ValueError("a bot's token looks like 123456789:AAF…; copy it from @BotFather")
        return token

    @property
    def relay(self) -> RelaySettings | None:
        """The usual relay, in the shape of the others; None where there is none."""
        if not self.relay_host:
            return None
        said = {name: getattr(self, f"relay_{name}") for name in RelaySettings.model_fields if name != "address"}
        return RelaySettings(**said)

    @property
    def embedded(self) -> bool:
        return self.database_file is not None

    @property
    def database_file(self) -> Path | None:
        """The embedded database's file; None on PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.database_url.startswith("sqlite") else None
