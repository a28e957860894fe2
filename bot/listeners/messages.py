"""What people write in rooms: in a ticket's thread it is an internal note, elsewhere it is not for us."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, Passing
from bot.identity import no_agent
from core.phrases import phrase
from core.storage.rooms import THEIRS, Post
from gateways.slack.wire.plain import mentioned, spoken


async def said(act: Act) -> Answer:
    """Somebody wrote something."""
    event = act.payload.event
    thread, room = act.payload.thread, act.payload.room
    if thread is None or room is None:
        return
    me = await act.slack.me()
    team = me.team
    number = await act.desk.ticket_at.soon(team, room, thread)
    if number is None:
        if event.get("parent_user_id") == me.user and not act.late:
            raise Passing("a card of ours that is not written down yet")
        return
    person = await act.person()
    if person.agent is None:
        if act.told.first(f"no agent {person.id}"):
            await act.tell(no_agent(person, await act.desk.book.soon()).phrase)
        return
    names = {user: await _name(act, team, user) for user in mentioned(event)} | {me.user: me.name}
    text = spoken(event, lambda user: names.get(user, user))
    if not text.strip():
        return
    post = Post(team, room, str(event.get("ts")), number, 0, THEIRS)
    await act.desk.note.soon(number, act.by, text, post)
    if act.told.first(f"note {person.id}") and not act.late:
        await act.tell(
            phrase("Kept as an internal note on ticket #{number}. The customer does not see it.", number=number)
        )


async def changed(act: Act) -> Answer:
    """Somebody's profile has changed: their name, address, language, or whether they are with us at all."""
    user = act.payload.event.get("user")
    if isinstance(user, Mapping):
        known = await act.desk.colleague.soon(act.payload.person)
        if known is not None:
            await act.identity.learn({"locale": known.locale, **user})


async def _name(act: Act, team: str, user: str) -> str:
    known = await act.desk.colleague.soon(f"{team}:{user}")
    return known.name if known else user


EVENTS: Mapping[str, Listener] = {"message": said, "app_mention": said, "user_change": changed}
