"""One answer to many tickets: each in its customer's language, on their channel, once, and taken back together."""

from __future__ import annotations

from typing import Any

import pytest

from core.desk.answering import Then
from core.phrases import Refused
from core.routing.clusters import Alike
from core.routing.minds import Read
from core.routing.understood import Understood
from core.rulebook import parse_toml
from core.storage.circulars import Addressed
from core.tickets.model import Delivery, Message, Outcome, Part, Status
from core.tickets.relating import Kinship
from tests.world import ANN, JONAS, RULEBOOK, World

BOOK = RULEBOOK.replace('reopen_within = "14d"', 'reopen_within = "14d"\nincident_from = 3')
BOOK += """
[[templates]]
name = "down"
text = { en = "Hello {customer_first|},\\nthe shop is back.", de = "Hallo {customer_first|},\\nder Shop geht wieder." }
"""
DOWN = Understood(language="en", topic="billing", topic_confidence=0.9, urgency=1)


def told(world: World, who: str, *alike: int, text: str = "I cannot pay with my card today", **more: Any) -> int:
    number = world.mail(text, sender=f"{who}@{who}.example", name=f"{who.title()} Smith", **more)
    to_read = world.desk.to_understand(number, ())
    assert to_read is not None
    world.desk.now_understood(number, to_read, Read(DOWN, alike=tuple(Alike(one, 0.8, True) for one in alike)))
    return number


@pytest.fixture
def incident(world: World) -> list[int]:
    """Three customers meet with the same, says Ann."""
    world.desk.apply(parse_toml(BOOK, "desk.toml"), "test")
    german = "Ich kann heute leider nicht mit meiner Karte bezahlen"
    numbers = [told(world, "ann"), told(world, "bob", 1, text=german), told(world, "cid", 1, 2)]
    world.settle()
    [id] = {job.facts["gathering"] for job in world.desk.jobs() if job.kind == "show-gathering"}
    world.desk.put_together(id, ANN)
    return numbers


def replies(world: World, number: int) -> list[Message]:
    return [one for one in world.said(number) if one.part is Part.REPLY]


def sent(world: World) -> dict[str, str]:
    """What went to whom, without its signature."""
    return {out.to[0].address: out.text.partition("\n--")[0] for out in world.sent if out.part is Part.REPLY}


def why(world: World, id: int) -> dict[int, str]:
    found: dict[int, str] = {}
    one: Addressed
    for one in world.desk.progress(id).refused:
        assert one.refused is not None
        found[one.ticket] = one.refused.text
    return found


def test_each_is_answered_in_their_language_and_by_their_name_on_their_own_ticket(
    world: World, incident: list[int]
) -> None:
    found = world.desk.audience(incident[1])
    assert [one.number for one in found.recipients] == incident
    id = world.desk.answer_all(incident[2], ANN, "", "down")
    assert id is not None
    world.settle()
    assert not sent(world)
    world.later(seconds=11)
    said = sent(world)
    assert said["ann@ann.example"].startswith("Hello Ann,\n")
    assert said["bob@bob.example"].startswith("Hallo Bob,\n")
    assert said["cid@cid.example"].startswith("Hello Cid,\n")
    assert all(not out.copied for out in world.sent)
    assert [world.ticket(one).status for one in incident] == [Status.PENDING] * 3
    assert [world.ticket(one).assignee for one in incident] == [None] * 3
    progress = world.desk.progress(id)
    assert (progress.left, progress.failed, progress.waiting, list(progress.refused)) == (3, 0, 0, [])


def test_a_text_has_its_blanks_filled_for_each_and_all_are_closed(world: World, incident: list[int]) -> None:
    with pytest.raises(Refused, match="which Deskbell does not know"):
        world.desk.answer_all(incident[0], ANN, "Hello {somebody}")
    with pytest.raises(Refused, match="needs words"):
        world.desk.answer_all(incident[0], ANN, " ")
    with pytest.raises(Refused, match="not both"):
        world.desk.answer_all(incident[0], ANN, "Hello", "down")
    world.desk.answer_all(incident[0], ANN, "Dear {customer}, #{number} is done.", then=Then.CLOSE)
    world.later(seconds=11)
    assert sent(world)["bob@bob.example"].startswith(f"Dear Bob Smith, #{incident[1]} is done.")
    assert {world.ticket(one).status for one in incident} == {Status.CLOSED}
    assert [world.said(one)[-1].author for one in incident if world.said(one)[-1].part is Part.REPLY] == [ANN.agent] * 3


