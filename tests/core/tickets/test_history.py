"""Whatever happens to a ticket, its row is what its history says."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.desk.answering import Then
from core.phrases import NotFound, Refused
from core.storage.rooms import Room
from core.tickets.joining import Standing
from core.tickets.model import Delivery, Nature, Outcome, Part, Status
from tests.databases import sqlite_copy
from tests.world import ANN, JONAS, World

DAN = "dan@example.org"
Deed = Callable[[World, int], None]


def last_reply(world: World, number: int) -> int:
    return max((m.id for m in world.said(number) if m.delivery), default=0)


DEEDS: dict[str, Deed] = {
    "ann claims": lambda w, n: w.desk.claim(n, ANN),
    "jonas claims": lambda w, n: w.desk.claim(n, JONAS),
    "ann releases": lambda w, n: w.desk.release(n, ANN),
    "ann replies": lambda w, n: void(w.desk.reply(n, ANN, "Hello")),
    "jonas replies and closes": lambda w, n: void(w.desk.reply(n, JONAS, "Bye", Then.CLOSE)),
    "ann replies anyway": lambda w, n: void(w.desk.reply_and_reopen(n, ANN, "Still", Then.CLOSE)),
    "ann takes back": lambda w, n: void(w.desk.undo(last_reply(w, n), ANN)),
    "ann notes": lambda w, n: void(w.desk.note(n, ANN, "Hm")),
    "ann closes": lambda w, n: w.desk.close(n, ANN),
    "jonas reopens": lambda w, n: w.desk.reopen(n, JONAS),
    "carla answers": lambda w, n: void(w.mail("And?", answers="<first@example.com>")),
    "carla thanks": lambda w, n: void(w.mail("Thank you!", answers="<first@example.com>")),
    "a machine answers": lambda w, n: void(w.mail("Away", answers="<first@example.com>", nature=Nature.AUTO_REPLY)),
    "dan writes in": lambda w, n: void(w.mail("Me too.", sender=DAN, answers="<first@example.com>")),
    "eve writes in": lambda w, n: void(w.mail("And me.", sender="eve@example.net", answers="<first@example.com>")),
    "ann lets one in": lambda w, n: w.desk.let_in(n, strangers_of(w, n)[0], ANN),
    "jonas turns one away": lambda w, n: void(w.desk.turn_away(n, strangers_of(w, n)[0], JONAS)),
    "ann puts one out": lambda w, n: void(w.desk.turn_away(n, decided(w, n), ANN, Standing.IN)),
    "ann lets one in after all": lambda w, n: w.desk.let_in(n, decided(w, n), ANN, Standing.OUT),
    "its queue is gone": lambda w, n: void(move_house(w)),
    "seconds pass": lambda w, n: w.later(seconds=12),
    "days pass": lambda w, n: w.later(days=4),
    "carla moves away": lambda w, n: void(
        w.refusing.setdefault("carla@example.com", Outcome("carla@example.com", 550, "gone"))
    ),
}


def move_house(world: World) -> None:
    """The queues get new names, and the tickets follow."""
    edition = world.desk.edition()
    assert edition
    old, new = ("support", "help") if edition.book.queues[0].name == "support" else ("help", "support")
    queues = [q.model_copy(update={"name": new}) if q.name == old else q for q in edition.book.queues]
    boxes = [m.model_copy(update={"queue": new}) for m in edition.book.mailboxes]
    world.desk.apply(edition.book.model_copy(update={"queues": tuple(queues), "mailboxes": tuple(boxes)}), "test")
    world.desk.move_in(Room(new, "T1", f"C-{new}", new))
    world.desk.gather([stray.number for stray in world.desk.strays()], {}, "test")


def strangers_of(world: World, number: int) -> list[int]:
    """Whose words wait; somebody who is nobody where there are none."""
    return [*world.desk.card(number).strangers] or [999]


def decided(world: World, number: int) -> int:
    return max((person for ticket, person in world.asked if ticket == number), default=999)


def void(_value: object) -> None:
    """A deed whose result does not matter here."""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.sampled_from(sorted(DEEDS)), max_size=12))
def test_the_row_is_the_fold_of_the_events(migrated_file: Path, tmp_path_factory, deeds: list[str]) -> None:
    folder = tmp_path_factory.mktemp("history")
    with World(sqlite_copy(migrated_file, folder), folder) as world:
        number = world.mail(id="<first@example.com>")
        for deed in deeds:
            with contextlib.suppress(Refused, NotFound):
                DEEDS[deed](world, number)
            found = world.ticket(number)  # compares the row with the fold
            assert (found.held_at is not None) == bool(world.desk.card(number).strangers)
            assert [m.part for m in world.said(number)].count(Part.STRANGER) >= len(world.desk.card(number).strangers)
            assert (found.status is Status.CLOSED) == (found.closed_at is not None)
            assert (found.pending_at is not None) <= (found.status in (Status.PENDING, Status.CLOSED))
        world.later(minutes=5)
        undecided = {Delivery.HELD, Delivery.QUEUED}
        assert not [m for m in world.said(number) if m.delivery in undecided]
        found = world.ticket(number)
        assert (found.status is Status.PENDING) <= (found.pending_at is not None)
