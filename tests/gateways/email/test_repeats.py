"""A mail that is sent again, for nobody knows whether it left, is the same mail."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.desk.opening import open_desk
from core.storage import schema
from core.tickets.model import Delivery, Part
from gateways.email.outgoing.compose import compose
from tests.world import ANN, JONAS, World


@pytest.mark.parametrize("part", [Part.REPLY, Part.ACKNOWLEDGEMENT, Part.REMINDER])
def test_what_is_sent_again_after_a_crash_is_the_same_mail_to_the_byte(
    world: World, part: Part, tmp_path: Path
) -> None:
    number = world.mail(id="<first@example.com>")
    world.settle()
    world.desk.reply(number, ANN, "Which order?")
    world.later(seconds=11)
    world.later(days=3)
    [sent] = [out for out in world.sent if out.part is part]
    world.mail("Number 4711.", answers=sent.external_id)
    world.desk.close(number, JONAS)
    world.now += timedelta(days=2)
    still_to_send(world, sent.message)
    other = open_desk(world.desk.db.url, tmp_path, clock=lambda: world.now)
    again = other.outgoing(sent.message)
    other.db.close()
    assert again is not None
    assert compose(again) == compose(sent)


def still_to_send(world: World, message: int) -> None:
    """As a crash leaves it that came between the sending and its record."""
    told = sa.update(schema.messages).where(schema.messages.c.id == message).values(delivery=Delivery.QUEUED)
    world.desk.db.run(lambda tx: tx.sql.execute(told))
