"""/desk and the App Home: the same work by keyboard, and at a glance."""

from __future__ import annotations

from bot.first import code_of
from core.rulebook import Role
from core.tickets.model import Status
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, SAM, Office, buttons_of, words_of


async def test_what_is_not_understood_is_answered_with_how_it_goes(office: Office) -> None:
    await office.sandbox.slash(ANN, ROOM, "/desk", "dance")
    assert "/desk claim 42" in await office.told(ANN, "/desk mine")


async def test_mine_lists_my_tickets_with_a_way_to_each(office: Office) -> None:
    await office.sandbox.slash(ANN, ROOM, "/desk", "mine")
    await office.told(ANN, "You have no tickets.")
    number = await office.mail()
    await office.mail(sender="max@example.org")
    card = await office.card_of(number)
    await office.click(ANN, number, "claim")
    await office.until(lambda: "Ann Walker has it" in words_of(office.find_card(number) or {}))
    await office.sandbox.slash(ANN, ROOM, "/desk", "mine")
    await office.told(ANN, "You have 1 ticket.")
    listed = office.sandbox.ephemeral[-1]
    assert f"#{number} Where is my order?" in words_of(listed)
    link = next(b["accessory"]["url"] for b in listed["blocks"] if "accessory" in b)
    assert link.endswith(f"/archives/{office.room_of(card)}/p{card['ts'].replace('.', '')}")


async def test_next_shows_what_to_take_and_claim_takes_it(office: Office) -> None:
    await office.sandbox.slash(ANN, ROOM, "/desk", "next")
    await office.told(ANN, "Nothing waits in your queues.")
    first = await office.mail(subject="first")
    second = await office.mail(subject="second")
    for number in (first, second):
        await office.card_of(number)
        await office.sandbox.slash(ANN, ROOM, "/desk", "next")
        await office.told(ANN, f"#{number} ")
        await office.sandbox.click(ANN, "claim", ephemeral_id=office.sandbox.ephemeral[-1]["id"])
        await office.until(lambda number=number: "Ann Walker has it" in words_of(office.find_card(number) or {}))


async def test_claim_by_command_says_that_it_is_done(office: Office) -> None:
    number = await office.mail()
    await office.sandbox.slash(ANN, ROOM, "/desk", f"claim #{number}")
    await office.told(ANN, f"Ticket #{number} is yours, Ann Walker.")
    await office.sandbox.slash(ANN, ROOM, "/desk", "claim soon")
    await office.told(ANN, "Which ticket? Give its number, like 42.")


async def test_a_ticket_is_released_closed_and_opened_again_by_command(office: Office) -> None:
    number = await office.mail()
    await office.sandbox.slash(ANN, ROOM, "/desk", f"release {number}")
    await office.told(ANN, f"Nobody has ticket #{number}: it waits in its queue already.")
    await office.sandbox.slash(ANN, ROOM, "/desk", f"claim {number}")
    await office.told(ANN, f"Ticket #{number} is yours")
    await office.sandbox.slash(SAM, ROOM, "/desk", f"release {number}")
    await office.told(SAM, f"Ticket #{number} is not yours. You can answer it all the same")
    for command, said in (("release", "is back in its queue"), ("close", "is closed now"), ("reopen", "is open again")):
        await office.sandbox.slash(ANN, ROOM, "/desk", f"{command} #{number}")
        await office.told(ANN, f"Ticket #{number} {said}.")
    ticket = await office.ticket(number)
    assert (ticket.assignee, ticket.status) == (None, Status.NEW)


async def test_a_command_that_is_none_is_said_so_before_how_it_goes(office: Office) -> None:
    await office.sandbox.slash(ANN, ROOM, "/desk", "<!here>xyz 42")
    said = await office.told(ANN, "I do not know “<!here>xyz”.")
    assert "/desk mine" in said
    await office.sandbox.slash(ANN, ROOM, "/desk", "help")
    await office.until(lambda: len(office.whispers(ANN)) == 2)
    assert "I do not know" not in office.whispers(ANN)[-1]


