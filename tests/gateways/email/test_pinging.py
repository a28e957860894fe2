"""By mail to an agent where Slack is away: what it says, that no machine answers it, what a relay's no means."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default

import pytest

from core.engine.apart import Apart
from core.engine.hands import GiveUp, Later
from core.engine.otherwise import Letter
from gateways.email.hands import Mail
from gateways.email.pinging import ByMail
from tests.gateways.email.test_send import serve  # noqa: F401 - the fixture
from tests.world import World

LETTER = Letter(7, 42, "support@desk.example", "#42 waits in Support", "Ticket #42 in Support waits.")


@pytest.fixture
async def by_mail(serve, sqlite_url, tmp_path):  # noqa: F811
    server, relay = await serve.start()
    with World(sqlite_url, tmp_path) as world:
        mail = Mail(world.desk, {"": relay}, Apart())
        yield server, ByMail(mail), world.book
        await mail.close()


async def test_an_agent_gets_a_letter_that_no_machine_answers(by_mail):
    server, way, book = by_mail
    ann = book.agent_named("Ann Walker")
    assert way.reaches(ann)
    await way.tell(ann, LETTER)
    await way.tell(ann, LETTER)
    (_, to, raw), (_, _, again) = server.taken
    mail, repeat = (message_from_bytes(one, policy=default) for one in (raw, again))
    assert to == ["ann@desk.example"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "#42 waits in Support" in mail["Subject"]
    assert mail["Message-ID"] == repeat["Message-ID"]  # a repeat is known again
    body = mail.get_body(("plain",))
    assert body is not None
    assert "Ticket #42 in Support waits." in body.get_content()


async def test_what_a_relay_says_is_understood(by_mail):
    server, way, book = by_mail
    server.answers = {"ann@desk.example": "451 4.7.1 later"}
    with pytest.raises(Later):
        await way.tell(book.agent_named("Ann Walker"), LETTER)
    server.answers = {"ann@desk.example": "550 5.1.1 no such user"}
    with pytest.raises(GiveUp):
        await way.tell(book.agent_named("Ann Walker"), LETTER)


async def test_without_a_relay_it_is_said_so(sqlite_url, tmp_path):
    with World(sqlite_url, tmp_path) as world:
        mail = Mail(world.desk, {}, Apart())
        with pytest.raises(GiveUp, match="RELAY_HOST"):
            await ByMail(mail).tell(world.book.agents[0], LETTER)
