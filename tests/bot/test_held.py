"""Mail that was held back, as agents and supervisors see it in Slack: look at it, and decide, once."""

from __future__ import annotations

from typing import Any

from core.tickets.model import Vouch, Vouched
from sandbox.errors import Json
from tests.bot.office import ANN, JONAS, ROOM, SAM, Office, buttons_of, words_of
from tests.bot.test_commands import home_with

AWAY = (
    "From: {name} <{address}>\r\nTo: support@desk.example\r\nMessage-ID: <{n}@example.com>\r\n"
    "Subject: {subject}\r\nAuto-Submitted: auto-replied\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\n\r\n{text}\r\n--x\r\nContent-Type: text/plain\r\n"
    'Content-Disposition: attachment; filename="price.txt"\r\n\r\n12 EUR\r\n--x--\r\n'
)


async def held_back(office: Office, subject: str = "Away", **more: Any) -> int:
    """An automatic answer to nothing of ours comes in; its number in the inbox."""
    n = len(await office.desk.kept_out.soon()) + 1
    said = {"name": "Carla", "address": "carla@example.com", "text": "I am away <!here>.", "n": n, **more}
    raw = AWAY.format(subject=subject, **said).encode()
    return await office.come_in(raw, said["address"])


async def opened(office: Office, user: str) -> Json:
    await office.sandbox.slash(user, ROOM, "/desk", "held")
    return await office.modal(user, "held")


async def press(office: Office, user: str, view: Json, action: str, value: object) -> None:
    block = "held-pages" if action in ("held-older", "held-newer") else f"held-{value}"
    await office.sandbox.click(user, action, view_id=view["id"], block_id=block)


async def sees(office: Office, user: str, words: str, without: str = "") -> Json:
    """The topmost window of somebody, once it says this."""

    def looks() -> Json | None:
        view = (office.sandbox.views.get(user) or [{"blocks": []}])[-1]
        said = words_of(view)
        return view if words in said and (not without or without not in said) else None

    return await office.until(looks)


async def test_the_list_says_who_wrote_about_what_and_why_it_is_kept(office: Office) -> None:
    await held_back(office, "Away until Monday")
    said = words_of(await opened(office, ANN))
    assert "1 mail is held back" in said
    assert "Away until Monday" in said
    assert "Carla <carla@example.com>" in said
    assert "Held back: an automatic reply to none of our messages" in said


async def test_everybody_reads_it_in_their_language(office: Office) -> None:
    await held_back(office)
    said = words_of(await opened(office, JONAS))
    assert "Zurückgehalten: eine automatische Antwort auf keine unserer Nachrichten" in said


async def test_whoever_is_no_agent_sees_no_mail(office: Office) -> None:
    await held_back(office)
    mia = (await office.sandbox.new_person("Mia Long", "mia@desk.example"))["user"]
    await office.sandbox.join(mia, ROOM)
    await office.sandbox.slash(mia, ROOM, "/desk", "held")
    await office.told(mia, "You are not an agent of this desk yet.")
    assert not office.sandbox.views.get(mia)


async def test_what_is_looked_at_is_shown_with_its_files_its_head_and_what_it_was_known_by(office: Office) -> None:
    id = await held_back(office)
    view = await opened(office, ANN)
    await press(office, ANN, view, "held-look", id)
    seen = await office.modal(ANN, "held-look")
    said = words_of(seen)
    for words in ("I am away <!here>.", "price.txt (1 kB)", "Message-ID: <1@example.com>", "Auto-Submitted: auto-repl"):
        assert words in said
    assert not any(e.get("type") == "broadcast" for e in elements(seen))
    await press(office, ANN, seen, "held-admit", id)
    await sees(office, ANN, "It is let in", without="Let in")
    await office.card_of(1)
    await office.sandbox.close_view(ANN, seen["id"])
    await sees(office, ANN, "No mail is held back.")


async def test_of_what_is_encrypted_the_window_says_so_and_what_helps(office: Office) -> None:
    raw = (
        b"From: Carla <carla@example.com>\r\nSubject: ...\r\nAuto-Submitted: auto-replied\r\n"
        b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="=-="\r\n\r\n'
        b"--=-=\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
        b'--=-=\r\nContent-Type: application/octet-stream; name="encrypted.asc"\r\n\r\n'
        b"-----BEGIN PGP MESSAGE-----\r\n\r\nhIwDxE023q1U\r\n-----END PGP MESSAGE-----\r\n--=-=--\r\n"
    )
    id = await office.come_in(raw, "carla@example.com")
    view = await opened(office, ANN)
    await press(office, ANN, view, "held-look", id)
    said = words_of(await office.modal(ANN, "held-look"))
    assert "This mail is encrypted, and the desk cannot read it." in said
    assert "There are no words in it." not in said
    assert "📎 encrypted.asc (" in said
    assert "attachment-1" not in said


