"""One long day in the sandbox: everything an app can be told of happens once, a real app answers it."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox import Sandbox
from tests.sandbox.bots import Bot
from tests.sandbox.kit import Json, actions, button, field, home, modal, option, section, told
from tests.sandbox.test_interacting import USED

ANN = "U0ANN"
ACKED: tuple[str, ...] = ("block_actions", "shortcut", "message_action", "view_closed", "view_submission")


async def whole_day(sandbox: Sandbox) -> list[tuple[str, Json]]:
    """What the app was told, as (kind, payload)."""
    async with Bot(sandbox, "socket mode") as bot:
        _listen(bot)
        room = await bot.room()
        for part in (_rooms_and_people, _talk, _every_element, _modals, _commands_and_shortcuts, _home):
            await part(sandbox, bot, room)
        await sandbox.until(lambda: all(d.outcome != "waiting" for d in sandbox.slack.deliveries.log))
    outcomes = {delivery.outcome for delivery in sandbox.slack.deliveries.log}
    assert outcomes == {"acked"}
    return [(delivery.kind, delivery.payload) for delivery in sandbox.slack.deliveries.log]


def _listen(bot: Bot) -> None:
    everything = re.compile(".*", re.DOTALL)

    async def take(ack: Callable[..., Awaitable[None]]) -> None:
        await ack()

    async def find(ack: Callable[..., Awaitable[None]]) -> None:
        await ack(options=[option("v1")])

    async def opened(ack: Callable[..., Awaitable[None]], body: Json, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=_form())
        await ack("Here you are")

    bot.app.command("/desk")(opened)
    bot.app.options(everything)(find)
    bot.app.action(everything)(take)
    bot.app.view({"callback_id": everything, "type": "view_submission"})(take)
    bot.app.view({"callback_id": everything, "type": "view_closed"})(take)
    bot.app.shortcut({"callback_id": everything, "type": "shortcut"})(take)
    bot.app.shortcut({"callback_id": everything, "type": "message_action"})(take)
    bot.listens_to_the_rest()


def _form() -> Json:
    inputs = [
        field({**element, "action_id": "filled"}, f"field {number}", optional=True, dispatch_action=True)
        for number, (element, _, _) in enumerate(USED.values())
        if element["type"] not in ("button", "overflow")
    ]
    return modal(*inputs, field(block_id="text"), notify_on_close=True, private_metadata="T-1")


async def _rooms_and_people(sandbox: Sandbox, bot: Bot, room: str) -> None:
    client = bot.client
    made = (await sandbox.new_room(ANN, "another", is_private=False))["room"]
    private = (await sandbox.new_room(ANN, "private", is_private=True))["room"]
    await sandbox.join("U0DESKBELL", private)
    await sandbox.join("U0JONAS", private)
    await sandbox.leave("U0JONAS", private)
    for where in (made, private):
        await sandbox.join("U0DESKBELL", where) if where == made else None
        await client.conversations_rename(channel=where, name=f"renamed-{where.lower()}")
        await client.conversations_archive(channel=where)
        await client.conversations_unarchive(channel=where)
    person = (await sandbox.new_person("Nora Neu", "nora@desk.example"))["user"]
    await sandbox.set_profile(person, locale="fr-FR")


async def _talk(sandbox: Sandbox, bot: Bot, room: str) -> None:
    client = bot.client
    ts = (await sandbox.say(ANN, room, "Hello *all*, @deskbell <@U0JONAS> https://example.com `x`\n> quoted\n- one"))[
        "ts"
    ]
    await sandbox.say("U0JONAS", room, "In the thread", thread_ts=ts)
    picture = {"name": "a.png", "type": "image/png", "base64": "iVBORw0KGgo="}
    await sandbox.say(ANN, room, "with a file", files=[picture])
    dm = (await sandbox.open_dm(ANN, "U0DESKBELL"))["room"]
    await sandbox.say(ANN, dm, "psst")
    await sandbox.react("U0JONAS", room, ts, "eyes")
    await sandbox.react("U0JONAS", room, ts, "eyes", add=False)
    await sandbox.edit(ANN, room, ts, "Hello again")
    metadata = {"event_type": "card", "event_payload": {"id": 1}}
    posted = told(await client.chat_postMessage(channel=room, text="Card", blocks=[section()], metadata=metadata))["ts"]
    await client.chat_postMessage(channel=room, text="As somebody", username="Carla")
    await client.chat_postMessage(channel=room, text="Loud", thread_ts=posted, reply_broadcast=True)
    await client.chat_update(channel=room, ts=posted, text="Card 2", blocks=[section()])
    await client.files_upload_v2(channel=room, content="hello", filename="a.txt")
    gone = (await sandbox.say(ANN, room, "gone"))["ts"]
    await sandbox.delete(ANN, room, gone)
    await sandbox.delete(ANN, room, ts)


async def _every_element(sandbox: Sandbox, bot: Bot, room: str) -> None:
    for element, done, _ in USED.values():
        row = actions({**element, "action_id": "used"})
        ts = told(await bot.client.chat_postMessage(channel=room, text="Card", blocks=[row]))["ts"]
        await sandbox.click(ANN, {"action_id": "used", **done}, room=room, ts=ts)
        if element["type"] == "external_select":
            await sandbox.options(ANN, "used", "abc", room=room, ts=ts)
    await bot.client.chat_postEphemeral(channel=room, user=ANN, text="psst", blocks=[actions(button())])
    await sandbox.click(ANN, "go", ephemeral_id=sandbox.ephemeral[-1]["id"])


async def _modals(sandbox: Sandbox, bot: Bot, room: str) -> None:
    for closing in (True, False):
        await sandbox.slash(ANN, room, "/desk", "new")
        (view,) = sandbox.views[ANN]
        if closing:
            await sandbox.close_view(ANN, view["id"])
            continue
        used = [(e, d) for e, d, _ in USED.values() if e["type"] not in ("button", "overflow")]
        for block, (_, done) in zip(view["blocks"], used, strict=False):
            action = {"action_id": "filled", **done}
            await sandbox.click(ANN, action, view_id=view["id"], block_id=block["block_id"])
        await sandbox.submit(ANN, view["id"], {"text": {"typed": {"value": "words"}}})


async def _commands_and_shortcuts(sandbox: Sandbox, bot: Bot, room: str) -> None:
    await sandbox.shortcut(ANN, "new")
    ts = (await sandbox.say(ANN, room, "Make a ticket of this"))["ts"]
    await sandbox.message_shortcut(ANN, room, ts, "make")


async def _home(sandbox: Sandbox, bot: Bot, room: str) -> None:
    await sandbox.open_home(ANN)
    await bot.client.views_publish(user_id=ANN, view=home(section(), actions(button())))
    await sandbox.open_home(ANN)
    view = sandbox.home(ANN)
    assert view is not None
    await sandbox.click(ANN, "go", view_id=view["id"])
    await sandbox.open_home(ANN, tab="messages")
    await sandbox.uninstall()
