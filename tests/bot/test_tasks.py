"""Tasks in Slack: the window that splits, cards in other rooms, the ticket's bar and thread, closing over them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from core.tickets.model import By
from core.tickets.tasks import Planned, State, Task
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, Office, buttons_of, words_of
from tests.core.test_tasks import BOOK
from tests.world import RULEBOOK

HOSTILE = "<!channel> *pay* <https://evil.example|click> return"


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    async with Office(sqlite_url, tmp_path, BOOK) as made:
        yield await made.open()


def filled_in(view: Json, **typed: Any) -> Json:
    """A window's inputs with these in them, by the beginnings of their actions: "title_1"."""
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        action = block["element"]["action_id"]
        wanted = typed.get(action.replace("-", "_"))
        if wanted is None:
            continue
        kind = block["element"]["type"]
        if kind == "users_select":
            values[block["block_id"]] = {action: {"selected_user": wanted}}
            continue
        if kind == "plain_text_input":
            values[block["block_id"]] = {action: {"value": wanted}}
            continue
        chosen = wanted if isinstance(wanted, tuple) else (wanted,)
        picked = [o for o in block["element"]["options"] if o["value"] in {str(one) for one in chosen}]
        assert len(picked) == len(chosen), (wanted, block["element"]["options"])
        as_picked = {"selected_options": picked} if kind == "multi_static_select" else {"selected_option": picked[0]}
        values[block["block_id"]] = {action: as_picked}
    return values


async def tasks_of(office: Office, number: int) -> list[Task]:
    return [one.task for one in (await office.desk.overseen.soon(number)).lines]


async def split(office: Office, *wanted: Planned, text: str = "My order has not arrived.") -> tuple[int, list[int]]:
    """A ticket that was split; its number, and those of the tasks that have begun."""
    number = await office.mail(text)
    await office.card_of(number)
    ann = next(id for id, name in await office.desk.assignable.soon() if name == "Ann Walker")
    await office.desk.split_into.soon(number, wanted, By(ann))
    works = [task.work for task in await tasks_of(office, number) if task.work]
    for work in works:
        await office.card_of(work)
    return number, works


CHECK = Planned("Check the return", "warehouse", "The red kettle.")
PAY = Planned("Pay the amount back", "billing", waits=(1,))