async def test_the_window_opens_before_the_mail_is_read_however_long_that_takes(office: Office) -> None:
    id = await held_back(office, "Away until Monday")
    view = await opened(office, ANN)
    office.may_look.clear()
    await press(office, ANN, view, "held-look", id)
    waits = await office.modal(ANN, "held-reading")
    assert "Away until Monday" in words_of(waits)
    assert "It is being read" in words_of(waits)
    assert buttons_of(waits) == []
    office.may_look.set()
    seen = await sees(office, ANN, "I am away <!here>.", without="It is being read")
    assert seen["id"] == waits["id"]
    await press(office, ANN, seen, "held-admit", id)
    await sees(office, ANN, "It is let in")


async def test_let_in_from_the_list_it_becomes_a_ticket_and_leaves_the_list(office: Office) -> None:
    first, second = await held_back(office, "One"), await held_back(office, "Two", address="max@example.org")
    view = await opened(office, ANN)
    await press(office, ANN, view, "held-admit", first)
    await sees(office, ANN, "1 mail is held back", without="One")
    await office.card_of(1)
    assert [piece.id for piece in await office.desk.kept_out.soon()] == [second]


async def test_of_two_at_once_the_second_is_told_who_did_what(office: Office) -> None:
    id = await held_back(office)
    ann, jonas = await opened(office, ANN), await opened(office, JONAS)
    await press(office, ANN, ann, "held-discard", id)
    await sees(office, ANN, "No mail is held back.")
    await press(office, JONAS, jonas, "held-discard", id)
    await sees(office, JONAS, "Ann Walker hat diese Mail vor")
    [piece] = await office.desk.kept_out.soon(("discarded",))
    assert piece.id == id


async def test_what_was_let_in_is_let_in_once_however_many_press(office: Office) -> None:
    id = await held_back(office)
    views = {user: await opened(office, user) for user in (ANN, JONAS, SAM)}
    await press(office, ANN, views[ANN], "held-admit", id)
    await office.card_of(1)
    for user in (JONAS, SAM):
        await press(office, user, views[user], "held-admit", id)
    await sees(office, SAM, "Ann Walker let this mail in")
    await office.quiet()
    assert [len(await office.desk.conversation.soon(1)), office.find_card(2)] == [1, None]


async def test_of_several_who_let_something_in_at_the_same_moment_one_does(office: Office) -> None:
    id = await held_back(office)
    views = {user: await opened(office, user) for user in (ANN, JONAS, SAM)}
    for user, view in views.items():
        await press(office, user, view, "held-admit", id)
    await office.card_of(1)
    await office.quiet()
    assert [len(await office.desk.conversation.soon(1)), office.find_card(2)] == [1, None]


async def test_what_cannot_be_read_is_shown_as_it_begins_and_can_be_read_again(office: Office) -> None:
    raw = b"From: Eve <eve@example.com>\r\nSubject: Odd\r\n\r\n\x00\xff <b>bytes</b>"
    office.unreadable[raw] = "it takes too long"
    id = await office.come_in(raw, "eve@example.com")
    view = await opened(office, SAM)
    assert "Unreadable: it takes too long" in words_of(view)
    assert "held-admit" not in buttons_of(view)
    await press(office, SAM, view, "held-look", id)
    seen = await sees(office, SAM, "It could not be read (it takes too long)")
    assert "<b>bytes</b>" in words_of(seen)
    await press(office, SAM, seen, "held-replay", id)
    await sees(office, SAM, "It is read once more now.")


async def test_a_long_list_is_turned_page_by_page(office: Office) -> None:
    for n in range(10):
        await held_back(office, f"Number {n}.", address=f"c{n}@example.com")
    view = await opened(office, ANN)
    assert "Number 9." in words_of(view)
    assert "Number 1." not in words_of(view)
    await press(office, ANN, view, "held-older", 1)
    view = await sees(office, ANN, "Page 2 of 2", without="Number 9.")
    assert "Number 0." in words_of(view)
    await press(office, ANN, view, "held-newer", 0)
    await sees(office, ANN, "Number 9.")


async def test_supervisors_hear_of_all_that_came_in_a_while_in_one_message(office: Office) -> None:
    for n in range(3):
        await held_back(office, f"Away {n}", address=f"c{n}@example.com")
    assert office.whispers(SAM) == []
    await office.later(601)
    said = await office.told(SAM, "3 mails are held back until somebody looks at them.")
    assert "Away" not in said
    [room] = [room for room in office.sandbox.rooms if room["is_im"] and SAM in room["members"]]
    [message] = office.sandbox.messages(room["id"])
    await office.sandbox.click(SAM, "held", room=room["id"], ts=message["ts"])
    assert "3 mails are held back" in words_of(await office.modal(SAM, "held"))
    assert office.whispers(ANN) == []


