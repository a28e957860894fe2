"""Links to a requester's page are taken back from the window of the customer, and the ticket says by whom."""

from __future__ import annotations

from core.desk.pages import Pages
from core.tickets.passes import Purpose
from tests.bot.office import ANN, SAM, Office, words_of


async def ask(office: Office, user: str, number: int) -> None:
    """Slack shows five things in a card's menu: this one is in the window of the customer, which is one of them."""
    await office.click(user, number, "more", selected_option={"value": f"addresses:{number}"})
    window = await office.modal(user, "person")
    await office.sandbox.click(user, "take-links-back", view_id=window["id"])


async def test_links_are_taken_back_from_the_card_and_it_is_said_by_whom(office: Office) -> None:
    office.desk.pages = Pages("https://help.example")
    number = await office.mail()
    token = (await office.desk.link.soon(number, Purpose.READ)).rpartition("/")[2]
    assert await office.desk.visit.soon(token) is not None
    await ask(office, ANN, number)
    asked = await office.modal(ANN, "take-links-back")
    assert "will lead anywhere any more" in words_of(asked)
    assert "took them back" not in words_of(asked)
    await office.sandbox.submit(ANN, asked["id"], {})
    said = "Ann Walker took back the links to the customer's page"
    await office.until(lambda: any(said in words_of(one) for one in office.in_thread(number)))
    assert await office.desk.visit.soon(token) is None
    anew = (await office.desk.link.soon(number, Purpose.READ)).rpartition("/")[2]
    assert await office.desk.visit.soon(anew) is not None

    await ask(office, SAM, number)
    asked = await office.modal(SAM, "take-links-back")
    assert "Ann Walker took them back" in words_of(asked)


async def test_where_there_are_no_pages_there_is_nothing_to_take_back(office: Office) -> None:
    for pages, is_there in ((None, False), (Pages("https://help.example"), True)):
        office.desk.pages = pages
        number = await office.mail(sender=f"max{is_there}@example.org")
        await office.click(ANN, number, "more", selected_option={"value": f"addresses:{number}"})
        window = await office.modal(ANN, "person")
        assert ("Take back links" in str(window)) is is_there
        await office.sandbox.close_view(ANN, window["id"])
