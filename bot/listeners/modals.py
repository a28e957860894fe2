"""Windows: picking a template, looking at what the customer will get, sending, noting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.acts import Act, Answer, Listener, number_in
from bot.composing import titles, window
from bot.handing import fetch, files_of
from bot.views import amending, note, notices, reply
from core.desk.answering import Shut, Then, Unseen
from core.desk.handing import TooMuch
from core.phrases import NotFound, Phrase, Refused, phrase
from gateways.slack.wire import Gone
from gateways.slack.wire.blocks import INPUT, option


async def pick_template(act: Act) -> Answer:
    """Put a template's text, in the customer's language, into the input; what was typed there stays."""
    agent = await act.agent()
    if act.late:
        return  # what stands in the window now, if it is open at all, is not what stood there then
    before = _draft(act)
    name = act.payload.value
    warning: Phrase | None = None
    draft = before
    try:
        text = await act.desk.draft.soon(before.ticket, agent.id, name)
        written = await _own_words(act, before, agent.id)
        text = f"{written}\n\n{text}" if written else text
        if len(text) > INPUT:
            raise Refused(phrase("With this template the answer would be too long. Nothing was changed."))
        draft = replace(before, template=name, round=before.round + 1, text=text)
    except (Refused, NotFound) as no:
        warning = no.phrase
    await _put(act, draft, warning)


async def invite(act: Act) -> Answer:
    """Put a sentence below the answer that brings the customer to another channel, with a link for them alone."""
    await act.agent()
    if act.late:
        return  # as above
    before = _draft(act)
    warning: Phrase | None = None
    draft = before
    try:
        said = await act.desk.invite.soon(before.ticket, act.payload.value.partition(":")[0], act.by)
        text = "\n\n".join(filter(None, (before.text.strip(), said)))
        if len(text) > INPUT:
            raise Refused(phrase("With this the answer would be too long. Nothing was changed."))
        draft = replace(before, round=before.round + 1, text=text)
    except (Refused, NotFound) as no:
        warning = no.phrase
    await _put(act, draft, warning)


async def _put(act: Act, draft: reply.Draft, warning: Phrase | None) -> None:
    """Show the window as this draft has it."""
    card = await act.desk.card.soon(draft.ticket)
    try:
        again = await window(act, card, await _with_files(act, draft), [warning] if warning else [])
        await act.slack.update_view(str(act.payload.view.get("id")), again)
    except Gone:
        return  # the window was closed meanwhile


async def offer_templates(act: Act) -> Answer:
    """Templates whose title has what was typed so far."""
    agent = await act.agent()
    wanted = str(act.payload.body.get("value") or "").casefold()
    known = titles((await act.desk.book.soon()).library, agent.reader.locale)
    return {"options": [option(title, name) for name, title in known if wanted in title.casefold()][:100]}


async def preview(act: Act) -> Answer:
    """Show exactly what the customer would get."""
    agent = await act.agent()
    draft = _draft(act)
    card = await act.desk.card.soon(draft.ticket)
    letter = await act.desk.preview.soon(draft.ticket, draft.text, agent.id, draft.way)
    await act.push(reply.preview(letter, card, agent.reader))


async def send(act: Act) -> Answer:
    """Answer the customer. What speaks against it is said in the window, and nothing typed is lost."""
    agent = await act.agent()
    draft = _draft(act)
    then = Then.CLOSE if draft.then == reply.CLOSE else Then.WAIT
    try:
        draft = await _with_files(act, draft)
        if draft.files:
            ticket = await act.desk.may_answer.soon(draft.ticket, draft.seen, reopen=draft.reopen, way=draft.way)
            await fetch(act, ticket, draft.files)
        answer = act.desk.reply_and_reopen if draft.reopen else act.desk.reply
        await answer.soon(
            draft.ticket,
            act.by,
            draft.text,
            then,
            draft.seen,
            draft.template,
            copied=draft.copied or (),
            files=draft.files,
            way=draft.way,
        )
    except (Refused, NotFound) as no:
        if act.late:
            said = phrase(
                "Your answer to ticket #{number} was not sent: {reason}", number=draft.ticket, reason=no.phrase
            )
            await act.write(notices.kept(said, draft.text, agent.reader))
            return None
        if isinstance(no, (Unseen, Shut)):
            return await _shown_again(act, draft, no)
        if isinstance(no, TooMuch) and (block := act.payload.block_of("files")):
            return {"response_action": "errors", "errors": {block: agent.reader.say(no.phrase)}}
        raise
    return None


async def save_note(act: Act) -> Answer:
    """Keep an internal note."""
    await act.agent()
    await act.desk.note.soon(act.number, act.by, _typed(act))
    return None


async def amend(act: Act) -> Answer:
    """Give an answer that has left other words."""
    agent = await act.agent()
    try:
        await act.desk.amend.soon(number_in(str(act.payload.notes.get("message"))), act.by, _typed(act))
    except (Refused, NotFound) as no:
        if not act.late:
            raise
        said = phrase("Your answer to ticket #{number} was not changed: {reason}", number=act.number, reason=no.phrase)
        await act.write(notices.kept(said, _typed(act), agent.reader))
    return None


async def _shown_again(act: Act, draft: reply.Draft, why: Unseen | Shut) -> Answer:
    """The window again, with what happened meanwhile and all that was typed; it can be sent all the same then."""
    card = await act.desk.card.soon(draft.ticket)
    reopen = draft.reopen or isinstance(why, Shut)
    again = replace(draft, seen=card.last_heard, round=draft.round + 1, reopen=reopen)
    return {"response_action": "update", "view": await window(act, card, again, [why.phrase])}


async def _with_files(act: Act, draft: reply.Draft) -> reply.Draft:
    """The draft with what was put into the window just now: from here on the desk knows these files."""
    put_in = files_of(act.payload.state("files").get("files") or (), act.payload.person.partition(":")[0])
    if not put_in:
        return draft
    await act.desk.know_files.soon(draft.ticket, put_in)
    return replace(draft, files=tuple(dict.fromkeys([*draft.files, *(file.id for file in put_in)])))


async def _own_words(act: Act, draft: reply.Draft, agent: str) -> str:
    """What the agent has typed; nothing where it is a template as it came."""
    typed = draft.text.strip()
    if not typed or draft.template is None:
        return typed
    try:
        untouched = await act.desk.draft.soon(draft.ticket, agent, draft.template)
    except (Refused, NotFound):
        return typed
    return "" if typed == untouched.strip() else typed


def _draft(act: Act) -> reply.Draft:
    """The answer as it stands in the window."""
    notes = act.payload.notes
    chosen = act.payload.state("then").get("selected_option") or {}
    return reply.Draft(
        ticket=act.number,
        seen=int(notes.get("seen") or 0),
        template=notes.get("template"),
        round=int(notes.get("round") or 0),
        text=_typed(act),
        then=str(chosen.get("value") or reply.WAIT),
        reopen=bool(notes.get("reopen")),
        copied=_picked(act, "copied"),
        files=_picked(act, "handed"),
        way=int((act.payload.state("way").get("selected_option") or {}).get("value") or 0),
    )


def _picked(act: Act, action: str) -> tuple[str, ...]:
    return tuple(str(one.get("value")) for one in act.payload.state(action).get("selected_options") or ())


def _typed(act: Act) -> str:
    return str(act.payload.state("text").get("value") or "")


ACTIONS: Mapping[str, Listener] = {"template": pick_template, "preview": preview, "invite": invite}
OPTIONS: Mapping[str, Listener] = {"template": offer_templates}
SUBMISSIONS: Mapping[str, Listener] = {
    reply.CALLBACK: send,
    note.CALLBACK: save_note,
    amending.CALLBACK: amend,
}
