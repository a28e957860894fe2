"""Who is in the workspace: its people, the app's bot user, and how Slack describes them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from sandbox.errors import Json, SandboxError
from sandbox.journal import Journal
from sandbox.names import BOT_ID, BOT_NAME, BOT_USER, TEAM_ID, fresh_id, seconds_now
from sandbox.notices import Notices


@dataclass(frozen=True)
class Person:
    """What a person is made from; `team_id` of another workspace makes a Slack Connect stranger of them."""

    id: str
    name: str
    real_name: str
    email: str | None
    locale: str = "en-US"
    tz: str = "Europe/Berlin"
    is_admin: bool = False
    team_id: str = TEAM_ID
    title: str = ""


SUPERVISOR = Person("U0SAM", "sam", "Sam Rivera", "sam@desk.example", is_admin=True)
AGENTS = (
    Person("U0ANN", "ann", "Ann Walker", "ann@desk.example", "en-GB", "Europe/London"),
    Person("U0JONAS", "jonas", "Jonas Becker", "jonas@desk.example", "de-DE"),
)
CUSTOMER = Person("U0NOOR", "noor", "Noor Haddad", None, "en-US", "Europe/Paris", team_id="T0ACME", title="Acme")
"""Of another company, which shares a room with the workspace."""
SLACKBOT = "USLACKBOT"  # in every workspace, and `is_bot` says no
PERSONAS = (*(agent.id for agent in AGENTS), SUPERVISOR.id)


class People:
    def __init__(self, journal: Journal, notices: Notices) -> None:
        self._journal = journal
        self._notices = notices
        self.base_url = ""  # avatars live on the sandbox itself; known once its port is

    @property
    def all(self) -> dict[str, Json]:
        return self._journal.table("users")

    def seed(self) -> None:
        for person in (*AGENTS, SUPERVISOR):
            self.add(person)
        self.add(Person(BOT_USER, BOT_NAME, "Deskbell", None))
        self.add(Person(SLACKBOT, "slackbot", "Slackbot", None))

    def add(self, person: Person) -> Json:
        user = _user(person)
        self.put(user)
        return user

    def put(self, user: Json) -> None:
        self._journal.put("users", user["id"], user)
        self._notices.tell("user", {"user": self.shown(user), "personas": self.personas()})

    def find(self, user_id: object, missing: str = "user_not_found") -> Json:
        user = self.all.get(str(user_id))
        if user is None:
            raise SandboxError(missing)
        return user

    def by_name(self, name: str) -> Json | None:
        wanted = name.casefold()
        return next((u for u in self.all.values() if wanted in (u["name"], u["real_name"].casefold())), None)

    def by_email(self, email: str) -> Json | None:
        wanted = email.casefold()
        return next((u for u in self.all.values() if (u["profile"].get("email") or "").casefold() == wanted), None)

    def shown(self, user: Json) -> Json:
        """A user as the page sees them: with the avatars and the hour of now, and with the locale."""
        here = datetime.now(ZoneInfo(user["tz"]))
        offset = here.utcoffset()
        seconds = int(offset.total_seconds()) if offset else 0
        shown = {**user, "tz_label": here.tzname() or user["tz"], "tz_offset": seconds}
        return {**shown, "profile": {**user["profile"], **_images(user["id"], self.base_url)}}

    def public(self, user: Json, with_locale: Iterable[str] = ()) -> Json:
        """A user as the Web API shows them: `locale` only for those asked for, and never for strangers."""
        shown = self.shown(user)
        if user["id"] not in with_locale or user["team_id"] != TEAM_ID:
            shown.pop("locale", None)
        return shown

    def personas(self) -> list[str]:
        """Whom the page can be, in the order of its switch."""
        made = [user for user in self.humans() if user not in PERSONAS]
        return [*PERSONAS, *made]

    def humans(self) -> list[str]:
        return [user for user in self.all if user not in (BOT_USER, SLACKBOT)]

    def new(self, name: str, email: str | None, locale: str, tz: str, team_id: str) -> Json:
        """Raises SandboxError: invalid_name, invalid_time_zone."""
        handle = name.casefold().split()[0] if name.split() else ""
        if not handle:
            raise SandboxError("invalid_name")
        self.check_zone(tz)
        return self.add(Person(fresh_id("U"), handle, name, email, locale, tz, team_id=team_id))

    @staticmethod
    def check_zone(tz: str) -> None:
        if tz not in available_timezones():
            raise SandboxError("invalid_time_zone")


def _images(user_id: str, base_url: str) -> Json:
    return {f"image_{size}": f"{base_url}/avatar/{user_id}/{size}" for size in (24, 32, 48, 72, 192, 512)}


def _user(person: Person) -> Json:
    is_bot = person.id == BOT_USER
    first, _, last = person.real_name.partition(" ")
    profile: Json = {
        "title": person.title,
        "phone": "",
        "skype": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": "" if is_bot else person.name,
        "display_name_normalized": "" if is_bot else person.name,
        "fields": {},
        "status_text": "",
        "status_emoji": "",
        "status_emoji_display_info": [],
        "status_expiration": 0,
        "status_text_canonical": "",
        "avatar_hash": hashlib.sha256(person.id.encode()).hexdigest()[:12],
        "first_name": first,
        "last_name": last,
        "team": person.team_id,
    }
    if is_bot:
        profile.update(api_app_id="A0SANDBOX", always_active=True, bot_id=BOT_ID)
    elif person.email:
        profile["email"] = person.email
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": False,
        "color": profile["avatar_hash"][:6],
        "real_name": person.real_name,
        "tz": person.tz,
        "profile": profile,
        "is_admin": person.is_admin,
        "is_owner": person.is_admin,
        "is_primary_owner": person.is_admin,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": is_bot,
        "is_app_user": False,
        "is_stranger": person.team_id != TEAM_ID,
        "updated": seconds_now(),
        "is_email_confirmed": not is_bot,
        "who_can_share_contact_card": "EVERYONE",
        "locale": person.locale,
    }