async def test_the_home_shows_what_waits_and_what_is_mine(office: Office) -> None:
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: office.sandbox.home(ANN))
    assert "You have no tickets." in words_of(home)
    assert "Nothing waits here. New requests appear in #desk-support." in words_of(home)
    number = await office.mail()
    await office.card_of(number)  # so that there is one to go to
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: home_with(office, ANN, f"#{number} Where is my order?"))
    assert "claim-home" in buttons_of(home)
    await office.sandbox.click(ANN, "claim-home", view_id=home["id"])
    home = await office.until(lambda: home_with(office, ANN, "Go to card", without="claim-home"))
    assert "You have no tickets." not in words_of(home)


async def test_the_home_says_how_many_more_wait_than_it_lists(office: Office) -> None:
    numbers = [await office.mail(subject=f"No {n}", sender=f"c{n}@example.com") for n in range(9)]
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: home_with(office, ANN, "and 4 more; /desk next shows the most urgent"))
    assert [f"#{number} " in words_of(home) for number in numbers] == [True] * 5 + [False] * 4


async def test_next_is_the_most_urgent_of_all_queues(office: Office) -> None:
    await office.mail(subject="first")
    urgent = await office.mail(subject="An invoice", sender="max@example.org")
    await office.sandbox.slash(ANN, ROOM, "/desk", "next")
    await office.told(ANN, f"#{urgent} An invoice")


async def test_a_home_that_is_old_says_who_was_faster_and_is_brought_up_to_date(office: Office) -> None:
    number = await office.mail()
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: home_with(office, ANN, f"#{number} "))
    await office.click(JONAS, number, "claim")
    await office.until(lambda: "Jonas Becker has it" in words_of(office.find_card(number) or {}))
    await office.sandbox.click(ANN, "claim-home", view_id=home["id"])
    await office.told(ANN, "Jonas Becker took ticket")
    await office.until(lambda: home_with(office, ANN, "Nothing waits here", without="claim-home"))


async def test_whoever_is_no_agent_finds_in_the_home_how_to_become_one(office: Office) -> None:
    mia = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.open_home(mia)
    await office.until(lambda: home_with(office, mia, "You are not an agent of this desk yet."))


async def test_the_code_makes_the_first_supervisor_and_nobody_after(office: Office) -> None:
    agents = tuple(a.model_copy(update={"role": Role.AGENT}) for a in office.book.agents)
    await office.desk.apply.soon(office.book.model_copy(update={"agents": agents}), "test")
    edition = await office.desk.edition.soon()
    assert edition is not None
    code = code_of(office.slack, edition)
    mia = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.join(mia, ROOM)
    await office.sandbox.slash(mia, ROOM, "/desk", "setup aaaa-bbbb-cccc-dddd")
    await office.told(mia, "That is not the code.")
    await office.sandbox.slash(mia, ROOM, "/desk", f"setup {code.upper()}")
    await office.told(mia, "You are the supervisor of this desk now.")
    book = await office.desk.book.soon()
    assert [(a.name, a.email) for a in book.supervisors] == [("Mia Long", "mia@desk.example")]
    await office.sandbox.slash(ANN, ROOM, "/desk", f"setup {code}")
    await office.told(ANN, "This desk has a supervisor already: Mia Long.")


def home_with(office: Office, user: str, words: str, without: str = "") -> Json | None:
    home = office.sandbox.home(user)
    if home is None or words not in words_of(home) or (without and without in buttons_of(home)):
        return None
    return home


async def test_a_supervisor_is_told_why_a_mail_became_what_it_became_and_an_agent_is_not(office: Office) -> None:
    number = await office.mail(subject="<!here> Where?")
    await office.sandbox.slash(SAM, ROOM, "/desk", "why <1@example.com>")
    said = await office.told(SAM, f"It is in ticket #{number}.")
    assert "Nothing in it points to a ticket, so it opened one." in said
    assert "about: <!here> Where?" in said
    assert {block["text"]["type"] for block in office.sandbox.ephemeral[-1]["blocks"]} == {"plain_text"}
    await office.sandbox.slash(SAM, ROOM, "/desk", "why")
    await office.told(SAM, "or a number of the inbox.")
    await office.sandbox.slash(ANN, ROOM, "/desk", "why carla@example.com")
    await office.told(ANN, "Only supervisors can do this. Ask Sam Rivera.")
