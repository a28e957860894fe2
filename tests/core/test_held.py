"""What waits for somebody to look at it: it is handled once, and it is written down who did it."""

from __future__ import annotations

from core.storage import handlings
from core.tickets.model import Nature
from tests.core.test_kept_out import kept_out
from tests.world import ANN, JONAS, World


def test_what_is_discarded_waits_for_nobody_and_is_kept(world: World) -> None:
    id = kept_out(world)
    assert world.desk.discard(id, ANN)
    assert not world.desk.discard(id, JONAS)
    assert world.desk.held().total == 0
    assert world.desk.raw_of(id) == b"I am away."
    assert [piece.id for piece in world.desk.kept_out(("discarded",))] == [id]


def test_what_was_discarded_can_be_let_in_after_all(world: World) -> None:
    id = kept_out(world)
    world.desk.discard(id, ANN)
    assert world.desk.admit(id, JONAS)
    world.settle()
    assert world.said(1)[0].text == "I am away."


def test_it_is_said_who_was_faster_what_they_did_and_when(world: World) -> None:
    id = kept_out(world)
    world.desk.admit(id, ANN)
    world.settle()
    world.now = world.now.replace(minute=5)
    assert not world.desk.admit(id, JONAS)
    said = world.desk.handled(id)
    assert said.text == "{name} let this mail in {ago}."
    assert said.values["name"] == "Ann Walker"
    assert said.values["ago"].total_seconds() == -300
    done = world.desk.db.run(lambda tx: handlings.of(tx, [id]))
    assert [(one.what, one.by) for one in done[id]] == [("admit", ANN.agent)]


def test_who_wrote_and_about_what_is_known_without_reading_it_again(world: World) -> None:
    kept_out(world, subject="Away")
    [piece] = world.desk.held().pieces
    assert piece.said == {
        "nature": "auto_reply",
        "signs": [],
        "name": "Carla Gómez",
        "address": "carla@example.com",
        "subject": "Away",
    }
    assert piece.sender == "carla@example.com"
    assert piece.external_id is not None


def test_many_are_paged_and_a_page_that_is_gone_is_the_last_there_is(world: World) -> None:
    ids = [kept_out(world, sender=f"c{n}@example.com") for n in range(10)]
    assert [piece.id for piece in world.desk.held().pieces] == ids[:1:-1]
    second = world.desk.held(1)
    assert ([piece.id for piece in second.pieces], second.pages) == (ids[1::-1], 2)
    for id in ids[:2]:
        world.desk.discard(id)
    assert world.desk.held(1).page == 0


def test_supervisors_hear_once_of_all_that_was_held_in_ten_minutes(world: World) -> None:
    for n in range(5):
        kept_out(world, sender=f"c{n}@example.com")
        world.settle()
    assert world.warned == []
    world.later(minutes=10)
    [(name, untold)] = world.warned
    assert (name, untold.total, untold.first[0].held) == ("Sam Rivera", 1, True)
    assert world.desk.troubles("Sam Rivera").held == 0
    world.later(minutes=30)
    assert len(world.warned) == 1


def test_what_a_supervisor_is_told_of_anyway_tells_of_held_mail_too(world: World) -> None:
    kept_out(world)
    piece = world.desk.accept("email", "k", "lane", {}, b"?")
    assert piece is not None
    world.desk.keep_out(piece, "unreadable", "it takes too long")
    world.settle()
    [(_, untold)] = world.warned
    assert sorted(one.held for one in untold.first) == [False, True]
    world.later(minutes=30)
    assert len(world.warned) == 1


def test_a_copy_of_what_we_sent_says_which_message_it_is_a_copy_of(world: World) -> None:
    number = world.mail()
    world.settle()
    ours = world.sent[-1]
    world.mail_at_all("We have it.", sender="support@desk.example", id=ours.external_id, nature=Nature.AUTO_GENERATED)
    piece = world.desk.kept(2)
    assert piece is not None
    assert (piece.state, piece.reason, piece.message) == ("done", "a copy of what the desk itself sent", ours.message)
    assert len(world.said(number)) == 2
