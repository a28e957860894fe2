"""Block Kit's limits: what Slack takes is taken, what Slack refuses is refused, with a pointer to the place."""

import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from sandbox.surfaces import block_problems, stored, view_problems
from tests.sandbox.kit import Json, actions, button, field, home, modal, option, plain, section, select
from tests.sandbox.limits import MESSAGE_LIMITS, VIEW_LIMITS, WRONG, Limit, ViewLimit


def pointers(blocks: Any, surface: str = "message") -> list[str]:
    return [problem.pointer for problem in block_problems(blocks, surface)]


def named(limit: Limit | ViewLimit) -> str:
    return limit.what


@pytest.mark.parametrize("limit", MESSAGE_LIMITS, ids=named)
def test_a_message_may_go_to_the_limit_and_not_beyond(limit: Limit) -> None:
    assert pointers(limit.make(limit.most)) == []
    assert limit.pointer in pointers(limit.make(limit.most + 1))
    if limit.least is not None:
        assert pointers(limit.make(limit.least)) == []
        assert limit.pointer in pointers(limit.make(limit.least - 1))


@pytest.mark.parametrize("limit", VIEW_LIMITS, ids=named)
def test_a_view_may_go_to_the_limit_and_not_beyond(limit: ViewLimit) -> None:
    def found(view: Json) -> list[str]:
        return [problem.pointer for problem in view_problems(view, "modal", "home")]

    assert found(limit.make(limit.most)) == []
    assert limit.pointer in found(limit.make(limit.most + 1))
    if limit.least is not None:
        assert found(limit.make(limit.least)) == []
        assert limit.pointer in found(limit.make(limit.least - 1))


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_itself_is_refused(what: str) -> None:
    blocks, pointer = WRONG[what]
    assert pointer in pointers(blocks)


def test_an_input_needs_a_submit_button() -> None:
    without = {name: value for name, value in modal(field()).items() if name != "submit"}
    assert [p.pointer for p in view_problems(without, "modal")] == ["/submit"]
    assert view_problems(modal(field()), "modal") == []


def test_only_one_element_takes_the_focus() -> None:
    def focused(block_id: str) -> Json:
        return field({"type": "plain_text_input", "action_id": "t", "focus_on_load": True}, block_id)

    assert view_problems(modal(focused("a")), "modal") == []
    assert [p.pointer for p in view_problems(modal(focused("a"), focused("b")), "modal")] == ["/blocks/1"]


def test_a_table_stands_in_messages_and_an_alert_in_modals() -> None:
    table, alert = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}, {"type": "alert", "text": plain()}
    assert pointers([table]) == []
    assert pointers([alert], "modal") == []
    assert pointers([table], "modal") == ["/blocks/0/type"]
    assert pointers([alert], "home") == ["/blocks/0/type"]


def test_a_view_of_another_kind_is_refused() -> None:
    assert [p.pointer for p in view_problems(home(), "modal")] == ["/type"]
    assert [p.pointer for p in view_problems("x", "modal")] == [""]


def sdk_refuses(check: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check()
        except SlackObjectFormationError:
            return True
    return False


def sdk_refuses_blocks(blocks: list[Json]) -> bool:
    def check() -> None:
        for block in map(Block.parse, blocks):
            if block is not None:  # else a block the models do not know: they have no opinion
                block.validate_json()

    return sdk_refuses(check)


@pytest.mark.parametrize("limit", MESSAGE_LIMITS, ids=named)
def test_what_we_take_slacks_own_models_take_too(limit: Limit) -> None:
    assert not sdk_refuses_blocks(limit.make(limit.most))


@pytest.mark.parametrize("limit", VIEW_LIMITS, ids=named)
def test_what_we_take_in_views_slacks_own_models_take_too(limit: ViewLimit) -> None:
    assert not sdk_refuses(lambda: View(**limit.make(limit.most)).validate_json())


def test_slacks_own_models_refuse_many_of_the_same_things() -> None:
    """The two were written apart; where both have an opinion they agree."""
    both = [limit.what for limit in MESSAGE_LIMITS if sdk_refuses_blocks(limit.make(limit.most + 1))]
    assert len(both) >= 20


def test_slack_gives_back_ids_and_defaults() -> None:
    (row, said) = stored([{"type": "actions", "elements": [{**button(), "action_id": None}]}, section("x")])
    assert row["block_id"]
    assert row["elements"][0]["action_id"]
    assert row["elements"][0]["text"] == {"type": "plain_text", "text": "Go", "emoji": True}
    assert said["text"] == {"type": "mrkdwn", "text": "x", "verbatim": False}


words = st.text(min_size=1, max_size=60)
elements = st.one_of(
    st.builds(lambda w: button(words=w), words),
    st.builds(lambda w, v: select(options=[option(v, w)]), words, words),
)
some_blocks = st.lists(
    st.one_of(
        st.builds(section, words),
        st.builds(lambda e: {"type": "actions", "elements": [e]}, elements),
        st.builds(lambda w: {"type": "header", "text": plain(w)}, words),
        st.just({"type": "divider"}),
    ),
    max_size=8,
)


@given(some_blocks)
def test_what_slack_gives_back_can_be_sent_again(blocks: list[Json]) -> None:
    assert block_problems(blocks, "message") == []
    given_back = stored(blocks)
    assert block_problems(given_back, "message") == []
    assert stored(given_back) == given_back


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["type", "text", "elements", "blocks"]), inner),
    )
)
def test_nothing_that_is_json_breaks_the_check(value: Any) -> None:
    for surface in ("message", "modal", "home"):
        assert isinstance(block_problems(value, surface), list)
    assert view_problems(value, "modal", "home")


def test_rows_of_one_message_may_use_the_same_action_id() -> None:
    assert pointers([actions(button("a"), block_id="one"), actions(button("a"), block_id="two")]) == []
