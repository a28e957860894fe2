"""Tasks where tickets are merged, split and answered at once: they stay with the ticket whose tasks they are."""

from __future__ import annotations

import pytest

from core.phrases import Refused
from core.tickets.model import Status
from core.tickets.tasks import Planned
from tests.core.test_tasks import CHECK, here, split, work  # noqa: F401 - the desk is a fixture
from tests.world import ANN, JONAS, World


def test_a_task_goes_on_in_no_other_ticket_and_no_ticket_in_it(here: World) -> None:  # noqa: F811
    number = split(here)
    other, task = here.mail("It is order 7."), work(here, number)
    for merged, into in ((task, other), (other, task), (task, number)):
        with pytest.raises(Refused, match="is a task of"):
            here.desk.merge([merged], into, ANN)
    assert here.ticket(task).status is Status.NEW


def test_a_ticket_with_open_tasks_goes_on_in_no_other_but_another_in_it(here: World) -> None:  # noqa: F811
    number = split(here)
    here.later(hours=25)
    other = here.mail("It is order 7.", subject="Order 7")
    with pytest.raises(Refused, match="has open tasks"):
        here.desk.merge([number], other, ANN)
    here.desk.merge([other], number, ANN)
    assert here.ticket(other).merged_into == number
    assert here.ticket(number).blocked


def test_a_merged_ticket_is_not_split_into_tasks(here: World) -> None:  # noqa: F811
    first = here.mail()
    here.later(hours=25)
    second = here.mail("It is order 7.", subject="Order 7")
    here.desk.merge([second], first, ANN)
    with pytest.raises(Refused, match=f"goes on in #{first}"):
        here.desk.split_into(second, (CHECK,), JONAS)


def test_where_nothing_says_how_long_tasks_take_nothing_is_said_of_when_all_are_done(here: World) -> None:  # noqa: F811
    number = split(here, Planned("Call the shop", "support"))
    glance = here.desk.card(number).tasks
    assert glance is not None
    assert (glance.progress, glance.finish) == ((0, 1), None)
    here.desk.split_into(number, (CHECK,), ANN)
    glance = here.desk.card(number).tasks
    assert glance is not None
    assert glance.finish is not None
    assert not glance.finish.is_sure
