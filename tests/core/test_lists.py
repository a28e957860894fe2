"""What an agent finds in lists: the most urgent first, and how many more there are."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import event

from core.rulebook import Rulebook, parse_toml
from core.storage.database import Tx
from core.storage.tickets import MANY
from tests.world import ANN, RULEBOOK, World

FIRE = """
[[rules]]
name = "fire"
when = { subject = ["fire"] }
then = { urgency = 3 }
"""
BOOK: Rulebook = parse_toml(RULEBOOK + FIRE, "desk.toml")


def test_what_is_urgent_comes_first_and_then_what_waits_longest(world: World) -> None:
    world.desk.apply(BOOK, "test")
    told = {}
    for n, subject in enumerate(("one", "fire", "two", "fire again", "three")):
        told[subject] = world.mail(subject=subject, sender=f"c{n}@example.com")
        world.later(seconds=1)
    world.desk.claim(told["two"], ANN)
    page = world.desk.overview(ANN.agent, ("support",)).waiting["support"]
    assert [line.subject for line in page.lines] == ["fire", "fire again", "one", "three"]
    assert page.total == 4


def test_of_what_is_as_urgent_comes_first_what_is_due_first_and_then_what_waits_longest(world: World) -> None:
    also = '[[policies]]\nname = "usual"\ncalendar = "always"\ntier = ["Gold"]\nfirst_response = "2h"\n'
    gold = '[[organisations]]\nname = "Acme"\ndomains = ["acme.example"]\ntier = "Gold"\n'
    world.desk.apply(parse_toml("\n".join((RULEBOOK + FIRE, also, gold)), "desk.toml"), "test")
    told = {}
    for subject, sender in (("one", "a@b.example"), ("two", "a@acme.example"), ("fire", "c@b.example")):
        told[subject] = world.mail(subject=subject, sender=sender)
        world.later(minutes=1)
    told["three"] = world.mail(subject="three", sender="d@acme.example")
    page = world.desk.overview(ANN.agent, ("support",)).waiting["support"]
    assert [line.subject for line in page.lines] == ["fire", "two", "three", "one"]
    assert [line.turn for line in page.lines] == sorted(line.turn for line in page.lines)
    assert page.lines[-1].due is None


def test_of_many_the_first_are_listed_and_the_others_are_counted_up_to_a_limit(world: World) -> None:
    for n in range(30):
        world.mail(sender=f"c{n}@example.com")
    assert waiting(world, 5) == (5, 30)
    for n in range(110):
        world.mail(sender=f"d{n}@example.com")
    assert waiting(world, 5) == (5, 5 + MANY + 1)


def test_where_cards_stand_is_asked_once_for_all(world: World) -> None:
    numbers = [world.mail(sender=f"c{n}@example.com") for n in range(12)]
    world.desk.claim(numbers[0], ANN)
    for _ in range(12):
        world.later(seconds=5)
    step = world.desk.overview.step(ANN.agent, ("support", "billing"))
    asked: list[str] = []
    event.listen(world.desk.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    overview = world.desk.db.run(step)
    assert sorted(overview.cards) == numbers
    assert len([words for words in asked if "FROM posts" in words]) == 1


def test_what_waits_is_found_by_an_index(world: World) -> None:
    def plan(tx: Tx) -> str:
        words = (
            "select number from tickets where queue = 'support' and assignee is null and status != 'closed'"
            " order by urgency desc, opened_at limit 20"
        )
        if tx.pg:
            tx.sql.execute(sa.text("set local enable_seqscan = off"))
        how = "explain " if tx.pg else "explain query plan "
        return "\n".join(str(row) for row in tx.sql.execute(sa.text(how + words)))

    found = world.desk.db.run(plan)
    assert "ix_tickets_waiting" in found
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found


def waiting(world: World, most: int) -> tuple[int, int]:
    page = world.desk.overview(ANN.agent, ("support",), most).waiting["support"]
    return len(page.lines), page.total
