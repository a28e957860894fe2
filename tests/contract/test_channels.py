"""The same questions to every channel that customers write on, on both databases."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest

from core.phrases import Refused
from core.storage.handed import Handed
from core.tickets.channels import manner
from core.tickets.model import Delivery, Message, Part, Status
from sandbox import Sandbox
from tests.apart import Lent
from tests.contract.channels import CHANNELS, SHORT, Channel
from tests.world import ANN, World

HOSTILE = "<script>alert(1)</script> <!channel> *a* _b_ `c` {customer} %s \u202egnp.exe &amp; </b> [x](y) <@U1> \\ 🎉"


@pytest.fixture(params=list(CHANNELS))
async def channel(request: pytest.FixtureRequest, world: World) -> AsyncGenerator[Channel]:
    async with Sandbox(tiers=False) as box, CHANNELS[request.param](world, box, Lent()) as made:
        yield made


async def begun(channel: Channel) -> None:
    """Carla has written, and has our acknowledgement."""
    await channel.writes("The kettle that you sent me does not get warm any more.")
    await channel.works()
    assert channel.tickets() == 1
    assert len(channel.got()) == 1


async def test_it_is_heard_once_though_it_is_delivered_thrice(channel: Channel) -> None:
    await begun(channel)
    await channel.is_told_again()
    await channel.is_told_again()
    await channel.works()
    assert await channel.heard(1) == ["The kettle that you sent me does not get warm any more."]
    assert channel.tickets() == 1
    assert len(channel.got()) == 1, "and acknowledged once"


async def test_what_one_person_says_is_heard_in_order(channel: Channel) -> None:
    await begun(channel)
    [received] = channel.got()
    for n in range(5):
        await channel.writes(f"Number {n}.", answers=received.id)
    await channel.works()
    assert (await channel.heard(1))[1:] == [f"Number {n}." for n in range(5)]


async def test_whoever_dies_over_what_came_loses_and_doubles_nothing(channel: Channel) -> None:
    await channel.writes("The kettle that you sent me does not get warm any more.")
    await channel.hears()
    kind = f"receive:{channel.name}"
    due = await channel.desk.waiting_destinations.soon([kind])
    for destination in due:
        found = await channel.desk.claim_jobs.soon(destination, {kind: 1}, "who-dies", SHORT, set())
        for lease in found.leases:
            assert await channel.drainer.hands[kind].do(lease) is not None, "it is understood, and not written down"
    await channel.is_over()
    await channel.works()
    assert await channel.heard(1) == ["The kettle that you sent me does not get warm any more."]
    assert channel.tickets() == 1


async def test_an_answer_to_our_answer_opens_the_ticket_again(channel: Channel) -> None:
    await begun(channel)
    await channel.replies(1, "It leaves today.")
    answer = channel.got()[-1]
    assert answer.text.startswith("It leaves today.")
    await channel.desk.close.soon(1, ANN)
    channel.world.now += timedelta(days=5)
    await channel.writes("It has not come.", answers=answer.id)
    await channel.works()
    assert (await channel.heard(1))[-1] == "It has not come."
    assert channel.world.ticket(1).status is not Status.CLOSED
    assert channel.tickets() == 1


async def test_what_answers_a_merged_ticket_is_heard_where_it_goes_on_and_goes_back_with_it(channel: Channel) -> None:
    await begun(channel)
    await channel.replies(1, "It leaves today.")
    answer = channel.got()[-1]
    elsewhere = "carla@elsewhere.example"
    await channel.desk.add_address.soon(1, elsewhere, ANN)
    other = channel.world.mail("I wrote from here, too.", sender=elsewhere)
    await channel.desk.merge.soon([1], other, ANN)
    await channel.writes("It has not come.", answers=answer.id)
    await channel.works()
    assert (await channel.heard(other))[-1] == "It has not come."
    assert "It has not come." not in await channel.heard(1)
    assert channel.world.ticket(1).status is Status.CLOSED
    await channel.desk.unmerge.soon(1, ANN)
    assert (await channel.heard(1))[-1] == "It has not come."
    assert await channel.heard(other) == ["I wrote from here, too."]
    assert channel.world.ticket(1).status is not Status.CLOSED


async def test_thanks_leave_a_closed_ticket_closed(channel: Channel) -> None:
    await begun(channel)
    await channel.replies(1, "Done.")
    await channel.desk.close.soon(1, ANN)
    await channel.writes("Thank you!", answers=channel.got()[-1].id)
    await channel.works()
    assert channel.world.ticket(1).status is Status.CLOSED
    assert (await channel.heard(1))[-1] == "Thank you!"


async def test_files_come_in_whole(channel: Channel) -> None:
    content = bytes(range(256)) * 400
    await channel.writes("Here is the invoice for it.", files=[("Rechnung é.pdf", content)])
    await channel.works()
    [first] = await channel.said(1, Part.REQUESTER)
    assert [file.name for file in first.attachments] == ["Rechnung é.pdf"]
    assert await channel.desk.blob.soon(first.attachments[0].digest) == content


async def test_files_go_out_whole(channel: Channel) -> None:
    content = b"%PDF-1.7\n" + bytes(range(256)) * 300
    await begun(channel)
    form = Handed("T:F1", "Formular.pdf", "application/pdf", len(content))
    await channel.desk.keep_file.soon(1, form, content)
    await channel.replies(1, "Please sign this.", files=[form.id])
    files = {name: data for got in channel.got() for name, data in got.files.items()}
    assert files == {"Formular.pdf": content}


async def test_hostile_words_are_words_both_ways(channel: Channel) -> None:
    await channel.writes(HOSTILE)
    await channel.works()
    [heard] = await channel.heard(1)
    assert heard.replace("\u202e", "") == HOSTILE.replace("\u202e", "")
    said = HOSTILE.replace("{customer} ", "")  # a blank is refused where an agent writes
    await channel.replies(1, said)
    assert channel.got()[-1].text.partition("\n")[0] == said


async def test_who_is_shut_out_is_told_of_and_nobody_waits_for_them(channel: Channel) -> None:
    await begun(channel)
    await channel.shuts_out()
    await channel.replies(1, "It leaves today.")
    [answer] = await channel.said(1, Part.REPLY)
    assert answer.delivery is Delivery.FAILED
    assert answer.reason
    assert channel.world.ticket(1).status is Status.OPEN
    assert len(await channel.desk.unreachable.soon(1)) == 1, "nothing more is written there by itself"


async def test_what_is_refused_for_now_arrives_later_once(channel: Channel) -> None:
    await begun(channel)
    await channel.is_busy()
    await channel.replies(1, "It leaves today.")
    assert len([one for one in channel.got() if "It leaves today." in one.text]) == 1
    [answer] = await channel.said(1, Part.REPLY)
    assert answer.delivery is Delivery.SENT


async def test_an_answer_that_got_lost_is_there_once_or_is_said_to_be_there_twice(channel: Channel) -> None:
    await begun(channel)
    await channel.loses_answers()
    await channel.replies(1, "It leaves today.")
    await arrived(channel)


async def test_whoever_dies_over_an_answer_loses_nothing(channel: Channel) -> None:
    await begun(channel)
    await channel.dies_after_sending(1, "It leaves today.")
    assert [one for one in channel.got() if "It leaves today." in one.text], "it had left"
    await channel.works()
    await arrived(channel)


async def arrived(channel: Channel) -> None:
    """The answer is there; where it is there twice, the customer's program knows it again, or an agent is told."""
    there = [one for one in channel.got() if "It leaves today." in one.text]
    assert there
    if channel.recognises_repeats:
        assert len({one.id for one in there}) == 1
    elif len(there) > 1:
        assert any("twice" in note.text for note in await channel.said(1, Part.NOTE))
    [answer] = await channel.said(1, Part.REPLY)
    assert answer.delivery is Delivery.SENT


