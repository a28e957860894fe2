"""Mail that goes round stops, is kept and told of; people who write much lose nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.desk.answering import Then
from core.desk.keeping_out import reason_of
from core.phrases import Phrase
from core.rulebook import parse_toml
from core.tickets import brakes
from core.tickets.model import Address, Nature, Part, Status, Trail
from tests.world import ANN, RULEBOOK, World

MACHINE_SAYS = "Thank you for your message. We have opened case number {n} and will be with you as soon as we can."


def notes(world: World, number: int) -> list[str]:
    return [message.text for message in world.said(number) if message.part is Part.NOTE]


def warnings(world: World) -> list[str]:
    return [trouble.said.text for _, untold in world.warned for trouble in untold.first]


def echo(world: World, n: int, sender: str, **more: object) -> int:
    """What a machine writes that we do not know as one: no header says so."""
    text = MACHINE_SAYS.format(n=n)
    trail = Trail(gist=brakes.gist(f"Case {n}", text))
    return world.mail(text, sender=sender, subject=f"Case {n}", trail=trail, **more)


# What has come round


def test_a_mail_that_carries_our_mark_is_kept_out_and_supervisors_hear_once(world: World) -> None:
    world.mail()
    world.settle()
    mark = world.sent[0].mark
    assert mark
    for _ in range(3):
        assert world.mail_at_all("Hello again", sender="list@other.example", trail=Trail((mark,))) is None
    world.later(minutes=2)
    assert [reason_of(piece) for piece in world.desk.kept_out()] == [brakes.CARRIES_OUR_MARK] * 3
    assert warnings(world) == ["A mail from {sender} seems to go round between machines, and is kept out."]
    assert world.parts_sent() == ["acknowledgement"]


def test_another_desks_mark_is_no_loop(world: World) -> None:
    assert world.mail(trail=Trail(("0123456789abcdef",)))


def test_a_copy_of_our_own_mail_that_comes_by_another_sender_is_nothing_to_look_after(world: World) -> None:
    world.mail()
    world.settle()
    ours = world.sent[0]
    assert world.mail_at_all(sender="x@list.example", id=ours.external_id, trail=Trail((ours.mark or "",))) is None
    assert world.desk.kept_out() == []


@pytest.mark.parametrize(("hops", "is_in"), [(50, True), (51, False)])
def test_what_has_passed_too_many_servers_is_kept_out(world: World, hops: int, is_in: bool) -> None:
    assert (world.mail_at_all(trail=Trail(hops=hops)) is not None) is is_in
    assert [reason_of(piece) for piece in world.desk.kept_out()] == ([] if is_in else [brakes.TOO_MANY_HOPS])


def test_what_has_come_round_is_heard_once_somebody_lets_it_in(world: World) -> None:
    assert world.mail_at_all("For the archive.", trail=Trail(hops=99)) is None
    world.desk.admit(world.desk.kept_out()[0].id)
    world.settle()
    assert world.said(1)[0].text == "For the archive."


# Acknowledgements


def test_a_person_who_writes_fifteen_mails_in_ten_minutes_has_fifteen_tickets_and_one_acknowledgement(
    world: World,
) -> None:
    numbers = []
    for n in range(15):
        numbers.append(world.mail(f"The part {n} is missing, too.", subject=f"Part {n}"))
        world.later(seconds=40)
    assert len(set(numbers)) == 15
    assert [world.ticket(number).status for number in numbers] == [Status.NEW] * 15
    assert world.parts_sent() == ["acknowledgement"]
    assert len(warnings(world)) == 1
    assert [number for number in numbers if notes(world, number)] == [numbers[10]]
    assert "carla@example.com has opened 11 tickets within ten minutes" in notes(world, numbers[10])[0]


def test_ten_mails_in_ten_minutes_are_nothing_to_speak_of(world: World) -> None:
    for n in range(10):
        world.mail(f"The part {n} is missing, too.")
        world.later(seconds=30)
    assert warnings(world) == []


def test_tickets_over_a_whole_day_are_no_flood(world: World) -> None:
    for _ in range(15):
        world.mail("Another one is missing.")
        world.later(minutes=11)
    assert warnings(world) == []


def test_a_flood_that_goes_on_is_told_again_the_next_day(world: World) -> None:
    for _ in range(2):
        for _ in range(12):
            world.mail("Again")
        world.later(hours=25)
    assert len(warnings(world)) == 2


def test_a_monitor_that_writes_a_hundred_mails_opens_a_hundred_tickets_and_hears_nothing(world: World) -> None:
    for n in range(100):
        assert world.mail(f"Disk {n} is full", sender="monitor@ops.example", nature=Nature.AUTO_GENERATED) == n + 1
    world.settle()
    assert world.sent == []
    assert warnings(world) == []


def test_a_desk_that_answers_from_an_address_for_each_ticket_is_acknowledged_three_times_and_then_no_more(
    world: World,
) -> None:
    for n in range(6):
        echo(world, n, f"case-{n}@other.example")
        world.later(seconds=5)
    assert world.parts_sent() == ["acknowledgement"] * 3
    assert len(warnings(world)) == 1
    assert [number for number in range(1, 7) if notes(world, number)] == [4]


def test_tags_make_no_other_address_of_one(world: World) -> None:
    for n in range(4):
        world.mail(f"Text {n}", sender="bot@other.example", reply_to=f"bot+{n}@other.example")
    world.settle()
    assert world.parts_sent() == ["acknowledgement"]


def test_people_of_one_provider_who_write_alike_in_few_words_are_all_acknowledged(world: World) -> None:
    for n in range(6):
        text = "It does not work."
        trail = Trail(gist=brakes.gist("Help", text))
        world.mail(text, sender=f"person{n}@mail.example", subject="Help", trail=trail)
    world.settle()
    assert world.parts_sent() == ["acknowledgement"] * 6


def test_who_did_not_write_to_us_by_name_is_not_acknowledged(world: World) -> None:
    number = world.mail(by_name=False)
    world.settle()
    assert world.ticket(number).status is Status.NEW
    assert world.sent == []


def test_who_wrote_to_another_name_of_a_mailbox_is_acknowledged(sqlite_url: str, tmp_path: Path) -> None:
    rulebook = RULEBOOK.replace('queue = "support"\n', 'queue = "support"\naliases = ["info@firm.example"]\n', 1)
    with World(sqlite_url, tmp_path, rulebook) as world:
        world.mail(by_name=False, copied=(Address("email", "Info@Firm.example"),))
        world.settle()
        assert world.parts_sent() == ["acknowledgement"]


# Within a ticket


def test_a_machine_that_answers_each_of_our_mails_is_heard_five_times_a_day(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    heard = [world.mail_at_all("I am away", nature=Nature.AUTO_REPLY, answers="<first@example.com>") for _ in range(8)]
    assert heard == [number] * 5 + [None] * 3
    assert [reason_of(piece) for piece in world.desk.kept_out()] == [brakes.ANSWERS_TOO_OFTEN] * 3
    world.later(minutes=2)
    assert len(warnings(world)) == 1
    world.later(days=1)
    assert world.mail_at_all("I am away", nature=Nature.AUTO_REPLY, answers="<first@example.com>") == number


def test_the_same_words_open_a_closed_ticket_three_times_a_day_and_then_leave_it_closed(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    for n in range(5):
        if world.ticket(number).status is not Status.CLOSED:
            world.desk.close(number, ANN)
        echo(world, n, "carla@example.com", answers="<first@example.com>")
        world.later(minutes=1)
        assert (world.ticket(number).status is Status.CLOSED) is (n >= 3)
        if n < 3:
            continue
        assert world.said(number)[-1].part in (Part.REQUESTER, Part.NOTE)  # it is heard all the same
    assert len(notes(world, number)) == 1
    assert len(warnings(world)) == 1


def test_a_person_opens_a_closed_ticket_as_often_as_they_have_something_to_say(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    for n in range(8):
        world.desk.close(number, ANN)
        text = f"No, this is not solved at all, since now the part for my {'very ' * n} old machine is missing."
        world.mail(text, answers="<first@example.com>", trail=Trail(gist=brakes.gist("Where is my order?", text)))
        assert world.ticket(number).status is not Status.CLOSED


# What leaves by itself


def test_one_person_gets_three_reminders_an_hour_and_the_others_later(world: World) -> None:
    for n in range(5):
        number = world.mail(f"Question {n}")
        world.desk.reply(number, ANN, "Which one?", Then.WAIT)
    world.later(seconds=11)
    world.later(days=3, minutes=1)
    assert world.parts_sent().count("reminder") == 3
    world.later(minutes=30)
    assert world.parts_sent().count("reminder") == 3
    world.later(hours=1)
    assert world.parts_sent().count("reminder") == 5


def test_five_mails_leave_by_themselves_for_a_ticket_in_a_day_and_no_more(world: World) -> None:
    queue = world.book.queues[0].model_copy(
        update={"remind_after": timedelta(minutes=70), "close_after": timedelta(minutes=70)}
    )
    world.desk.apply(world.book.model_copy(update={"queues": (queue, *world.book.queues[1:])}), "test")
    number = world.mail(id="<first@example.com>")
    for n in range(9):
        world.desk.reply(number, ANN, f"Answer {n}", Then.WAIT)
        world.later(seconds=11)
        world.later(minutes=71)
        world.mail(f"Machine {n}", answers="<first@example.com>")
    assert Part.CLOSING.value not in world.parts_sent()
    assert world.parts_sent().count("reminder") == 4
    assert world.parts_sent().count("acknowledgement") == 1


# What they rest on


@given(st.text(), st.integers(0, 10**12), st.integers(0, 10**12))
def test_numbers_make_no_other_gist(text: str, one: int, other: int) -> None:
    assert brakes.gist("Case", f"{text} {one} it is") == brakes.gist("Case", f"{text} {other} it is")


def test_other_words_are_another_gist_and_few_words_none() -> None:
    assert brakes.gist("", "My order of last week has not come, where is it?")
    assert brakes.gist("", "My order of last week has not come, where is it?") != brakes.gist(
        "", "My order of last month has come in pieces, what now?"
    )
    assert brakes.gist("Help", "It does not work 1234567890 1234567890 1234567890") == ""


def test_every_reason_is_a_sentence_in_the_readers_language() -> None:
    assert all(isinstance(reason, Phrase) for reason in brakes.REASONS)
    assert str(brakes.MOST_HOPS) in brakes.TOO_MANY_HOPS.text


def test_an_alias_belongs_to_one_mailbox() -> None:
    book = parse_toml(RULEBOOK.replace('queue = "support"\n', 'queue = "support"\naliases = ["a@x.example"]\n', 1), "f")
    mailbox = book.mailbox_for("A+x@X.example")
    assert mailbox
    assert mailbox.address == "support@desk.example"
