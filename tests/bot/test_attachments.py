"""Files that agents attach to an answer: from their own machine, from the ticket's thread, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from core.desk.outlets import Outlet, Outlets
from core.tickets.model import By, Outgoing
from gateways.slack.wire import Refused, Stored, TokenWrong
from gateways.slack.wire.manifest import manifest
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, Office, filled, put_in, words_of

PDF = put_in("Rechnung März.pdf", b"%PDF-1.7 " + bytes(range(256)), "application/pdf")
CSV = put_in("orders.csv", b"a,b\r\n1,2\r\n", "text/csv")


@pytest.fixture
async def narrow_office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office whose relay takes mails of 2 MB."""
    async with Office(sqlite_url, tmp_path, outlets=Outlets(Outlet(largest=2_000_000))) as made:
        yield await made.open()


@pytest.fixture
async def old_office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    """An office whose app was installed before it could read files."""
    old = manifest()
    old["oauth_config"]["scopes"]["bot"].remove("files:read")
    async with Office(sqlite_url, tmp_path, manifest=old) as made:
        yield await made.open()


async def test_files_from_an_agents_machine_go_out_with_the_answer_and_stand_under_it(office: Office) -> None:
    number = await office.mail()
    await answer(office, number, "Here it is.", files=[PDF, CSV])
    post = await office.until(lambda: said(office, number, "Here it is."))
    assert "Rechnung März.pdf (1 kB), orders.csv (1 kB)" in words_of(post)
    await office.later(31)
    out = office.answers[-1]
    assert [(file.name, file.type) for file in out.files] == [
        ("Rechnung März.pdf", "application/pdf"),
        ("orders.csv", "text/csv"),
    ]
    assert await contents(office, out) == [b"%PDF-1.7 " + bytes(range(256)), b"a,b\r\n1,2\r\n"]


async def test_a_large_file_is_fetched_whole(office: Office) -> None:
    number = await office.mail()
    content = bytes(range(256)) * 4096
    await answer(office, number, "Here.", files=[put_in("big.bin", content)])
    await office.until(lambda: said(office, number, "Here."))
    await office.later(31)
    assert await contents(office, office.answers[-1]) == [content]


async def test_files_of_an_answer_taken_back_are_picked_when_it_is_gone_on_with(office: Office) -> None:
    number = await office.mail()
    await answer(office, number, "Oops.", files=[PDF])
    post = await office.until(lambda: said(office, number, "Oops."))
    await office.sandbox.click(ANN, "undo", room=ROOM, ts=post["ts"])
    view = await office.modal(ANN, "reply")
    assert offered(view) == (["Rechnung März.pdf (1 kB)"], ["Rechnung März.pdf (1 kB)"])
    await office.sandbox.submit(ANN, view["id"])
    await office.later(31)
    assert [[file.name for file in out.files] for out in office.answers] == [["Rechnung März.pdf"]]


