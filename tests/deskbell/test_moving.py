"""A rulebook without a queue that has tickets: what the command line says, and where their cards are seen then."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sandbox.example import RULEBOOK as SANDBOX
from tests.core.test_moving import BILLING, INVOICE
from tests.deskbell.test_commands import Terminal
from tests.e2e.play import ANN as ANN_IN_SLACK
from tests.e2e.play import Play
from tests.running import running, soon
from tests.world import ANN, RULEBOOK, World

MONEY = '[[queues]]\nname = "money"\ntitle = "Money"\n\n'
WITHOUT = RULEBOOK.replace(BILLING, MONEY).replace('queue = "billing"', 'queue = "money"')


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A desk with three tickets in billing, one of them closed; and a file that has no such queue."""
    made = Terminal(tmp_path)
    made.env["DATABASE_URL"] = sqlite_url
    with World(sqlite_url, tmp_path) as world:
        numbers = [world.mail(subject=INVOICE) for _ in range(3)]
        world.desk.close(numbers[0], ANN)
    made.write("desk.toml", WITHOUT)
    return made


def queues(terminal: Terminal, sqlite_url: str) -> list[str]:
    with World(sqlite_url, terminal.folder) as world:
        return [world.ticket(number).queue for number in (1, 2, 3)]


def test_applying_says_how_many_tickets_went_where(terminal: Terminal) -> None:
    said = terminal.type("rulebook", "apply")
    assert said.returncode == 0
    assert "The queue “billing” is gone: 2 open tickets and 1 closed one are in “support” now." in said.stdout
    assert "gone" not in terminal.type("rulebook", "apply").stdout


def test_another_rulebook_is_tried_on_the_last_tickets_and_on_a_text(terminal: Terminal) -> None:
    changed = RULEBOOK.replace('then = { queue = "billing", urgency = 1 }', "then = { urgency = 2 }")
    terminal.write("desk.toml", changed)
    said = terminal.type("rulebook", "diff", "--over", "10").stdout
    assert "#3: queue “support” instead of “billing” and urgency “2” instead of “1”" in said
    assert "3 of the last 3 tickets would be treated otherwise." in said
    terminal.write("some.jsonl", '{"subject": "My invoice", "text": "?"}\n{"text": "Hello"}\n')
    said = terminal.type("rules", "test", "some.jsonl").stdout
    assert "It would go to Billing, with urgency 1." in said
    assert "It came to support@desk.example, and no rule says otherwise." in said
    assert "with urgency 2" in terminal.type("rules", "test", "some.jsonl", "--rulebook", "desk.toml").stdout
    terminal.write("wrong.jsonl", '{"txt": "?"}\n')
    assert "“txt” is not known here." in terminal.type("rules", "test", "wrong.jsonl").stderr


def test_they_go_where_they_are_sent(terminal: Terminal) -> None:
    said = terminal.type("rulebook", "apply", "--move", "billing=money", LANG="de_DE.UTF-8")
    assert "2 offene Tickets" in said.stdout
    assert "„money“" in said.stdout


@pytest.mark.parametrize(
    ("move", "said"),
    [
        ("billing", "is not OLD=NEW"),
        ("billing=", "is not OLD=NEW"),
        ("billing=mony", "There is no queue “mony”"),
        ("biling=money", "There was no queue “biling”"),
        ("support=money", "“support” is in the new rulebook too"),
    ],
)
def test_a_move_that_cannot_be_meant_changes_nothing(terminal: Terminal, move: str, said: str) -> None:
    answer = terminal.type("rulebook", "apply", "--move", move)
    assert answer.returncode == 1
    assert said in answer.stderr
    assert "billing" in terminal.type("rulebook", "export").stdout


def test_only_applying_moves(terminal: Terminal) -> None:
    answer = terminal.type("rulebook", "diff", "--move", "billing=money")
    assert answer.returncode == 1
    assert "rulebook apply" in answer.stderr


def test_tickets_that_an_interrupted_command_left_are_found_and_moved_by_the_next(
    terminal: Terminal, sqlite_url: str
) -> None:
    with World(sqlite_url, terminal.folder, WITHOUT):
        """The rulebook is in force, and nobody has moved anything."""
    assert "2 open tickets are in queues that are gone" in terminal.type("doctor").stdout
    said = terminal.type("rulebook", "apply", "--move", "billing=money").stdout
    assert "Nothing has changed" in said
    assert "2 open tickets and 1 closed one are in “money” now" in said
    assert "queues that are gone" not in terminal.type("doctor").stdout


async def test_the_card_of_a_moved_ticket_stands_in_its_new_room_and_works_there(tmp_path: Path) -> None:
    async with running(tmp_path) as desk:
        await Play(desk).writes("My invoice", "It is wrong.")
        await Play(desk, "desk-billing").sees(1, "It is wrong.")
        terminal = Terminal(tmp_path)
        terminal.env |= desk.env
        text = SANDBOX.read_text(encoding="utf-8")
        billing = text[text.index('[[queues]]\nname = "billing"') : text.index("[[agents]]")]
        terminal.write(
            "desk.toml",
            text.replace(billing, "")
            .replace('queue = "billing"', 'queue = "support"')
            .replace('backup = "billing"\n', ""),
        )
        said = await asyncio.to_thread(terminal.type, "rulebook", "apply", "desk.toml")
        assert "1 open ticket and 0 closed ones are in “support” now" in said.stdout, said.stderr
        play = Play(desk, "desk-support")
        await play.sees(1, "It is wrong.")
        await play.clicks(ANN_IN_SLACK, 1, "claim")
        await play.sees(1, "Ann Walker")
        await play.replies(ANN_IN_SLACK, 1, "Corrected.")
        await play.receives("Corrected.")
        await soon(lambda: len(play.cards(1)) == 1, "one card")
