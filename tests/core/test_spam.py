"""What a filter that the desk believes takes for spam is held back, with the filter's words as the reason."""

from __future__ import annotations

import pytest

from core.rulebook import RulebookError, diff, parse_toml, to_toml
from core.templates.locales import translate
from core.tickets.model import Nature, Status
from tests.core.test_why import told
from tests.world import ANN, RULEBOOK, World

SAID = ("x-spam-flag: YES",)
WRITTEN = (
    f'[mail]\nspam_headers = ["X-Spam-Flag: YES", "X-Score >= 6"]\nspam_headers_above = "mx.desk.example"\n{RULEBOOK}'
)


def test_spam_opens_nothing_is_not_acknowledged_and_says_why(world: World) -> None:
    assert world.mail_at_all("Buy!", spam=SAID, sender="eve@example.org", id="<s@example.org>") is None
    world.settle()
    assert world.sent == []
    [piece] = world.desk.held().pieces
    assert piece.said["spam"] == ["x-spam-flag: YES"]
    why = told(world, "<s@example.org>")
    assert "A filter took it for spam: x-spam-flag: YES." in why
    assert "It is held back: a filter took it for spam." in why


def test_a_customers_answer_that_a_filter_takes_for_spam_is_heard_once_it_is_let_in(world: World) -> None:
    number = world.mail(id="<one@example.com>")
    world.desk.claim(number, ANN)
    assert world.mail_at_all("More", answers="<one@example.com>", spam=SAID) is None
    [piece] = world.desk.held().pieces
    assert world.desk.admit(piece.id, ANN)
    world.settle()
    assert world.said(number)[-1].text == "More"
    assert world.desk.held().total == 0


def test_that_our_own_message_failed_is_heard_whatever_a_filter_says(world: World) -> None:
    number = world.mail()
    world.desk.reply(number, ANN, "It left today.")
    world.later(seconds=11)
    ours = world.sent[-1].external_id
    world.mail_at_all("No such user", nature=Nature.BOUNCE, answers=ours, sender="d@x.example", spam=SAID)
    assert world.ticket(number).status is Status.OPEN


def test_what_a_filter_writes_is_written_and_read_in_the_rulebook() -> None:
    book = parse_toml(WRITTEN)
    assert [sign.name for sign in book.mail.signs] == ["x-spam-flag", "x-score"]
    assert parse_toml(to_toml(book)) == book
    assert "[mail]" not in to_toml(parse_toml(RULEBOOK))
    assert [change.path for change in diff(parse_toml(RULEBOOK), book)] == [
        "mail.spam_headers",
        "mail.spam_headers_above",
    ]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ('spam_headers = ["X-Spam-Flag"]', "“X-Spam-Flag” is not what a filter writes into a header."),
        ('spam_headers_above = "mx desk"', "“mx desk” is not the name of a server."),
        ('spam_header = ["X-Spam-Flag: YES"]', "“spam_header” is not known here. Did you mean “spam_headers”?"),
        ('spam_headers = "X-Spam-Flag: YES"', "“spam_headers” must be a list in square brackets."),
    ],
)
def test_what_is_written_wrongly_is_named_with_its_line_and_a_remedy(written: str, sentence: str) -> None:
    with pytest.raises(RulebookError) as raised:
        parse_toml(f"[mail]\n{written}\n{RULEBOOK}")
    [problem] = raised.value.problems
    assert problem.line == 2
    assert translate(problem.said("desk.toml")).startswith(f"desk.toml, line 2: {sentence}")
