"""People use what the app shows: buttons, menus, commands, shortcuts; the app answers by ack, response URL or call."""

import asyncio
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from sandbox import Sandbox, SandboxError
from tests.sandbox.bots import Bot
from tests.sandbox.kit import Json, actions, button, field, option, options, plain, section, select, told

ANN = "U0ANN"
OPTION = {"text": {"type": "plain_text", "text": "x", "emoji": True}, "value": "v1"}

# every interactive element of a message: how it is used, and what the app is told of it
USED: dict[str, tuple[Json, Json, Json]] = {
    "button": (button(value="42", style="primary"), {}, {"value": "42", "style": "primary"}),
    "static_select": (select(3), {"value": "v1"}, {"selected_option": OPTION}),
    "grouped select": (
        {"type": "static_select", "option_groups": [{"label": plain(), "options": options(2)}]},
        {"selected_option": OPTION},
        {"selected_option": OPTION},
    ),
    "overflow": ({"type": "overflow", "options": options(3)}, {"value": "v1"}, {"selected_option": OPTION}),
    "radio_buttons": ({"type": "radio_buttons", "options": options(3)}, {"value": "v1"}, {"selected_option": OPTION}),
    "checkboxes": (
        {"type": "checkboxes", "options": options(3)},
        {"selected_options": ["v1"]},
        {"selected_options": [OPTION]},
    ),
    "multi_static_select": (
        {"type": "multi_static_select", "options": options(3)},
        {"selected_options": [OPTION]},
        {"selected_options": [OPTION]},
    ),
    "external_select": ({"type": "external_select"}, {"selected_option": OPTION}, {"selected_option": OPTION}),
    "multi_external_select": (
        {"type": "multi_external_select"},
        {"selected_options": [OPTION]},
        {"selected_options": [OPTION]},
    ),
    "users_select": ({"type": "users_select"}, {"selected_user": ANN}, {"selected_user": ANN}),
    "multi_users_select": ({"type": "multi_users_select"}, {"selected_users": [ANN]}, {"selected_users": [ANN]}),
    "conversations_select": (
        {"type": "conversations_select"},
        {"selected_conversation": "C0GENERAL"},
        {"selected_conversation": "C0GENERAL"},
    ),
    "multi_conversations_select": (
        {"type": "multi_conversations_select"},
        {"selected_conversations": ["C0GENERAL"]},
        {"selected_conversations": ["C0GENERAL"]},
    ),
    "channels_select": (
        {"type": "channels_select"},
        {"selected_channel": "C0GENERAL"},
        {"selected_channel": "C0GENERAL"},
    ),
    "multi_channels_select": (
        {"type": "multi_channels_select"},
        {"selected_channels": ["C0GENERAL"]},
        {"selected_channels": ["C0GENERAL"]},
    ),
    "datepicker": ({"type": "datepicker"}, {"selected_date": "2026-11-22"}, {"selected_date": "2026-11-22"}),
    "timepicker": ({"type": "timepicker"}, {"selected_time": "09:30"}, {"selected_time": "09:30"}),
    "datetimepicker": (
        {"type": "datetimepicker"},
        {"selected_date_time": 1795360000},
        {"selected_date_time": 1795360000},
    ),
}


@pytest.mark.parametrize("what", USED)
async def test_the_app_is_told_what_was_done_with_each_element(sandbox: Sandbox, socket_bot: Bot, what: str) -> None:
    @socket_bot.app.action("used")
    async def take(ack: Any) -> None:
        await ack()

    element, done, heard = USED[what]
    room = await socket_bot.room()
    row = actions({**element, "action_id": "used"})
    ts = told(await socket_bot.client.chat_postMessage(channel=room, text="Card", blocks=[row]))["ts"]
    await sandbox.click(ANN, {"action_id": "used", **done}, room=room, ts=ts, block_id="row")

    body = socket_bot.last("block_actions")
    (action,) = body["actions"]
    assert {
        "type": row["elements"][0]["type"],
        "action_id": "used",
        "block_id": "row",
        **heard,
    }.items() <= action.items()
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": room, "is_ephemeral": False}
    assert body["message"]["ts"] == ts
    assert body["channel"] == {"id": room, "name": "support"}
    assert body["user"]["id"] == ANN
    if what not in ("button", "overflow"):
        assert body["state"]["values"]["row"]["used"] == {"type": action["type"], **heard}