async def test_what_is_taken_back_in_time_never_arrives(channel: Channel) -> None:
    await begun(channel)
    message = await channel.desk.reply.soon(1, ANN, "Not this.")
    assert message is not None
    await channel.drains()
    await channel.desk.undo.soon(message, ANN)
    await channel.works()
    assert not [one for one in channel.got() if "Not this." in one.text]


async def answered(channel: Channel) -> Message:
    """Carla has an answer."""
    await begun(channel)
    await channel.replies(1, "It leaves today.")
    [answer] = await channel.said(1, Part.REPLY)
    return answer


def has(channel: Channel, text: str) -> int:
    """How many messages that say this Carla has."""
    return sum(text in got.text for got in channel.got())


async def test_an_answer_that_has_left_is_changed_and_taken_back_or_it_is_said_why_not(channel: Channel) -> None:
    answer = await answered(channel)
    if not manner(channel.name).changes:
        for asked in (channel.desk.amend.soon(answer.id, ANN, "No."), channel.desk.withdraw.soon(answer.id, ANN)):
            with pytest.raises(Refused, match="stays as it left"):
                await asked
        await channel.works()
        assert (await channel.said(1, Part.REPLY))[0].text == "It leaves today."
        assert has(channel, "It leaves today.") == 1
        return
    await channel.desk.amend.soon(answer.id, ANN, "It leaves tomorrow.")
    await channel.works()
    assert [has(channel, text) for text in ("It leaves today.", "It leaves tomorrow.")] == [0, 1]
    assert (await channel.said(1, Part.REPLY))[0].text == "It leaves tomorrow."
    await channel.desk.withdraw.soon(answer.id, ANN)
    await channel.works()
    assert has(channel, "It leaves") == 0
    assert (await channel.said(1, Part.REPLY))[0].deleted_at is not None


