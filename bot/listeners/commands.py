"""The command /desk: the same work by keyboard, from anywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.acts import Act, Answer, Listener, number_in
from bot.companions import numbers_in
from bot.first import become_supervisor
from bot.lists import lists
from bot.posting import place_of
from bot.rulebook import open_rulebook
from bot.trying import begin
from bot.views import card, duty, held, home, notices, ping, split, tasks
from bot.views.rulebook.forms import FORMS
from core.desk.previewing import sentences as foreseen
from core.desk.splitting import Reason
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


async def _unclaimed(act: Act, rest: str) -> None:
    """Everything that waits in an agent's queues, as its turns are."""
    found = await lists(act)
    lines = found.waiting
    if not lines:
        await act.tell(phrase("Nothing waits in your queues."))
        return
    total = sum(page.total for page in found.overview.waiting.values())
    said = phrases(
        "{many} ticket waits for somebody to take it:",
        "{many} tickets wait for somebody to take them:",
        total,
        many=home.counted(total),
    )
    blocks = [block for line in lines[:UNCLAIMED_LISTED] for block in home.waiting(line, "claim", act.reader)]
    await act.tell(notices.listed(said, blocks, act.reader))


async def _merge(act: Act, rest: str) -> None:
    """`/desk merge 12 13 into 7`."""
    await act.agent()
    which, _, into = rest.casefold().partition(" into ")
    numbers = numbers_in(which)
    there = number_in(into)
    await act.desk.merge.soon(numbers, there, act.by)
    named = [f"#{number}" for number in numbers]
    said = phrases(
        "{tickets} goes on in #{into} now, and what is written to it arrives there. /desk unmerge {one} takes it back.",
        "{tickets} go on in #{into} now, and what is written to them arrives there. /desk unmerge {one} takes one "
        "back.",
        len(numbers),
        tickets=named,
        into=there,
        one=numbers[0],
    )
    await act.tell(said)


async def _unmerge(act: Act, rest: str) -> None:
    await act.agent()
    number = number_in(rest)
    await act.desk.unmerge.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} goes on by itself again.", number=number))


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
    said, _, why = rest.partition(" ")
    number = number_in(said)
    if why.strip():
        await act.desk.close_despite.soon(number, Reason(why), act.by)
    else:
        await act.desk.close.soon(number, act.by)
    await act.tell(phrase("Ticket #{number} is closed now.", number=number))


async def _split(act: Act, rest: str) -> None:
    agent = await act.agent()
    found = await act.desk.to_split.soon(number_in(rest))
    await act.open(split.show(split.begun(found), found, agent.reader))


async def _tasks(act: Act, rest: str) -> None:
    agent, workspace = await act.agent(), (await act.slack.me()).url
    found = await act.desk.overseen.soon(number_in(rest))
    await act.open(tasks.listed(found, lambda post: place_of(workspace, post), agent.reader))


async def _impossible(act: Act, rest: str) -> None:
    await act.agent()
    said, _, why = rest.partition(" ")
    number = number_in(said)
    await act.desk.not_possible.soon(number, why, act.by)
    await act.tell(phrase("Whoever has its ticket hears that task #{number} is not possible, and why.", number=number))


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
    "unclaimed": _unclaimed,
    "merge": _merge,
    "unmerge": _unmerge,
    "claim": _claim,
    "release": _release,
    "close": _close,
    "reopen": _reopen,
    "split": _split,
    "tasks": _tasks,
    "impossible": _impossible,
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

UNCLAIMED_LISTED = 20
"""Tickets that wait, as many as a message lists."""

HOURS_LISTED = 40
"""Queues that a message lists."""

COMMANDS: Mapping[str, Listener] = {"/desk": desk}
