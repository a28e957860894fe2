"""Modals: opened by a trigger, stacked three high, filled in, corrected, updated, closed."""

import asyncio
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from sandbox import Sandbox, SandboxError
from tests.sandbox.bots import Bot
from tests.sandbox.kit import Json, actions, button, field, modal, plain, section, told

ANN = "U0ANN"


async def trigger(sandbox: Sandbox, bot: Bot) -> str:
    """A fresh trigger, from a command."""

    @bot.app.command("/trigger")
    async def take(ack: Any) -> None:
        await ack()

    await sandbox.slash(ANN, "general", "/trigger")
    return [body for body in bot.heard if body.get("command") == "/trigger"][-1]["trigger_id"]


async def opened(sandbox: Sandbox, bot: Bot, view: Json) -> Json:
    made = told(await bot.client.views_open(trigger_id=await trigger(sandbox, bot), view=view))
    return made["view"]


async def test_a_form_is_opened_filled_in_and_sent(sandbox: Sandbox, bot: Bot) -> None:
    seen: list[Json] = []

    @bot.app.view("form")
    async def sent(ack: Any, view: Json) -> None:
        seen.append(view)
        await ack()

    choice = {"type": "static_select", "action_id": "kind", "options": [{"text": plain("Bug"), "value": "bug"}]}
    view = await opened(sandbox, bot, modal(field(), field(choice, "kind", optional=True), private_metadata="T-1"))
    assert [v["id"] for v in sandbox.views[ANN]] == [view["id"]]
    await sandbox.submit(ANN, view["id"], {"field": {"typed": {"value": "It is broken"}}})
    assert seen[0]["state"]["values"] == {
        "field": {"typed": {"type": "plain_text_input", "value": "It is broken"}},
        "kind": {"kind": {"type": "static_select", "selected_option": None}},
    }
    assert seen[0]["private_metadata"] == "T-1"
    assert sandbox.views == {}


async def test_slacks_client_does_not_send_an_empty_required_field(sandbox: Sandbox, socket_bot: Bot) -> None:
    view = await opened(sandbox, socket_bot, modal(field()))
    with pytest.raises(SandboxError, match="invalid_form") as refused:
        await sandbox.submit(ANN, view["id"], {})
    assert refused.value.details["errors"] == {"field": "Please complete this required field."}
    assert sandbox.views[ANN]


@pytest.mark.parametrize(
    ("element", "typed"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd"),
        ({"type": "email_text_input"}, "carla"),
        ({"type": "url_text_input"}, "example.com"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "5"}, "5.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "1"}, "0"),
    ],
)
async def test_slacks_client_checks_what_is_typed(sandbox: Sandbox, socket_bot: Bot, element: Json, typed: str) -> None:
    view = await opened(sandbox, socket_bot, modal(field({**element, "action_id": "typed"})))
    with pytest.raises(SandboxError, match="invalid_form"):
        await sandbox.submit(ANN, view["id"], {"field": {"typed": {"value": typed}}})


