"""What Slack tells us, read: who did what where, what of it is kept, and how a repeat is recognised."""

from __future__ import annotations

from typing import Any

import pytest

from bot.payloads import Kind, read


def said(**event: Any) -> dict[str, Any]:
    whole = {"type": "message", "user": "U1", "channel": "C1", "ts": "2.0", "thread_ts": "1.0", "text": "x", **event}
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "token": "secret", "event": whole}


def clicked(**more: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": "U1", "team_id": "T1", "name": "ann"},
        "team": {"id": "T1"},
        "token": "secret",
        "trigger_id": "1.2.a",
        "response_url": "https://x.example/r",
        "channel": {"id": "C1", "name": "desk"},
        "container": {"type": "message", "message_ts": "1.0", "channel_id": "C1"},
        "message": {"ts": "1.0", "blocks": [{"type": "divider"}], "text": "a customer's words"},
        "actions": [{"action_id": "claim", "value": "42", "type": "button"}],
        **more,
    }


def sent(trigger: str, text: str) -> dict[str, Any]:
    values = {"text-1": {"text": {"type": "plain_text_input", "value": text}}}
    return {
        "type": "view_submission",
        "user": {"id": "U1", "team_id": "T1"},
        "team": {"id": "T1"},
        "trigger_id": trigger,
        "view": {
            "id": "V1",
            "callback_id": "reply",
            "private_metadata": '{"ticket": 42}',
            "blocks": [{"type": "divider"}],
            "state": {"values": values},
        },
    }


def test_one_message_of_a_person_has_one_name_however_it_comes() -> None:
    names = {
        read(body).key  # pyright: ignore[reportOptionalMemberAccess]
        for body in (said(), said(type="app_mention"), {**said(), "event_id": "Ev2"}, said(subtype="file_share"))
    }
    assert len(names) == 1


def test_a_corrected_window_is_no_repeat_of_the_first() -> None:
    first, same, corrected = read(sent("1.a", "")), read(sent("1.a", "")), read(sent("2.b", "words"))
    assert first is not None
    assert same is not None
    assert corrected is not None
    assert first.key == same.key != corrected.key


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B1"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"subtype": "something_new"},
        {"user": None},
    ],
)
def test_what_no_person_said_is_nobodys(event: dict[str, Any]) -> None:
    assert read(said(**event)) is None


WORDS = {"type": "message", "user": "U1", "ts": "2.0", "thread_ts": "1.0", "text": "x", "edited": {"user": "U1"}}


def changed(subtype: str, where: str, message: dict[str, Any]) -> dict[str, Any]:
    event = {"type": "message", "subtype": subtype, "channel": "C1", "hidden": True, "ts": "9.000002", where: message}
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {**event, "event_ts": "9.000002"}}


def test_an_edit_is_of_whoever_wrote_and_knows_when_it_was() -> None:
    payload = read(changed("message_changed", "message", WORDS))
    assert payload is not None
    assert (payload.name, payload.person, payload.room, payload.thread) == ("message_changed", "T1:U1", "C1", "1.0")
    assert payload.said["text"] == "x"
    assert payload.moment.timestamp() == pytest.approx(9.000002, abs=1e-7)
    later = changed("message_changed", "message", WORDS)
    later["event"]["event_ts"] = "9.000003"
    other = read(later)
    assert other is not None
    assert payload.key != other.key
    assert read(payload.body) == payload


def test_of_what_was_deleted_no_words_are_kept() -> None:
    payload = read(changed("message_deleted", "previous_message", {**WORDS, "text": "a secret", "blocks": ["a"]}))
    assert payload is not None
    assert (payload.name, payload.person, payload.said["ts"]) == ("message_deleted", "T1:U1", "2.0")
    assert "secret" not in str(payload.body)
    assert read(payload.body) == payload


@pytest.mark.parametrize(
    "message",
    [
        {"bot_id": "B1"},  # we change every card of ours
        {"subtype": "bot_message"},
        {"subtype": "tombstone", "user": "USLACKBOT"},
        {"user": None},
        {"thread_ts": None},
        {"edited": None},  # a preview of a link
    ],
)
def test_what_no_person_changed_is_nobodys(message: dict[str, Any]) -> None:
    assert read(changed("message_changed", "message", {**WORDS, **message})) is None


def test_what_is_said_outside_threads_is_not_kept() -> None:
    for event in ({"thread_ts": None}, {"thread_ts": "2.0"}):
        payload = read(said(**event))
        assert payload is not None
        assert payload.key is None


def test_a_click_keeps_what_it_takes_to_do_it_again_and_no_words_of_others() -> None:
    payload = read(clicked())
    assert payload is not None
    assert (payload.kind, payload.name, payload.person) == (Kind.ACTION, "claim", "T1:U1")
    assert (payload.room, payload.thread, payload.value) == ("C1", None, "42")
    kept = str(payload.body)
    assert "secret" not in kept
    assert "a customer's words" not in kept


def test_what_was_kept_is_read_as_what_came() -> None:
    command = {
        "command": "/desk",
        "text": "mine",
        "team_id": "T1",
        "user_id": "U1",
        "trigger_id": "1.a",
        "channel_id": "C",
    }
    for body in (said(), clicked(), sent("1.a", "words"), command):
        first = read(body)
        assert first is not None
        assert read(first.body) == first


def test_an_answer_below_a_card_stays_in_its_thread() -> None:
    below = read(clicked(container={"message_ts": "3.0", "thread_ts": "1.0", "channel_id": "C1"}))
    on_top = read(clicked(container={"message_ts": "1.0", "thread_ts": "1.0", "channel_id": "C1"}))
    assert below is not None
    assert on_top is not None
    assert (below.thread, on_top.thread) == ("1.0", None)


def test_somebody_from_another_workspace_is_known_by_their_own() -> None:
    stranger = read(clicked(user={"id": "U9", "team_id": "T9"}))
    assert stranger is not None
    assert stranger.person == "T9:U9"


@pytest.mark.parametrize("body", [{}, {"type": "nonsense"}, {"type": "block_actions"}, {"event": None}])
def test_what_we_do_not_know_harms_nothing(body: dict[str, Any]) -> None:
    payload = read(body)
    assert payload is None or payload.key is None


def test_windows_with_broken_notes_say_nothing() -> None:
    body = sent("1.a", "x")
    body["view"]["private_metadata"] = "{broken"
    payload = read(body)
    assert payload is not None
    assert payload.notes == {}
