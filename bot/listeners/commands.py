"""The command /desk: the same work by keyboard, from anywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.first import become_supervisor
from bot.lists import lists
from bot.rulebook import open_rulebook
from bot.trying import begin
from bot.views import card, duty, held, home, notices, ping
from bot.views.rulebook.forms import FORMS
from core.desk.previewing import sentences as foreseen
from core.desk.tracing import sentences
from core.phrases import Refused, phrase, phrases
from core.rulebook.kinds import duration


async def desk(act: Act) -> Answer:
    """`/desk VERB …`; what is not understood is answered with how it goes."""
    verb, _, rest = act.payload.words.partition(" ")
    known = _VERBS.get(verb.casefold())
    if known is not None:
        await known(act, rest.strip())
    else:
        await act.tell(notices.usage((await act.agent()).reader, verb))


async def _help(act: Act, rest: str) -> None:
    await act.tell(notices.usage((await act.agent()).reader))


async def _mine(act: Act, rest: str) -> None:
    found = await lists(act)
    total = found.overview.mine.total
    if not total:
        await act.tell(phrase("You have no tickets. /desk next shows the most urgent that waits."))
        return
    said = phrases("You have {many} ticket.", "You have {many} tickets.", total, many=home.counted(total))
    await act.tell(notices.listed(said, home.mine(found.overview, found.where, act.reader), act.reader))


async def _next(act: Act, rest: str) -> None:
    found = await lists(act)
    line = found.next()
    if line is None and found.overview.strangers:
        asking = home.strangers(found.overview, found.where, act.reader)
        await act.tell(
            notices.listed(phrase("Nothing waits to be claimed, but this for a decision:"), asking, act.reader)
        )
        return
    if line is None:
        await act.tell(phrase("Nothing waits in your queues."))
        return
    await act.tell(notices.listed(phrase("This comes next:"), home.waiting(line, "claim", act.reader), act.reader))


async def _claim(act: Act, rest: str) -> None:
    agent = await act.agent()
    number = number_in(rest)
    await act.desk.claim.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} is yours, {name}.", number=number, name=agent.name))


async def _release(act: Act, rest: str) -> None:
    await act.agent()
    number = number_in(rest)
    await act.desk.release.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} is back in its queue.", number=number))


async def _close(act: Act, rest: str) -> None:
    await act.agent()
    number = number_in(rest)
    await act.desk.close.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} is closed now.", number=number))


async def _reopen(act: Act, rest: str) -> None:
    await act.agent()
    number = number_in(rest)
    await act.desk.reopen.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} is open again.", number=number))


async def _hours(act: Act, rest: str) -> None:
    found = await lists(act)
    opens = found.overview.opens
    named = [(queue.title, opens[queue.name]) for queue in found.queues if queue.name in opens]
    if not named:
        await act.tell(phrase("Your queues have no hours: they are open at any time."))
        return
    blocks = [home.hours(one, act.reader, title) for title, one in named[:HOURS_LISTED]]
    await act.tell(notices.listed(phrase("Your queues:"), blocks, act.reader))


async def _hold(act: Act, rest: str) -> None:
    await act.agent()
    number = number_in(rest)
    await act.desk.put_on_hold.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} is on hold. /desk resume {number} goes on with it.", number=number))


async def _resume(act: Act, rest: str) -> None:
    await act.agent()
    number = number_in(rest)
    await act.desk.take_up.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} goes on.", number=number))


async def _show(act: Act, rest: str) -> None:
    agent = await act.agent()
    await act.tell(card.show(await act.desk.card.soon(number_in(rest)), agent.reader))


async def _held(act: Act, rest: str) -> None:
    agent = await act.agent()
    await act.open(held.show(await act.desk.held.soon(), agent.reader))


async def _why(act: Act, rest: str) -> None:
    """Everything that is known of a mail: customers' addresses among it, so for supervisors."""
    supervisor = await act.supervisor()
    await act.tell(notices.told(sentences(await act.desk.why.soon(rest), rest), supervisor.reader))


async def _oncall(act: Act, rest: str) -> None:
    agent = await act.agent()
    await act.tell(duty.listed(await act.desk.duties.soon(), agent.reader))


async def _snooze(act: Act, rest: str) -> None:
    await act.agent()
    number, _, said = rest.partition(" ")
    span, _, reason = said.strip().partition(" ")
    length = duration(span)
    if length is None:
        raise Refused(phrase("For how long? Write for example: /desk snooze 42 3h The shop calls back."))
    until = await act.desk.snooze.soon(number_in(number), length, reason, act.by)
    if until is not None:
        await act.tell(ping.resting(await act.desk.card.soon(number_in(number)), until))


async def _wake(act: Act, rest: str) -> None:
    await act.agent()
    await act.desk.wake_up.soon(number_in(rest), act.by)
    await act.tell(phrase("Ticket #{number} rests no more.", number=number_in(rest)))


async def _whatif(act: Act, rest: str) -> None:
    """Who would be told if nobody answered: of a ticket, or of one that came into a queue now."""
    supervisor = await act.supervisor()
    known = await act.desk.book.soon()
    if rest and known.queue_named(rest) is not None:
        seen = await act.desk.foresee.soon(rest)
    else:
        seen = await act.desk.what_if.soon(number_in(rest))
    await act.tell(notices.told([[one] for one in foreseen(seen)], supervisor.reader))


async def _test(act: Act, rest: str) -> None:
    await begin(act)


async def _setup(act: Act, rest: str) -> None:
    """Become the first supervisor, by a code; where there is one, set up calendars and what goes by them."""
    book = await act.desk.book.soon()
    if book.supervisors and (not rest or rest in FORMS):
        await open_rulebook(act, rest)
        return
    await become_supervisor(act.desk, act.slack, await act.person(), rest)
    await act.tell(phrase("You are the supervisor of this desk now. /desk help says how it goes on."))


_VERBS: Mapping[str, Callable[[Act, str], Awaitable[None]]] = {
    "help": _help,
    "mine": _mine,
    "next": _next,
    "claim": _claim,
    "release": _release,
    "close": _close,
    "reopen": _reopen,
    "hours": _hours,
    "hold": _hold,
    "resume": _resume,
    "show": _show,
    "held": _held,
    "why": _why,
    "test": _test,
    "oncall": _oncall,
    "snooze": _snooze,
    "wake": _wake,
    "whatif": _whatif,
    "setup": _setup,
}

HOURS_LISTED = 40
"""Queues that a message lists."""

COMMANDS: Mapping[str, Listener] = {"/desk": desk}
