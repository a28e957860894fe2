"""What people write in rooms: in a ticket's thread it is an internal note, elsewhere it is not for us."""

from __future__ import annotations

from collections.abc import Mapping

from bot.acts import Act, Answer, Listener, Passing
from bot.handing import files_of
from bot.identity import no_agent
from core.phrases import phrase
from core.storage.rooms import THEIRS, Post
from gateways.slack.wire.plain import mentioned, spoken


async def said(act: Act) -> Answer:
    """Somebody wrote something."""
    if act.payload.is_direct:
        return await _direct(act)
    post = await _note(act)
    if post is None:
        if await _is_below_ours(act):  # a card that has moved, or what never was one
            await act.tell(
                phrase("This is no ticket's thread, so nothing was kept. Write it in the thread of the ticket's card.")
            )
        return
    person = await act.person()
    if person.agent is None:
        if act.told.first(f"no agent {person.id}"):
            await act.tell(no_agent(person, await act.desk.book.soon()).phrase)
        return
    text = await _words(act)
    if not text.strip():
        return
    files = files_of(act.payload.said.get("files") or (), post.team)
    await act.desk.note.soon(post.ticket, act.by, text, post, files)
    if act.told.first(f"note {person.id}") and not act.late:
        await act.tell(
            phrase("Kept as an internal note on ticket #{number}. The customer does not see it.", number=post.ticket)
        )


async def _direct(act: Act) -> None:
    """Somebody writes to the desk itself, where nobody reads it: they are told so, once."""
    person = await act.person()
    if not act.told.first(f"direct {person.id}"):
        return
    if person.agent is not None:
        await act.tell(phrase("Nobody reads what you write here. Type /desk help to see what can be done."))
        return
    book = await act.desk.book.soon()
    await act.tell(
        phrase("Nobody reads what you write here. Please write to {address}.", address=book.mailboxes[0].address)
    )


async def edited(act: Act) -> Answer:
    """Somebody changed what they had written."""
    post = await _note(act)
    if post is not None and await _is_kept(act, post):
        await act.desk.edit_note.soon(post.ticket, act.by, await _words(act), post, act.payload.moment)


async def deleted(act: Act) -> Answer:
    """What somebody had written was deleted."""
    post = await _note(act)
    if post is not None and await _is_kept(act, post):
        await act.desk.delete_note.soon(post.ticket, act.by, post)


async def changed(act: Act) -> Answer:
    """Somebody's profile has changed: their name, address, language, or whether they are with us at all."""
    user = act.payload.event.get("user")
    if isinstance(user, Mapping):
        known = await act.desk.colleague.soon(act.payload.person)
        if known is not None:
            await act.identity.learn({"locale": known.locale, **user})


async def _note(act: Act) -> Post | None:
    """Where the note stands that was written, edited or deleted; None where it is in no ticket's thread."""
    thread, room = act.payload.thread, act.payload.room
    if thread is None or room is None:
        return None
    me = await act.slack.me()
    number = await act.desk.ticket_at.soon(me.team, room, thread)
    if number is None:
        if not act.late and await _is_below_ours(act):
            raise Passing("a card of ours that is not written down yet")
        return None
    return Post(me.team, room, str(act.payload.said.get("ts")), number, 0, THEIRS)


async def _is_below_ours(act: Act) -> bool:
    """Whether it stands in the thread of something that we posted."""
    return act.payload.said.get("parent_user_id") == (await act.slack.me()).user


async def _is_kept(act: Act, post: Post) -> bool:
    """Whether it is a note of ours, or is one as soon as we hear of it: who writes it decides that once."""
    if await act.desk.ticket_at.soon(post.team, post.room, post.ts) is not None:
        return True
    return (await act.person()).agent is not None


async def _words(act: Act) -> str:
    me = await act.slack.me()
    message = act.payload.said
    names = {user: await _name(act, me.team, user) for user in mentioned(message)} | {me.user: me.name}
    return spoken(message, lambda user: names.get(user, user))


async def _name(act: Act, team: str, user: str) -> str:
    known = await act.desk.colleague.soon(f"{team}:{user}")
    return known.name if known else user


EVENTS: Mapping[str, Listener] = {
    "message": said,
    "app_mention": said,
    "message_changed": edited,
    "message_deleted": deleted,
    "user_change": changed,
}
