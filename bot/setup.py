"""How the desk moves into a workspace: who we are there, a room for each queue, its agents invited, a supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from datetime import timedelta

from bot.customers import Customers, Nobody
from bot.finding import Finder
from bot.first import BY, code_of, with_supervisor
from bot.identity import Identity
from bot.inviting import invite, patiently
from core.desk import Desk
from core.phrases import Conflict, DeskError, Phrase, phrase
from core.phrases import Refused as NotTheirs
from core.rulebook import Agent, Queue, Rulebook
from core.rulebook.model import RED
from core.storage.database import StoreDown
from core.storage.rooms import Room
from core.storage.rulebook import Edition
from core.templates.locales import translate
from gateways.slack.wire import Channel, Gone, Refused, Slack, SlackError, TokenWrong, Unreachable
from gateways.slack.wire.manifest import scopes

log = logging.getLogger("deskbell.bot")

EVERY = timedelta(minutes=10)
"""Rooms are looked at again this often: somebody may have archived one."""

_WATCH = 5.0
"""Seconds between two looks at whether the rulebook has changed."""

_FIRST, _MOST = 2.0, 120.0
"""Seconds until the next attempt when Slack cannot be reached: doubled each time, up to the second."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to say about a workspace. `problem` is why nothing can be done there."""

    team: str = ""
    url: str = ""
    bot: str = ""
    missing: tuple[str, ...] = ()
    problem: Phrase | None = None


async def look(slack: Slack) -> Facts:
    """Who we are in the workspace, and what we may not do there."""
    try:
        me = await slack.me()
    except SlackError as error:
        return Facts(problem=why(error))
    missing = tuple(sorted(scopes() - me.scopes)) if me.scopes else ()
    return Facts(me.team_name, me.url, me.name, missing)


def why(error: SlackError) -> Phrase:
    """Why Slack cannot be used, and what to do about it."""
    if isinstance(error, TokenWrong):
        if error.code == "missing_scope":
            return phrase(
                "The Slack app lacks the permission {scope}. Update it from the shipped manifest and install it again.",
                scope=error.said or "?",
            )
        return phrase(
            "Slack does not accept the token ({code}). Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN.", code=error.code
        )
    if isinstance(error, Unreachable):
        return phrase(
            "Slack does not answer ({cause}). The desk tries again by itself.", cause=error.said or error.code
        )
    return phrase("Slack says no to {method}: {code}", method=error.method, code=error.code)


