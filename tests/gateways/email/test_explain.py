"""`explain` says in JSON what intake understands, one line for one line, whatever it is given."""

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import fields

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.explain import answer, explain_html, explain_raw, explain_text, main_jsonl, schema
from gateways.email.reading.parse import Mail, understand
from tests.gateways.email.test_nature import report
from tests.gateways.email.test_parse import MAIL, hostile

VALID = jsonschema.Draft202012Validator(schema())

FORWARD = "FYI\n\n---- Forwarded message ----\nFrom: Max <max@c.example>\nSubject: Printer\nTo: a@b.example\n\nbroken"


@pytest.mark.parametrize(
    "explained",
    [
        explain_raw(MAIL),
        explain_raw(report(b"failed", b"5.1.1")),
        explain_raw(b""),
        explain_raw(b"Content-Type: image/png; name=a.png\r\n\r\nx"),
        explain_text(FORWARD),
        explain_html("<p>hi</p>"),
        {"id": 1, "error": "no"},
    ],
)
def test_every_answer_has_the_shape_that_is_promised(explained):
    VALID.validate(explained)
    VALID.validate({"id": "x", **explained})


def test_the_shape_is_strict():
    jsonschema.Draft202012Validator.check_schema(schema())
    for wrong in ({}, {"text": "x"}, {**explain_raw(MAIL), "more": 1}, {**explain_raw(MAIL), "kind": "robot"}):
        with pytest.raises(jsonschema.ValidationError):
            VALID.validate(wrong)


@given(hostile)
def test_hostile_mails_have_that_shape_too(raw):
    VALID.validate(json.loads(json.dumps(explain_raw(raw))))


def test_what_is_explained_is_what_intake_understands():
    explained, mail = explain_raw(MAIL), understand(MAIL)
    assert explained["reply_text"] == mail.reply_text
    assert explained["kind"] == mail.nature.value
    told = {
        "sender": "from",
        "nature": "kind",
        "files": "attachments",
        "html": None,
        "language": None,
        "left_out": None,
        "is_own_name": "repairs",
        "trail": None,
        "likeness": None,
        "carried": None,
    }
    for field in fields(Mail):
        name = told.get(field.name, field.name)
        assert name is None or name in explained


def test_a_body_alone_is_explained():
    said = "On Mon, 2 Mar 2026 at 12:00, Ann <a@b.example> wrote:"
    assert explain_text(f"Yes\r\n\r\n{said}\r\n> x\r\n")["reply_text"] == "Yes"
    assert (
        explain_html(f"<p>Yes</p><p>{said.replace('<', '&lt;')}</p><blockquote>x</blockquote>")["reply_text"] == "Yes"
    )
    found = explain_text(FORWARD)["forwarded"]
    assert found == {"from": {"name": "Max", "address": "max@c.example"}, "subject": "Printer", "text": "broken"}


def test_one_request_gives_one_line_and_a_bad_one_does_not_end_the_run(tmp_path):
    good = tmp_path / "a.eml"
    good.write_bytes(MAIL)
    requests = [
        json.dumps({"id": "a", "eml": str(good)}),
        json.dumps({"id": "b", "eml": str(tmp_path / "missing.eml")}),
        "no json",
        "[1]",
        json.dumps({"id": {"any": "thing"}}),
        "",
        json.dumps({"id": "c", "text": "hi \ud800"}),
        json.dumps({"id": "d", "html": "<p>hi"}),
    ]
    out = io.StringIO()
    main_jsonl(requests, out)
    answers = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [one["id"] for one in answers] == ["a", "b", None, None, {"any": "thing"}, "c", "d"]
    assert ["error" in one for one in answers] == [False, True, True, True, True, False, False]
    assert answers[0]["subject"] == "Re: Drucker kaputt ☹"
    for one in answers:
        VALID.validate(one)


def test_each_answer_is_there_before_the_next_question():
    command = [sys.executable, "-m", "gateways.email.explain", "--jsonl"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            process.stdin.write(json.dumps({"id": number, "text": "hi"}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()


@given(st.text(max_size=200))
def test_any_line_has_an_answer(line):
    VALID.validate(answer(line))


@pytest.mark.parametrize(
    ("line", "id", "error"),
    [
        ('{"text": "hi"}', None, 'a JSON object with an "id"'),
        ('{"id": NaN, "text": "hi"}', None, "not JSON"),
        ('{"id": 1e999, "text": "hi"}', None, "not JSON"),
        ('{"id": ' + "[" * 100_000 + "}", None, "not JSON"),
        ('{"id": 1, "eml": "/nope/a.eml"}', 1, "^/nope/a.eml cannot be read: No such file or directory$"),
        ('{"id": 1, "eml": "/"}', 1, "^/ cannot be read: Is a directory$"),
        ('{"id": 1, "eml": "/dev/zero"}', 1, "is no file"),
        ('{"id": 1, "eml": "a\\u0000b"}', 1, "null byte"),
        ('{"id": 1, "eml": "\\ud800"}', 1, "surrogates"),
        ('{"id": 1, "eml": 7}', 1, "names a file"),
    ],
)
def test_what_cannot_be_answered_is_told_under_its_id(line, id, error):
    given = answer(line)
    VALID.validate(given)
    assert given["id"] == id
    assert re.search(error, given["error"])
    json.dumps(given, allow_nan=False)


def test_bytes_that_are_no_text_do_not_end_the_run_whatever_the_terminal_speaks():
    asked = b'\xef\xbb\xbf{"id": 1, "text": "caf\xe9"}\n\xff\xfe\n{"id": 2, "text": "caf\xc3\xa9"}\n'
    done = subprocess.run(
        [sys.executable, "-m", "gateways.email.explain"],
        input=asked,
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "latin-1:strict"},
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.get("text") for one in answers] == ["caf\ufffd", None, "café"]
    assert [one["id"] for one in answers] == [1, None, 2]
