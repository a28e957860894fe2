"""`deskbell triage evaluate` and `deskbell explain --topics`: figures and topics as JSON, mistakes as sentences."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from deskbell.__main__ import main
from gateways.email.explain import schema

BOATS = ["my boat leaks", "the sail of the boat is torn", "our boat sinks", "a leak in the boat"]
TRAINS = ["the train is late", "I missed my train", "which train goes to Rome", "no seat in the train"]


def lines(path: Path, *rows: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def test_topics_are_evaluated_by_seeds_and_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seeds = lines(tmp_path / "seeds.jsonl", *([text, "boats"] for text in BOATS))
    train = lines(tmp_path / "train.jsonl", *({"text": text, "label": "trains", "lang": "en"} for text in TRAINS))
    test = lines(
        tmp_path / "test.jsonl",
        {"text": "the boat has a leak", "label": "boats", "lang": "en"},
        {"text": "my train was late", "label": "trains", "lang": "en"},
    )
    asked = ["triage", "evaluate", "--test", test, "--seeds", seeds, "--train", train, "--encoders", ""]
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["accuracy"], found["macro_f1"], found["top2"]) == (1, 1, 1)
    assert found["by_language"]["en"]["texts"] == 2
    for name in ("calibration_error", "coverage_at_95_precision", "cpu_ms_a_text", "training_seconds"):
        assert found[name] >= 0


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "has no labelled text"),
        ("nonsense\n", "line 1: this is not JSON"),
        ('{"text": "a"}\n', "line 1: write it like this"),
        ('\n["only"]\n', "line 2: write it like this"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str, said: str
) -> None:
    path = tmp_path / "test.jsonl"
    path.write_text(written, "utf-8")
    assert main(["triage", "evaluate", "--test", str(path), "--encoders", ""]) == 1
    assert said in capsys.readouterr().err


def test_one_topic_alone_and_an_encoder_that_is_not_there_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    test = lines(tmp_path / "test.jsonl", {"text": "a boat", "label": "boats"})
    assert main(["triage", "evaluate", "--test", test, "--train", test, "--encoders", ""]) == 1
    assert "two at least" in capsys.readouterr().err
    assert main(["triage", "evaluate", "--test", test, "--encoders", "bert"]) == 1
    assert "no encoder “bert”" in capsys.readouterr().err


def test_a_mail_is_explained_with_its_topic_where_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENCODERS", "")
    mail = tmp_path / "one.eml"
    mail.write_bytes(b"From: a@example.org\nSubject: Help\n\nI forgot my password\n")
    assert main(["explain", "--topics", str(mail)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["topic"] == "account_access"
    assert "password" in found["topic_words"][0]
    jsonschema.Draft202012Validator(schema()).validate({"id": 1, **found})
