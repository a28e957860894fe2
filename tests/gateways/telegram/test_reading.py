"""What updates say: everything people send has words or a file, groups count when they speak to us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateways.telegram.client import Me, read_update
from gateways.telegram.reading import Groups, Heard, Moved, Nothing, Said, ShutOff, Started, read

ME = Me(4711, "example_help_bot")
CARLA = {"id": 20000001, "is_bot": False, "first_name": "Carla", "last_name": "Gómez", "language_code": "es"}
FILE = {"file_id": "F1", "file_unique_id": "U1", "file_size": 12}
PRIVATE = {"id": 20000001, "type": "private", "first_name": "Carla"}
GROUP = {"id": -1005, "type": "supergroup", "title": "Builders"}


def heard(groups: Groups = "addressed", kind: str = "message", **content: Any) -> Heard:
    message = {"message_id": 7, "date": 1772442000, "chat": PRIVATE, "from": CARLA, **content}
    return read(read_update(json.dumps({"update_id": 1, kind: message}).encode()), ME, groups)


def said(groups: Groups = "addressed", kind: str = "message", **content: Any) -> Said:
    found = heard(groups, kind, **content)
    assert isinstance(found, Said), found
    return found


def test_words_come_with_who_said_them_where_and_in_what_language() -> None:
    found = said(text="Hola")
    assert (found.text, found.name, found.language) == ("Hola", "Carla Gómez", "es")
    assert (found.external_id, found.place, found.thread) == ("4711:20000001:7", "20000001", "4711:20000001")


@pytest.mark.parametrize(
    ("content", "words", "file"),
    [
        ({"photo": [{**FILE, "width": 90, "height": 90}], "caption": "Look"}, "Look", ("photo-7.jpg", "image/jpeg")),
        ({"document": {**FILE, "file_name": "a/b\x00.pdf", "mime_type": "application/pdf"}}, "",
         ("a_b_.pdf", "application/pdf")),
        ({"voice": {**FILE, "duration": 3, "mime_type": "audio/ogg"}}, "", ("voice-7.ogg", "audio/ogg")),
        ({"video": {**FILE, "duration": 3, "width": 1, "height": 1}}, "", ("video-7.mp4", "video/mp4")),
        ({"video_note": {**FILE, "duration": 3, "length": 240}}, "", ("video-7.mp4", "video/mp4")),
        ({"sticker": {**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False,
                      "emoji": "👍"}}, "👍", ("sticker-7.webp", "image/webp")),
        ({"location": {"latitude": 52.52, "longitude": 13.4}},
         "📍 52.520000, 13.400000\nhttps://www.openstreetmap.org/?mlat=52.520000&mlon=13.400000", None),
        ({"contact": {"phone_number": "+49", "first_name": "Kim"}}, "👤 Kim, +49", None),
        ({"dice": {"emoji": "🎲", "value": 4}}, "🎲 4", None),
    ],
)  # fmt: skip
def test_whatever_people_send_has_words_or_a_file(content: Any, words: str, file: tuple[str, str] | None) -> None:
    found = said(**content)
    assert found.text == words
    assert [(one.name, one.type) for one in found.files] == ([file] if file else [])


def test_what_is_passed_on_says_who_said_it_first() -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Kim", "date": 1772442000}
    assert said(text="Buy now", forward_origin=origin).text == "↪ Kim:\nBuy now"


def test_an_edit_an_answer_and_an_album_are_told() -> None:
    assert said(kind="edited_message", text="x", edit_date=1772442060).is_edited
    answered = {"message_id": 3, "date": 1, "chat": PRIVATE, "text": "y"}
    assert said(text="x", reply_to_message=answered).answers == "4711:20000001:3"
    assert said(text="x", media_group_id="9").album == "9"


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        ({"text": "among us"}, False),
        ({"text": "@example_help_bot help", "entities": [{"type": "mention", "offset": 0, "length": 17}]}, True),
        ({"text": "@example_help_bots", "entities": [{"type": "mention", "offset": 0, "length": 18}]}, False),
        ({"text": "and you?", "reply_to_message": {
            "message_id": 3, "date": 1, "chat": GROUP, "text": "y",
            "from": {"id": 4711, "is_bot": True, "first_name": "Help"}}}, True),
        ({"text": "/help@example_help_bot x",
          "entities": [{"type": "bot_command", "offset": 0, "length": 22}]}, True),
        ({"text": "/help@other_bot x", "entities": [{"type": "bot_command", "offset": 0, "length": 15}]}, False),
    ],
)  # fmt: skip
def test_in_a_group_counts_what_is_said_to_us(content: Any, counts: bool) -> None:
    assert isinstance(heard(chat=GROUP, **content), Said if counts else Nothing)
    assert isinstance(heard("all", chat=GROUP, **content), Said)
    assert isinstance(heard("none", chat=GROUP, **content), Nothing)


def test_in_a_group_everybody_has_a_thread_of_their_own_and_our_name_is_no_word() -> None:
    mark = [{"type": "mention", "offset": 0, "length": 17}]
    found = said(chat=GROUP, text="@example_help_bot it broke", entities=mark)
    assert (found.text, found.place, found.thread) == ("it broke", "-1005", "4711:-1005:20000001")
    topic = said(chat=GROUP, text="@example_help_bot x", entities=mark, message_thread_id=9, is_topic_message=True)
    assert topic.place == "-1005/9"


def test_opening_a_chat_is_no_message() -> None:
    assert heard(text="/start abc") == Started(20000001, said(text="x").sender, "abc")  # type: ignore[arg-type]
    assert isinstance(heard(text="/started"), Said)


def test_who_shuts_us_out_and_a_group_that_moves_are_told() -> None:
    def member(status: str) -> dict[str, Any]:
        bot = {"id": 4711, "is_bot": True, "first_name": "Help"}
        return {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    update = {"chat": PRIVATE, "from": CARLA, "date": 1, "old_chat_member": member("member"),
              "new_chat_member": member("kicked")}  # fmt: skip
    shut = read(read_update(json.dumps({"update_id": 1, "my_chat_member": update}).encode()), ME)
    assert shut == ShutOff(20000001, is_group=False, may_write=False)
    assert heard(chat=GROUP, migrate_to_chat_id=-1009) == Moved(-1005, -1009)


@pytest.mark.parametrize(
    "content",
    [
        {"from": {**CARLA, "is_bot": True}, "text": "x"},
        {"pinned_message": {"message_id": 1, "date": 0, "chat": PRIVATE}},
    ],
)
def test_what_bots_say_and_what_says_nothing_is_nothing(content: Any) -> None:
    assert isinstance(heard(**content), Nothing)