async def test_nobody_is_told_of_what_somebody_has_looked_after_meanwhile(office: Office) -> None:
    id = await held_back(office)
    await office.desk.discard.soon(id)
    await office.later(601)
    await office.quiet()
    assert office.whispers(SAM) == []


async def test_a_supervisors_home_says_what_is_held_back_and_an_agents_does_not(office: Office) -> None:
    await held_back(office, "Away until Monday")
    await office.sandbox.open_home(ANN)
    await office.sandbox.open_home(SAM)
    home = await office.until(lambda: home_with(office, SAM, "Away until Monday"))
    assert "held" in buttons_of(home)
    await office.until(lambda: home_with(office, ANN, "You have no tickets.", without="held"))
    await office.sandbox.click(SAM, "held", view_id=home["id"])
    view = await office.modal(SAM, "held")
    await press(office, SAM, view, "held-discard", 1)
    await office.until(lambda: home_with(office, SAM, "You have no tickets.", without="held"))


async def test_what_was_decided_is_done_where_whoever_took_it_died_over_it(office: Office) -> None:
    id = await held_back(office)
    view = await opened(office, ANN)
    await office.bot.stop()
    pressed = {
        "type": "block_actions",
        "user": {"id": ANN, "team_id": "T0SANDBOX"},
        "trigger_id": "1.2.3",
        "actions": [{"type": "button", "action_id": "held-admit", "block_id": f"held-{id}", "value": str(id)}],
        "view": {"id": view["id"], "type": "modal", "callback_id": "held", "private_metadata": '{"page": 0}'},
    }
    assert await office.desk.accept_act.soon("did:1.2.3", pressed)
    await office.later(16)
    await office.card_of(1)
    await sees(office, ANN, "No mail is held back.")
    assert len(await office.desk.conversation.soon(1)) == 1


FORGED = Vouched(
    Vouch.FAILED, "bank.example", "reject", ("spf=softfail for evil.example", "dkim=none for bank.example")
)


async def forged(office: Office) -> int:
    """A mail comes in that its sender's domain does not vouch for, and is held back; its number in the inbox."""
    raw = b"From: The Bank <security@bank.example>\r\nSubject: Act now\r\n\r\nYour password, please."
    office.vouched[raw] = FORGED
    return await office.come_in(raw, "security@bank.example")


async def test_why_a_mail_is_held_as_forged_is_said_in_one_sentence(office: Office) -> None:
    id = await forged(office)
    view = await opened(office, ANN)
    assert buttons_of(view)[:4] == ["held-look", "held-admit", "held-block", "held-discard"]
    await press(office, ANN, view, "held-look", id)
    said = words_of(await office.modal(ANN, "held-look"))
    assert (
        "⚠ bank.example does not confirm that this mail comes from there (SPF softfail, DKIM none and DMARC fail), "
        "and asks that such mail be refused."
    ) in said


async def test_what_may_be_forged_is_let_in_only_by_saying_so_twice_and_its_ticket_says_so(office: Office) -> None:
    id = await forged(office)
    view = await opened(office, ANN)
    [admit] = [one for one in elements(view) if one.get("action_id") == "held-admit"]
    assert "bank.example does not confirm that it comes from there" in admit["confirm"]["text"]["text"]
    assert "style" not in admit
    office.vouched.clear()  # its domain says nothing any more
    await press(office, ANN, view, "held-admit", id)
    assert "This mail may be forged" in words_of(await office.card_of(1))


async def test_what_is_no_forgery_is_let_in_at_once(office: Office) -> None:
    id = await held_back(office)
    view = await opened(office, ANN)
    assert not any("confirm" in one for one in elements(view) if one.get("action_id") == "held-admit")
    await press(office, ANN, view, "held-look", id)
    seen = await office.modal(ANN, "held-look")
    assert buttons_of(seen) == ["held-admit", "held-replay", "held-block", "held-discard"]
    assert "confirm" not in words_of(seen)


async def test_where_nothing_is_held_or_blocked_the_windows_say_what_they_are_for(office: Office) -> None:
    view = await opened(office, ANN)
    assert "Mail that opens no ticket by itself is listed here" in words_of(view)
    await office.sandbox.click(ANN, "blocked", view_id=view["id"], block_id="blocked")
    assert "A sender is blocked from the list of held mail" in words_of(await office.modal(ANN, "blocked"))


def elements(found: Any) -> list[Json]:
    """Everything in a view, however deep."""
    if isinstance(found, list):
        return [one for part in found for one in elements(part)]
    if isinstance(found, dict):
        return [found, *(one for part in found.values() for one in elements(part))]
    return []
