"""A ticket's life, from the customer's words to the answer and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.desk.answering import Then, Unseen
from core.phrases import Refused
from core.tickets.model import Delivery, File, Nature, Outcome, Part, Status
from tests.world import ANN, JONAS, World


def test_a_mail_becomes_a_ticket_with_a_card_and_an_acknowledgement(world: World) -> None:
    number = world.mail()
    world.settle()
    assert world.ticket(number).status is Status.NEW
    assert (number, 0) in world.shown
    assert [out.part for out in world.sent] == [Part.ACKNOWLEDGEMENT]
    assert f"number is {number}" in world.sent[0].text


def test_the_same_delivery_twice_is_one_message(world: World) -> None:
    number = world.mail(key="same")
    assert world.mail_at_all(key="same") is None
    assert len(world.said(number)) == 2  # the customer's, and the acknowledgement


def test_an_agent_claims_answers_and_closes_and_the_customer_has_the_answer(world: World) -> None:
    number = world.mail(id="<first@example.com>")
    world.desk.claim(number, ANN)
    world.desk.reply(number, ANN, "It left today.", Then.CLOSE)
    world.later(seconds=11)
    answer = world.sent[-1]
    assert answer.text.startswith("It left today.")
    assert answer.in_reply_to == "<first@example.com>"
    assert answer.references[1:] == ("<first@example.com>",)
    assert answer.to[0].address == "carla@example.com"
    assert world.ticket(number).status is Status.CLOSED
    assert world.said(number)[-1].delivery is Delivery.SENT


def test_an_answer_to_our_answer_comes_to_the_same_ticket_and_opens_it_again(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?", Then.CLOSE)
    world.later(seconds=11)
    assert world.mail("Number 4711.", answers=world.sent[-1].external_id) == number
    assert world.ticket(number).status is Status.OPEN


@pytest.mark.parametrize("header", ["in_reply_to", "references"])
def test_one_header_that_names_our_answer_is_enough_to_join_its_ticket(world: World, header: str) -> None:
    number = world.mail()
    world.settle()
    ours = world.sent[-1].external_id
    named: dict[str, object] = {"in_reply_to": ours, "references": ("<theirs@example.com>", ours)}
    assert world.mail("Number 4711.", **{header: named[header]}) == number


def test_a_signed_reply_address_finds_its_ticket_without_any_reference(world: World) -> None:
    number = world.mail()
    world.settle()
    token = world.sent[-1].reply_token
    assert world.mail("Here I am.", reply_tokens=(token,), sender="carla@home.example") == number


def test_a_forged_reply_address_opens_a_ticket_of_its_own(world: World) -> None:
    number = world.mail()
    world.settle()
    token = world.sent[-1].reply_token
    assert token
    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert world.mail("Let me in.", reply_tokens=(forged,), sender="eve@example.org") != number


def test_a_stranger_who_quotes_our_message_id_is_held_and_then_let_in(world: World) -> None:
    number = world.mail()
    world.settle()
    assert world.mail("Me too.", answers=world.sent[-1].external_id, sender="eve@example.org") == number
    world.settle()
    [(_, eve)] = world.asked
    before = world.ticket(number).heard_at
    world.later(minutes=5)
    assert world.ticket(number).heard_at == before
    world.desk.let_in(number, eve, ANN)
    assert world.ticket(number).heard_at == world.now


def test_thanks_does_not_open_a_ticket_again(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    world.mail("Thank you!", answers=world.sent[-1].external_id)
    assert world.ticket(number).status is Status.CLOSED


def test_thanks_with_a_file_opens_a_ticket_again(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    invoice = File("invoice.pdf", "application/pdf", b"%PDF-1.7")
    world.mail("Thank you!", answers=world.sent[-1].external_id, files=(invoice,))
    assert world.ticket(number).status is Status.OPEN


LOGO = File("image001.png", "image/png", b"logo", "logo@carla")


def test_thanks_with_the_logo_of_a_signature_does_not_open_a_ticket_again(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "It left today.", Then.CLOSE)
    world.later(seconds=11)
    world.mail("Thank you!", answers=world.sent[-1].external_id, files=(replace(LOGO, folded=True),))
    assert world.ticket(number).status is Status.CLOSED
    assert [file.name for file in world.said(number)[-1].attachments] == ["image001.png"]
    assert world.said(number)[-1].files == ()


def test_a_picture_within_the_words_that_the_ticket_has_already_is_folded_and_kept(world: World) -> None:
    scan = File("scan.png", "image/png", b"logo")  # what nobody shows within the words is sent
    number = world.mail(files=(LOGO,))
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    new = File("image002.png", "image/png", b"new", "new@carla")
    world.mail("This one.", answers=world.sent[-1].external_id, files=(LOGO, new, scan))
    first, last = world.said(number)[0], world.said(number)[-1]
    assert [file.folded for file in first.attachments] == [False]
    assert [(file.name, file.folded) for file in last.attachments] == [
        ("image001.png", True),
        ("image002.png", False),
        ("scan.png", False),
    ]
    assert [world.desk.blob(file.digest) for file in last.attachments] == [b"logo", b"new", b"logo"]
    other = world.mail("Another matter", sender="max@example.org", files=(LOGO,))
    assert [file.folded for file in world.said(other)[0].attachments] == [False]


@pytest.mark.parametrize("words", ["OK", "👍", "Thanks!"])
def test_who_answers_a_ticket_that_waits_for_them_is_not_told_that_we_heard_nothing(world: World, words: str) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Shall we send another one?")
    world.later(seconds=11)
    world.mail(words, answers=world.sent[-1].external_id)
    assert world.ticket(number).status is Status.OPEN
    world.later(days=3)
    world.later(days=4)
    assert world.parts_sent()[-1] == "reply"
    assert world.ticket(number).status is Status.OPEN


def test_an_automatic_reply_does_not_open_a_ticket_again(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Done?")
    world.later(seconds=11)
    world.mail("I am away.", answers=world.sent[-1].external_id, nature=Nature.AUTO_REPLY)
    assert world.ticket(number).status is Status.PENDING


def test_an_automatic_reply_to_nothing_of_ours_is_kept_and_opens_no_ticket(world: World) -> None:
    assert world.mail_at_all("I am away.", nature=Nature.AUTO_REPLY) is None
    assert [piece.state for piece in world.desk.kept_out()] == ["suspended"]


def test_a_machine_is_never_acknowledged(world: World) -> None:
    world.mail("Disk full.", nature=Nature.AUTO_GENERATED)
    world.settle()
    assert world.sent == []


def test_one_person_is_acknowledged_once_a_day(world: World) -> None:
    world.mail()
    world.mail(subject="Another thing")
    world.later(hours=25)
    world.mail(subject="A third thing")
    world.settle()
    assert world.parts_sent() == ["acknowledgement", "acknowledgement"]


def test_a_queue_that_does_not_acknowledge_stays_silent(world: World) -> None:
    number = world.mail(subject="Invoice 12 is wrong")
    world.settle()
    assert world.ticket(number).queue == "billing"
    assert world.ticket(number).urgency == 1
    assert world.sent == []


def test_the_acknowledgement_names_the_time_that_answers_really_took(world: World) -> None:
    for n in range(5):
        number = world.mail(sender=f"c{n}@example.com")
        world.now += timedelta(hours=2)
        world.desk.reply(number, ANN, "Done.")
    world.mail(sender="new@example.com")
    world.settle()
    [told] = [out.text for out in world.sent if out.to[0].address == "new@example.com"]
    assert "2 hours" in told


def test_of_two_who_claim_one_wins_and_the_other_is_told_who_and_when(world: World) -> None:
    number = world.mail()
    world.desk.claim(number, ANN)
    world.now += timedelta(seconds=4)
    with pytest.raises(Refused, match="Ann Walker"):
        world.desk.claim(number, JONAS)
    assert world.ticket(number).assignee == ANN.agent


def test_a_reply_taken_back_never_leaves_and_leaves_the_ticket_as_it_was(world: World) -> None:
    number = world.mail()
    world.desk.claim(number, ANN)
    before = world.ticket(number)
    message = world.desk.reply(number, ANN, "Oops", Then.CLOSE)
    assert message
    world.later(seconds=5)
    world.desk.undo(message, ANN)
    world.later(seconds=60)
    assert world.parts_sent() == ["acknowledgement"]
    after = world.ticket(number)
    assert (after.status, after.first_replied_at, after.closed_at) == (before.status, None, None)


def test_a_reply_that_has_left_cannot_be_taken_back(world: World) -> None:
    number = world.mail()
    message = world.desk.reply(number, ANN, "Too late")
    assert message
    world.later(seconds=11)
    with pytest.raises(Refused):
        world.desk.undo(message, ANN)
    assert world.parts_sent()[-1] == "reply"


def test_a_customer_who_writes_within_the_undo_time_keeps_the_ticket_open(world: World) -> None:
    number = world.mail(id="<a@example.com>")
    message = world.desk.reply(number, ANN, "Oops")
    assert message
    world.mail("One more thing", answers="<a@example.com>")
    world.desk.undo(message, ANN)
    assert world.ticket(number).status is Status.OPEN


def test_what_the_customer_wrote_meanwhile_must_be_read_before_an_answer_leaves(world: World) -> None:
    number = world.mail(id="<a@example.com>")
    seen = world.desk.card(number).last_heard
    world.mail("Never mind, it is here.", answers="<a@example.com>")
    with pytest.raises(Unseen):
        world.desk.reply(number, ANN, "We send another one.", seen=seen)


def test_an_act_is_done_once_however_often_it_is_asked_for(world: World) -> None:
    number = world.mail()
    act = world.desk.accept_act("trigger-1", {})
    assert world.desk.accept_act("trigger-1", {}) is None
    by = ANN._replace(act=act)
    assert world.desk.reply(number, by, "Once.")
    assert world.desk.reply(number, by, "Once.") is None
    world.later(seconds=30)
    assert world.parts_sent().count("reply") == 1


def test_a_pending_ticket_is_reminded_once_and_then_closed(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    world.later(days=2)
    assert world.parts_sent()[-1] == "reply"
    world.later(days=1)
    assert world.parts_sent()[-1] == "reminder"
    world.later(days=3)
    assert world.parts_sent()[-1] == "reminder"
    world.later(days=1)
    assert world.parts_sent()[-1] == "closing"
    assert world.ticket(number).status is Status.CLOSED


def test_an_answer_to_a_ticket_closed_long_ago_opens_a_new_one_that_points_to_it(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    world.later(days=15)
    answer = world.mail("It broke again.", answers=world.sent[-1].external_id)
    assert world.ticket(answer).follows == number
    assert world.ticket(number).status is Status.CLOSED


def test_an_answer_that_is_refused_is_shown_and_opens_the_ticket_again(world: World) -> None:
    world.refusing["carla@example.com"] = Outcome("carla@example.com", 550, "no such user")
    number = world.mail()
    world.desk.claim(number, ANN)
    world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    said = world.said(number)[-1]
    assert (said.delivery, said.reason) == (Delivery.FAILED, "carla@example.com: 550 no such user")
    assert world.called == [(number, said.id)]  # and nobody for the acknowledgement, which did not arrive either
    assert world.ticket(number).status is Status.OPEN
    assert world.desk.card(number).failed is not None


def test_a_bounce_of_our_answer_marks_it_as_failed(world: World) -> None:
    number = world.mail()
    world.desk.claim(number, ANN)
    world.desk.reply(number, ANN, "Hello")
    world.later(seconds=11)
    answer = world.sent[-1].external_id
    world.mail("User unknown", answers=answer, nature=Nature.BOUNCE, sender="mailer-daemon@example.com")
    failed = [m for m in world.said(number) if m.delivery is Delivery.FAILED]
    assert [m.part for m in failed] == [Part.REPLY]
    assert world.ticket(number).status is Status.OPEN


def test_notes_never_leave(world: World) -> None:
    number = world.mail()
    world.desk.note(number, ANN, "She is a VIP.")
    world.later(days=30)
    assert all("VIP" not in out.text for out in world.sent)