async def test_files_in_a_window_that_has_become_stale_are_kept(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.desk.close.soon(number, By("T0SANDBOX:U0JONAS"))
    await office.sandbox.submit(ANN, view["id"], filled(view, "It left.", files=[PDF]))
    shown = await office.until(lambda: at_round(office, 1))
    assert offered(shown)[1] == ["Rechnung März.pdf (1 kB)"]
    await office.sandbox.submit(ANN, shown["id"], filled(shown, "It left.", files=[CSV]))
    await office.until(lambda: said(office, number, "It left."))
    await office.later(31)
    assert [file.name for file in office.answers[-1].files] == ["Rechnung März.pdf", "orders.csv"]


async def test_a_template_picked_after_files_were_put_in_leaves_them_there(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    values = filled(view, "", files=[PDF])
    chosen = {"action_id": "template", "value": "solved"}
    await office.sandbox.click(ANN, chosen, view_id=view["id"], values=values)
    assert offered(await office.until(lambda: at_round(office, 1)))[1] == ["Rechnung März.pdf (1 kB)"]


async def test_what_an_agent_put_into_the_thread_is_offered_and_goes_out_only_when_picked(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.sandbox.say(JONAS, ROOM, "The manual", thread_ts=card["ts"], files=[PDF])
    await office.eventually(lambda: handed(office, number, 1))
    await office.sandbox.say(JONAS, ROOM, "", thread_ts=card["ts"], files=[CSV])
    await office.eventually(lambda: handed(office, number, 2))
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    assert offered(view) == (["orders.csv (1 kB)", "Rechnung März.pdf (1 kB)"], [])
    await office.sandbox.submit(ANN, view["id"], filled(view, "See there.", handed=["orders.csv"]))
    await office.until(lambda: said(office, number, "See there."))
    await office.later(31)
    assert [file.name for file in office.answers[-1].files] == ["orders.csv"]


async def test_what_was_deleted_with_its_note_is_not_offered_any_more(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    ts = (await office.sandbox.say(JONAS, ROOM, "Wrong one", thread_ts=card["ts"], files=[PDF]))["ts"]
    await office.eventually(lambda: handed(office, number, 1))
    await office.sandbox.delete(JONAS, ROOM, ts)
    await office.eventually(lambda: handed(office, number, 0))


async def test_a_file_that_is_gone_from_slack_is_named_and_nothing_is_sent(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    await office.sandbox.say(JONAS, ROOM, "The manual", thread_ts=card["ts"], files=[PDF])
    await office.eventually(lambda: handed(office, number, 1))
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    [file] = office.sandbox.slack.files.all
    office.sandbox.slack.files.delete(file)
    answered = await office.sandbox.submit(ANN, view["id"], filled(view, "Here.", handed=["Rechnung März.pdf"]))
    assert list(answered["errors"].values()) == [
        "Rechnung März.pdf is not in Slack any more, or not for the desk to see."
    ]
    await office.later(31)
    assert office.answers == []


async def test_another_tickets_files_go_nowhere(office: Office) -> None:
    one, two = await office.mail(), await office.mail(sender="max@example.org", subject="Other")
    card = await office.card_of(one)
    await office.sandbox.say(JONAS, ROOM, "Secret", thread_ts=card["ts"], files=[PDF])
    await office.eventually(lambda: handed(office, one, 1))
    [file] = await office.desk.handed.soon(one)
    assert await office.desk.these_files.soon(two, [file.id]) == []
    await office.click(ANN, two, "reply")
    assert offered(await office.modal(ANN, "reply")) == ([], [])


async def test_too_many_bytes_are_refused_under_the_files_and_nothing_typed_is_lost(narrow_office: Office) -> None:
    office = narrow_office
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    two = [put_in(f"{n}.bin", bytes(900_000)) for n in range(2)]
    answered = await office.sandbox.submit(ANN, view["id"], filled(view, "Here.", files=two))
    assert answered["errors"] == {
        "files-0": "These files are 1.8 MB, and a mail takes 1.4 MB of them. Leave some out, or send a link."
    }
    still = office.sandbox.views[ANN][-1]["state"]["values"]
    assert [block["text"]["value"] for block in still.values() if "text" in block] == ["Here."]
    await office.sandbox.submit(ANN, view["id"], filled(view, "Here.", files=two[:1]))
    await office.later(31)
    assert [[file.name for file in out.files] for out in office.answers] == [["0.bin"]]


async def test_what_the_relay_says_of_its_limit_counts_too(office: Office) -> None:
    number = await office.mail()
    await office.desk.relay_says.soon("", 100_000)
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    answered = await office.sandbox.submit(ANN, view["id"], filled(view, "Here.", files=[put_in("a", bytes(90_000))]))
    assert list(answered["errors"]) == ["files-0"]
    await office.desk.relay_says.soon("", None)
    await office.sandbox.submit(ANN, view["id"])
    await office.until(lambda: said(office, number, "Here."))


async def test_an_app_that_may_not_read_files_says_what_helps_and_answers_all_the_same(old_office: Office) -> None:
    office = old_office
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    assert "Files cannot be attached: the Slack app lacks the permission files:read." in words_of(view)
    await office.submit(ANN, view, "It left today.")
    await office.later(31)
    assert [out.text for out in office.answers] == ["It left today."]


async def test_the_workspace_takes_no_window_with_files_from_an_app_that_may_not_read_them(old_office: Office) -> None:
    element = {"type": "file_input", "action_id": "files"}
    block = {"type": "input", "block_id": "files", "label": {"type": "plain_text", "text": "Files"}, "element": element}
    title = {"type": "plain_text", "text": "Files"}
    view: Json = {"type": "modal", "title": title, "submit": title, "blocks": [block]}
    trigger = old_office.sandbox.slack.interactions.trigger(ANN)
    with pytest.raises(TokenWrong, match="missing_scope files:read"):
        await old_office.slack.open_view(trigger, view)


async def test_an_answer_whose_files_could_not_be_fetched_at_once_is_sent_when_slack_is_back(office: Office) -> None:
    number = await office.mail()
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.sandbox.set_faults(api_error={"files.info": "internal_error"})
    await office.sandbox.submit(ANN, view["id"], filled(view, "Here.", files=[PDF]))
    await office.told(ANN, "What you did is kept")
    await office.sandbox.set_faults(api_error={})
    await office.later(20)
    await office.until(lambda: said(office, number, "Here."))
    await office.later(31)
    assert [[file.name for file in out.files] for out in office.answers] == [["Rechnung März.pdf"]]


async def test_a_token_is_shown_to_slack_only(office: Office) -> None:
    for url in ("https://evil.example/x", "http://files.slack.com/x", "https://slack.com.evil.example/x", ""):
        with pytest.raises(Refused, match="foreign_url"):
            await office.slack.download(Stored("F1", "x", "", 1, url), 10)


# How one looks


async def answer(office: Office, number: int, text: str, files: list[Json]) -> None:
    await office.click(ANN, number, "reply")
    view = await office.modal(ANN, "reply")
    await office.sandbox.submit(ANN, view["id"], filled(view, text, files=files))


async def contents(office: Office, out: Outgoing) -> list[bytes]:
    return [await office.desk.blob.soon(file.digest) for file in out.files]


async def handed(office: Office, number: int, count: int) -> bool:
    return len(await office.desk.handed.soon(number)) == count


def said(office: Office, number: int, words: str) -> Json | None:
    return next((m for m in office.in_thread(number) if words in words_of(m)), None)


def at_round(office: Office, number: int) -> Json | None:
    stack = office.sandbox.views.get(ANN) or []
    return next((v for v in stack if json.loads(v["private_metadata"] or "{}").get("round") == number), None)


def offered(view: Json) -> tuple[list[str], list[str]]:
    """Which files that lie in Slack are offered, and which of them are picked already."""
    inputs = [b["element"] for b in view["blocks"] if b["type"] == "input" and b["element"]["action_id"] == "handed"]
    named = [
        [o["text"]["text"] for o in element.get(list, [])]
        for element in inputs
        for list in ("options", "initial_options")
    ]
    return (named[0], named[1]) if named else ([], [])
