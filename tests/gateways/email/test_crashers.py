"""Mails at which mail readers crash, hang or lose what was said: each is read, rightly and soon."""

import json
import time

import pytest

from gateways.email.explain import explain_raw
from gateways.email.reading.parse import understand
from tests.gateways.email.crashers import crashers, wrong

WORST = 2.0  # seconds of this process


def test_there_are_more_than_a_hundred():
    assert len(crashers()) > 100


@pytest.mark.parametrize("name", sorted(crashers()))
def test_a_mail_that_others_crash_at_is_read_rightly_and_soon(name):
    raw, right = crashers()[name]
    began = time.process_time()
    mail = understand(raw)
    taken = time.process_time() - began
    assert wrong(mail, right) == {}
    assert taken < WORST
    json.dumps(explain_raw(raw), ensure_ascii=False).encode()  # no lone surrogate anywhere