async def test_a_ticket_is_split_by_window_worked_off_in_other_rooms_and_told_in_its_thread(office: Office) -> None:
    number = await office.mail("Please send an invoice. And my parcel has not come!", subject=HOSTILE)
    card = await office.card_of(number)
    assert "It seems to ask something of several: Billing and Warehouse" in words_of(card)
    await office.click(ANN, number, "split-open")
    view = await office.modal(ANN, "split")
    said = words_of(view)
    assert HOSTILE in said
    inputs = {b["element"]["action_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    assert inputs["title-1"]["initial_value"] == "Please send an invoice"
    assert inputs["queue-2"]["initial_option"]["value"] == "warehouse"
    values = filled_in(
        view,
        title_1="The invoice",
        queue_1="billing",
        due_1="4h",
        title_2="Find the parcel",
        queue_2="support",
        waits_1=2,
        text_2="It is red.",
        loose=1,
    )
    assert (await office.sandbox.submit(ANN, view["id"], values))["errors"] == {}
    first, second = await tasks_of(office, number)
    assert (first.title, first.queue, first.waits, first.blocks) == ("The invoice", "billing", (second.id,), False)
    assert second.work is not None
    work = await office.card_of(second.work)
    assert office.room_of(work) != office.room_of(card)
    said = words_of(work)
    assert "Find the parcel" in said
    assert "It is red." in said
    assert f"Task of #{number}" in said
    assert "For this wait: “The invoice”" in said
    assert "reply" not in buttons_of(work)
    await office.until(lambda: "0 of 2 tasks done" in words_of(office.find_card(number) or {}) or None)
    await office.click(JONAS, second.work, "claim")
    await office.until(lambda: "Done" in words_of(office.find_card(second.work or 0) or {}) or None)
    await office.click(JONAS, second.work, "close")
    await office.until(lambda: "1 of 2 tasks done" in words_of(office.find_card(number) or {}) or None)
    third = (await tasks_of(office, number))[0].work
    assert third is not None
    await office.click(ANN, third, "close")
    await office.until(lambda: "2 of 2 tasks done" in words_of(office.find_card(number) or {}) or None)
    await office.quiet()
    told = [words_of(m).partition("\n")[0] for m in office.in_thread(number) if "🧩" in words_of(m)]
    lines = ["\n".join(words_of(m).split("\n")) for m in office.in_thread(number)]
    assert len(told) == 5, lines
    order = ["open in Support", "Jonas Becker took it", "Jonas Becker has done it", "open in Billing", "has done it"]
    for step, line in zip(order, (line for line in lines if "🧩" in line), strict=True):
        assert step in line
    await office.click(ANN, number, "close")
    await office.eventually(lambda: _is_closed(office, number))
    assert office.sent == [] or all(out.ticket == number for out in office.sent)


async def _is_closed(office: Office, number: int) -> bool:
    return (await office.ticket(number)).status == "closed"


async def test_what_cannot_be_is_said_where_it_stands_and_nothing_typed_is_lost(office: Office) -> None:
    number = await office.mail()
    two: dict[str, Any] = {"title_1": "A", "queue_1": "billing", "title_2": "B", "queue_2": "warehouse"}

    async def refused(**typed: Any) -> dict[str, str]:
        await office.click(ANN, number, "split-open")
        view = await office.modal(ANN, "split")
        errors = (await office.sandbox.submit(ANN, view["id"], filled_in(view, **{**two, **typed})))["errors"]
        await office.sandbox.close_view(ANN, view["id"])
        return {block.rpartition("-")[0]: said for block, said in errors.items()}

    circle = await refused(waits_1=2, waits_2=1)
    assert "A → B → A" in circle["waits-1"]
    assert "no agent" in (await refused(wanted_2="U0NOOR"))["wanted-2"]
    assert "no time" in (await refused(due_2="soon"))["due-2"]
    assert "at least one" in (await refused(title_1=None, title_2=None))["title-1"]
    assert "what is to be done" in (await refused(title_2=None, text_2="Some words"))["title-2"]
    del two["queue_2"]
    assert "Pick the queue" in (await refused())["queue-2"]
    assert await tasks_of(office, number) == []


async def test_a_task_set_and_room_for_more_are_put_into_the_window_beside_what_was_typed(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "split-open")
    view = await office.modal(ANN, "split")
    chosen = next(b for b in view["blocks"] if b.get("block_id") == "set")["elements"][0]["options"][0]
    typed = filled_in(view, title_1="Call them", queue_1="support")
    pick = {"action_id": "task-set", "selected_option": chosen}
    await office.sandbox.click(ANN, pick, view_id=view["id"], values=typed)
    view = await office.until(lambda: _with(office, "Pay the amount back"))
    inputs = {b["element"]["action_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    titles = [inputs[f"title-{n}"].get("initial_value") for n in (1, 2, 3, 4)]
    assert titles == ["Call them", "Check the return", "Pay the amount back", "Back on the shelf"]
    assert [one["value"] for one in inputs["waits-3"]["initial_options"]] == ["2"]
    assert [one["value"] for one in inputs["loose"]["initial_options"]] == ["4"]
    assert inputs["due-2"]["initial_value"] == "1d"


def _with(office: Office, words: str) -> Json | None:
    stack = office.sandbox.views.get(ANN) or []
    found = [b for b in (stack[-1]["blocks"] if stack else []) if b.get("element", {}).get("initial_value") == words]
    return stack[-1] if found else None


async def test_what_is_not_possible_calls_whoever_has_the_ticket_with_the_reason(office: Office) -> None:
    number, (work,) = await split(office, CHECK, PAY)
    await office.click(ANN, number, "claim")
    await office.click(JONAS, work, "more", value=f"conversation:{number}")
    assert "My order has not arrived." in words_of(await office.modal(JONAS, "read"))
    await office.sandbox.close_view(JONAS, (await office.modal(JONAS, "read"))["id"])
    await office.click(JONAS, work, "not-possible")
    view = await office.modal(JONAS, "not-possible")
    await office.submit(JONAS, view, HOSTILE)
    told = await office.until(lambda: next((m for m in office.in_thread(number) if HOSTILE in words_of(m)), None))
    assert "Jonas Becker says that it is not possible" in words_of(told)
    assert "<!channel>" not in told["text"]
    assert f"<@{ANN}>" in told["text"]
    await office.until(lambda: "Not possible: “Check the return”" in words_of(office.find_card(number) or {}) or None)
    await office.until(lambda: "⛔ not possible" in words_of(office.find_card(work) or {}) or None)
    await office.click(ANN, number, "tasks")
    view = await office.modal(ANN, "tasks")
    assert "waits" in words_of(view)
    menu = next(b for b in view["blocks"] if b["type"] == "actions" and b["block_id"].startswith("task-"))
    begin = {"action_id": "task-menu", "selected_option": menu["elements"][0]["options"][0]}
    await office.sandbox.click(ANN, begin, view_id=view["id"], block_id=menu["block_id"])
    await office.eventually(lambda: _stands(office, number, State.OPEN))


async def _stands(office: Office, number: int, state: State) -> bool:
    return (await tasks_of(office, number))[1].state is state


async def test_a_ticket_with_open_tasks_asks_why_it_is_closed(office: Office) -> None:
    number, (work,) = await split(office, CHECK, PAY)
    await office.click(ANN, number, "close")
    view = await office.modal(ANN, "close-despite")
    assert "“Check the return” (Warehouse, nobody has it yet)" in words_of(view)
    await office.submit(ANN, view, "It was found.", "task-off")
    await office.eventually(lambda: _is_closed(office, number))
    assert {task.state for task in await tasks_of(office, number)} == {State.CALLED_OFF}
    await office.eventually(lambda: _is_closed(office, work))


async def test_commands_do_the_same_by_number(office: Office) -> None:
    number, (work,) = await split(office, CHECK, PAY)
    await office.sandbox.slash(ANN, "desk-support", "/desk", f"close {number}")
    await office.told(ANN, "has open tasks")
    await office.sandbox.slash(ANN, "desk-support", "/desk", f"tasks {number}")
    assert "Check the return" in words_of(await office.modal(ANN, "tasks"))
    await office.sandbox.slash(JONAS, "desk-support", "/desk", f"impossible {work} It is broken.")
    await office.told(JONAS, "nicht möglich")  # as he reads it
    await office.sandbox.slash(JONAS, "desk-support", "/desk", f"split {number}")
    await office.modal(JONAS, "split")
    await office.sandbox.slash(ANN, "desk-support", "/desk", f"close {number} They were told by phone.")
    await office.told(ANN, f"#{number} is closed now")
    assert await _is_closed(office, number)


async def test_a_desk_of_one_queue_offers_no_splitting(sqlite_url: str, tmp_path: Path) -> None:
    start = RULEBOOK.index('[[queues]]\nname = "billing"')
    end = RULEBOOK.index("[[agents]]")
    book = RULEBOOK[:start] + RULEBOOK[end : RULEBOOK.index("[[rules]]")]
    async with Office(sqlite_url, tmp_path, book) as made:
        office = await made.open()
        number = await office.mail()
        assert "split-open" not in buttons_of(await office.card_of(number))
