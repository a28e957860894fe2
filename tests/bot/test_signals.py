"""What is understood, on its card; why; what an agent says instead; and what was learnt, on supervisors' Home."""

from __future__ import annotations

from typing import Any

from core.phrases import phrase
from core.routing.minds import Grown, Read
from core.routing.reasons import FoundField, Reason, Span
from core.routing.understood import Understood
from sandbox.errors import Json
from tests.bot.office import ANN, SAM, Office, words_of
from tests.bot.test_commands import home_with

HOSTILE = "<!channel> *now* <https://evil.example|click>"
FOUND = Understood(
    language="de",
    urgency=2,
    urgency_reasons=(Reason(phrase("these words are typical of it"), HOSTILE),),
    mood="angry",
    anger=0.9,
    scope="everyone",
    topic="delivery",
    topic_confidence=0.83,
    fields=(
        FoundField("order", "4711", Span(3, 7)),
        FoundField("amount", {"value": "49.90", "currency": "EUR"}, Span(9, 14)),
    ),
)


async def understood(office: Office) -> int:
    number = await office.mail("Where is my order 4711, 49,90 EUR?")
    await office.card_of(number)
    to_read = await office.desk.to_understand.soon(number, ())
    assert to_read is not None
    reasons = (Reason(phrase("these words are typical of it"), "my order"),)
    await office.desk.now_understood.soon(number, to_read, Read(FOUND, reasons))
    await office.until(lambda: "Delivery" in words_of(office.find_card(number) or {}))
    return number


async def choose(office: Office, user: str, number: int, what: str) -> None:
    await office.click(user, number, "signals", selected_option={"value": f"{what}:{number}"})


def answered(view: Json, said: dict[str, str]) -> Json:
    """The window's inputs as they stand, with these changed."""
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        action = element["action_id"]
        if element["type"] == "static_select":
            wanted = said.get(action)
            option = element.get("initial_option")
            if wanted is not None:
                option = next(one for one in element["options"] if one["value"] == wanted)
            values[block["block_id"]] = {action: {"selected_option": option}}
        else:
            values[block["block_id"]] = {action: {"value": said.get(action, element.get("initial_value"))}}
    return values


async def test_a_card_shows_what_helps_and_no_markup_of_the_customer(office: Office) -> None:
    number = await understood(office)
    said = words_of(office.find_card(number) or {})
    for words in ("Delivery", "Angry", "Everybody is affected", "German", "Order: 4711", "Amount: 49.90 EUR"):
        assert words in said
    assert f"Urgent, since: “{HOSTILE}”" in said
    assert "mrkdwn" not in str([b for b in (office.find_card(number) or {})["blocks"] if HOSTILE in words_of(b)])


async def test_why_quotes_the_customers_words(office: Office) -> None:
    number = await understood(office)
    await choose(office, ANN, number, "why")
    said = words_of(await office.modal(ANN, "read"))
    assert "Topic: Delivery" in said
    assert "“my order”: these words are typical of it" in said
    assert "Certainty: 83 %" in said


async def test_an_agent_says_how_it_is_and_the_card_and_the_history_say_so(office: Office) -> None:
    number = await understood(office)
    await choose(office, ANN, number, "correct")
    view = await office.modal(ANN, "correct")
    changed = answered(view, {"topic": "refund", "urgency": "0", "value-0": "4712"})
    await office.sandbox.submit(ANN, view["id"], changed)
    await office.until(lambda: "Refund" in words_of(office.find_card(number) or {}))
    said = words_of(office.find_card(number) or {})
    assert "Order: 4712" in said
    assert "Urgent, since" not in said
    assert (await office.ticket(number)).urgency == 0
    [taught] = (await office.desk.to_learn.soon(())).taught
    assert dict(taught.answers) == {"topic": "refund", "urgency": "0"}


async def test_a_window_that_is_sent_as_it_was_changes_nothing(office: Office) -> None:
    number = await understood(office)
    before = await office.ticket(number)
    await choose(office, ANN, number, "correct")
    view = await office.modal(ANN, "correct")
    await office.sandbox.submit(ANN, view["id"], answered(view, {}))
    await office.quiet()
    assert (await office.ticket(number)).version == before.version
    assert (await office.desk.to_learn.soon(())).taught == ()


async def test_nothing_stands_on_a_card_before_it_is_understood(office: Office) -> None:
    number = await office.mail()
    card = await office.card_of(number)
    assert "signals" not in str(card["blocks"])


async def learn(office: Office, right: float) -> int:
    quality: dict[str, Any] = {"topic": {"of": 40, "of_examples": True, "right": right}}
    return await office.desk.learnt.soon(await office.desk.to_learn.soon(()), Grown(b"mind", quality))


async def test_supervisors_see_what_was_learnt_and_go_back_by_one_click(office: Office) -> None:
    first, second = await learn(office, 0.9), await learn(office, 0.93)
    await office.sandbox.open_home(SAM)
    home = await office.until(lambda: home_with(office, SAM, f"Version {second}, in use"))
    assert "93 % of topics right" in words_of(home)
    await office.sandbox.click(SAM, "choose-mind", view_id=home["id"])
    await office.until(lambda: home_with(office, SAM, f"Version {first}, in use"))
    learning = await office.desk.learning.soon()
    assert learning.standing is not None
    assert learning.standing.version == first


async def test_other_agents_do_not_choose_what_is_learnt(office: Office) -> None:
    await learn(office, 0.9)
    await office.sandbox.open_home(ANN)
    home = await office.until(lambda: home_with(office, ANN, "Your tickets"))
    assert "learnt" not in words_of(home)
