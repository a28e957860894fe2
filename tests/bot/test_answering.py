"""Answering a customer through the window, taking it back, and writing internal notes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.phrases import Refused
from core.tickets.model import Address, By, Part, Status
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, Office, buttons_of, filled, words_of
from tests.bot.test_cards import every_object
from tests.world import RULEBOOK

MANY = "\n".join(
    f'[[templates]]\nname = "t{n}"\ntitle = {{ en = "Title {n}" }}\ntext = {{ en = "Text {n}" }}\n' for n in range(120)
)


async def test_an_answer_goes_out_and_its_post_says_how_far_it_came(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "It left today.", "close")
    post = await office.until(lambda: said(office, number, "It left today."))
    assert "Ann Walker answered the customer" in words_of(post)
    assert "Leaves at" in words_of(post)
    assert buttons_of(post) == ["undo"]
    assert office.answers == []
    await office.later(31)
    assert office.answers[-1].text == "It left today."
    await office.until(lambda: "Sent ✓" in words_of(said(office, number, "It left today.") or {}))
    ticket = await office.ticket(number)
    assert (ticket.status, ticket.assignee) == (Status.CLOSED, "T0SANDBOX:U0ANN")


async def test_the_window_shows_what_the_customer_wrote_last_and_who_is_at_it(office: Office) -> None:
    number = await office.mail("My *order* has not arrived.")
    await office.desk.claim.soon(number, By("T0SANDBOX:U0JONAS"))
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    assert "My *order* has not arrived." in words_of(view)
    assert "Jonas Becker took this ticket" in words_of(view)
    assert json.loads(view["private_metadata"]).keys() == {"ticket", "seen", "template", "round", "reopen"}


async def test_a_template_is_put_in_in_the_customers_language_and_keeps_what_was_typed(office: Office) -> None:
    number = await office.mail("Guten Tag, meine Bestellung ist noch nicht angekommen, und ich warte seit zwei Wochen.")
    await office.click(ANN, number, "reply")
    await pick(office, ANN, "solved")
    view = await office.until(lambda: at_round(office, ANN, 1))
    assert typed(view).startswith("Hallo") or typed(view).startswith("Guten Tag")
    assert "Ann Walker" in typed(view)
    await pick(office, ANN, "more-information")  # untouched, so the other one replaces it
    view = await office.until(lambda: at_round(office, ANN, 2))
    assert typed(view).count("Ann Walker") == 1
    await pick(office, ANN, "solved", "My own words.")
    view = await office.until(lambda: at_round(office, ANN, 3))
    assert typed(view).startswith("My own words.\n\n")


async def test_a_template_that_does_not_fit_changes_nothing_and_says_so(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    await pick(office, ANN, "solved", "x" * 2990)
    view = await office.until(
        lambda: next((v for v in office.sandbox.views.get(ANN, []) if "too long" in words_of(v)), None)
    )
    assert typed(view) == "x" * 2990


async def test_the_preview_is_what_arrives(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.sandbox.click(ANN, "preview", view_id=view["id"], values=filled(view, "Dear *all*,\n\nit <left>."))
    shown = await office.modal(ANN, "preview")
    await office.sandbox.close_view(ANN, shown["id"])
    await office.submit(ANN, await office.modal(ANN, "reply"), "Dear *all*,\n\nit <left>.")
    await office.later(31)
    assert office.answers[-1].text in words_of(shown)


async def test_an_empty_answer_is_refused_under_the_input(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    refused = await office.submit(ANN, view, "   \n ")
    assert list(refused["errors"].values()) == ["An answer needs words."]
    await office.submit(ANN, view, "Here it is.")  # the corrected one is no repeat of the first
    await office.later(31)
    assert [out.text for out in office.answers] == ["Here it is."]


async def test_what_the_customer_wrote_meanwhile_is_shown_before_an_answer_leaves(office: Office) -> None:
    number = await office.mail()
    await office.answer(JONAS, number, "Which order?")
    await office.later(31)
    await office.click(ANN, number, "reply")
    await office.modal(ANN, "reply")
    await office.mail("Never mind, it came!", answers=office.answers[-1].external_id)
    await office.submit(ANN, await office.modal(ANN, "reply"), "It left today.")
    view = await office.modal(ANN, "reply")
    assert "Never mind, it came!" in words_of(view)
    assert "The customer wrote again meanwhile" in words_of(view)
    assert typed(view) == "It left today."
    assert len(office.answers) == 1
    await office.submit(ANN, view, typed(view))
    await office.later(31)
    assert office.answers[-1].text == "It left today."


async def test_a_window_over_a_ticket_that_was_closed_meanwhile_says_so_and_can_open_it_again(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.desk.close.soon(number, By("T0SANDBOX:U0JONAS"))
    await office.submit(ANN, view, "It left today.", "close")
    shown = await office.until(lambda: at_round(office, ANN, 1))
    assert f"Jonas Becker closed ticket #{number}" in words_of(shown)
    assert (shown["submit"]["text"], typed(shown), chosen(shown)) == ("Reopen and send", "It left today.", "close")
    assert (await office.ticket(number)).status is Status.CLOSED
    await office.sandbox.submit(ANN, shown["id"])
    assert not office.sandbox.views.get(ANN)
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]
    ticket = await office.ticket(number)
    assert (ticket.status, ticket.assignee) == (Status.CLOSED, "T0SANDBOX:U0ANN")


async def test_a_template_picked_over_a_closed_ticket_changes_nothing_about_how_it_is_sent(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.desk.close.soon(number, By("T0SANDBOX:U0JONAS"))
    await office.submit(ANN, view, "It left today.")
    await office.until(lambda: at_round(office, ANN, 1))
    await pick(office, ANN, "solved")
    shown = await office.until(lambda: at_round(office, ANN, 2))
    assert shown["submit"]["text"] == "Reopen and send"
    await office.sandbox.submit(ANN, shown["id"])
    assert (await office.ticket(number)).status is Status.PENDING


async def test_whom_the_customer_copied_in_can_be_picked_and_gets_the_answer(office: Office) -> None:
    dan, eve = Address("email", "dan@example.com", "Dan *Brown*"), Address("email", "eve@example.org")
    number = await office.mail(copied=(dan, eve))
    card = await office.card_of(number)
    assert "Copies to: Dan *Brown* <dan@example.com>, eve@example.org" in words_of(card)
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    assert copies(view) == (["Dan *Brown* <dan@example.com>", "eve@example.org"], [])
    values = filled(view, "It left today.", copied=[dan.address])
    await office.sandbox.submit(ANN, view["id"], values)
    post = await office.until(lambda: said(office, number, "It left today."))
    assert "Copies to: Dan *Brown* <dan@example.com>" in words_of(post)
    await office.later(31)
    assert office.answers[-1].recipients == ("carla@example.com", "dan@example.com")
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    assert copies(view)[1] == ["Dan *Brown* <dan@example.com>"]


async def test_where_nobody_was_copied_in_nobody_can_be_picked(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    assert copies(await office.modal(ANN, "reply")) == ([], [])


def copies(view: Json) -> tuple[list[str], list[str]]:
    """Who is offered a copy, and who is picked already."""
    inputs = [b["element"] for b in view["blocks"] if b["type"] == "input" and b["element"]["action_id"] == "copied"]
    named = [
        [o["text"]["text"] for o in element.get(list, [])]
        for element in inputs
        for list in ("options", "initial_options")
    ]
    return (named[0], named[1]) if named else ([], [])


async def test_a_window_over_a_ticket_that_is_open_again_by_now_just_sends(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.desk.close.soon(number, By("T0SANDBOX:U0JONAS"))
    await office.submit(ANN, view, "It left today.")
    shown = await office.until(lambda: at_round(office, ANN, 1))
    await office.desk.reopen.soon(number, By("T0SANDBOX:U0JONAS"))
    await office.sandbox.submit(ANN, shown["id"])
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]


async def test_an_answer_taken_back_never_leaves_and_its_words_are_there_again(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "It left yesterday.")
    post = await office.until(lambda: said(office, number, "It left yesterday."))
    [leaves] = [part for part in every_object(post["blocks"]) if part.get("type") == "date"]
    held = (await office.desk.conversation.soon(number))[-1]
    assert held.send_at is not None
    assert (leaves["timestamp"], leaves["format"]) == (int(held.send_at.timestamp()), "{time_secs}")
    await office.sandbox.click(ANN, "undo", room=ROOM, ts=post["ts"])
    view = await office.modal(ANN, "reply")
    assert typed(view) == "It left yesterday."
    await office.until(
        lambda: "The customer got nothing." in words_of(said(office, number, "It left yesterday.") or {})
    )
    await office.later(31)
    assert office.answers == []
    assert (await office.ticket(number)).status is Status.OPEN


async def test_an_answer_taken_back_comes_again_with_what_was_to_follow(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "It left yesterday.", "close")
    post = await office.until(lambda: said(office, number, "It left yesterday."))
    await office.sandbox.click(ANN, "undo", room=ROOM, ts=post["ts"])
    view = await office.modal(ANN, "reply")
    assert (typed(view), chosen(view)) == ("It left yesterday.", "close")
    await office.sandbox.close_view(ANN, view["id"])
    await office.until(lambda: "reply" in buttons_of(office.find_card(number) or {}))  # it was closed
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    assert (typed(view), chosen(view)) == ("It left yesterday.", "close")
    await office.sandbox.submit(ANN, view["id"])
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left yesterday."]
    assert (await office.ticket(number)).status is Status.CLOSED


async def test_what_somebody_took_back_is_in_nobody_elses_window(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "It left yesterday.")
    post = await office.until(lambda: said(office, number, "It left yesterday."))
    await office.sandbox.click(ANN, "undo", room=ROOM, ts=post["ts"])
    await office.modal(ANN, "reply")
    await office.click(JONAS, number, "reply")
    assert "It left yesterday." not in words_of(await office.modal(JONAS, "reply"))


async def test_an_answer_that_has_left_cannot_be_taken_back(office: Office) -> None:
    number = await office.mail()
    await office.answer(ANN, number, "It left today.")
    await office.until(lambda: said(office, number, "It left today."))
    await office.later(31)
    message = (await office.desk.conversation.soon(number))[-1].id
    with pytest.raises(Refused, match="cannot be taken back"):
        await office.desk.undo.soon(message, By(f"T0SANDBOX:{ANN}"))


async def test_nothing_is_left_to_press_when_an_answer_has_left_or_was_taken_back(office: Office) -> None:
    number = await office.mail()
    for then in ("undo", "send"):
        await office.answer(ANN, number, f"To {then}.")
        post = await office.until(lambda then=then: said(office, number, f"To {then}."))
        assert buttons_of(post) == ["undo"]
        if then == "undo":
            await office.sandbox.click(ANN, "undo", room=ROOM, ts=post["ts"])
            await office.sandbox.close_view(ANN, (await office.modal(ANN, "reply"))["id"])
    await office.later(31)
    assert [buttons_of(m) for m in office.in_thread(number)] == [[]] * len(office.in_thread(number))
    assert office.sandbox.ephemeral == []


async def test_of_a_customer_without_an_address_card_and_reply_say_so_at_once(office: Office) -> None:
    number = await office.mail(sender="", name="")
    card = await office.card_of(number)
    assert "Unnamed · Email" in words_of(card)
    assert "The customer gave no address that the desk can write to." in words_of(card)
    await office.click(ANN, number, "reply")
    await office.told(ANN, f"Ticket #{number} cannot be answered: the customer gave no address")
    assert not office.sandbox.views.get(ANN)


async def test_a_note_stays_inside_and_is_marked(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "note")
    view = await office.modal(ANN, "note")
    await office.sandbox.submit(ANN, view["id"], filled(view, "Known customer, be kind."))
    post = await office.until(lambda: said(office, number, "Known customer, be kind."))
    assert "Internal note by Ann Walker. The customer does not see it." in words_of(post)
    await office.later(31)
    assert office.answers == []
    notes = [m for m in await office.desk.conversation.soon(number) if m.part is Part.NOTE]
    assert [m.text for m in notes] == ["Known customer, be kind."]


async def test_the_agents_window_is_in_the_agents_language(office: Office) -> None:
    number = await office.mail()
    await office.click(JONAS, number, "reply")
    german = await office.modal(JONAS, "reply")
    await office.click(ANN, number, "reply")
    english = await office.modal(ANN, "reply")
    assert english["submit"]["text"] == "Send"
    assert german["submit"]["text"] == "Senden"


async def test_of_very_many_templates_one_is_searched(sqlite_url: str, tmp_path: Path) -> None:
    async with Office(sqlite_url, tmp_path, RULEBOOK + MANY) as office:
        await office.open()
        number = await office.mail()
        await office.click(ANN, number, "reply")
        view = await office.modal(ANN, "reply")
        found = await office.sandbox.options(ANN, "template", "title 11", view_id=view["id"])
        assert [o["text"]["text"] for o in found["options"]][:2] == ["Title 11", "Title 110"]


async def test_an_agent_reads_why_an_address_cannot_be_written_to_and_what_helps(office: Office) -> None:
    number = await office.mail()
    office.refusing["carla@example.com"] = "5.6.7 This address needs SMTPUTF8, which relay.example does not speak"
    await office.answer(ANN, number, "Which order?")
    await office.later(31)
    help = "The address has letters that a mail server on the way cannot handle. Ask the customer for another address."
    await office.until(lambda: said(office, number, f"which relay.example does not speak. {help}"))


async def test_whom_mail_does_not_reach_is_said_in_the_window_and_can_be_written_to_all_the_same(
    office: Office,
) -> None:
    number = await office.mail()
    office.refusing["carla@example.com"] = "5.1.1 user unknown"
    await office.answer(ANN, number, "Which order?")
    await office.later(31)
    await office.until(lambda: said(office, number, "5.1.1 user unknown. There is no such address."))
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    assert "Mail to carla@example.com did not arrive the last time: 5.1.1 user unknown" in words_of(view)
    office.refusing.clear()
    await office.submit(ANN, view, "Are you there?")
    await office.later(31)
    assert office.answers[-1].text == "Are you there?"
    await office.click(ANN, number, "reply")
    assert "did not arrive" not in words_of(await office.modal(ANN, "reply"))


def said(office: Office, number: int, words: str) -> Json | None:
    return next((m for m in office.in_thread(number) if words in words_of(m)), None)


def at_round(office: Office, user: str, number: int) -> Json | None:
    stack = office.sandbox.views.get(user) or []
    return next((v for v in stack if json.loads(v["private_metadata"] or "{}").get("round") == number), None)


def chosen(view: Json) -> str:
    values = view["state"]["values"]
    return next(block["then"]["selected_option"]["value"] for block in values.values() if "then" in block)


def typed(view: Json) -> str:
    values = view["state"]["values"]
    return next(block["text"]["value"] for block in values.values() if "text" in block)


async def pick(office: Office, user: str, template: str, text: str | None = None) -> None:
    view = await office.modal(user, "reply")
    values = filled(view, text) if text is not None else None
    await office.sandbox.click(user, {"action_id": "template", "value": template}, view_id=view["id"], values=values)
