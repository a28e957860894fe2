"""From a payload to the listener that answers it, and from what went wrong to a sentence."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Coroutine, Mapping
from typing import Any

from bot.acts import Act, Answer, Listener, Look, Passing, Told
from bot.identity import Identity
from bot.listeners import (
    assigning,
    blocking,
    buttons,
    commands,
    duties,
    escalating,
    gathering,
    held,
    home,
    links,
    many,
    messages,
    modals,
    person,
    rulebook,
    shortcuts,
    signals,
    strangers,
    tasks,
    together,
)
from bot.payloads import CHANGED, SAID, Kind, Payload
from core.desk import Desk
from core.phrases import DeskError, Phrase, phrase
from core.storage.database import StoreDown
from gateways.slack.wire import Gone, RateLimited, Refused, Slack, SlackError, TokenWrong, Unreachable

log = logging.getLogger("deskbell.bot")

LISTENERS: Mapping[Kind, Mapping[str, Listener]] = {
    Kind.EVENT: {**messages.EVENTS, **home.EVENTS},
    Kind.ACTION: {
        **buttons.ACTIONS,
        **strangers.ACTIONS,
        **modals.ACTIONS,
        **home.ACTIONS,
        **held.ACTIONS,
        **blocking.ACTIONS,
        **person.ACTIONS,
        **assigning.ACTIONS,
        **signals.ACTIONS,
        **gathering.ACTIONS,
        **together.ACTIONS,
        **many.ACTIONS,
        **escalating.ACTIONS,
        **duties.ACTIONS,
        **tasks.ACTIONS,
        **rulebook.ACTIONS,
    },
    Kind.SUBMISSION: {
        **modals.SUBMISSIONS,
        **blocking.SUBMISSIONS,
        **person.SUBMISSIONS,
        **assigning.SUBMISSIONS,
        **links.SUBMISSIONS,
        **signals.SUBMISSIONS,
        **together.SUBMISSIONS,
        **many.SUBMISSIONS,
        **escalating.SUBMISSIONS,
        **duties.SUBMISSIONS,
        **tasks.SUBMISSIONS,
        **rulebook.SUBMISSIONS,
    },
    Kind.SHORTCUT: shortcuts.SHORTCUTS,
    Kind.COMMAND: commands.COMMANDS,
    Kind.OPTIONS: modals.OPTIONS,
}
_OF_NO_USE = (Kind.EVENT, Kind.CLOSED, Kind.OPTIONS)
"""What nobody waits for an answer to: where nobody listens to it, nobody is told."""


_PASSING = (StoreDown, RateLimited, Unreachable, TokenWrong, Passing)

PATIENCE = 2.4
"""Seconds: Slack waits three for an answer, and the way takes some of it."""


class Dispatcher:
    """Answers what people do: at once, and once more where an answer was lost."""

    def __init__(self, desk: Desk, slack: Slack, look: Look, patience: float = PATIENCE):
        self.desk, self.slack, self.look, self.patience = desk, slack, look, patience
        self.identity = Identity(desk, slack)
        self.told = Told()
        self._running: set[asyncio.Task[Any]] = set()

    async def concerns_us(self, payload: Payload) -> bool:
        """Not what people say in rooms and threads that are none of the desk's: that is not even kept."""
        if payload.kind is not Kind.EVENT or payload.name not in (*SAID, *CHANGED):
            return True
        room, thread = payload.room, payload.thread
        if payload.is_direct and payload.name in SAID:
            return True  # it is not for us, and whoever wrote it is told so
        if room is None or thread is None:
            return False
        me = await self.slack.me()
        if payload.said.get("parent_user_id") == me.user:
            return True  # below a card of ours, which may stand there without our having written it down yet
        return await self.desk.ticket_at.soon(me.team, room, thread) is not None

    async def keep(self, payload: Payload) -> tuple[int | None, bool]:
        """Keep what somebody did, before Slack is told that we have it: its number, and whether it is new.

        What changes nothing is not kept, and has no number. A window that Slack has given up on stays open, and people
        send it again: then that takes the place of what it sent before, and what is done already is not new.
        """
        if payload.key is None:
            return None, True
        id = await self.desk.accept_act.soon(payload.key, payload.body, payload.instead_of)
        return id, id is not None

    async def handle(self, payload: Payload, id: int | None, late: bool = False) -> Answer:
        """Do it. Raises Passing where it must be done again later: it stays kept until then."""
        return await self._handled(self._act(payload, id, late))

    async def answer(self, payload: Payload, id: int | None) -> Answer:
        """Do what a window waits for; where that takes longer than Slack waits, the window closes and it goes on."""
        act = self._act(payload, id, late=False)
        work = asyncio.create_task(self._handled(act))
        done, _ = await asyncio.wait({work}, timeout=self.patience)
        if not done:
            act.late = True  # what speaks against it is said elsewhere from now on
            self._watch(work)
            return None
        return work.result()

    async def tell(self, payload: Payload, said: Phrase) -> None:
        """Tell whoever did it something, where they did it."""
        await self._act(payload, None, late=False).tell(said)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that nobody waits for, but that is finished before we go."""
        self._watch(asyncio.create_task(_logged(work)))

    async def finish(self) -> None:
        """Let what was begun end."""
        while self._running:
            await asyncio.wait(self._running)

    def _watch(self, task: asyncio.Task[Any]) -> None:
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("it comes again in a while: %s", error, exc_info=error)

    def _act(self, payload: Payload, id: int | None, late: bool) -> Act:
        return Act(self.desk, self.slack, self.identity, self.told, self.look, payload, id, late, self.start)

    async def _handled(self, act: Act) -> Answer:
        payload = act.payload
        try:
            answer = await self._tried(act)
        except _PASSING as error:
            log.warning("%s %s by %s has to wait: %s", payload.kind, payload.name, payload.person, error)
            if not act.late:
                await self._promise(act, error)
            raise Passing(str(error)) from error
        if act.id is not None:
            try:
                await self.desk.settle_act.soon(act.id)
            except StoreDown as down:  # what was done is settled with it; what was not is said once more
                log.warning("that %s %s was answered could not be kept: %s", payload.kind, payload.name, down)
        return answer

    async def _tried(self, act: Act) -> Answer:
        listener = LISTENERS.get(act.payload.kind, {}).get(act.payload.name)
        if listener is None:
            return await self._unknown(act)
        try:
            return await listener(act)
        except _PASSING:
            raise
        except DeskError as no:
            return await self._no(act, no.phrase)
        except Exception:  # the bot's error handler: nothing a listener does may be lost without a word
            if act.late:
                raise  # the ledger keeps it with its reason, and tries again
            error_id = secrets.token_hex(4)
            log.exception("error %s: %s %s by %s", error_id, act.payload.kind, act.payload.name, act.payload.person)
            said = phrase(
                "Something went wrong on the desk's side, and it was written down. "
                "If it happens again, tell your supervisor this number: {error}",
                error=error_id,
            )
            return await self._no(act, said)

    async def _no(self, act: Act, said: Phrase) -> Answer:
        """Tell somebody that it was not done, where they wait for it."""
        kind = act.payload.kind
        if kind is Kind.SUBMISSION and not act.late:
            block = act.payload.block_of("text") or next(iter(act.payload.inputs), "")
            return {"response_action": "errors", "errors": {block: act.reader.say(said)}}
        if kind not in _OF_NO_USE:
            try:
                await act.tell(said)
            except (Gone, Refused) as deaf:  # it will not be heard another time either
                log.warning("%s could not be told: %s", act.payload.person, deaf)
        return None

    async def _unknown(self, act: Act) -> Answer:
        log.info("nobody listens to %s %s", act.payload.kind, act.payload.name)
        if act.payload.kind in _OF_NO_USE:
            return None
        return await self._no(act, phrase("This does nothing any more. The newest card has what can be done now."))

    async def _promise(self, act: Act, error: Exception) -> None:
        """Say that it is kept. Where even that cannot be said, it is kept all the same."""
        if act.id is None or act.payload.kind is Kind.EVENT or isinstance(error, Passing):
            return
        said = (
            phrase("The desk's database does not answer now. What you did is kept, and is done as soon as it is back.")
            if isinstance(error, StoreDown)
            else phrase("Slack does not answer the desk now. What you did is kept, and is done as soon as it does.")
        )
        with contextlib.suppress(SlackError):
            await act.tell(said)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    """Run work whose failure is a line in the log: it was said already that the thing itself is done."""
    try:
        await work
    except (DeskError, SlackError, Passing) as error:
        log.warning("%s", error)