def test_within_its_seconds_it_is_taken_back_for_all_and_then_for_nobody(world: World, incident: list[int]) -> None:
    id = world.desk.answer_all(incident[0], ANN, "It works again.")
    assert id is not None
    world.later(seconds=5)
    taken = world.desk.undo_all(id, JONAS)
    assert taken is not None
    assert taken.text == "It works again."
    world.later(seconds=60)
    assert not sent(world)
    assert not [one for number in incident for one in replies(world, number)]
    with pytest.raises(Refused, match="taken back already"):
        world.desk.undo_all(id, ANN)
    again = world.desk.answer_all(incident[0], ANN, "It works again.")
    assert again is not None
    world.later(seconds=11)
    with pytest.raises(Refused, match="on their way"):
        world.desk.undo_all(again, ANN)


def test_who_is_not_answered_is_named_with_the_reason(world: World, incident: list[int]) -> None:
    first, second, third = incident
    fourth = told(world, "dan", 1)
    id = world.desk.answer_all(first, ANN, "It works again.")
    assert id is not None
    world.desk.close(first, JONAS)
    last = next(one.external_id for one in world.said(second) if one.part is Part.REQUESTER)
    world.mail("Now I can.", sender="bob@bob.example", name="Bob Smith", answers=last)
    world.refusing["cid@cid.example"] = Outcome("cid@cid.example", 550, "no such user")
    world.later(seconds=11)
    assert why(world, id) == {first: "closed meanwhile", second: "the customer wrote again meanwhile"}
    found = world.desk.progress(id)
    assert (found.left, found.failed, found.waiting) == (1, 1, 0)
    assert replies(world, third)[0].delivery is Delivery.FAILED
    assert set(sent(world)) == {"dan@dan.example"}
    assert replies(world, fourth)


def test_a_job_that_comes_twice_answers_once(world: World, incident: list[int]) -> None:
    act = world.desk.accept_act("a click", {})
    assert act is not None
    id = world.desk.answer_all(incident[0], ANN._replace(act=act), "It works again.")
    assert id is not None
    assert world.desk.answer_all(incident[0], ANN._replace(act=act), "It works again.") is None
    world.desk.answer_one(id, incident[0])
    world.desk.answer_one(id, incident[0])
    world.later(seconds=11)
    assert [len(replies(world, one)) for one in incident] == [1, 1, 1]
    world.desk.not_answered(id, incident[0], "a crash")
    assert why(world, id) == {}


def test_who_comes_later_is_offered_what_the_others_were_answered(world: World, incident: list[int]) -> None:
    id = world.desk.answer_all(incident[0], ANN, "", "down")
    assert id is not None
    assert world.desk.card(incident[0]).company.circular is None
    world.later(seconds=11)
    late = told(world, "dan", 1)
    assert world.desk.card(late).company.circular == id
    assert world.desk.as_others(late, id).startswith("Hello Dan,")
    assert world.desk.card(incident[0]).company.circular is None
    assert [one.number for one in world.desk.audience(late).recipients] == [*incident, late]


def test_closing_a_problem_offers_to_answer_those_whom_it_caused(world: World) -> None:
    problem = world.mail("The shop is down", sender="eve@eve.example", name="Eve")
    met = [world.mail(f"I cannot pay {n}", sender=f"c{n}@c.example", name=f"C{n}") for n in range(2)]
    for one in met:
        world.desk.relate(one, problem, Kinship.INCIDENT_OF, ANN)
    world.desk.close(problem, ANN)
    assert world.desk.card(problem).company.incidents == 2
    id = world.desk.answer_all(problem, ANN, "It is mended.", then=Then.CLOSE)
    assert id is not None
    world.later(seconds=11)
    assert set(sent(world)) == {"c0@c.example", "c1@c.example"}
    assert world.desk.card(problem).company.incidents == 0
    with pytest.raises(Refused, match="no open ticket"):
        world.desk.answer_all(problem, ANN, "Again.")