async def test_buttons_work_over_both_transports(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.action("claim")
    async def claim(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Claimed", blocks=[])

    room = await bot.room()
    ts = told(await bot.client.chat_postMessage(channel=room, text="New", blocks=[actions(button("claim"))]))["ts"]
    await sandbox.click(ANN, "claim", room=room, ts=ts)
    await sandbox.until(lambda: sandbox.spoken(room)[0]["text"] == "Claimed")


async def test_an_accessory_and_a_dispatching_input_are_heard_and_a_quiet_input_is_not(
    sandbox: Sandbox, socket_bot: Bot
) -> None:
    @socket_bot.app.action("used")
    async def take(ack: Any) -> None:
        await ack()

    room = await socket_bot.room()
    typed = {"type": "plain_text_input", "action_id": "used"}
    quiet = {"type": "plain_text_input", "action_id": "quiet"}
    blocks = [section(accessory=button("used")), field(typed, "loud", dispatch_action=True), field(quiet, "still")]
    ts = told(await socket_bot.client.chat_postMessage(channel=room, text="Card", blocks=blocks))["ts"]
    await sandbox.click(ANN, "used", room=room, ts=ts)
    await sandbox.click(ANN, {"action_id": "used", "value": "abc"}, room=room, ts=ts, block_id="loud")
    assert socket_bot.last("block_actions")["actions"][0]["value"] == "abc"
    with pytest.raises(SandboxError, match="not_dispatched"):
        await sandbox.click(ANN, {"action_id": "quiet", "value": "abc"}, room=room, ts=ts)


async def test_a_click_on_what_is_not_there_is_refused(sandbox: Sandbox, socket_bot: Bot) -> None:
    room = await socket_bot.room()
    row = actions(button("go"), select(2))
    ts = told(await socket_bot.client.chat_postMessage(channel=room, text="Card", blocks=[row]))["ts"]
    with pytest.raises(SandboxError, match="no_such_element"):
        await sandbox.click(ANN, "stop", room=room, ts=ts)
    with pytest.raises(SandboxError, match="invalid_action"):
        await sandbox.click(ANN, {"action_id": "pick", "value": "v9"}, room=room, ts=ts)
    with pytest.raises(SandboxError, match="not_in_channel"):
        await sandbox.click("U0SAM", "go", room=room, ts=ts)


@pytest.mark.parametrize("transport", ["socket mode", "signed http"])
async def test_a_click_that_nobody_acknowledges_times_out(transport: str) -> None:
    patience_is_over = asyncio.Event()
    async with Sandbox(ack_seconds=0.2) as sandbox, Bot(sandbox, transport) as bot:

        @bot.app.action("slow")
        async def slow(ack: Any) -> None:
            await patience_is_over.wait()
            await ack()

        room = await bot.room()
        card = told(await bot.client.chat_postMessage(channel=room, text="Card", blocks=[actions(button("slow"))]))
        with pytest.raises(SandboxError, match="timeout"):
            await sandbox.click(ANN, "slow", room=room, ts=card["ts"])
        patience_is_over.set()


async def test_a_click_while_the_app_is_away_fails_at_once(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="dispatch_failed"):
        await sandbox.slash(ANN, "general", "/desk")


async def test_a_response_url_answers_replaces_and_deletes(sandbox: Sandbox, bot: Bot) -> None:
    answers: dict[str, Json] = {
        "whisper": {"text": "Only for you"},
        "aloud": {"text": "For all", "response_type": "in_channel"},
        "replace": {"text": "Instead", "replace_original": True},
        "delete": {"delete_original": True},
    }
    answered: list[str] = []

    @bot.app.action("used")
    async def take(ack: Any, action: Json, respond: Any) -> None:
        await ack()
        await respond(**answers[action["value"]])
        answered.append(action["value"])

    room = await bot.room()
    for wanted in answers:
        row = actions(button("used", value=wanted))
        ts = told(await bot.client.chat_postMessage(channel=room, text="Card", blocks=[row]))["ts"]
        await sandbox.click(ANN, "used", room=room, ts=ts)
        await sandbox.until(lambda wanted=wanted: wanted in answered)
    assert [m["text"] for m in sandbox.spoken(room)] == ["Card", "Card", "For all", "Instead"]
    assert [(e["user"], e["text"]) for e in sandbox.ephemeral] == [(ANN, "Only for you")]


async def test_an_ephemeral_message_has_buttons_and_can_be_replaced(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.action("go")
    async def take(ack: Any, respond: Any, action: Json) -> None:
        await ack()
        if action["value"] == "next":
            await respond(replace_original=True, text="Two", blocks=[actions(button("go", value="done"))])
        else:
            await respond(delete_original=True)

    room = await socket_bot.room()
    row = actions(button("go", value="next"))
    await socket_bot.client.chat_postEphemeral(channel=room, user=ANN, text="One", blocks=[row])
    (item,) = sandbox.ephemeral
    await sandbox.click(ANN, "go", ephemeral_id=item["id"])
    body = socket_bot.last("block_actions")
    assert body["container"]["is_ephemeral"]
    assert "message" not in body
    await sandbox.until(lambda: [e["text"] for e in sandbox.ephemeral] == ["Two"])
    await sandbox.click(ANN, "go", ephemeral_id=item["id"])
    await sandbox.until(lambda: not sandbox.ephemeral)


async def test_what_replaces_an_ephemeral_message_keeps_its_place_and_its_thread(
    sandbox: Sandbox, socket_bot: Bot
) -> None:
    @socket_bot.app.action("go")
    async def take(ack: Any, respond: Any) -> None:
        await ack()
        await respond(replace_original=True, text="Two", response_type="in_channel")  # it cannot become public

    room = await socket_bot.room()
    root = (await sandbox.say(ANN, room, "Root"))["ts"]
    for text in ("One", "Later"):
        await socket_bot.client.chat_postEphemeral(
            channel=room, user=ANN, text=text, thread_ts=root, blocks=[actions(button("go"))]
        )
    one, later = sandbox.ephemeral
    await sandbox.click(ANN, "go", ephemeral_id=one["id"])
    await sandbox.until(lambda: [e["text"] for e in sandbox.ephemeral] == ["Two", "Later"])
    two = sandbox.ephemeral[0]
    assert (two["ts"], two["thread_ts"], two["user"]) == (one["ts"], root, ANN)
    assert two["ts"] < later["ts"]
    assert [m["text"] for m in sandbox.spoken(room)] == ["Root"]


@pytest.mark.parametrize("yes", [True, "true"])
async def test_an_ephemeral_message_is_deleted_when_asked_and_not_otherwise(
    sandbox: Sandbox, socket_bot: Bot, yes: Any
) -> None:
    @socket_bot.app.action("go")
    async def take(ack: Any) -> None:
        await ack()

    room = await socket_bot.room()
    await socket_bot.client.chat_postEphemeral(channel=room, user=ANN, text="One", blocks=[actions(button("go"))])
    await sandbox.click(ANN, "go", ephemeral_id=sandbox.ephemeral[0]["id"])
    url = socket_bot.last("block_actions")["response_url"]
    async with aiohttp.ClientSession() as session:
        for body in ({"delete_original": "false", "text": "Two"}, {"replace_original": False, "text": "Three"}):
            async with session.post(url, json=body) as answer:
                assert answer.status == 200
        assert [e["text"] for e in sandbox.ephemeral] == ["One", "Two", "Three"]
        async with session.post(url, json={"delete_original": yes}) as answer:
            assert (answer.status, await answer.text()) == (200, "ok")
    assert [e["text"] for e in sandbox.ephemeral] == ["Two", "Three"]


async def test_an_ephemeral_message_is_put_away_by_the_one_who_sees_it(sandbox: Sandbox, socket_bot: Bot) -> None:
    room = await socket_bot.room()
    await socket_bot.client.chat_postEphemeral(channel=room, user=ANN, text="One")
    (item,) = sandbox.ephemeral
    with pytest.raises(SandboxError, match="message_not_found"):
        await sandbox.dismiss("U0JONAS", item["id"])
    await sandbox.dismiss(ANN, item["id"])
    assert sandbox.ephemeral == []


async def test_a_response_url_works_five_times(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.command("/desk")
    async def desk(ack: Any) -> None:
        await ack()

    await sandbox.slash(ANN, "general", "/desk")
    url = socket_bot.heard[-1]["response_url"]
    async with aiohttp.ClientSession() as session:

        async def post(body: Json) -> tuple[int, str]:
            async with session.post(url, json=body) as answer:
                return answer.status, await answer.text()

        assert (await post({"text": "x", "blocks": [{"type": "nonsense"}]}))[0] == 400
        assert [(await post({"text": "x"}))[0] for _ in range(4)] == [200] * 4
        status, text = await post({"text": "once too often"})
    assert (status, "used_url" in text) == (404, True)


async def test_a_response_url_grows_old() -> None:
    async with Sandbox(response_url_seconds=0.01) as sandbox, Bot(sandbox, "socket mode") as bot:

        @bot.app.command("/desk")
        async def desk(ack: Any) -> None:
            await ack()

        await sandbox.slash(ANN, "general", "/desk")
        await asyncio.sleep(0.05)
        async with aiohttp.ClientSession() as session, session.post(bot.heard[-1]["response_url"], json={}) as answer:
            assert answer.status == 404
            assert (await answer.json())["error"] == "expired_url"


async def test_a_command_answers_with_its_ack(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.command("/desk")
    async def desk(ack: Any, command: Json) -> None:
        said = command["text"]
        await ack({"response_type": "in_channel", "text": f"All: {said}"} if said == "loud" else f"You: {said}")

    room = await bot.room()
    await sandbox.slash(ANN, room, "/desk", "my tickets")
    await sandbox.slash(ANN, room, "/desk", "loud")
    assert [(e["user"], e["text"]) for e in sandbox.ephemeral] == [(ANN, "You: my tickets")]
    assert [m["text"] for m in sandbox.spoken(room)] == ["All: loud"]
    body = bot.heard[-1]
    assert (body["command"], body["user_id"], body["channel_id"]) == ("/desk", ANN, room)


async def test_there_are_no_commands_in_threads(sandbox: Sandbox) -> None:
    root = (await sandbox.say(ANN, "general", "Root"))["ts"]
    with pytest.raises(SandboxError, match="slash_in_thread"):
        await sandbox.slash(ANN, "general", "/desk", thread_ts=root)


async def test_shortcuts_reach_the_app(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.shortcut({"callback_id": "new", "type": "shortcut"})
    async def new(ack: Any) -> None:
        await ack()

    @bot.app.shortcut({"callback_id": "from_message", "type": "message_action"})
    async def from_message(ack: Any, respond: Any) -> None:
        await ack()
        await respond("Made a ticket of it")

    bot.listens_to_the_rest()
    room = await bot.room()
    await sandbox.shortcut(ANN, "new")
    assert bot.last("shortcut")["user"]["id"] == ANN
    ts = (await sandbox.say("U0JONAS", room, "My screen is black"))["ts"]
    await sandbox.message_shortcut(ANN, room, ts, "from_message")
    body = bot.last("message_action")
    assert (body["message"]["text"], body["message_ts"], body["channel"]["id"]) == ("My screen is black", ts, room)
    await sandbox.until(lambda: [e["text"] for e in sandbox.ephemeral] == ["Made a ticket of it"])


async def test_an_external_select_asks_the_app(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.options("who")
    async def found(ack: Any, payload: Json) -> None:
        if payload["value"] == "many":
            await ack(options=[option(f"v{n}") for n in range(101)])
        else:
            await ack(options=[option("v1", f"Found {payload['value']}")])

    room = await bot.room()
    row = actions({"type": "external_select", "action_id": "who", "min_query_length": 2})
    ts = told(await bot.client.chat_postMessage(channel=room, text="Card", blocks=[row]))["ts"]
    assert await sandbox.options(ANN, "who", "a", room=room, ts=ts) == {"options": []}
    answer = await sandbox.options(ANN, "who", "ann", room=room, ts=ts)
    assert [o["text"]["text"] for o in answer["options"]] == ["Found ann"]
    with pytest.raises(SandboxError, match="invalid_response"):
        await sandbox.options(ANN, "who", "many", room=room, ts=ts)


async def test_the_home_is_published_opened_and_used(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.event("app_home_opened")
    async def opened(event: Json, client: Any) -> None:
        if event["tab"] == "home":
            view = {"type": "home", "blocks": [section("Welcome"), actions(button("refresh"))]}
            await client.views_publish(user_id=event["user"], view=view)

    @bot.app.action("refresh")
    async def refresh(ack: Any) -> None:
        await ack()

    await sandbox.open_home(ANN)
    home = await sandbox.until(lambda: sandbox.home(ANN))
    await sandbox.click(ANN, "refresh", view_id=home["id"])
    body = bot.last("block_actions")
    assert (body["container"], body["view"]["type"]) == ({"type": "view", "view_id": home["id"]}, "home")
    assert "response_url" not in body
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await bot.client.views_publish(user_id=ANN, view={"type": "home", "blocks": []}, hash="old")
    await sandbox.open_home(ANN)
    assert (await bot.hears("app_home_opened", count=2))["view"]["id"] == home["id"]
    assert sandbox.home("U0JONAS") is None
