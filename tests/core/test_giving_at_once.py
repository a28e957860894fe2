"""Many at once: whoever looks, claims, gives and puts back, a ticket is with one agent or with none."""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.desk import Desk
from core.desk.opening import open_desk, wall_clock
from core.phrases import DeskError
from core.routing.assignment import Member, Presence, Terms, Waiting, after, decide
from core.storage import tickets
from core.tickets import events as e
from tests.world import ANN, JONAS, RULEBOOK, World

GIVING = RULEBOOK.replace('title = "Support"', 'title = "Support"\nmode = "push"\nanswers_within = "4h"').replace(
    '[[agents]]\nname = "', '[[agents]]\ncapacity = 30\nname = "'
)
CAPACITY = 30
TICKETS = 40


def holders(history: list[e.Event]) -> list[tuple[str | None, str]]:
    """Who had it before each time that somebody got it, and who that was."""
    found: list[tuple[str | None, str]] = []
    holder: str | None = None
    for event in history:
        match event:
            case e.Claimed():
                found.append((holder, event.by))
                holder = event.by
            case e.Released():
                holder = None
            case _:
                pass
    return found


def work(desk: Desk, seed: int, rounds: int = 10) -> None:
    """Look who can be given what, and meddle: take tickets, put some back."""
    chance = random.Random(seed)
    for _ in range(rounds):
        with suppress(DeskError):
            desk.match()
        number, by = chance.randint(1, TICKETS), chance.choice((ANN, JONAS))
        with suppress(DeskError):
            (desk.claim if chance.random() < 0.5 else desk.release)(number, by)


def check(world: World) -> None:
    """Nobody was given what somebody had; what is in the rows is what happened."""
    loads: Counter[str] = Counter()
    for number in range(1, TICKETS + 1):
        history = world.desk.db.run(lambda tx, number=number: tickets.history(tx, number))
        assert [before for before, _ in holders(history) if before is not None] == []
        held = world.ticket(number).assignee
        loads.update([held] if held else [])
    by_desk = {agent: load for agent, load in loads.items() if load > CAPACITY}
    assert by_desk == {}


def filled(world: World) -> World:
    for n in range(TICKETS):
        world.mail(sender=f"c{n}@example.com", subject=f"Matter {n}")
    return world


def test_many_threads_give_each_ticket_to_one(database_url: str, tmp_path: Path) -> None:
    with World(database_url, tmp_path, GIVING) as world:
        filled(world)
        threads = [threading.Thread(target=work, args=(world.desk, seed)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check(world)


def _process(url: str, var: str, seed: int) -> None:
    desk = open_desk(url, Path(var), clock=wall_clock)
    try:
        work(desk, seed)
    finally:
        desk.db.close()


def test_processes_on_one_database_give_each_ticket_to_one(stock, tmp_path: Path) -> None:
    with stock.borrow() as url, World(url, tmp_path, GIVING) as world:
        filled(world)
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=_process, args=(url, str(tmp_path), seed)) for seed in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0, 0, 0]
        check(world)


# Whatever the line-up and whatever waits

members = st.builds(
    Member,
    id=st.sampled_from(["a", "b", "c", "d", "e"]),
    name=st.just("x"),
    queues=st.none() | st.frozensets(st.sampled_from(["q", "r"]), max_size=2),
    skills=st.dictionaries(st.sampled_from(["law", "tax"]), st.integers(1, 5), max_size=2),
    languages=st.dictionaries(st.sampled_from(["en", "de", "es"]), st.integers(1, 5), max_size=2),
    presence=st.sampled_from(list(Presence)),
    on_duty=st.booleans(),
    capacity=st.sampled_from([1.0, 2.0, 4.0]),
    load=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
)
line_ups = st.lists(members, max_size=5, unique_by=lambda one: one.id)
waits = st.builds(
    dict,
    queue=st.sampled_from(["q", "r"]),
    urgency=st.integers(0, 3),
    points=st.sampled_from([0.5, 1.0, 2.0]),
    language=st.none() | st.sampled_from(["en", "de", "es"]),
    skills=st.sampled_from([(), (("law", 2),)]),
    topics=st.sampled_from([(), ("tax",)]),
)


@given(line_ups, st.lists(waits, max_size=6), st.sampled_from([(), ("en",)]))
@settings(max_examples=60)
def test_nobody_gets_what_they_may_not_have_and_nobody_is_left_idle(
    line_up: list[Member], asked: list[dict[str, object]], languages: tuple[str, ...]
) -> None:
    now = wall_clock()
    left = [Waiting(number=n, since=now, **one) for n, one in enumerate(asked)]  # pyright: ignore[reportArgumentType]
    terms = Terms(languages=languages, own="en")
    known = {one.id: one for one in line_up}
    while left:
        picks = decide(sorted(left, key=lambda one: one.order), line_up, lambda queue: terms, now)
        done = [pick for pick in picks if pick.agent]
        assert len({pick.agent for pick in done}) == len(done), "one each"
        for pick in done:
            one = next(member for member in line_up if member.id == pick.agent)
            assert one.is_there
            assert one.presence is Presence.AVAILABLE
            assert one.serves(pick.ticket.queue)
            assert one.load + pick.ticket.points <= known[one.id].capacity
            assert all(one.skills.get(name, 0) >= level for name, level in pick.ticket.skills)
            if languages and pick.ticket.language:
                spoken = set(one.languages or {"en": 3})
                assert spoken & {pick.ticket.language, *languages}
        line_up = after(line_up, done, now)
        if not done:
            assert all(row.score is None for pick in picks for row in pick.table.rows), "somebody could have had it"
            return
        left = [one for one in left if one.number not in {pick.ticket.number for pick in done}]