async def test_the_app_sends_a_form_back_with_errors(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.view("form")
    async def sent(ack: Any, view: Json) -> None:
        typed = view["state"]["values"]["field"]["typed"]["value"]
        if typed == "wrong":
            await ack(response_action="errors", errors={"field": "Not like this"})
        else:
            await ack()

    view = await opened(sandbox, bot, modal(field()))
    answer = await sandbox.submit(ANN, view["id"], {"field": {"typed": {"value": "wrong"}}})
    assert answer["errors"] == {"field": "Not like this"}
    assert sandbox.views[ANN][0]["state"]["values"]["field"]["typed"]["value"] == "wrong"
    await sandbox.submit(ANN, view["id"], {"field": {"typed": {"value": "right"}}})
    assert sandbox.views == {}
    first, second = (body for body in bot.heard if body.get("type") == "view_submission")
    assert first["trigger_id"] != second["trigger_id"]
    assert first["view"]["id"] == second["view"]["id"]


async def test_errors_for_a_field_that_is_not_there_are_the_apps_mistake(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.view("form")
    async def sent(ack: Any) -> None:
        await ack(response_action="errors", errors={"other": "?"})

    view = await opened(sandbox, socket_bot, modal(field()))
    with pytest.raises(SandboxError, match="invalid_response"):
        await sandbox.submit(ANN, view["id"], {"field": {"typed": {"value": "x"}}})


async def test_the_app_answers_with_another_view_and_clears_them_all(sandbox: Sandbox, bot: Bot) -> None:
    answers: list[Json] = [
        {"response_action": "push", "view": modal(section("Second"), callback_id="second")},
        {"response_action": "update", "view": modal(section("Second, improved"), callback_id="second")},
        {"response_action": "clear"},
    ]

    @bot.app.view("first")
    async def first(ack: Any) -> None:
        await ack(answers.pop(0))

    @bot.app.view("second")
    async def second(ack: Any) -> None:
        await ack(answers.pop(0))

    view = await opened(sandbox, bot, modal(section("First"), callback_id="first"))
    await sandbox.submit(ANN, view["id"])
    below, above = sandbox.views[ANN]
    assert (below["id"], above["previous_view_id"], above["root_view_id"]) == (view["id"], view["id"], view["id"])
    await sandbox.submit(ANN, above["id"])
    assert sandbox.views[ANN][1]["blocks"][0]["text"]["text"] == "Second, improved"
    await sandbox.submit(ANN, above["id"])
    assert sandbox.views == {}


async def test_an_answer_with_a_view_that_slack_refuses_is_the_apps_mistake(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.view("form")
    async def sent(ack: Any) -> None:
        await ack(response_action="update", view=modal(title=plain("x" * 25)))

    view = await opened(sandbox, socket_bot, modal(section()))
    with pytest.raises(SandboxError, match="must be less than 25 characters") as refused:
        await sandbox.submit(ANN, view["id"])
    assert refused.value.code == "invalid_response"


async def test_an_updated_view_keeps_what_was_typed(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.action("pick")
    async def pick(ack: Any, body: Json, client: Any) -> None:
        await ack()
        start = {"type": "plain_text_input", "action_id": "typed", "initial_value": "template"}
        changed = modal(actions(button("pick")), field(start), field(start, "fresh"))
        await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=changed)

    view = await opened(sandbox, socket_bot, modal(actions(button("pick")), field()))
    typed = {"field": {"typed": {"value": "half a sent"}}}
    await sandbox.click(ANN, "pick", view_id=view["id"], values=typed)
    assert socket_bot.last("block_actions")["view"]["state"]["values"]["field"]["typed"]["value"] == "half a sent"
    after = await sandbox.until(lambda: next((v for v in sandbox.views[ANN] if v["hash"] != view["hash"]), None))
    values = after["state"]["values"]
    assert values["field"]["typed"]["value"] == "half a sent"
    assert values["fresh"]["typed"]["value"] == "template"


async def test_a_stale_hash_is_refused(sandbox: Sandbox, socket_bot: Bot) -> None:
    view = await opened(sandbox, socket_bot, modal(section("One"), external_id="ticket-1"))
    await socket_bot.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("Two")))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await socket_bot.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("Three")))
    with pytest.raises(SlackApiError, match="not_found"):
        await socket_bot.client.views_update(view_id="V0NONE", view=modal())


async def test_views_are_found_by_their_external_id_which_is_unique(sandbox: Sandbox, socket_bot: Bot) -> None:
    await opened(sandbox, socket_bot, modal(section("One"), external_id="ticket-1"))
    await socket_bot.client.views_update(external_id="ticket-1", view=modal(section("Two"), external_id="ticket-1"))
    assert sandbox.views[ANN][0]["blocks"][0]["text"]["text"] == "Two"
    again = await trigger(sandbox, socket_bot)
    with pytest.raises(SlackApiError, match="duplicate_external_id"):
        await socket_bot.client.views_push(trigger_id=again, view=modal(external_id="ticket-1"))


