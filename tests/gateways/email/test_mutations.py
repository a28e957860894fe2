"""Mails that are broken at random are read, or kept as they are: the short form of `python -m bench mutations`."""

import random

from bench.mutations import at_hand, broken, trouble

COUNT = 60


def test_no_mail_that_is_broken_at_random_raises_or_vanishes():
    mails = random.Random(7).sample([mail for mail in at_hand() if len(mail) < 1500], 60)
    assert [(number, said) for number, raw in enumerate(broken(mails, COUNT, 7)) if (said := trouble(raw))] == []


def test_the_same_seed_breaks_the_same_mails():
    mails = at_hand()[:20]
    assert list(broken(mails, 30, 1)) == list(broken(mails, 30, 1)) != list(broken(mails, 30, 2))
