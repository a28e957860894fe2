"""Answers that have left, changed and taken back where customers read them."""

from __future__ import annotations

import pytest

from core.phrases import Refused
from core.storage.handed import Handed
from core.tickets.model import Part
from sandbox import SandboxError
from tests.gateways.slack.rooms import ROOM, Rooms
from tests.world import ANN, JONAS

HELP = "The kettle that you sent me does not get warm any more."


async def answered(rooms: Rooms, text: str, **more: object) -> tuple[str, int]:
    """Carla asks, Ann answers: the thread, and the answer."""
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.replies(1, text, **more)
    return ts, (await rooms.said(1, Part.REPLY))[-1].id


def versions(rooms: Rooms) -> list[str]:
    rows = rooms.desk.db.run(lambda tx: tx.sql.exec_driver_sql("select text from versions order by version").all())
    return [row[0] for row in rows]


async def test_an_answer_is_changed_where_it_stands_and_its_words_are_kept(rooms: Rooms) -> None:
    ts, answer = await answered(rooms, "Send it to <Berlin> & wait.")
    status = rooms.world.ticket(1).status
    await rooms.desk.amend.soon(answer, JONAS, "Send it to <Bonn>.")
    await rooms.desk.amend.soon(answer, JONAS, "Send it to <Hamburg> & wait.")
    rooms.told()
    await rooms.works()
    assert rooms.shown(ts)[1:] == ["Send it to <Hamburg> & wait."]
    changed = [one["event"] for one in rooms.told() if one["event"].get("subtype") == "message_changed"]
    assert len(changed) <= 1, "the customer's copy changes once"
    [said] = await rooms.said(1, Part.REPLY)
    assert (said.text, said.edited_at is not None) == ("Send it to <Hamburg> & wait.", True)
    assert versions(rooms) == ["Send it to <Berlin> & wait.", "Send it to <Bonn>."]
    assert rooms.world.ticket(1).status is status


async def test_an_answer_is_taken_back_with_all_its_pieces_and_files(rooms: Rooms) -> None:
    form = Handed("T:F1", "Form.pdf", "application/pdf", 4)
    await rooms.says(HELP)
    await rooms.works()
    await rooms.desk.keep_file.soon(1, form, b"form")
    await rooms.replies(1, "It is long. " * 1500, files=[form.id])
    assert len(rooms.ours()) == 4, "acknowledgement, two pieces, a file"
    [answer] = await rooms.said(1, Part.REPLY)
    await rooms.desk.amend.soon(answer.id, ANN, "It is short.")
    await rooms.works()
    assert len(rooms.ours()) == 3
    await rooms.desk.withdraw.soon(answer.id, ANN)
    await rooms.works()
    [file] = [file for one in rooms.ours() for file in one.get("files", ())]
    with pytest.raises(SandboxError, match="file_not_found"):
        rooms.box.slack.files.data(file["id"])
    assert "It is" not in str(rooms.ours())
    [said] = await rooms.said(1, Part.REPLY)
    assert (said.text, said.is_withdrawn) == ("", True)
    with pytest.raises(Refused, match="does not have this answer"):
        await rooms.desk.amend.soon(answer.id, ANN, "Once more.")


async def test_what_cannot_be_changed_any_more_says_again_what_the_customer_has(rooms: Rooms) -> None:
    ts, answer = await answered(rooms, "Send it to Berlin.")
    await rooms.desk.amend.soon(answer, ANN, "word " * 4000)  # more pieces than there are
    await rooms.works()
    assert [one.text for one in await rooms.said(1, Part.REPLY)] == ["Send it to Berlin."]
    [note] = [note for note in await rooms.notes(1) if "could not be changed" in note]
    assert "longer than there is room for" in note
    assert note.count("word") == 4001, "what was typed is not lost"
    await rooms.desk.amend.soon(answer, ANN, "Send it to Bonn.")
    await rooms.works()
    assert rooms.shown(ts)[1:] == ["Send it to Bonn."]
    rooms.box.slack.messages.delete(rooms.box.room(ROOM), rooms.ours()[-1]["ts"])  # by an administrator
    await rooms.desk.amend.soon(answer, ANN, "Send it to Hamburg.")
    await rooms.works()
    assert [one.text for one in await rooms.said(1, Part.REPLY)] == ["Send it to Bonn."]
    assert any("does not stand there any more" in note for note in await rooms.notes(1))


async def test_what_is_no_answer_of_ours_there_is_refused_in_a_sentence(rooms: Rooms) -> None:
    ts = await rooms.says(HELP)
    await rooms.works()
    await rooms.says("I will look at it.", who="U0ANN", thread=ts)
    await rooms.works()
    [there] = await rooms.said(1, Part.REPLY)
    with pytest.raises(Refused, match="Ann Walker wrote this in the customer's thread"):
        await rooms.desk.amend.soon(there.id, ANN, "I have looked at it.")
    held = await rooms.desk.reply.soon(1, ANN, "Not gone yet.")
    assert held is not None
    with pytest.raises(Refused, match="on its way"):
        await rooms.desk.withdraw.soon(held, ANN)
    [asked] = await rooms.said(1, Part.REQUESTER)
    with pytest.raises(Refused, match="Only an agent's answer"):
        await rooms.desk.amend.soon(asked.id, ANN, "Something else.")
    number = rooms.world.mail()
    mailed = await rooms.desk.reply.soon(number, ANN, "By mail.")
    assert mailed is not None
    await rooms.works()
    with pytest.raises(Refused, match="mail cannot be changed"):
        await rooms.desk.withdraw.soon(mailed, ANN)
