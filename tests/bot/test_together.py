"""Tickets and others, in Slack: merged, split, linked and answered at once, from cards, windows and by command."""

from __future__ import annotations

from typing import Any

from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, Office, buttons_of, key_of, words_of

HOSTILE = "<!channel> *pay* <https://evil.example|click>"


def put_into(view: Json, **said: Any) -> Json:
    """A window's inputs: words typed, options chosen by their values."""
    values: Json = {}
    for block in view["blocks"]:
        element = block.get("element") or {}
        action = element.get("action_id")
        if action not in said:
            continue
        wanted = said[action]
        if element["type"] == "plain_text_input":
            values[block["block_id"]] = {action: {"value": wanted}}
        elif element["type"] == "multi_static_select":
            those = [o for o in element["options"] if int(o["value"]) in wanted]
            values[block["block_id"]] = {action: {"selected_options": those}}
        else:
            one = next(o for o in element["options"] if o["value"] == wanted)
            values[block["block_id"]] = {action: {"selected_option": one}}
    return values


async def opened(office: Office, user: str, number: int) -> Json:
    """The window of a ticket and others, which takes the place of what is open."""
    before = [view["id"] for view in office.sandbox.views.get(user) or []]
    await office.click(user, number, "more", selected_option={"value": f"together:{number}"})

    def new() -> Json | None:
        stack = office.sandbox.views.get(user) or []
        return stack[-1] if stack and stack[-1]["id"] not in before else None

    return await office.until(new)


async def asked(office: Office, user: str, window: Json, action: str) -> Json:
    await office.sandbox.click(user, action, view_id=window["id"])
    return await office.modal(user, action)


async def shows(office: Office, number: int, words: str) -> Json:
    """Its card, once it says this."""

    def found() -> Json | None:
        card = office.find_card(number)
        return card if card and words in words_of(card) else None

    return await office.until(found)


async def test_tickets_are_merged_from_the_window_and_both_cards_say_so_until_it_is_taken_back(office: Office) -> None:
    first = await office.mail("Where is it?", subject=HOSTILE)
    second = await office.mail("It is order 7.", subject="Order 7")
    other = await office.mail("Me too.", sender="dan@example.org", name="Dan")
    window = await opened(office, ANN, first)
    view = await asked(office, ANN, window, "merge")
    said = words_of(view)
    assert "whoever writes to one takes part in the other" in said
    assert "Answers of #1 go to carla@example.com" in said
    answer = await office.sandbox.submit(ANN, view["id"], put_into(view, numbers=f"#{other}"))
    assert "two people" in str(answer["errors"])
    await office.sandbox.submit(ANN, view["id"], put_into(view, picked=[second], numbers=""))
    gone = await shows(office, second, f"This goes on in #{first}")
    assert buttons_of(gone) == ["together", "more"]
    card = await shows(office, first, f"Merged into this: #{second}")
    assert "<!channel>" not in card["text"]
    window = await office.modal(ANN, "together")
    assert "Order 7" in words_of(window)
    await office.sandbox.click(ANN, "unmerge", view_id=window["id"])
    await office.until(lambda: "Merged into this" not in words_of(office.find_card(first) or {}) or None)
    assert "reply" in buttons_of(await shows(office, second, "Nobody has it yet"))


async def test_some_of_a_ticket_is_split_off_in_the_window(office: Office) -> None:
    number = await office.mail("Where is it?")
    window = await opened(office, ANN, number)
    await office.sandbox.click(ANN, "split-off", view_id=window["id"])
    assert "nothing to split off" in words_of(await office.modal(ANN, "read"))
    await office.sandbox.close_view(ANN, (await office.modal(ANN, "read"))["id"])
    assert await office.mail(f"And my invoice is wrong. {HOSTILE}", subject=f"Re: [#{number}]") == number
    view = await asked(office, ANN, await office.modal(ANN, "together"), "split-off")
    [message] = await office.desk.splittable.soon(number)
    await office.sandbox.submit(ANN, view["id"], put_into(view, picked=[message.id]))
    own = number + 1
    assert f"It is in ticket #{own} now." in words_of(await office.modal(ANN, "together"))
    card = await shows(office, own, f"Split from #{number}")
    assert "And my invoice is wrong." in words_of(card)
    await shows(office, number, f"#{own} was split from this")


async def test_a_problem_and_its_incidents_are_linked_and_answered_at_once(office: Office) -> None:
    problem = await office.mail("The shop is down.", sender="eve@eve.example", name="Eve")
    met = [await office.mail("I cannot pay", sender=f"{who}@c.example", name=who) for who in ("Bob", "Cid")]
    for one in met:
        view = await asked(office, ANN, await opened(office, ANN, one), "relate")
        answer = await office.sandbox.submit(ANN, view["id"], put_into(view, kind="incident_of", numbers=str(problem)))
        assert not answer["errors"]
        await shows(office, one, f"An incident of problem #{problem}")
    await shows(office, problem, "2 open tickets wait for the same answer.")
    await office.click(ANN, problem, "answer-many")
    view = await office.modal(ANN, "answer-many")
    assert "2 customers are answered" in words_of(view)
    answer = await office.sandbox.submit(ANN, view["id"], put_into(view, text="Hello {nobody}"))
    assert "{nobody}" in str(answer["errors"])
    await office.sandbox.submit(
        ANN, view["id"], put_into(view, text="Dear {customer_first}, it is mended.", then="close")
    )

    def line(words: str) -> Json | None:
        found = next((m for m in office.posts if str(key_of(m)).startswith("circular:")), None)
        return found if found and words in words_of(found) else None

    post = await office.until(lambda: line("Ann Walker answers 2 tickets at once"))
    card = office.find_card(problem)
    assert card is not None
    assert post["thread_ts"] == card["ts"]
    await office.sandbox.click(JONAS, "undo-many", room=office.room_of(post), ts=post["ts"])
    await office.until(lambda: line("Jonas Becker took back an answer to 2 tickets at once"))
    view = await office.modal(JONAS, "answer-many")
    assert "it is mended" in str(view)
    await office.later(11)
    assert not office.answers


async def test_it_goes_by_command_and_what_waits_is_listed_in_its_order(office: Office) -> None:
    first = await office.mail("Where is it?")
    second = await office.mail("It is order 7.", subject="Order 7")
    urgent = await office.mail("Pay me.", subject="invoice", sender="dan@example.org", name="Dan")
    await office.sandbox.slash(ANN, ROOM, "/desk", f"merge {second} into {first}")
    await office.told(ANN, f"#{second} goes on in #{first} now")
    await office.sandbox.slash(ANN, ROOM, "/desk", f"merge {urgent} into {first}")
    await office.told(ANN, "two people")
    await office.sandbox.slash(ANN, ROOM, "/desk", f"unmerge {second}")
    await office.told(ANN, f"Ticket #{second} goes on by itself again.")
    await office.sandbox.slash(ANN, ROOM, "/desk", "unclaimed")
    said = await office.told(ANN, "3 tickets wait for somebody to take them:")
    places = [said.index(f"#{number}") for number in (urgent, first, second)]
    assert places == sorted(places)
