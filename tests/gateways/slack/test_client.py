"""Slack's Web API through our client: what comes back, and what each refusal means."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta

import pytest

from gateways.slack.wire import (
    Gone,
    RateLimited,
    Refused,
    Slack,
    SlackError,
    Stream,
    TokenWrong,
    TooLate,
    Unreachable,
    Upload,
)
from gateways.slack.wire.blocks import header, modal, paragraph, rich, words
from gateways.slack.wire.manifest import PATH as MANIFEST
from gateways.slack.wire.manifest import manifest, scopes
from sandbox import Sandbox

ANN = "U0ANN"
HELLO = [rich(paragraph(words("hello")))]

# What each method needs and each event comes by (docs.slack.dev, method and event pages), for those we use.
NEEDS = {
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage with username": {"chat:write.customize"},
    "conversations.list": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "conversations.history": {"channels:history", "groups:history"},
    "conversations.replies": {"channels:history", "groups:history"},
    "message metadata": {"metadata.message:read"},
    "conversations.create": {"channels:manage"},
    "conversations.setPurpose": {"channels:manage"},
    "conversations.join": {"channels:join"},
    "conversations.invite": {"channels:manage", "groups:write"},
    "users.info": {"users:read"},
    "users.lookupByEmail": {"users:read.email"},
    "files": {"files:read", "files:write"},
    "/desk": {"commands"},
    "app_mention": {"app_mentions:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "reaction_added": {"reactions:read"},
    "channel_id_changed": {"channels:read", "groups:read"},
    "user_change": {"users:read"},
    "app_home_opened": set(),
}


@pytest.fixture
async def box() -> AsyncGenerator[Sandbox]:
    async with Sandbox(tiers=False, manifest=MANIFEST) as made:
        yield made


@pytest.fixture
async def slack(box: Sandbox) -> AsyncGenerator[Slack]:
    made = Slack(box.bot_token, box.slack_api_url)
    yield made
    await made.close()


def test_the_manifest_asks_for_what_we_use_and_nothing_else() -> None:
    assert scopes() == set().union(*NEEDS.values())
    assert set(manifest()["settings"]["event_subscriptions"]["bot_events"]) <= NEEDS.keys()
    assert manifest()["settings"]["socket_mode_enabled"]
    assert manifest()["settings"]["interactivity"]["is_enabled"]


async def test_we_know_who_we_are_and_what_we_may_do(slack: Slack, box: Sandbox) -> None:
    me = await slack.me()
    assert (me.team, me.user, me.name) == ("T0SANDBOX", "U0DESKBELL", "deskbell")
    assert me.scopes == scopes()
    await slack.me()
    assert [call.method for call in box.slack.calls] == ["auth.test"]


async def test_a_message_is_posted_changed_and_found_again_by_its_key(slack: Slack, box: Sandbox) -> None:
    room = await slack.create_room("desk-x")
    ts = await slack.post(room, "hello", HELLO, "card:1")
    reply = await slack.post(room, "hello", HELLO, "message:2", thread=ts, username="Carla (customer)")
    await slack.update(room, ts, "bye", [header("bye")])
    assert await slack.find(room, "card:1", 0) == ts
    assert await slack.find(room, "message:2", 0, thread=ts) == reply
    assert await slack.find(room, "message:3", 0, thread=ts) is None
    assert await slack.find(room, "card:1", float(ts) + 1) is None
    assert box.messages(room)[-2]["text"] == "bye"


async def test_files_come_into_a_thread_as_one_message(slack: Slack, box: Sandbox) -> None:
    room = await slack.create_room("desk-x")
    ts = await slack.post(room, "hello", HELLO, "card:1")
    await slack.upload(room, ts, [Upload("a.txt", b"a"), Upload("b.bin", bytes(1000))])
    posted = [m for m in box.messages(room) if m.get("files")]
    assert [f["name"] for m in posted for f in m["files"]] == ["a.txt", "b.bin"]
    assert posted[0]["thread_ts"] == ts
    assert await slack.file_names(room, ts) == {"a.txt", "b.bin"}


async def test_a_large_file_goes_part_by_part_and_a_repeat_begins_anew(slack: Slack, box: Sandbox) -> None:
    room = await slack.create_room("desk-x")
    ts = await slack.post(room, "hello", HELLO, "card:1")
    begun = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal begun
        begun += 1
        for n in range(40):
            yield bytes([n]) * 100_000

    film = Upload("film.mp4", Stream(4_000_000, parts))
    [first] = await slack.upload(room, ts, [film])
    [again] = await slack.upload(room, ts, [film])
    whole = b"".join(bytes([n]) * 100_000 for n in range(40))
    assert box.slack.files.data(first) == box.slack.files.data(again) == whole
    assert begun == 2


async def test_people_are_found_by_id_and_address(slack: Slack) -> None:
    assert (await slack.person("U0JONAS"))["locale"] == "de-DE"
    assert await slack.person_at("ann@desk.example") == ANN
    assert await slack.person_at("nobody@desk.example") is None


async def test_rooms_are_listed_page_by_page(slack: Slack, box: Sandbox) -> None:
    for n in range(3):
        await box.new_room(ANN, f"room-{n}")
    await box.new_room(ANN, "secret", is_private=True)
    names = {channel.name async for channel in slack.channels()}
    assert names == {"general", "room-0", "room-1", "room-2"}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ratelimited", RateLimited),
        ("message_not_found", Gone),
        ("channel_not_found", Gone),
        ("is_archived", Gone),
        ("not_in_channel", Gone),
        ("thread_not_found", Gone),
        ("cant_update_message", Gone),
        ("edit_window_closed", Gone),
        ("invalid_auth", TokenWrong),
        ("token_revoked", TokenWrong),
        ("account_inactive", TokenWrong),
        ("missing_scope", TokenWrong),
        ("internal_error", Unreachable),
        ("fatal_error", Unreachable),
        ("expired_trigger_id", TooLate),
        ("invalid_blocks", Refused),
        ("something_new", Refused),
    ],
)
async def test_each_refusal_is_of_its_sort(slack: Slack, box: Sandbox, code: str, kind: type[SlackError]) -> None:
    await box.set_faults(api_error={"chat.update": code})
    with pytest.raises(SlackError) as refused:
        await slack.update("C1", "1.0", "x", HELLO)
    assert type(refused.value) is kind
    assert refused.value.code == code
    assert refused.value.method == "chat.update"


async def test_too_often_says_for_how_long_and_is_not_tried_again_by_itself(slack: Slack, box: Sandbox) -> None:
    await box.set_faults(rate_limit_next=1, rate_limit_seconds=17)
    with pytest.raises(RateLimited) as refused:
        await slack.me()
    assert refused.value.retry_after == timedelta(seconds=17)
    assert len(box.slack.calls) == 1


async def test_a_broken_slack_is_unreachable_and_not_asked_again_by_itself(slack: Slack, box: Sandbox) -> None:
    await box.set_faults(http_errors=1)
    with pytest.raises(Unreachable):
        await slack.me()
    await box.set_faults(lose_answers={"auth.test": 1})
    with pytest.raises(Unreachable):
        await slack.me()
    assert len(box.slack.calls) == 2


async def test_no_slack_at_all_is_unreachable() -> None:
    nowhere = Slack("xoxb-1", "http://127.0.0.1:9/api/", timeout=2)
    with pytest.raises(Unreachable):
        await nowhere.me()
    await nowhere.close()


async def test_a_slack_that_does_not_answer_is_unreachable(box: Sandbox) -> None:
    impatient = Slack(box.bot_token, box.slack_api_url, timeout=0.2)
    await box.set_faults(slow_ms=1000)
    with pytest.raises(Unreachable):
        await impatient.me()
    await impatient.close()


async def test_what_slack_says_of_broken_blocks_is_kept(slack: Slack, box: Sandbox) -> None:
    room = await slack.create_room("desk-x")
    with pytest.raises(Refused) as refused:
        await slack.post(room, "x", [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "k")
    assert refused.value.code == "invalid_blocks"
    assert refused.value.said


async def test_a_trigger_that_is_not_one_is_too_late(slack: Slack) -> None:
    with pytest.raises(TooLate):
        await slack.open_view("1.2.3", modal("x", "t", "c", HELLO))


async def test_a_response_url_that_is_used_up_is_gone(slack: Slack, box: Sandbox) -> None:
    with pytest.raises(Gone):
        await slack.respond(f"{box.base_url}/response/none", "x", None)


def test_metadata_that_slack_would_cut_is_refused_before() -> None:
    with pytest.raises(ValueError, match="3001"):
        modal("x", "t", "c", HELLO, metadata="x" * 3001)
