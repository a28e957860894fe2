"""Why a mail became a ticket, or did not: of every end that a mail can come to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.desk.answering import Then
from core.desk.tracing import sentences
from core.phrases import Refused
from core.storage import inbox
from core.storage.schema import inbox as table
from core.templates.locales import translate
from core.tickets.model import Nature, Vouch, Vouched
from tests.core.test_kept_out import kept_out
from tests.world import ANN, World


def told(world: World, said: object) -> str:
    """Everything that is said to the question why, in English."""
    found = world.desk.why(str(said))
    return "\n\n".join("\n".join(map(translate, few)) for few in sentences(found, str(said)))


def test_a_mail_that_opened_a_ticket_says_so_by_its_id_its_number_and_its_sender(world: World) -> None:
    number = world.mail(id="<one@example.com>", subject="Where is it?")
    for said in ("<one@example.com>", "one@example.com", "1", "carla@example.com", "CARLA@example.com "):
        why = told(world, said)
        assert "It is from carla@example.com, about: Where is it?. Its Message-ID is <one@example.com>." in why
        assert "Nothing in it says that a machine sent it." in why
        assert "Nothing in it points to a ticket, so it opened one." in why
        assert why.endswith(f"It is in ticket #{number}.")


def test_an_answer_says_by_what_it_found_its_ticket(world: World) -> None:
    number = world.mail(id="<one@example.com>")
    world.desk.reply(number, ANN, "It left today.")
    world.later(seconds=11)
    world.mail(id="<by-id@example.com>", answers=world.sent[-1].external_id)
    assert f"It answers a message of ticket #{number}" in told(world, "by-id@example.com")
    assert world.sent[-1].reply_token
    world.mail(id="<by-tag@example.com>", reply_tokens=(world.sent[-1].reply_token,))
    assert f"with the signed tag of ticket #{number}" in told(world, "by-tag@example.com")


def test_what_a_stranger_wrote_says_that_agents_were_asked_and_then_where_it_is(world: World) -> None:
    number = world.mail(id="<one@example.com>")
    world.mail(id="<eve@example.org>", sender="eve@example.org", answers="<one@example.com>")
    asked = f"It points to ticket #{number}, in which its sender took no part, so agents were asked."
    assert told(world, "<eve@example.org>").endswith(f"{asked}\nIt is in ticket #{number}.")
    [eve] = world.desk.card(number).strangers
    own = world.desk.turn_away(number, eve, ANN)
    assert told(world, "<eve@example.org>").endswith(f"{asked}\nIt is in ticket #{own}.")
    world.mail(id="<again@example.org>", sender="eve@example.org", answers="<one@example.com>")
    assert told(world, "<again@example.org>").endswith(f"It is in ticket #{own}.")
    world.mail(id="<by-subject@example.com>", subject=f"[#{number}]")
    assert f"Its subject names ticket #{number}" in told(world, "<by-subject@example.com>")


def test_a_late_answer_and_a_strangers_say_why_they_opened_another_ticket(world: World) -> None:
    number = world.mail(id="<one@example.com>")
    world.desk.reply(number, ANN, "Done.", Then.CLOSE)
    world.later(seconds=11)
    world.later(days=20)
    world.mail(id="<eve@example.org>", sender="eve@example.org", answers="<one@example.com>")
    assert f"It points to ticket #{number}, in which its sender takes no part" in told(world, "<eve@example.org>")
    world.mail(id="<late@example.com>", answers="<one@example.com>")
    assert f"It points to ticket #{number}, which was closed long ago" in told(world, "<late@example.com>")


def test_what_is_held_back_says_by_which_signs_and_how_it_is_let_in(world: World) -> None:
    id = kept_out(world, id="<away@example.com>", signs=("Auto-Submitted: auto-replied",))
    why = told(world, "<away@example.com>")
    assert "It was found to be: Automatic reply, by Auto-Submitted: auto-replied." in why
    assert (
        "held back: an automatic reply to none of our messages. To let it in: /desk held in Slack, or deskbell inbox "
        f"admit {id}"
    ) in why


def test_what_was_let_in_says_who_did_it(world: World) -> None:
    id = kept_out(world, id="<away@example.com>")
    world.desk.admit(id, ANN)
    world.settle()
    why = told(world, id)
    assert "Ann Walker let this mail in" in why
    assert why.endswith("It is in ticket #1.")


def test_what_was_discarded_or_cannot_be_read_says_so(world: World) -> None:
    id = kept_out(world)
    world.desk.discard(id)
    assert "Somebody at the command line discarded this mail" in told(world, id)
    piece = world.desk.accept("email", "k", "lane", {"mail_from": "e@x.example", "rcpt_tos": ["s@desk.example"]}, b"?")
    assert piece
    assert "It waits to be understood." in told(world, piece)
    world.desk.keep_out(piece, "unreadable", "it takes too long")
    why = told(world, piece)
    assert (
        "It could not be read: it takes too long. To look at it or to try again: /desk held in Slack, or deskbell "
        f"inbox raw {piece}, deskbell inbox replay {piece}"
    ) in why


def test_who_vouches_for_a_mail_is_said_whatever_became_of_it(world: World) -> None:
    forged = Vouched(Vouch.FAILED, "example.com", "reject", ("spf=fail for example.com", "dkim=none for example.com"))
    said = (
        "example.com does not confirm that this mail comes from there (SPF fail, DKIM none, and DMARC fail), and asks "
        "that such mail be refused."
    )
    assert world.mail_at_all(id="<forged@example.com>", vouched=forged) is None
    assert said in told(world, "<forged@example.com>")
    world.desk.admit(world.desk.kept_out()[0].id)
    world.settle()
    assert said in told(world, "<forged@example.com>")
    world.mail(id="<right@example.com>", vouched=Vouched(Vouch.PASSED, "example.com", "none", ("spf=pass for it",)))
    assert "example.com confirms that this mail comes from there (SPF pass)." in told(world, "<right@example.com>")
    world.mail(id="<quiet@example.com>", vouched=Vouched(Vouch.NONE, "example.com"))
    assert "confirm" not in told(world, "<quiet@example.com>")


def test_by_what_way_it_came_is_said(world: World) -> None:
    by_smtp = {"mail_from": "b@x.example", "rcpt_tos": ["support@desk.example"], "peer": "192.0.2.7", "source": "smtp"}
    id = world.desk.accept("email", "k", "lane", by_smtp, b"?")
    assert "by SMTP from 192.0.2.7, sent by b@x.example to support@desk.example." in told(world, id)
    lay = {**by_smtp, "mail_from": None, "source": "imap:support/INBOX/Old/77/12"}
    id = world.desk.accept("email", "l", "lane", lay, b"?")
    assert "it lay in the mailbox support, folder INBOX/Old, under UID 12, for support@desk.example" in told(world, id)


def test_a_copy_of_ours_and_a_report_about_it_say_which_message_it_is_about(world: World) -> None:
    number = world.mail()
    world.settle()
    ours = world.sent[-1].external_id
    assert f"The desk itself sent this, in ticket #{number}" in told(world, ours)
    world.mail_at_all("We have it.", sender="support@desk.example", id=ours, nature=Nature.AUTO_GENERATED)
    assert f"a copy of what the desk itself sent. The message is in ticket #{number}." in told(world, ours)
    world.mail_at_all("No such user", nature=Nature.BOUNCE, answers=ours, id="<b@x.example>", sender="m-d@x.example")
    assert f"what became of a message of ours in ticket #{number}" in told(world, "<b@x.example>")


def test_every_mail_under_one_id_is_told_the_newest_first(world: World) -> None:
    for n in range(3):
        world.mail(id="<same@example.com>", key=str(n), subject=f"Number {n}")
    why = told(world, "<same@example.com>")
    assert [why.index(f"Number {n}") for n in (2, 1, 0)] == sorted(why.index(f"Number {n}") for n in range(3))


def test_mail_from_before_its_id_was_written_down_is_found_all_the_same(world: World) -> None:
    number = world.mail(id="<old@example.com>")
    nothing = {"external_id": None, "sender": None, "found": None, "facts": None}
    world.desk.db.run(lambda tx: inbox.describe(tx, 1, **nothing))
    for said in ("<old@example.com>", "carla@example.com"):
        assert told(world, said).endswith(f"It is in ticket #{number}.")


def test_what_never_came_is_said_with_where_to_look(world: World) -> None:
    assert "Either it did not reach the desk" in told(world, "<nowhere@example.com>")
    assert "did not reach the desk" in told(world, 4711)
    for said in ("", "Where is it?", "12345678901234567890"):
        with pytest.raises(Refused, match="Message-ID"):
            world.desk.why(said)


def test_acts_of_agents_are_no_mail(world: World) -> None:
    id = world.desk.accept_act("did:1", {})
    assert "did not reach the desk" in told(world, id)


def test_looking_for_an_id_or_a_sender_reads_an_index(world: World) -> None:
    rows = [
        {"channel": "email", "key": f"k{n}", "envelope": {}, "at": world.now - timedelta(n), "state": "done"}
        | {"external_id": f"<{n}@x.example>", "sender": f"c{n}@x.example"}
        for n in range(3000)
    ]
    world.desk.db.run(lambda tx: tx.sql.execute(table.insert(), rows))
    how = "explain query plan" if world.desk.db.embedded else "explain"
    with world.desk.db.engine.connect() as sql:
        if not world.desk.db.embedded:
            sql.exec_driver_sql("analyze inbox")
        for column in ("external_id", "sender"):
            query = f"{how} select id from inbox where {column} = '<77@x.example>' order by 1 desc limit 20"
            plan = "\n".join(str(row) for row in sql.exec_driver_sql(query))
            assert f"ix_inbox_{column}" in plan
