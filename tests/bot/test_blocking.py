"""Blocking a sender in Slack: over held mail and from a ticket's card; domains, and the way back, are supervisors'."""

from __future__ import annotations

from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, SAM, Office, buttons_of, words_of
from tests.bot.test_held import held_back, opened, press, sees


async def decided(office: Office, user: str, view: Json, whose: str, why: str = "") -> Json:
    """Somebody answers the window that asks whom to block."""
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] == "input" and block["element"]["action_id"] == "whose":
            option = next(o for o in block["element"]["options"] if o["value"] == whose)
            values[block["block_id"]] = {"whose": {"selected_option": option}}
        elif block["type"] == "input":
            values[block["block_id"]] = {"text": {"value": why}}
    return await office.sandbox.submit(user, view["id"], values)


def offers(view: Json) -> list[str]:
    return [o["value"] for b in view["blocks"] if b["type"] == "input" for o in b["element"].get("options", ())]


async def test_the_sender_of_held_mail_is_blocked_with_a_reason_and_their_mail_leaves_the_list(office: Office) -> None:
    id = await held_back(office, address="eve@example.org")
    await held_back(office, "Other")
    view = await opened(office, ANN)
    await press(office, ANN, view, "held-block", id)
    asked = await office.modal(ANN, "block")
    assert "Mail from eve@example.org will be kept" in words_of(asked)
    assert offers(asked) == ["address"]
    await decided(office, ANN, asked, "address", "sells watches")
    await sees(office, ANN, "eve@example.org is blocked", without="eve@example.org>")
    [shut] = await office.desk.blocked.soon()
    assert (shut.by, shut.why) == ("Ann Walker", "sells watches")
    assert [piece.id for piece in await office.desk.kept_out.soon(("blocked",))] == [id]


async def test_a_supervisor_blocks_a_whole_domain_but_none_of_everybodys(office: Office) -> None:
    own, everybodys = await held_back(office, address="eve@example.org"), await held_back(office, address="x@gmail.com")
    view = await opened(office, SAM)
    await press(office, SAM, view, "held-block", everybodys)
    assert offers(await office.modal(SAM, "block")) == ["address"]
    await office.sandbox.close_view(SAM, (await office.modal(SAM, "block"))["id"])
    await press(office, SAM, view, "held-block", own)
    asked = await office.modal(SAM, "block")
    assert offers(asked) == ["address", "domain"]
    await decided(office, SAM, asked, "domain")
    await sees(office, SAM, "example.org is blocked", without="eve@example.org")


async def test_from_a_card_its_sender_is_blocked_and_the_ticket_stays_as_it_is(office: Office) -> None:
    number = await office.mail(sender="eve@example.org")
    card = await office.card_of(number)
    chosen = next(
        o
        for b in card["blocks"]
        for e in b.get("elements", ())
        if e.get("type") == "overflow"
        for o in e["options"]
        if o["value"].startswith("block:")
    )
    await office.click(JONAS, number, "more", selected_option=chosen)
    await decided(office, JONAS, await office.modal(JONAS, "block"), "address")
    await office.told(JONAS, "eve@example.org ist gesperrt")
    assert (await office.ticket(number)).status == "new"
    assert [shut.whom for shut in await office.desk.blocked.soon()] == ["eve@example.org"]


async def test_whom_nobody_can_block_the_window_says_why(office: Office) -> None:
    number = await office.mail(sender="ann@desk.example")
    card = await office.card_of(number)
    assert "more" in buttons_of(card)
    await office.click(SAM, number, "more", selected_option={"value": f"block:{number}"})
    answer = await decided(office, SAM, await office.modal(SAM, "block"), "address")
    assert "who is of this desk" in str(answer["errors"])
    assert await office.desk.blocked.soon() == []


async def test_the_blocked_are_listed_and_a_supervisor_unblocks_them(office: Office) -> None:
    await office.desk.block.soon("eve@example.org", why="sells watches")
    for user, may in ((ANN, False), (SAM, True)):
        view = await opened(office, user)
        await office.sandbox.click(user, "blocked", view_id=view["id"], block_id="blocked")
        listed = await office.modal(user, "blocked")
        assert "sells watches" in words_of(listed)
        assert ("unblock" in buttons_of(listed)) is may
    await office.sandbox.click(SAM, "unblock", view_id=listed["id"])
    await sees(office, SAM, "Nobody is blocked.")
    assert await office.desk.blocked.soon() == []


async def test_of_two_who_block_the_same_the_second_is_told_who_was_first(office: Office) -> None:
    id = await held_back(office, address="eve@example.org")
    views = {user: await opened(office, user) for user in (ANN, SAM)}
    for user, view in views.items():
        await press(office, user, view, "held-block", id)
    await decided(office, ANN, await office.modal(ANN, "block"), "address")
    answer = await decided(office, SAM, await office.modal(SAM, "block"), "address")
    assert "Ann Walker blocked eve@example.org" in str(answer["errors"])
