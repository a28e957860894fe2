"""What supervisors read in Slack when something went wrong where nobody sees it."""

from __future__ import annotations

from core.phrases import phrase
from core.rulebook import Role
from core.storage.ledger import State
from core.tickets.model import By
from tests.bot.office import ANN, JONAS, SAM, Office
from tests.bot.test_hands import Refusing
from tests.bot.test_views import anchors

BY_ANN = By(f"T0SANDBOX:{ANN}")


async def test_a_message_that_slack_does_not_take_is_told_with_its_ticket_and_what_to_do(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.quiet()
    async with Refusing(office):
        await office.desk.note.soon(number, BY_ANN, "What Slack will not take.")
    said = await office.told(SAM, f"Slack did not take a message of ticket #{number}: chat.postMessage: invalid_blocks")
    [job] = await office.desk.jobs.soon(State.GIVEN_UP)
    assert "Something needs you:" in said
    assert f"deskbell jobs retry {job.id}" in said
    [direct] = [room for room in office.sandbox.rooms if room["is_im"] and SAM in room["members"]]
    [message] = office.sandbox.messages(direct["id"])
    assert anchors(message["blocks"])[0].endswith(f"/archives/{office.room_of(card)}/p{card['ts'].replace('.', '')}")
    assert office.whispers(ANN) == office.whispers(JONAS) == []


async def test_a_supervisor_reads_it_in_their_language(office: Office) -> None:
    agents = tuple(a.model_copy(update={"role": Role.SUPERVISOR}) for a in office.book.agents if a.name[0] == "J")
    await office.desk.apply.soon(office.book.model_copy(update={"agents": agents}), "test")
    for n in range(30):
        await office.desk.trouble.soon(phrase("Slack says no to {method}: {code}", method=f"<!here> {n}", code="no"))
    await office.told(JONAS, "Slack lehnt <!here> 0 ab: no")
    await office.later(61)
    said = await office.told(JONAS, "deskbell jobs list --given-up")
    assert "weitere" in said
    assert len(office.whispers(JONAS)) == 2


async def test_a_supervisor_who_cannot_be_told_is_told_later_and_hears_nothing_of_that(office: Office) -> None:
    await office.quiet()
    await office.sandbox.set_faults(api_error={"chat.postMessage": "restricted_action"})
    await office.desk.trouble.soon(phrase("Slack says no to {method}: {code}", method="x", code="y"))
    await office.later(3601)
    await office.sandbox.set_faults(api_error={})
    await office.later(3601)
    await office.told(SAM, "Slack says no to x: y")
    assert len(office.whispers(SAM)) == 1
    assert await office.desk.jobs.soon() == []


async def test_whoever_is_not_in_the_workspace_yet_is_told_when_they_are(office: Office) -> None:
    nora = office.book.agents[0].model_copy(
        update={"name": "Nora", "email": "nora@desk.example", "role": Role.SUPERVISOR}
    )
    await office.desk.apply.soon(office.book.model_copy(update={"agents": (*office.book.agents[:2], nora)}), "test")
    await office.desk.trouble.soon(phrase("Slack says no to {method}: {code}", method="x", code="y"))
    await office.later(1)
    user = (await office.sandbox.new_person("Nora Neu", "nora@desk.example"))["user"]
    await office.later(3601)
    await office.told(user, "Slack says no to x: y")