@dataclass(slots=True)
class Setup:
    """Brings workspace and rulebook together, whenever the rulebook has changed. `supervisor` is a mail address."""

    desk: Desk
    slack: Slack
    identity: Identity
    supervisor: str | None = None
    customers: Customers = field(default_factory=Nobody)
    _said: set[str] = field(default_factory=set, repr=False)
    _finder: Finder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._finder = Finder(self.desk, self.slack)

    async def run(self) -> None:
        """For as long as the desk runs. What cannot be done now is said once, and tried again."""
        done: int | None = None
        wait, trouble = _FIRST, ""
        while True:
            try:
                edition = await self.desk.edition.soon()
                if edition is not None:
                    done = await self.move_in(edition)
                    wait, trouble = _FIRST, ""
                await self._until_changed(done)
            except (SlackError, DeskError) as error:
                line = translate(why(error) if isinstance(error, SlackError) else error.phrase)
                if line != trouble:
                    log.error("%s", line)
                trouble = line
                await asyncio.sleep(wait)
                wait = min(_MOST, wait * 2)

    async def move_in(self, edition: Edition) -> int:
        """Rooms, agents, supervisor, as this rulebook has them. The version that is in force then."""
        await self.slack.me()
        edition = await self._with_supervisor(edition)
        listed = [channel async for channel in self.slack.channels()]
        known = {room.queue: room for room in await self.desk.rooms.soon()}
        for told in await self.customers.move_in(edition.book, listed):
            if self._say(told):
                await self.desk.trouble.soon(told)
        opened = [
            (queue, room)
            for queue in edition.book.rooms
            if (room := await self._open(queue, edition.book, known.get(queue.name), listed)) is not None
        ]
        await self._meet_agents(edition.book)
        for queue, room in opened:
            await self._invite(queue, edition.book, room)
        return edition.version

    # The supervisor

    async def _with_supervisor(self, edition: Edition) -> Edition:
        if edition.book.supervisors:
            return edition
        if self.supervisor:
            user = await patiently(lambda: self._finder.user_at(self.supervisor or ""))
            if user is not None:
                return await self._make_supervisor(edition, user, self.supervisor)
            self._say(phrase("Nobody in the workspace has the mail address {address}.", address=self.supervisor))
        code = code_of(self.slack, edition)
        self._say(
            phrase("The desk has no supervisor yet. To become the first, type in Slack: /desk setup {code}", code=code)
        )
        return edition

    async def _make_supervisor(self, edition: Edition, user: str, email: str) -> Edition:
        """The rulebook in force with its first supervisor: whoever changes it meanwhile loses nothing."""
        colleague = await self.identity.learn(await patiently(lambda: self.slack.person(user)))
        newest: Edition | None = edition
        while newest is not None and not newest.book.supervisors:
            book = with_supervisor(newest.book, colleague.id, colleague.name, email)
            try:
                version = await self.desk.apply.soon(book, BY, newest.version)
            except Conflict:
                newest = await self.desk.edition.soon()
                continue
            log.info("%s is the first supervisor", colleague.name)
            return Edition(version, book)
        return newest or edition

    # The agents

    async def _meet_agents(self, book: Rulebook) -> None:
        """Remember whom we do not know yet."""
        team = (await self.slack.me()).team
        await self._finder.refresh()
        for agent in book.agents:
            user = await self._user_of(agent)
            if user is None:
                self._say(
                    phrase(
                        "{name} is not found in the workspace (by {key}); check the mail address in the rulebook.",
                        name=agent.name,
                        key=agent.email or agent.slack or "?",
                    )
                )
            elif await self.desk.colleague.soon(f"{team}:{user}") is None:
                with contextlib.suppress(Gone):
                    await self.identity.learn(await patiently(lambda user=user: self.slack.person(user)))

    async def _user_of(self, agent: Agent) -> str | None:
        return await patiently(lambda: self._finder.user_of(agent))

    # The rooms

    async def _open(self, queue: Queue, book: Rulebook, known: Room | None, listed: list[Channel]) -> str | None:
        """The queue's room: the one it had, else one of its name, else a new one. None where a person must help."""
        team = (await self.slack.me()).team
        channel = _same(queue, known, listed) or next((c for c in listed if c.name == queue.room), None)
        is_new = known is None or channel is None or known.room != channel.id
        if channel is not None and channel.is_shared:
            await self._move_out(queue)
            return None
        try:
            if channel is None:
                id = await self._create(queue, book, listed)
            else:
                id = channel.id
                if not channel.is_member:
                    await self.slack.join(id)
        except (Refused, TokenWrong) as error:
            await self._by_hand(queue, error)
            return None
        if is_new:
            try:
                await self.desk.move_in.soon(Room(queue.name, team, id, queue.room))
            except NotTheirs as no:
                if self._say(no.phrase):
                    await self.desk.trouble.soon(no.phrase)
                return None
            log.info("#%s is the room of %s", queue.room, queue.title)
        return id

    async def _move_out(self, queue: Queue) -> None:
        """Others read along in a room that is shared with another workspace: no card is shown there."""
        await self.desk.move_out.soon(queue.name)
        said = phrase(
            "The tickets of {queue} have no room: #{room} is shared with another organisation, which would read what "
            "agents say among themselves. Name another room in the rulebook, or end the sharing.",
            queue=queue.title,
            room=queue.room,
        )
        if self._say(said):
            await self.desk.trouble.soon(said)

    async def _create(self, queue: Queue, book: Rulebook, listed: list[Channel]) -> str:
        """A new room; or the one that another process of ours has made this very moment."""
        try:
            id = await self.slack.create_room(queue.room)
        except Refused as taken:
            async for channel in self.slack.channels():
                if channel.name == queue.room and channel.is_member:
                    return channel.id
            raise taken
        listed.append(Channel(id, queue.room, True, False))
        await self._describe(id, queue, book)
        return id

    async def _describe(self, room: str, queue: Queue, book: Rulebook) -> None:
        said = phrase("Requests in {queue}, one card each.", queue=queue.title)
        if queue.name == RED:
            said = phrase("Red alerts: requests that cannot wait for anybody.")
        purpose = translate(said, book.desk.locale)
        with contextlib.suppress(Refused, TokenWrong):  # a room without its purpose is a room all the same
            await self.slack.describe_room(room, purpose)

    async def _invite(self, queue: Queue, book: Rulebook, room: str) -> None:
        """Its agents into the queue's room. Who cannot be let in keeps nobody else out, and is named."""
        names: dict[str, str] = {}
        for agent in book.agents_of(queue.name):
            user = await self._user_of(agent)
            if user is not None:
                names.setdefault(user, agent.name)
        try:
            refused = await invite(self.desk, self.slack, room, names)
        except (Refused, Gone, TokenWrong) as error:
            refused = dict.fromkeys(names, error.code)
        for user, code in refused.items():
            self._say(
                phrase(
                    "{name} could not be invited into #{room} ({code}); type there: /invite @{name}",
                    name=names[user],
                    room=queue.room,
                    code=code,
                )
            )

    async def _by_hand(self, queue: Queue, error: SlackError) -> None:
        """What a person must do so that this queue has its room: in the log, and to the supervisors."""
        if isinstance(error, TokenWrong) and error.code != "missing_scope":
            raise error
        me = await self.slack.me()
        if error.code == "name_taken":
            said = phrase(
                "The tickets of {queue} have no room: #{room} exists, but the desk cannot see it. If it is private, "
                "type there: /invite @{bot}. If it is archived, unarchive it, or name another room in the rulebook.",
                queue=queue.title,
                room=queue.room,
                bot=me.name,
            )
        else:
            said = phrase(
                "The tickets of {queue} have no room: the desk may not make or join #{room} ({code}). "
                "Make it by hand, then type there: /invite @{bot}",
                queue=queue.title,
                room=queue.room,
                code=error.said or error.code,
                bot=me.name,
            )
        if self._say(said):
            await self.desk.trouble.soon(said)

    # How time passes

    async def _until_changed(self, done: int | None) -> None:
        """Until the rulebook is another one, or it is time to look at the rooms again."""
        waited = 0.0
        while waited < EVERY.total_seconds():
            await asyncio.sleep(_WATCH)
            waited += _WATCH
            try:
                edition = await self.desk.edition.soon()
            except StoreDown:
                continue
            if edition is not None and edition.version != done:
                return

    def _say(self, said: Phrase) -> bool:
        """A line in the log, once. Whether it was said now."""
        line = translate(said)
        if line in self._said:
            return False
        self._said.add(line)
        log.warning("%s", line)
        return True


def _same(queue: Queue, known: Room | None, listed: list[Channel]) -> Channel | None:
    """The room the queue has, also under another name; not when the rulebook names another one now."""
    if known is None or known.name != queue.room:
        return None
    return next((channel for channel in listed if channel.id == known.room), None)
