"""What a person does on the Slack side: talk, press, fill in, and what they are told when nobody answers."""

import asyncio
from typing import Any

import pytest

from sandbox import Sandbox
from tests.ports import free_port
from tests.sandbox.bots import Bot
from tests.sandbox_page.browser import Page

GENERAL = "C0GENERAL"
ANN = "U0ANN"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(text: str, value: str) -> dict[str, Any]:
    return {"text": plain(text), "value": value}


def button(text: str, action: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action, **more}


def asks(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    label = plain(f"Label of {block_id}")
    return {"type": "input", "block_id": block_id, "label": label, "element": {"action_id": "a", **element}, **more}


def form(*blocks: dict[str, Any], title: str = "A form") -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain(title),
        "submit": plain("Save"),
        "blocks": list(blocks),
    }


async def card(sandbox: Sandbox, bot: Bot, *elements: dict[str, Any]) -> str:
    """A message with these elements; returns its ts."""
    await sandbox.join("U0DESKBELL", GENERAL)
    actions = {"type": "actions", "block_id": "acts", "elements": list(elements)}
    said = await bot.client.chat_postMessage(channel=GENERAL, text="a card", blocks=[actions])
    return str(said["ts"])


async def opened(sandbox: Sandbox, bot: Bot, page: Page, view: dict[str, Any]) -> None:
    """Ann has pressed a button and sees this modal."""

    @bot.app.action("open")
    async def open_it(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    ts = await card(sandbox, bot, button("Open", "open"))
    await page.click("action-open", within=f"message-{ts}")
    await page.see("modal")


def values(bot: Bot) -> dict[str, Any]:
    """What the app got of the last submitted form, by block."""
    state = bot.last("view_submission")["view"]["state"]["values"]
    return {block: next(iter(actions.values())) for block, actions in state.items()}


# -- talking


async def test_enter_sends_and_shift_enter_makes_a_line(sandbox: Sandbox, page: Page) -> None:
    await page.fill("composer", "first @jonas")
    await page.press("Enter", shift=True)
    await page.run("document.execCommand('insertText', false, 'second <b>')")
    await page.press("Enter")
    await page.see("messages", "second <b>")
    said = sandbox.messages("general")[-1]
    assert (said["user"], said["text"]) == (ANN, "first <@U0JONAS>\nsecond &lt;b&gt;")
    await page.holds("composer", "")


async def test_an_answer_in_the_thread_stays_in_the_thread(sandbox: Sandbox, page: Page) -> None:
    root = (await sandbox.say("U0SAM", "general", "who takes it?"))["ts"]
    await page.point(f"message-{root}", within="messages")
    await page.click(f"open-thread-{root}", within="messages")
    await page.fill("thread-composer", "I do")
    await page.press("Enter")
    await page.see("thread", "I do")
    assert sandbox.messages("general")[-1]["thread_ts"] == root
    assert "1 reply" in await page.see(f"open-thread-{root}", "1 reply", within="messages")
    assert "I do" not in await page.see("messages")


async def test_reactions_are_added_and_taken_back(sandbox: Sandbox, page: Page) -> None:
    ts = (await sandbox.say("U0SAM", "general", "done?"))["ts"]
    await page.point(f"message-{ts}")
    await page.click(f"quick-{ts}-eyes")
    await page.see(f"reaction-{ts}-eyes", "1")
    await sandbox.react("U0SAM", "general", ts, "eyes")
    await page.see(f"reaction-{ts}-eyes", "2")
    await page.click(f"reaction-{ts}-eyes")
    await page.see(f"reaction-{ts}-eyes", "1")
    assert sandbox.messages("general")[-1]["reactions"] == [{"name": "eyes", "users": ["U0SAM"], "count": 1}]


async def test_own_words_can_be_edited_and_deleted_others_cannot(sandbox: Sandbox, page: Page) -> None:
    own = (await sandbox.say(ANN, "general", "tpyo of mine"))["ts"]
    other = (await sandbox.say("U0SAM", "general", "not mine"))["ts"]
    await page.point(f"message-{own}")
    await page.click(f"more-{own}")
    await page.click(f"edit-{own}")
    await page.fill("edit-input", "typo of mine")
    await page.press("Enter")
    await page.see(f"message-{own}", "typo of mine")
    await page.see(f"message-{own}", "(edited)")
    await page.point(f"message-{other}")
    await page.click(f"more-{other}")
    await page.see("menu", "Copy text")
    assert not {f"edit-{other}", f"delete-{other}"} & set(await page.testids(""))
    await page.press("Escape")
    await page.point(f"message-{own}")
    await page.click(f"more-{own}")
    await page.click(f"delete-{own}")
    await page.gone(f"message-{own}")


async def test_a_slash_command_is_completed_and_answered_to_one_person(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.command("/desk")
    async def desk(ack: Any, command: Any) -> None:
        await ack(f"You said {command['text']}")

    await page.fill("composer", "/de")
    await page.see("command-/desk", "mine | next")
    await page.press("Tab")
    await page.holds("composer", "/desk ")
    await page.fill("composer", "/desk mine")
    await page.press("Enter")
    shown = await page.see("messages", "You said mine")
    assert "Only visible to you" in shown
    await page.click("persona-jonas")
    await page.until("!document.querySelector('[data-testid=messages]').innerText.includes('You said mine')")
    await page.click("persona-ann")
    whisper = await page.first("ephemeral-")
    await page.click(whisper.replace("ephemeral-", "dismiss-"))
    await page.gone(whisper)
    await page.reload()
    await page.see("messages")
    assert await page.testids("ephemeral-") == []


async def test_a_press_in_an_ephemeral_message_replaces_it_in_its_place(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.action("undo")
    async def undo(ack: Any, respond: Any) -> None:
        await ack()
        await respond(replace_original=True, text="Taken back")

    await sandbox.join("U0DESKBELL", GENERAL)
    row = {"type": "actions", "elements": [button("Undo", "undo")]}
    await bot.client.chat_postEphemeral(channel=GENERAL, user=ANN, text="Sent", blocks=[row])
    await sandbox.say("U0SAM", "general", "and later")
    await page.see("messages", "and later")
    await page.click("action-undo")
    shown = await page.see("messages", "Taken back")
    assert shown.index("Taken back") < shown.index("and later")
    await page.gone("action-undo")


async def test_a_command_nobody_knows_is_not_said_aloud(sandbox: Sandbox, page: Page) -> None:
    await page.fill("composer", "/nonsense now")
    await page.press("Enter")
    await page.see("messages", "is not a valid command")
    assert sandbox.messages("general") == []


async def test_shortcuts_reach_the_app_with_the_message_they_are_about(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.shortcut("new_ticket")
    async def new_ticket(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=form(asks("x", {"type": "plain_text_input"})))

    @bot.app.shortcut("add_to_ticket")
    async def add(ack: Any) -> None:
        await ack()

    ts = (await sandbox.say("U0SAM", "general", "keep this"))["ts"]
    await page.point(f"message-{ts}")
    await page.click(f"more-{ts}")
    await page.click("shortcut-add_to_ticket")
    await sandbox.until(lambda: any(body.get("type") == "message_action" for body in bot.heard))
    assert bot.last("message_action")["message"]["text"] == "keep this"
    await page.click("composer-shortcuts")
    await page.click("shortcut-new_ticket")
    await page.see("modal-title", "A form")


# -- pressing


async def test_a_press_reaches_the_app_and_the_update_is_seen(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.action("claim")
    async def claim(ack: Any, body: Any, client: Any) -> None:
        await ack()
        owner = {"type": "section", "text": {"type": "mrkdwn", "text": f"Assigned to <@{body['user']['id']}>"}}
        await client.chat_update(channel=GENERAL, ts=body["message"]["ts"], text="claimed", blocks=[owner])

    ts = await card(sandbox, bot, button("Claim", "claim", style="primary"))
    await page.click("persona-jonas")
    await page.click("action-claim", within=f"message-{ts}")
    await page.see(f"message-{ts}", "Assigned to @Jonas Becker")


async def test_a_press_nobody_answers_says_so(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.action("slow")
    async def slow() -> None:
        await asyncio.sleep(0)

    ts = await card(sandbox, bot, button("Slow", "slow"))
    sandbox.slack.deliveries.ack_seconds = 1
    await page.click("action-slow", within=f"message-{ts}")
    assert "didn’t respond in time" in await page.see(f"trouble-{ts}")


async def test_a_confirm_is_asked_before_anything_is_told(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    told = []

    @bot.app.action("close")
    async def close(ack: Any) -> None:
        await ack()
        told.append("close")

    ask = {
        "title": plain("Close it?"),
        "text": plain("Not answered yet."),
        "confirm": plain("Close"),
        "deny": plain("Keep"),
    }
    await card(sandbox, bot, button("Close", "close", confirm=ask))
    await page.click("action-close")
    assert "Not answered yet." in await page.see("confirm", "Close it?")
    await page.click("confirm-deny")
    await page.gone("confirm")
    assert told == []
    await page.click("action-close")
    await page.click("confirm-ok")
    await sandbox.until(lambda: told)


async def test_menus_and_choices_in_a_message_tell_what_was_chosen(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    heard: list[Any] = []

    @bot.app.action({"block_id": "acts"})
    async def any_of_them(ack: Any, action: Any) -> None:
        await ack()
        heard.append(action)

    queues = [option("Support", "support"), option("Billing", "billing")]
    await card(
        sandbox, bot,
        {"type": "overflow", "action_id": "more", "options": [option("Snooze", "snooze"), option("Assign", "assign")]},
        {"type": "static_select", "action_id": "queue", "options": queues},
        {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-22"},
        {"type": "checkboxes", "action_id": "tell", "options": [option("The customer", "customer")]},
    )  # fmt: skip
    await page.click("action-more")
    await page.click("option-assign")
    await sandbox.until(lambda: len(heard) == 1)
    await page.click("action-queue")
    await page.click("option-billing")
    await sandbox.until(lambda: len(heard) == 2)
    await page.run(
        "(() => { const n = document.querySelector('[data-testid=\"action-day\"]'); n.value = '2026-12-24';"
        " n.dispatchEvent(new Event('change')); })()"
    )
    await sandbox.until(lambda: len(heard) == 3)
    await page.click("option-customer")
    await sandbox.until(lambda: len(heard) == 4)
    assert heard[0]["selected_option"]["value"] == "assign"
    assert heard[1]["selected_option"]["value"] == "billing"
    assert heard[2]["selected_date"] == "2026-12-24"
    assert [one["value"] for one in heard[3]["selected_options"]] == ["customer"]


# -- filling in


async def test_every_input_hands_over_what_was_put_in(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.options("customer")
    async def customers(ack: Any, payload: Any) -> None:
        await ack(options=[option(f"{payload['value']}la", "carla")])

    @bot.app.view("form")
    async def saved(ack: Any) -> None:
        await ack()

    await opened(sandbox, bot, page, form(
        asks("line", {"type": "plain_text_input"}), asks("lines", {"type": "plain_text_input", "multiline": True}),
        asks("mail", {"type": "email_text_input"}), asks("link", {"type": "url_text_input"}),
        asks("number", {"type": "number_input", "is_decimal_allowed": False}),
        asks("queue", {"type": "static_select", "option_groups": [
            {"label": plain("First"), "options": [option("Support", "support")]},
            {"label": plain("Second"), "options": [option("Law", "law")]}]}),
        asks("tags", {"type": "multi_static_select", "options": [option(t, t) for t in ("vip", "bug", "praise")]}),
        asks("customer", {"type": "external_select", "action_id": "customer", "min_query_length": 2}),
        asks("who", {"type": "users_select"}), asks("where", {"type": "channels_select"}),
        asks("notify", {"type": "checkboxes", "options": [option("Team", "team"), option("Customer", "customer")]}),
        asks("after", {"type": "radio_buttons", "options": [option("Wait", "wait"), option("Close", "close")]}),
        asks("due", {"type": "datetimepicker", "initial_date_time": 1796119200}),
        asks("note", {"type": "plain_text_input"}, optional=True),
    ))  # fmt: skip
    for block, text in (
        ("line", "one"),
        ("lines", "two\nlines"),
        ("mail", "a@b.example"),
        ("link", "https://x.example"),
        ("number", "7"),
    ):
        await page.fill(f"input-{block}-a", text)
    for block, choice in (("queue", "law"), ("who", "U0JONAS"), ("where", GENERAL)):
        await page.click(f"input-{block}-a")
        await page.click(f"option-{choice}")
    await page.click("input-tags-a")
    await page.click("option-vip")
    await page.click("option-praise")
    await page.press("Escape")
    await page.click("input-customer-customer")
    await page.fill("options-search", "car")
    await page.click("option-carla")
    await page.click("option-customer", within="input-notify-a")
    await page.click("option-close", within="input-after-a")
    await page.click("modal-submit")
    await page.gone("modal")
    got = values(bot)
    assert [got[block]["value"] for block in ("line", "lines", "mail", "link", "number")] == [
        "one", "two\nlines", "a@b.example", "https://x.example", "7"]  # fmt: skip
    assert got["queue"]["selected_option"]["value"] == "law"
    assert [one["value"] for one in got["tags"]["selected_options"]] == ["vip", "praise"]
    assert got["customer"]["selected_option"]["text"]["text"] == "carla"
    assert (got["who"]["selected_user"], got["where"]["selected_channel"]) == ("U0JONAS", GENERAL)
    assert [one["value"] for one in got["notify"]["selected_options"]] == ["customer"]
    assert got["after"]["selected_option"]["value"] == "close"
    assert got["due"]["selected_date_time"] == 1796119200
    assert got["note"]["value"] is None


async def test_errors_stand_under_their_inputs_until_they_are_put_right(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.view("form")
    async def judged(ack: Any, view: Any) -> None:
        if view["state"]["values"]["text"]["a"]["value"] == "rude":
            await ack(response_action="errors", errors={"text": "Please say it more kindly."})
        else:
            await ack()

    await opened(sandbox, bot, page, form(asks("text", {"type": "plain_text_input"}), asks("pick", {
        "type": "static_select", "options": [option("One", "1")]})))  # fmt: skip
    await page.click("modal-submit")
    await page.see("error-text", "Please complete this required field.")
    await page.see("error-pick", "Please complete this required field.")
    await page.fill("input-text-a", "rude")
    await page.gone("error-text")
    await page.click("input-pick-a")
    await page.click("option-1")
    await page.click("modal-submit")
    await page.see("error-text", "Please say it more kindly.")
    await page.holds("input-text-a", "rude")
    await page.fill("input-text-a", "kind")
    await page.click("modal-submit")
    await page.gone("modal")


async def test_an_updated_modal_keeps_what_was_typed_and_a_new_block_begins_anew(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    def blocks(template: str) -> list[dict[str, Any]]:
        words = {"type": "plain_text_input", "multiline": True, "initial_value": f"Words of {template}"}
        return [
            asks("subject", {"type": "plain_text_input"}), asks(f"text-{template}", words),
            {"type": "actions", "block_id": "acts", "elements": [button("Use the other", "other")]},
        ]  # fmt: skip

    @bot.app.action("other")
    async def other(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_update(view_id=body["view"]["id"], view=form(*blocks("two")))

    await opened(sandbox, bot, page, form(*blocks("one")))
    await page.fill("input-subject-a", "typed by Ann")
    await page.fill("input-text-one-a", "changed by Ann")
    await page.click("action-other")
    await page.holds("input-text-two-a", "Words of two")
    await page.holds("input-subject-a", "typed by Ann")


async def test_a_form_that_waits_for_its_answer_cannot_be_sent_twice(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    answer = asyncio.Event()
    sent = []

    @bot.app.view("form")
    async def slowly(ack: Any) -> None:
        sent.append(1)
        await answer.wait()
        await ack()

    await opened(sandbox, bot, page, form(asks("text", {"type": "plain_text_input", "initial_value": "x"})))
    await page.click("modal-submit")
    await page.until("document.querySelector('[data-testid=\"modal-submit\"]').disabled")
    await sandbox.until(lambda: sent)
    await page.run("document.querySelector('[data-testid=\"modal-submit\"]').click()")
    answer.set()
    await page.gone("modal")
    assert sent == [1]


async def test_a_form_nobody_answers_stays_open_and_says_so(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.view("form")
    async def never() -> None:
        await asyncio.sleep(0)

    await opened(sandbox, bot, page, form(asks("text", {"type": "plain_text_input", "initial_value": "precious"})))
    sandbox.slack.deliveries.ack_seconds = 1
    await page.click("modal-submit")
    await page.see("modal-error", "trouble connecting")
    await page.holds("input-text-a", "precious")


async def test_a_pushed_modal_goes_back_to_the_one_below(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.action("deeper")
    async def deeper(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.views_push(
            trigger_id=body["trigger_id"], view=form(asks("b", {"type": "plain_text_input"}), title="Above")
        )

    below = {"type": "actions", "block_id": "acts", "elements": [button("Deeper", "deeper")]}
    await opened(sandbox, bot, page, form(asks("a", {"type": "plain_text_input"}), below, title="Below"))
    await page.fill("input-a-a", "still here")
    await page.click("action-deeper")
    await page.see("modal-title", "Above")
    await page.click("modal-back")
    await page.see("modal-title", "Below")
    await page.holds("input-a-a", "still here")
    await page.press("Escape")
    await page.gone("modal")


# -- the app's Home, and coming back


async def test_the_home_is_asked_for_when_somebody_comes(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.event("app_home_opened")
    async def visited(event: Any, client: Any) -> None:
        greeting = {"type": "section", "text": {"type": "mrkdwn", "text": f"Hello <@{event['user']}>"}}
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [greeting]})

    await page.click("app")
    await page.see("home", "Hello @Ann Walker")
    await page.click("persona-sam")
    await page.see("home", "Hello @Sam Rivera")
    await page.click("app-messages")
    await page.see("room-title", "Deskbell")


async def test_a_reload_comes_back_to_the_same_place(sandbox: Sandbox, page: Page) -> None:
    root = (await sandbox.say("U0SAM", "general", "a root"))["ts"]
    await sandbox.say("U0SAM", "general", "a reply", thread_ts=root)
    await page.click("persona-jonas")
    await page.click("mailbox-priya@example.net")
    await page.click(f"open-thread-{root}", within="messages")
    await page.see("thread", "a reply")
    await page.reload()
    await page.see("thread", "a reply")
    await page.bears("persona-jonas", "aria-checked", "true")
    await page.bears("mailbox-priya@example.net", "aria-selected", "true")


async def test_rooms_are_private_to_their_members_and_public_ones_can_be_joined(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    await bot.client.conversations_create(name="lobby")
    secret = await sandbox.new_room("U0SAM", "leads", is_private=True)
    await page.see("room-lobby")
    assert "room-leads" not in await page.testids("room-")
    await page.click("room-lobby")
    await page.gone("composer")
    await page.click("room-join")
    await page.fill("composer", "hello lobby")
    await page.press("Enter")
    await page.see("messages", "hello lobby")
    await page.click("persona-sam")
    await page.see("room-leads")
    assert sandbox.room("leads")["id"] == secret["room"]


async def test_the_page_sees_whether_an_app_is_connected_and_survives_a_reset(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    await page.see("connection", "App connected · 1 socket")
    await sandbox.say("U0SAM", "general", "soon forgotten")
    await page.see("messages", "soon forgotten")
    await sandbox.reset()
    await page.until("!document.querySelector('[data-testid=messages]').innerText.includes('soon forgotten')")


async def test_faults_are_switched_while_everything_runs(sandbox: Sandbox, page: Page) -> None:
    await page.click("faults-open")
    await page.click("fault-duplicate_events")
    await page.fill("fault-mail_refuse-key", "carla@example.com")
    await page.fill("fault-mail_refuse-value", "550 5.1.1 No such user")
    await page.click("fault-mail_refuse-add")
    await page.see("faults", "No such user")
    await sandbox.until(lambda: sandbox.faults.duplicate_events)
    assert sandbox.faults.mail_refuse == {"carla@example.com": "550 5.1.1 No such user"}
    await page.click("faults-clear")
    await sandbox.until(lambda: not sandbox.faults.duplicate_events and not sandbox.faults.mail_refuse)


@pytest.mark.parametrize("size", [(1440, 900), (1100, 700)])
async def test_everything_is_within_reach_in_a_usual_window(
    chromium: Any, sandbox: Sandbox, bot: Bot, size: tuple[int, int]
) -> None:
    ts = await card(sandbox, bot, *(button(f"Button number {n}", f"b{n}") for n in range(5)))
    async with chromium.page(f"{sandbox.base_url}/#as=ann&at=general&thread={ts}", *size) as page:
        for testid in (
            "mail-compose",
            "composer",
            "thread-close",
            "thread-composer",
            "persona-sam",
            "faults-open",
            "guide-step-5",
        ):
            if testid != "composer" or size[0] > 1200:
                await page.point(testid)
        overflow = (
            "document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight"
        )
        assert not await page.run(overflow)


# -- what a redraw leaves alone


FOCUSED = """(() => {
    const active = document.activeElement;
    return [active.closest("article")?.dataset.testid, active.dataset.testid];
})()"""


async def test_the_focus_stays_on_the_card_whose_button_was_pressed(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    @bot.app.action("claim")
    async def claim(ack: Any, body: Any, client: Any) -> None:
        await ack()
        row = {"type": "actions", "elements": [button("Reply", "reply"), button("Close", "close")]}
        await client.chat_update(channel=GENERAL, ts=body["message"]["ts"], text="claimed", blocks=[row])

    first = await card(sandbox, bot, button("Claim", "claim"), button("Reply", "reply"), button("Close", "close"))
    second = await card(sandbox, bot, button("Claim", "claim"), button("Reply", "reply"), button("Close", "close"))
    await page.see("action-claim", within=f"message-{second}")
    await page.run(f"document.querySelector('[data-testid=\"message-{second}\"] [data-testid=action-claim]').focus()")
    await page.press("Enter")
    await page.gone("action-claim", within=f"message-{second}")
    await page.gives(FOCUSED, [f"message-{second}", "action-reply"])
    await page.see("action-claim", within=f"message-{first}")


async def test_the_focus_never_goes_to_the_same_button_of_something_else(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    waiting = ["7", "8", "9"]

    def home() -> dict[str, Any]:
        rows = [
            {"type": "section", "text": plain(f"Ticket {n}"), "accessory": button("Claim", "claim", value=n)}
            for n in waiting
        ]
        return {"type": "home", "blocks": rows}

    @bot.app.event("app_home_opened")
    async def visited(client: Any) -> None:
        await client.views_publish(user_id=ANN, view=home())

    @bot.app.action("claim")
    async def claim(ack: Any, action: Any, client: Any) -> None:
        await ack()
        waiting.remove(action["value"])
        await client.views_publish(user_id=ANN, view=home())

    await page.click("app")
    await page.see("home", "Ticket 8")
    await page.run("document.querySelectorAll('[data-testid=action-claim]')[1].focus()")
    await page.press("Enter")
    await page.until("document.querySelectorAll('[data-testid=action-claim]').length === 2")
    await page.gives("document.activeElement.dataset.testid", "home")
    await page.run("document.querySelectorAll('[data-testid=action-claim]')[1].focus()")
    waiting.insert(0, "6")
    await bot.client.views_publish(user_id=ANN, view=home())
    await page.see("home", "Ticket 6")
    await page.gives("document.activeElement.dataset.subject", "9")


async def test_what_one_chooses_in_a_list_keeps_the_focus(sandbox: Sandbox, page: Page) -> None:
    await sandbox.new_room(ANN, "lobby")
    await page.see("room-lobby")
    for testid, chosen in (
        ("room-lobby", "aria-current"),
        ("mailbox-max@example.org", "aria-selected"),
        ("persona-jonas", "aria-checked"),
    ):
        node = f"document.querySelector('[data-testid=\"{testid}\"]')"
        await page.run(f"{node}.focus()")
        await page.press("Enter")
        await page.until(f"['true', 'page'].includes({node}.getAttribute('{chosen}'))")
        await page.gives("document.activeElement.dataset.testid", testid)


async def test_an_open_menu_stays_with_its_card_while_the_card_changes(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    more = {"type": "overflow", "action_id": "more", "options": [option("Snooze", "snooze")]}
    ts = await card(sandbox, bot, more)
    await page.click("action-more")
    await page.see("option-snooze")
    words = {"type": "section", "text": plain("somebody answered")}
    row = {"type": "actions", "elements": [more]}
    await bot.client.chat_update(channel=GENERAL, ts=ts, text="x", blocks=[words, row])
    await page.see(f"message-{ts}", "somebody answered")
    await page.see("option-snooze")
    await page.press("Escape")
    await page.gives(FOCUSED, [f"message-{ts}", "action-more"])


async def test_a_half_edited_message_keeps_its_words_and_caret_when_somebody_reacts(
    sandbox: Sandbox, page: Page
) -> None:
    ts = (await sandbox.say(ANN, "general", "first words"))["ts"]
    await page.point(f"message-{ts}")
    await page.click(f"more-{ts}")
    await page.click(f"edit-{ts}")
    await page.fill("edit-input", "other words")
    await page.run("document.activeElement.setSelectionRange(2, 5)")
    await sandbox.react("U0SAM", "general", ts, "eyes")
    await page.see(f"reaction-{ts}-eyes")
    await page.holds("edit-input", "other words")
    active = "document.activeElement"
    assert await page.run(f"[{active}.dataset.testid, {active}.selectionStart, {active}.selectionEnd]") == [
        "edit-input", 2, 5]  # fmt: skip


async def test_what_one_reads_stays_in_its_place_when_a_card_above_it_grows(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    ts = await card(sandbox, bot, button("Claim", "claim"))
    said = [(await sandbox.say("U0SAM", "general", f"line {n}"))["ts"] for n in range(60)]
    await page.see(f"message-{said[-1]}")
    read = f"document.querySelector('[data-testid=\"message-{said[20]}\"]')"
    await page.run(f"{read}.scrollIntoView({{block: 'start'}})")
    before = await page.until(f"Math.round({read}.getBoundingClientRect().top)")
    blocks = [{"type": "section", "text": plain(f"grown {n}")} for n in range(12)]
    await bot.client.chat_update(channel=GENERAL, ts=ts, text="x", blocks=blocks)
    await page.see(f"message-{ts}", "grown 11")
    assert await page.run(f"Math.round({read}.getBoundingClientRect().top)") == before


async def test_what_one_has_only_just_scrolled_to_stays_in_its_place_too(
    sandbox: Sandbox, bot: Bot, page: Page
) -> None:
    """The browser tells of scrolling a frame later; what is drawn in between must know of it all the same."""
    ts = await card(sandbox, bot, button("Claim", "claim"))
    said = [(await sandbox.say("U0SAM", "general", f"line {n}"))["ts"] for n in range(60)]
    await page.see(f"message-{said[-1]}")
    read = f"document.querySelector('[data-testid=\"message-{said[20]}\"]')"
    scrolled = asyncio.create_task(
        page.run(f"""(() => {{
            for (const until = performance.now() + 700; performance.now() < until; );
            {read}.scrollIntoView({{ block: "start" }});
            return Math.round({read}.getBoundingClientRect().top);
        }})()""")
    )
    await asyncio.sleep(0.2)  # the page is busy, and the update waits for it
    blocks = [{"type": "section", "text": plain(f"grown {n}")} for n in range(12)]
    await bot.client.chat_update(channel=GENERAL, ts=ts, text="x", blocks=blocks)
    before = await scrolled
    await page.see(f"message-{ts}", "grown 11")
    assert await page.run(f"Math.round({read}.getBoundingClientRect().top)") == before


async def test_a_form_keeps_what_was_typed_over_a_reload(sandbox: Sandbox, bot: Bot, page: Page) -> None:
    await opened(sandbox, bot, page, form(asks("text", {"type": "plain_text_input"})))
    await page.fill("input-text-a", "half a sentence")
    await page.reload()
    await page.holds("input-text-a", "half a sentence")


async def test_what_said_that_the_sandbox_is_gone_goes_when_it_is_back(chromium: Any, tmp_path: Any) -> None:
    port = free_port()
    async with Sandbox(port=port, state=tmp_path) as sandbox:
        ts = (await sandbox.say("U0SAM", "general", "hello"))["ts"]
        page = await chromium.page(f"{sandbox.base_url}/#as=ann&at=general").__aenter__()
        await page.see("messages", "hello")
    await page.fill("composer", "is anybody there?")
    await page.press("Enter")
    await page.see("toast", "cannot be reached")
    async with Sandbox(port=port, state=tmp_path):
        await page.until("document.querySelector('[data-testid=connection]').dataset.live === 'true'")
        await page.gone("toast")
        await page.holds("composer", "is anybody there?")
        await page.see(f"message-{ts}")
        await page.__aexit__()
