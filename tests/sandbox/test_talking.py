"""People and the app talk: a real slack-bolt app hears it, answers, edits, reacts."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox import Sandbox, SandboxError
from tests.sandbox.bots import Bot, is_notice
from tests.sandbox.kit import section, told


async def test_the_app_hears_what_people_say_in_its_rooms(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    room = await bot.room()
    said = await sandbox.say("U0ANN", room, "The *printer* is on fire, @jonas")
    heard = await bot.hears("message")
    assert heard["text"] == "The *printer* is on fire, <@U0JONAS>"
    assert (heard["user"], heard["channel"], heard["channel_type"], heard["ts"]) == (
        "U0ANN",
        room,
        "channel",
        said["ts"],
    )
    (section_,) = heard["blocks"][0]["elements"]
    assert {"type": "text", "text": "printer", "style": {"bold": True}} in section_["elements"]
    assert {"type": "user", "user_id": "U0JONAS"} in section_["elements"]


async def test_the_app_hears_nothing_of_rooms_it_is_not_in(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    await sandbox.say("U0ANN", "general", "among ourselves")
    room = await bot.room()
    await sandbox.say("U0ANN", room, "to all")
    await bot.hears("message")
    assert [event["text"] for event in bot.events("message")] == ["to all"]


async def test_an_answer_in_the_thread_is_counted_and_keeps_its_metadata(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.event("message")
    async def answer(event: dict[str, Any], say: Any) -> None:
        if "bot_id" not in event:
            await say("On it.", thread_ts=event["ts"], metadata={"event_type": "desk", "event_payload": {"id": "7"}})

    bot.listens_to_the_rest()
    room = await bot.room()
    root = (await sandbox.say("U0ANN", room, "Help"))["ts"]
    parent = await sandbox.until(lambda: next((m for m in sandbox.spoken(room) if m.get("reply_count")), None))
    assert (parent["ts"], parent["reply_count"], parent["reply_users"]) == (root, 1, ["U0DESKBELL"])

    replies = told(await bot.client.conversations_replies(channel=room, ts=root, include_all_metadata=True))
    said = replies["messages"][1]
    assert said["text"] == "On it."
    assert said["metadata"] == {"event_type": "desk", "event_payload": {"id": "7"}}
    assert said["parent_user_id"] == "U0ANN"
    assert "metadata" not in told(await bot.client.conversations_replies(channel=room, ts=root))["messages"][1]


async def test_a_new_colleague_is_heard_of_and_joins_general(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    nora = (await sandbox.new_person("Nora Neu", "nora@desk.example", locale="fr-FR"))["user"]
    joined = (await bot.hears("team_join"))["user"]
    assert (joined["id"], joined["locale"], joined["profile"]["email"]) == (nora, "fr-FR", "nora@desk.example")
    await sandbox.say(nora, "general", "Bonjour")
    assert sandbox.state()["personas"][-1] == nora


async def test_a_stranger_writes_from_another_workspace(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    room = await bot.room()
    carla = (await sandbox.new_person("Carla Gómez", locale="es-ES", team_id="T0CUSTOMER"))["user"]
    await sandbox.join(carla, room)
    picture = {"name": "a.png", "type": "image/png", "base64": "iVBORw0KGgo="}
    await sandbox.say(carla, room, "Hola", files=[picture])
    heard = await bot.hears("message", "file_share")
    assert (heard["team"], heard["files"][0]["file_access"]) == ("T0CUSTOMER", "check_file_info")
    assert told(await bot.client.files_info(file=heard["files"][0]["id"]))["file"]["name"] == "a.png"
    assert next(b for b in bot.heard if b["event"] == heard)["is_ext_shared_channel"]
    shown = told(await bot.client.users_info(user=carla, include_locale=True))["user"]
    assert (shown["is_stranger"], "locale" in shown, "email" in shown["profile"]) == (True, False, False)
    with pytest.raises(SandboxError, match="not_for_strangers"):
        await sandbox.slash(carla, room, "/desk")


async def test_blocks_without_text_say_so_where_only_text_is_read(sandbox: Sandbox, socket_bot: Bot) -> None:
    room = await socket_bot.room()
    with pytest.warns(UserWarning, match="text"):
        await socket_bot.client.chat_postMessage(channel=room, blocks=[section("Hello")])
    assert sandbox.spoken(room)[0]["text"] == "This content can't be displayed."


async def test_the_app_hears_its_own_words(sandbox: Sandbox, bot: Bot) -> None:
    """Bolt drops what its own bot user said before any listener; the middleware sees it come."""
    room = await bot.room()
    posted = told(await bot.client.chat_postMessage(channel=room, text="Good morning"))
    log = sandbox.slack.deliveries.log
    sent = await sandbox.until(lambda: [d.payload["event"] for d in log if "bot_id" in d.payload["event"]])
    assert sent[0]["ts"] == posted["ts"]


async def test_a_mention_is_heard_twice_as_message_and_as_mention(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    room = await bot.room()
    await sandbox.say("U0ANN", room, "@deskbell how are you?")
    message, mention = await bot.hears("message"), await bot.hears("app_mention")
    assert message["text"] == mention["text"] == "<@U0DESKBELL> how are you?"
    assert message["ts"] == mention["ts"]


async def test_edits_and_deletions_are_heard(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    room = await bot.room()
    ts = (await sandbox.say("U0ANN", room, "Teh printer"))["ts"]
    await sandbox.edit("U0ANN", room, ts, "The printer")
    changed = await bot.hears("message", "message_changed")
    assert changed["previous_message"]["text"] == "Teh printer"
    assert changed["message"]["text"] == "The printer"
    assert changed["message"]["edited"]["user"] == "U0ANN"
    await sandbox.delete("U0ANN", room, ts)
    deleted = await bot.hears("message", "message_deleted")
    assert (deleted["deleted_ts"], deleted["previous_message"]["text"]) == (ts, "The printer")
    assert sandbox.spoken(room) == []


async def test_a_thread_that_loses_its_root_keeps_a_tombstone(sandbox: Sandbox) -> None:
    root = (await sandbox.say("U0ANN", "general", "Root"))["ts"]
    reply = (await sandbox.say("U0JONAS", "general", "Reply", thread_ts=root))["ts"]
    await sandbox.delete("U0ANN", "general", root)
    assert [m.get("subtype") for m in sandbox.spoken("general")] == ["tombstone", None]
    await sandbox.delete("U0JONAS", "general", reply)
    assert sandbox.spoken("general")[0]["reply_count"] == 0


async def test_reactions_are_heard_and_given(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    room = await bot.room()
    ts = (await sandbox.say("U0ANN", room, "Done?"))["ts"]
    await sandbox.react("U0JONAS", room, ts, "eyes")
    added = await bot.hears("reaction_added")
    assert (added["reaction"], added["item"]["ts"], added["item_user"]) == ("eyes", ts, "U0ANN")
    await bot.client.reactions_add(channel=room, timestamp=ts, name="white_check_mark")
    with pytest.raises(SlackApiError, match="already_reacted"):
        await bot.client.reactions_add(channel=room, timestamp=ts, name="white_check_mark")
    counts = {r["name"]: r["count"] for r in sandbox.spoken(room)[0]["reactions"]}
    assert counts == {"eyes": 1, "white_check_mark": 1}
    await sandbox.react("U0JONAS", room, ts, "eyes", add=False)
    assert (await bot.hears("reaction_removed"))["reaction"] == "eyes"
    with pytest.raises(SandboxError, match="no_reaction"):
        await sandbox.react("U0JONAS", room, ts, "eyes", add=False)


async def test_a_card_is_edited_in_place(sandbox: Sandbox, socket_bot: Bot) -> None:
    bot = socket_bot
    room = await bot.room()
    metadata = {"event_type": "card", "event_payload": {"ticket": 1}}
    posted = told(
        await bot.client.chat_postMessage(channel=room, text="New", blocks=[section("New")], metadata=metadata)
    )
    await bot.client.chat_update(channel=room, ts=posted["ts"], text="Claimed", blocks=[section("Claimed by Ann")])
    (message,) = sandbox.spoken(room)
    assert message["blocks"][0]["text"]["text"] == "Claimed by Ann"
    assert message["metadata"] == metadata
    await bot.client.chat_update(channel=room, ts=posted["ts"], text="Only words")
    (message,) = sandbox.spoken(room)
    assert [block["type"] for block in message["blocks"]] == ["rich_text"]
    with pytest.raises(SlackApiError, match="message_not_found"):
        await bot.client.chat_update(channel=room, ts="1.000001", text="x")


async def test_the_app_changes_only_its_own_messages(sandbox: Sandbox, socket_bot: Bot) -> None:
    room = await socket_bot.room()
    ts = (await sandbox.say("U0ANN", room, "mine"))["ts"]
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await socket_bot.client.chat_update(channel=room, ts=ts, text="yours")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await socket_bot.client.chat_delete(channel=room, ts=ts)


async def test_customers_words_can_be_relayed_under_their_name(sandbox: Sandbox, socket_bot: Bot) -> None:
    room = await socket_bot.room()
    await socket_bot.client.chat_postMessage(channel=room, text="Hello", username="Carla Gómez", icon_emoji=":email:")
    (message,) = sandbox.spoken(room)
    assert (message["subtype"], message["username"], message["icons"]) == (
        "bot_message",
        "Carla Gómez",
        {"emoji": ":email:"},
    )
    assert "user" not in message


async def test_an_ephemeral_message_is_seen_by_one_and_kept_by_nobody(sandbox: Sandbox, socket_bot: Bot) -> None:
    room = await socket_bot.room()
    await socket_bot.client.chat_postEphemeral(channel=room, user="U0ANN", text="Only you see this")
    (item,) = sandbox.ephemeral
    assert (item["user"], item["room"], item["text"]) == ("U0ANN", room, "Only you see this")
    assert sandbox.spoken(room) == []
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await socket_bot.client.chat_postEphemeral(channel=room, user="U0SAM", text="x")


async def test_people_talk_only_where_they_are(sandbox: Sandbox) -> None:
    made = await sandbox.new_room("U0ANN", "secret", is_private=True)
    with pytest.raises(SandboxError, match="not_in_channel"):
        await sandbox.say("U0JONAS", made["room"], "hello?")
    await sandbox.join("U0JONAS", made["room"])
    await sandbox.say("U0JONAS", made["room"], "hello!")
    with pytest.raises(SandboxError, match="user_not_found"):
        await sandbox.say("U0NOBODY", made["room"], "x")
    with pytest.raises(SandboxError, match="no_text"):
        await sandbox.say("U0ANN", made["room"], "  ")


async def test_a_direct_message_is_heard_as_such(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    room = (await sandbox.open_dm("U0ANN", "U0DESKBELL"))["room"]
    assert told(await bot.client.conversations_open(users="U0ANN"))["channel"]["id"] == room
    await sandbox.say("U0ANN", room, "psst")
    assert (await bot.hears("message"))["channel_type"] == "im"
    await bot.client.chat_postMessage(channel="U0ANN", text="yes?")
    assert [m["text"] for m in sandbox.spoken(room)] == ["psst", "yes?"]


async def test_a_broadcast_reply_is_seen_in_the_room(sandbox: Sandbox, socket_bot: Bot) -> None:
    room = await socket_bot.room()
    root = told(await socket_bot.client.chat_postMessage(channel=room, text="Root"))["ts"]
    await socket_bot.client.chat_postMessage(channel=room, text="Quiet", thread_ts=root)
    await socket_bot.client.chat_postMessage(channel=room, text="Loud", thread_ts=root, reply_broadcast=True)
    history = told(await socket_bot.client.conversations_history(channel=room))
    assert [m["text"] for m in history["messages"] if not is_notice(m)] == ["Loud", "Root"]


async def test_the_app_hears_who_comes_and_goes(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    room = await bot.room("support", "U0ANN")
    assert (await bot.hears("member_joined_channel"))["user"] == "U0ANN"
    await sandbox.leave("U0ANN", room)
    assert (await bot.hears("member_left_channel"))["user"] == "U0ANN"
    await bot.client.conversations_setTopic(channel=room, topic="Tickets")
    assert [m["text"] for m in sandbox.messages(room)] == [
        "<@U0DESKBELL> has joined the channel",
        "<@U0ANN> has joined the channel",
        "<@U0ANN> has left the channel",
        "set the channel topic: Tickets",
    ]


async def test_a_change_of_language_is_heard(sandbox: Sandbox, bot: Bot) -> None:
    bot.listens_to_the_rest()
    await sandbox.set_profile("U0ANN", locale="fr-FR")
    assert (await bot.hears("user_change"))["user"]["locale"] == "fr-FR"
    shown = told(await bot.client.users_info(user="U0ANN", include_locale=True))
    assert shown["user"]["locale"] == "fr-FR"
    assert "locale" not in told(await bot.client.users_info(user="U0ANN"))["user"]