async def test_whoever_dies_over_a_change_changes_it_all_the_same_and_once(channel: Channel) -> None:
    if not manner(channel.name).changes:
        pytest.skip("what was sent this way stays as it left")
    answer = await answered(channel)
    await channel.desk.amend.soon(answer.id, ANN, "It leaves tomorrow.")
    kind, before = f"amend:{channel.name}", len(channel.got())
    channel.world.now += timedelta(seconds=10)
    found = await channel.desk.claim_jobs.soon(channel.way, {kind: 1}, "who-dies", SHORT, frozenset())
    for lease in found.leases:
        assert await channel.drainer.hands[kind].do(lease) is not None, "it is changed, and not written down"
    assert found.leases
    await channel.is_over()
    await channel.works()
    assert has(channel, "It leaves tomorrow.") == 1
    assert len(channel.got()) == before
    assert await channel.desk.amendment.soon(answer.id) is None, "nothing is left to do"


async def test_everybody_is_answered_in_their_language(channel: Channel) -> None:
    await channel.writes("Der Wasserkocher, den Sie mir geschickt haben, wird nicht mehr warm.", who="max")
    await channel.works()
    assert channel.world.ticket(1).language == "de"
    assert "Nummer 1" in channel.got("max")[0].text


async def test_a_machine_is_not_answered(channel: Channel) -> None:
    await channel.machine_writes("I am away and nobody reads this.")
    await channel.works()
    assert channel.tickets() == 0
    assert not channel.has_spoken()


async def test_two_people_are_two(channel: Channel) -> None:
    await begun(channel)
    await channel.writes("Und meiner ist auch kaputt, was soll ich jetzt tun?", who="max")
    await channel.works()
    assert channel.tickets() == 2
    await channel.replies(2, "Nur für Max.")
    assert not [one for one in channel.got() if "Max" in one.text]
    assert [one for one in channel.got("max") if "Nur für Max." in one.text]
