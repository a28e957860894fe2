"""One answer to many tickets: the window in which it is written, and the line that says how far it has come."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from bot.reader import Reader
from bot.views.shown import Shown, summary
from bot.views.words import channel, small, title
from core.desk.answering_many import Audience, Progress, Recipient
from core.phrases import Phrase, phrase, phrases
from core.storage.circulars import Circular
from core.templates.locales import language_name
from core.templates.render import FOR_AGENTS
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    actions,
    button,
    field,
    modal,
    option,
    paragraph,
    picked,
    plain,
    quote,
    radio,
    rich,
    section,
    select,
    text_input,
    words,
)
from gateways.slack.wire.text import line, set_apart

CALLBACK = "answer-many"
UNDO = "undo-many"
WAIT, CLOSE = "wait", "close"

NAMED = 10
"""Customers, or tickets, that are named; of more it is said how many."""

MOST_LISTED = 100
"""Templates that a list takes."""

NOBODY_YET = phrase("There is no open ticket that would be answered with this one.")


def show(
    found: Audience,
    templates: Sequence[tuple[str, str]],
    reader: Reader,
    before: Circular | None = None,
) -> Block:
    """The window. `templates` are (name, title); `before`: what was written and taken back."""
    count = len(found.recipients)
    who = phrases(
        "{count} customer is answered, in their own ticket, on their own channel. Nobody reads of the others.",
        "{count} customers are answered, each in their own ticket, on their own channel. Nobody reads of the others.",
        count,
    )
    blocks: Blocks = [
        section(plain(title(found.lead.number, found.subject, reader), 300)),
        section(plain(reader.say(who), 500)),
        small(*_who(found.recipients, reader)),
    ]
    blanks = ", ".join(f"{{{name}}}" for name in sorted(FOR_AGENTS))
    hint = reader.say(phrase("For each customer these are filled in: {blanks}", blanks=blanks))
    start = before.text if before is not None else ""
    blocks.append(field("text", reader.say(phrase("Answer")), text_input("text", start), hint, optional=True))
    if templates:
        offered = [option(said, name) for name, said in templates[:MOST_LISTED]]
        pick = picked(select("template", reader.say(phrase("Choose")), offered), before.template if before else None)
        blocks.append(
            field("template", reader.say(phrase("Or a template, in each one's language")), pick, optional=True)
        )
    then = [
        option(reader.say(phrase("Send to all, and wait for answers")), WAIT),
        option(reader.say(phrase("Send to all, and close all")), CLOSE),
    ]
    chosen = 1 if before is not None and before.closes else 0
    blocks.append(field("then", reader.say(phrase("And then")), radio("then", then, chosen)))
    wrote = phrase("Who writes again before it leaves is left out, and so is whose ticket was closed or merged.")
    blocks.append(small(reader.say(wrote)))
    return modal(
        CALLBACK,
        reader.say(phrase("Answer all")),
        reader.say(phrase("Cancel")),
        blocks,
        submit=reader.say(phrase("Send to all")),
        metadata=json.dumps({"ticket": found.lead.number}),
    )


def nobody(reader: Reader) -> Block:
    """The window where there is nobody to answer any more."""
    said = [section(plain(reader.say(NOBODY_YET), 500))]
    return modal("read", reader.say(phrase("Answer all")), reader.say(phrase("Close")), said)


def progress(found: Progress, reader: Reader) -> Shown:
    """How far it has come."""
    known = found.circular
    said = reader.say(_said(found))
    blocks: Blocks = [rich(paragraph(words("📣 "), words(said, "bold")))]
    if known.template is not None:
        blocks.append(small(reader.say(phrase("Template: {template}", template=set_apart(known.template, 100)))))
    elif known.undone_by is None:
        blocks.append(rich(quote(known.text, 500)))
    for one in found.refused[:NAMED]:
        assert one.refused is not None
        why = phrase("#{number} was not answered: {reason}", number=one.ticket, reason=one.refused)
        blocks.append(small(line(reader.say(why), 400)))
    if len(found.refused) > NAMED:
        rest = len(found.refused) - NAMED
        blocks.append(small(reader.say(phrase("and {count} more", count=rest))))
    if known.undone_by is None and found.waiting == found.all:
        blocks.append(actions("many", button(UNDO, reader.say(phrase("Undo all")), known.id)))
    return Shown(summary(f"📣 {said}"), blocks)


def _said(found: Progress) -> Phrase:
    known, count = found.circular, found.all
    by = set_apart(found.by, 100)
    if known.undone_by is not None:
        return phrases(
            "{name} took back an answer to {count} ticket at once: nobody got it",
            "{name} took back an answer to {count} tickets at once: nobody got it",
            count,
            name=by,
        )
    if found.waiting == count:
        return phrases(
            "{name} answers {count} ticket at once", "{name} answers {count} tickets at once", count, name=by
        )
    facts = {"name": by, "left": found.left, "failed": found.failed, "refused": len(found.refused)}
    if found.waiting:
        return phrases(
            "{name} answers {count} ticket at once: {left} have left, {waiting} are on their way",
            "{name} answers {count} tickets at once: {left} have left, {waiting} are on their way",
            count,
            **facts,
            waiting=found.waiting,
        )
    if not found.failed and not found.refused:
        return phrases(
            "{name} answered {count} ticket at once: it has left",
            "{name} answered {count} tickets at once: all have left",
            count,
            **facts,
        )
    return phrases(
        "{name} answered {count} ticket at once: {left} have left, {failed} did not arrive, {refused} not answered",
        "{name} answered {count} tickets at once: {left} have left, {failed} did not arrive, {refused} not answered",
        count,
        **facts,
    )


def _who(found: Sequence[Recipient], reader: Reader) -> list[str]:
    """In which languages and on which channels they are, and the first of them by name."""
    spoken = Counter(one.language or "" for one in found).most_common()
    written = Counter(one.channel for one in found).most_common()
    languages = [
        f"{language_name(code, reader.locale) if code else reader.say(phrase('not known'))}: {many}"
        for code, many in spoken
    ]
    channels = [f"{channel(name, reader)}: {many}" for name, many in written]
    named = [f"#{one.number} {set_apart(one.name, 40)}" for one in found[:NAMED]]
    more = f" … +{len(found) - NAMED}" if len(found) > NAMED else ""
    return [", ".join(languages), ", ".join(channels), ", ".join(named) + more]
