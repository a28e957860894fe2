"""The Web API as Slack's SDK calls it: tokens, parameters, rooms, people, files, marks, limits."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import Sandbox
from sandbox.names import seconds_now
from sandbox.tiers import POST_PER_CHANNEL, POST_PER_WORKSPACE, TIERS
from sandbox.web_api import METHODS
from sandbox.web_api.scopes import SCOPES
from tests.sandbox.bots import Bot
from tests.sandbox.kit import Json, section, told

# reference: the methods a help desk needs
WANTED = """
auth.test api.test apps.connections.open oauth.v2.access team.info bots.info
chat.postMessage chat.update chat.delete chat.postEphemeral chat.getPermalink chat.scheduleMessage
chat.deleteScheduledMessage chat.startStream chat.appendStream chat.stopStream chat.unfurl
conversations.list conversations.info conversations.members conversations.open conversations.create conversations.join
conversations.invite conversations.archive conversations.rename conversations.setTopic conversations.setPurpose
conversations.history conversations.replies users.info users.list users.lookupByEmail users.profile.get
usergroups.list usergroups.users.list reactions.add reactions.remove reactions.get pins.add bookmarks.add
views.open views.push views.update views.publish
files.getUploadURLExternal files.completeUploadExternal files.info blocks.validate assistant.threads.setStatus
"""


@pytest.fixture
async def client(sandbox: Sandbox) -> AsyncWebClient:
    return AsyncWebClient(token=sandbox.bot_token, base_url=sandbox.slack_api_url)


async def new_room(client: AsyncWebClient, name: str = "support") -> str:
    return told(await client.conversations_create(name=name))["channel"]["id"]


def test_every_method_a_desk_needs_is_there_and_has_a_scope() -> None:
    assert set(WANTED.split()) <= set(METHODS)
    free = {"auth.test", "api.test", "oauth.v2.access", "blocks.validate"}
    assert {name for name in METHODS if name not in SCOPES} <= free | {
        name for name in METHODS if name.startswith(("views.", "chat.getPermalink", "chat.scheduledMessages"))
    }


async def test_an_unknown_method_is_loud(client: AsyncWebClient, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SlackApiError, match="unknown_method"):
        await client.api_call("chat.postMesage", json={})
    assert "chat.postMesage" in caplog.text


async def test_tokens_are_checked(sandbox: Sandbox) -> None:
    async def error(token: str | None, method: str = "auth.test") -> str:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{sandbox.slack_api_url}{method}") as answer,
        ):
            return (await answer.json()).get("error", "")

    assert await error(None) == "not_authed"
    assert await error("xoxb-guessed") == "invalid_auth"
    assert await error(sandbox.app_token) == "not_allowed_token_type"
    assert await error(sandbox.bot_token, "apps.connections.open") == "not_allowed_token_type"
    assert await error(sandbox.bot_token) == ""


async def test_parameters_come_as_query_form_or_json(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = await new_room(client)
    blocks = '[{"type": "divider"}]'
    url = f"{sandbox.slack_api_url}chat.postMessage"
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for how in (
            {"params": {"channel": room, "text": "[query]", "blocks": blocks}},
            {"data": {"channel": room, "text": "[form]", "blocks": blocks}},
            {"json": {"channel": room, "text": "[json]", "blocks": [{"type": "divider"}]}},
            {"params": {"channel": room}, "data": {"text": "[both]", "blocks": blocks}},
        ):
            async with session.post(url, **how) as answer:  # type: ignore[arg-type]
                assert (await answer.json())["ok"]
        async with session.post(url, data="{", headers={"Content-Type": "application/json"}) as answer:
            assert (await answer.json())["error"] == "invalid_json"
        async with session.post(url, data={"channel": room, "text": "x", "blocks": "[{"}) as answer:
            assert (await answer.json())["error"] == "invalid_blocks_format"
    assert [m["text"] for m in sandbox.spoken(room)] == ["[query]", "[form]", "[json]", "[both]"]
    assert {m["blocks"][0]["type"] for m in sandbox.spoken(room)} == {"divider"}


async def test_blocks_that_slack_refuses_are_refused_with_pointers(client: AsyncWebClient) -> None:
    room = await new_room(client)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=room, text="x", blocks=[section("x" * 3001)])
    words = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    answer = refused.value.response
    assert (answer["error"], answer["errors"]) == ("invalid_blocks", [words])
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {words}"]
    with pytest.raises(SlackApiError, match="/attachments/0/blocks/0"):
        await client.chat_postMessage(channel=room, text="x", attachments=[{"blocks": [{"type": "section"}]}])


async def test_blocks_can_be_asked_about(client: AsyncWebClient) -> None:
    assert told(await client.api_call("blocks.validate", json={"blocks": [section()]}))["ok"]
    assert told(await client.api_call("blocks.validate", json={"message": {"text": "x", "blocks": [section()]}}))["ok"]
    with pytest.raises(SlackApiError) as refused:
        await client.api_call("blocks.validate", json={"blocks": [{"type": "sektion"}]})
    (error,) = refused.value.response["errors"]
    assert (error["pointer"], error["code"]) == ("/0/type", "unsupported_type")
    assert error["constraint"]["got"] == "sektion"
    with pytest.raises(SlackApiError, match="invalid_view"):
        await client.api_call("blocks.validate", json={"view": {"type": "modal", "blocks": []}})
    with pytest.raises(SlackApiError, match="exactly one"):
        await client.api_call("blocks.validate", json={})


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "channel": "C0NONE"}, "channel_not_found"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "x", "event_payload": {"a": "x" * 16_000}}}, "metadata_too_large"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
)
async def test_messages_that_slack_refuses(client: AsyncWebClient, given: Json, error: str) -> None:
    room = await new_room(client)
    with pytest.raises(SlackApiError, match=error):
        await client.api_call("chat.postMessage", json={"channel": room, **given})


async def test_text_beyond_forty_thousand_characters_is_cut(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = await new_room(client)
    await client.chat_postMessage(channel=room, text="x" * 40_001)
    assert len(sandbox.spoken(room)[0]["text"]) == 40_000


async def test_rooms_are_made_named_and_closed(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = await new_room(client)
    for name, error in (
        ("support", "name_taken"),
        ("Support", "invalid_name_specials"),
        ("a b", "invalid_name_specials"),
        ("x" * 81, "invalid_name_maxlength"),
        ("", "invalid_name_required"),
        ("---", "invalid_name_punctuation"),
    ):
        with pytest.raises(SlackApiError, match=error):
            await client.conversations_create(name=name)
    await client.conversations_rename(channel=room, name="help-ünïcode")
    await client.conversations_setTopic(channel=room, topic="Tickets")
    await client.conversations_setPurpose(channel=room, purpose="Everything that comes in")
    shown = next(r for r in sandbox.state()["rooms"] if r["id"] == room)
    assert (shown["name"], shown["topic"], shown["purpose"]) == (
        "help-ünïcode",
        "Tickets",
        "Everything that comes in",
    )
    await client.conversations_archive(channel=room)
    for call in (client.chat_postMessage(channel=room, text="x"), client.conversations_archive(channel=room)):
        with pytest.raises(SlackApiError, match=r"is_archived|already_archived"):
            await call
    await client.conversations_unarchive(channel=room)
    await client.chat_postMessage(channel=room, text="x")


async def test_people_are_invited_all_or_none(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = await new_room(client)
    with pytest.raises(SlackApiError, match="user_not_found") as refused:
        await client.conversations_invite(channel=room, users="U0ANN,U0NOBODY")
    assert refused.value.response["errors"][0]["user"] == "U0NOBODY"
    assert sandbox.room(room)["members"] == ["U0DESKBELL"]
    await client.conversations_invite(channel=room, users=["U0ANN", "U0SAM"])
    members = told(await client.conversations_members(channel=room))
    assert members["members"] == ["U0DESKBELL", "U0ANN", "U0SAM"]
    await client.conversations_kick(channel=room, user="U0SAM")
    with pytest.raises(SlackApiError, match="already_in_channel"):
        await client.conversations_invite(channel=room, users="U0ANN")


async def test_a_forced_invitation_lets_in_those_who_can_be_and_lists_the_others(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    room = await new_room(client)
    answer = told(await client.conversations_invite(channel=room, users="U0ANN,U0NOBODY", force=True))
    assert [(one["user"], one["error"]) for one in answer["errors"]] == [("U0NOBODY", "user_not_found")]
    assert sandbox.room(room)["members"] == ["U0DESKBELL", "U0ANN"]
    with pytest.raises(SlackApiError, match="user_not_found"):
        await client.conversations_invite(channel=room, users="U0NOBODY", force=True)
    with pytest.raises(SlackApiError, match="too_many_users"):
        await client.conversations_invite(channel=room, users=[f"U{n}" for n in range(101)])


async def test_lists_come_in_pages(client: AsyncWebClient) -> None:
    made = {await new_room(client, f"room-{n}") for n in range(5)}
    found: set[str] = set()
    async for page in await client.conversations_list(limit=2):
        rooms = told(page)["channels"]
        assert len(rooms) <= 2
        found |= {room["id"] for room in rooms}
    assert found == made | {"C0GENERAL"}


async def test_history_is_newest_first_and_can_be_cut_by_time(client: AsyncWebClient) -> None:
    room = await new_room(client)
    stamps = [told(await client.chat_postMessage(channel=room, text=f"m{n}"))["ts"] for n in range(4)]

    async def history(**how: Any) -> list[str]:
        return [m["text"] for m in told(await client.conversations_history(channel=room, **how))["messages"]]

    assert await history() == ["m3", "m2", "m1", "m0", "<@U0DESKBELL> has joined the channel"]
    assert await history(oldest=stamps[1]) == ["m3", "m2"]
    assert await history(oldest=stamps[1], latest=stamps[2], inclusive=True) == ["m2", "m1"]
    assert await history(limit=1) == ["m3"]


async def test_private_rooms_are_hidden_from_outside(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = (await sandbox.new_room("U0ANN", "secret", is_private=True))["room"]
    for call in (client.conversations_info(channel=room), client.chat_postMessage(channel=room, text="x")):
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await call
    await sandbox.join("U0DESKBELL", room)
    assert told(await client.conversations_info(channel=room))["channel"]["is_private"]


async def test_people_are_found_by_mail_address(client: AsyncWebClient) -> None:
    found = told(await client.users_lookupByEmail(email="ANN@desk.example"))
    assert (found["user"]["id"], found["user"]["tz"]) == ("U0ANN", "Europe/London")
    with pytest.raises(SlackApiError, match="users_not_found"):
        await client.users_lookupByEmail(email="carla@example.com")
    owners = [u["name"] for u in told(await client.users_list())["members"] if u["is_primary_owner"]]
    assert owners == ["sam"]


async def test_a_file_is_uploaded_in_three_steps_and_read_with_the_token(
    sandbox: Sandbox, client: AsyncWebClient, tmp_path: Path
) -> None:
    room = await new_room(client)
    path = tmp_path / "Grüße.txt"
    path.write_text("Hello", "utf-8")
    await client.files_upload_v2(channel=room, file=str(path), title="Greetings", initial_comment="Look")
    (message,) = sandbox.spoken(room)
    (file,) = message["files"]
    assert (message["text"], message["subtype"], file["title"], file["size"]) == ("Look", "file_share", "Greetings", 5)
    info = told(await client.files_info(file=file["id"]))["file"]
    assert info["shares"]["public"][room][0]["ts"] == message["ts"]
    async with aiohttp.ClientSession() as session:
        async with session.get(file["url_private"]) as answer:
            assert "Sign in" in await answer.text()
        headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
        async with session.get(file["url_private_download"], headers=headers) as answer:
            assert await answer.read() == b"Hello"


async def test_a_file_that_was_never_uploaded_cannot_be_shared(client: AsyncWebClient) -> None:
    room = await new_room(client)
    place = told(await client.files_getUploadURLExternal(filename="a.txt", length=3))
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_completeUploadExternal(files=[{"id": place["file_id"]}], channel_id=room)
    async with aiohttp.ClientSession() as session, session.post(place["upload_url"], data=b"four") as answer:
        assert answer.status == 404
    with pytest.raises(SlackApiError, match="file_not_found"):
        await client.files_info(file=place["file_id"])


async def test_what_people_upload_the_app_can_read(sandbox: Sandbox, socket_bot: Bot) -> None:
    socket_bot.listens_to_the_rest()
    room = await socket_bot.room()
    picture = {"name": "screen.png", "type": "image/png", "base64": "iVBORw0KGgo="}
    await sandbox.say("U0ANN", room, "Look at this", files=[picture])
    heard = await socket_bot.hears("message", "file_share")
    (file,) = heard["files"]
    assert (file["name"], file["mimetype"], file["size"]) == ("screen.png", "image/png", 8)
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(file["url_private_download"]) as answer,
    ):
        assert (await answer.read()).startswith(b"\x89PNG")


async def test_pins_bookmarks_and_permalinks(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = await new_room(client)
    ts = told(await client.chat_postMessage(channel=room, text="Status"))["ts"]
    await client.pins_add(channel=room, timestamp=ts)
    with pytest.raises(SlackApiError, match="already_pinned"):
        await client.pins_add(channel=room, timestamp=ts)
    assert [item["message"]["text"] for item in told(await client.pins_list(channel=room))["items"]] == ["Status"]
    await client.pins_remove(channel=room, timestamp=ts)
    made = told(await client.bookmarks_add(channel_id=room, title="Desk", type="link", link="https://example.com"))
    mark = made["bookmark"]["id"]
    await client.bookmarks_edit(channel_id=room, bookmark_id=mark, title="The desk")
    assert [b["title"] for b in told(await client.bookmarks_list(channel_id=room))["bookmarks"]] == ["The desk"]
    await client.bookmarks_remove(channel_id=room, bookmark_id=mark)
    link = told(await client.chat_getPermalink(channel=room, message_ts=ts))["permalink"]
    assert link == f"{sandbox.base_url}/archives/{room}/p{ts.replace('.', '')}"


async def test_a_message_for_later_comes_when_it_is_due(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = await new_room(client)
    soon = seconds_now() + 1
    await client.chat_scheduleMessage(channel=room, post_at=soon, text="In time")
    metadata = {"event_type": "x", "event_payload": {}}
    await client.chat_scheduleMessage(channel=room, post_at=soon, text="Never seen", metadata=metadata)
    later = told(await client.chat_scheduleMessage(channel=room, post_at=soon + 600, text="Not wanted"))
    await client.chat_deleteScheduledMessage(channel=room, scheduled_message_id=later["scheduled_message_id"])
    for at, error in ((soon - 5, "time_in_past"), (soon + 121 * 86_400, "time_too_far")):
        with pytest.raises(SlackApiError, match=error):
            await client.chat_scheduleMessage(channel=room, post_at=at, text="x")
    await sandbox.until(lambda: sandbox.spoken(room))
    assert told(await client.chat_scheduledMessages_list())["scheduled_messages"] == []
    assert [m["text"] for m in sandbox.spoken(room)] == ["In time"]


async def test_no_more_than_thirty_messages_are_scheduled_for_the_same_minutes(
    sandbox: Sandbox, client: AsyncWebClient
) -> None:
    await sandbox.set_tiers(False)
    room = await new_room(client)
    at = seconds_now() + 3600
    for _ in range(30):
        await client.chat_scheduleMessage(channel=room, post_at=at, text="x")
    with pytest.raises(SlackApiError, match="restricted_too_many"):
        await client.chat_scheduleMessage(channel=room, post_at=at, text="x")
    await client.chat_scheduleMessage(channel=room, post_at=at + 600, text="x")


async def test_an_answer_grows_while_it_is_read(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room = await new_room(client)
    root = told(await client.chat_postMessage(channel=room, text="Question"))["ts"]

    async def call(method: str, **given: Any) -> Any:
        return await client.api_call(method, json={"channel": room, **given})

    ts = told(await call("chat.startStream", thread_ts=root))["ts"]
    for words in ("One", " two"):
        await call("chat.appendStream", ts=ts, markdown_text=words)
    await call("chat.stopStream", ts=ts, markdown_text=" three", blocks=[{"type": "divider"}])
    reply = sandbox.spoken(room)[1]
    assert (reply["text"], [b["type"] for b in reply["blocks"]]) == ("One two three", ["rich_text", "divider"])
    with pytest.raises(SlackApiError, match="message_not_in_streaming_state"):
        await call("chat.appendStream", ts=ts, markdown_text="!")


async def test_one_room_takes_one_message_a_second_after_a_burst(sandbox: Sandbox, client: AsyncWebClient) -> None:
    room, other = await new_room(client), await new_room(client, "other")

    async def flood() -> None:
        for number in range(60):
            await client.chat_postMessage(channel=room, text=f"m{number}")

    with pytest.raises(SlackApiError, match="ratelimited") as limited:
        await flood()
    assert len(sandbox.spoken(room)) >= POST_PER_CHANNEL.burst
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "1")
    assert sandbox.slack.tiers.refusals == {"chat.postMessage": 1}
    await client.chat_postMessage(channel=other, text="another room")
    await client.chat_delete(channel=room, ts=sandbox.spoken(room)[0]["ts"])
    await sandbox.set_tiers(False)
    await client.chat_postMessage(channel=room, text="as much as you like")


async def test_slacks_own_retry_handler_waits_as_it_is_told(sandbox: Sandbox) -> None:
    retrying = AsyncWebClient(
        token=sandbox.bot_token,
        base_url=sandbox.slack_api_url,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=2)],
    )
    await sandbox.set_faults(rate_limit_next=1, rate_limit_seconds=1)
    before = asyncio.get_running_loop().time()
    await retrying.auth_test()
    assert asyncio.get_running_loop().time() - before >= 1
    assert [call.status for call in sandbox.slack.calls] == [429, 200]


def test_tiers_are_those_that_slack_publishes() -> None:
    per_minute = {name: rate.per_minute for name, rate in TIERS.items()}
    assert per_minute["chat.update"] == per_minute["conversations.replies"] == 50
    assert per_minute["conversations.list"] == per_minute["users.list"] == 20
    assert per_minute["views.open"] == per_minute["users.info"] == per_minute["chat.postEphemeral"] == 100
    assert (POST_PER_CHANNEL.per_minute, POST_PER_WORKSPACE.per_minute) == (60, 500)
    assert set(METHODS) - set(TIERS) <= {
        name for name in METHODS if name.startswith(("chat.", "assistant.", "bookmarks."))
    }
