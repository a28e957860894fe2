"""Bodies that we wrote as programs write them: what is new in them, and whose mail they forward."""

from collections import Counter

import pytest

from bench import scoring
from bench.labelled import answers, forwards
from gateways.email.explain import explain_html, explain_raw, explain_text

READ = {"text": explain_text, "html": explain_html}
ANSWERS = answers()


@pytest.mark.parametrize("kind", ["text", "html"])
def test_what_is_new_is_shown_and_nothing_else(kind):
    rows = [
        {"id": str(number), "kind": one.kind, "input": one.body, "expected": one.shown}
        for number, one in enumerate(ANSWERS)
        if one.kind == kind
    ]
    misses = []
    shown = {row["id"]: READ[kind](row["input"]) for row in rows}
    found = scoring.reply(rows, shown, lambda *miss: misses.append(miss))
    assert misses == []
    assert found[f"{kind} both"] == 100


def test_a_forwarded_mail_has_its_sender_and_an_answer_forwards_nobody():
    mails = forwards()
    assert Counter(bool(one.sender) for one in mails)[False] > 5
    wrong = []
    for one in mails:
        forwarded = explain_raw(one.raw)["forwarded"]
        sender = forwarded["from"]["address"] if forwarded else ""
        if sender != one.sender:
            wrong.append((one.raw.decode(), one.sender, sender))
    assert wrong == []
