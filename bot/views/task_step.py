"""What happened to a task, as the thread of its ticket is told: one line, with the words that belong to it."""

from __future__ import annotations

from bot.reader import Reader
from bot.views.calls import agent, calling
from bot.views.shown import Shown, summary
from bot.views.words import Where
from core.desk.splitting import Step
from core.phrases import Phrase, phrase
from core.tickets import events as e
from core.tickets.tasks import State
from gateways.slack.wire.blocks import anchor, paragraph, quote, rich, words
from gateways.slack.wire.text import line, set_apart

WORDS = 1000


def show(step: Step, where: Where) -> Shown:
    """The line. Whoever has the ticket is called where it is theirs to decide how it goes on."""
    reader = Reader(step.locale)
    said = reader.say(_said(step))
    named = f"#{step.work.number} {set_apart(step.task.title, 150)}"
    runs = [words("🧩 "), anchor(where(step.card), named) if step.card else words(named, "bold"), words(f" · {said}")]
    parts = [paragraph(*runs), *([quote(step.said, WORDS, reader.more)] if step.said else [])]
    shown = Shown(summary(f"🧩 {named} · {said}{f': {line(step.said, 200)}' if step.said else ''}"), [rich(*parts)])
    call = agent(step.concerns) if _decides(step.event) else None
    return calling(call, reader.say(phrase("please look at this:")), shown) if call else shown


def _decides(event: e.Event) -> bool:
    """Whether somebody has to hear of it, and does not only see it when they look."""
    if isinstance(event, e.Closed):
        return event.outcome == State.NOT_POSSIBLE
    return isinstance(event, e.Breached)


def _said(step: Step) -> Phrase:
    name = set_apart(step.by, 100)
    match step.event:
        case e.Opened():
            return phrase("open in {queue}", queue=step.queue)
        case e.Claimed(given_by=str()):
            return phrase("{name} was given it", name=name)
        case e.Claimed():
            return phrase("{name} took it", name=name)
        case e.Released():
            return phrase("{name} gave it back", name=name) if name else phrase("the desk put it back into its queue")
        case e.Moved():
            return phrase("it is in {queue} now", queue=step.queue)
        case e.Noted():
            return phrase("{name} noted", name=name)
        case _:
            return _turned_out(step, name)


def _turned_out(step: Step, name: str) -> Phrase:
    match step.event:
        case e.PutOnHold():
            return phrase("{name} put it on hold", name=name)
        case e.TakenUp():
            return phrase("{name} goes on with it", name=name)
        case e.Breached():
            return phrase("it is late")
        case e.Reopened():
            return phrase("{name} opened it again", name=name)
        case e.Closed(outcome=State.NOT_POSSIBLE):
            return phrase("{name} says that it is not possible", name=name)
        case e.Closed(outcome=State.CALLED_OFF):
            return phrase("{name} called it off", name=name)
        case _:
            return phrase("{name} has done it", name=name)