async def test_a_stack_is_three_views_high(sandbox: Sandbox, socket_bot: Bot) -> None:
    await opened(sandbox, socket_bot, modal())
    for _ in range(2):
        await socket_bot.client.views_push(trigger_id=await trigger(sandbox, socket_bot), view=modal())
    assert len(sandbox.views[ANN]) == 3
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await socket_bot.client.views_push(trigger_id=await trigger(sandbox, socket_bot), view=modal())


async def test_a_trigger_works_once(sandbox: Sandbox, socket_bot: Bot) -> None:
    pulled = await trigger(sandbox, socket_bot)
    await socket_bot.client.views_open(trigger_id=pulled, view=modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await socket_bot.client.views_open(trigger_id=pulled, view=modal())
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await socket_bot.client.views_open(trigger_id="1.2.abc", view=modal())


async def test_a_trigger_lives_for_three_seconds() -> None:
    async with Sandbox(trigger_seconds=0.05) as sandbox, Bot(sandbox, "socket mode") as bot:
        pulled = await trigger(sandbox, bot)
        await asyncio.sleep(0.1)
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await bot.client.views_open(trigger_id=pulled, view=modal())


async def test_a_view_that_slack_refuses_is_refused_with_pointers(sandbox: Sandbox, socket_bot: Bot) -> None:
    with pytest.raises(SlackApiError) as refused:
        await opened(sandbox, socket_bot, modal(title=plain("x" * 25)))
    assert refused.value.response["error"] == "invalid_arguments"
    said = refused.value.response["response_metadata"]["messages"]
    assert said == ["[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"]


async def test_a_closed_view_is_heard_of_where_it_asks(sandbox: Sandbox, bot: Bot) -> None:
    @bot.app.view_closed("form")
    async def closed(ack: Any) -> None:
        await ack()

    quiet = await opened(sandbox, bot, modal())
    await sandbox.close_view(ANN, quiet["id"])
    loud = await opened(sandbox, bot, modal(notify_on_close=True))
    await sandbox.close_view(ANN, loud["id"])
    await sandbox.until(lambda: [b for b in bot.heard if b.get("type") == "view_closed"])
    assert bot.last("view_closed")["view"]["id"] == loud["id"]
    assert bot.last("view_closed")["is_cleared"] is False
    with pytest.raises(SandboxError, match="not_found"):
        await sandbox.close_view(ANN, loud["id"])


async def test_closing_a_view_that_clears_takes_the_whole_stack(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.view_closed("form")
    async def closed(ack: Any) -> None:
        await ack()

    await opened(sandbox, socket_bot, modal(notify_on_close=True))
    above = modal(clear_on_close=True, notify_on_close=True)
    pushed = told(await socket_bot.client.views_push(trigger_id=await trigger(sandbox, socket_bot), view=above))
    await sandbox.close_view(ANN, pushed["view"]["id"])
    assert sandbox.views == {}
    await sandbox.until(
        lambda: [b["is_cleared"] for b in socket_bot.heard if b.get("type") == "view_closed"] == [True] * 2
    )


async def test_a_chosen_room_can_be_answered_through_a_response_url(sandbox: Sandbox, socket_bot: Bot) -> None:
    @socket_bot.app.view("form")
    async def sent(ack: Any, respond: Any) -> None:
        await ack()
        await respond("Here it is", response_type="in_channel")

    select = {"type": "conversations_select", "action_id": "room", "response_url_enabled": True}
    view = await opened(sandbox, socket_bot, modal(field(select, "where")))
    await sandbox.submit(ANN, view["id"], {"where": {"room": {"selected_conversation": "C0GENERAL"}}})
    await sandbox.until(lambda: [m["text"] for m in sandbox.spoken("general")] == ["Here it is"])
