"""Slack's own types judge what the sandbox tells an app, what it gives back, and the shapes it checks by."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.blocks import ACTIONS, CHILDREN, FIELDS, SURFACES
from sandbox.elements import INPUTS, MENUS, PICKERS, REACTIONS
from sandbox.rich import INLINE, PARTS
from sandbox.rules import Check, Shape
from sandbox.surfaces import VIEW_SHAPES
from tests.sandbox.kit import Json, home, modal, plain, section
from tests.sandbox.limits import MESSAGE_LIMITS, VIEW_LIMITS, WRONG
from tests.witness.slack_types import (
    DEVIATIONS,
    check_manifest,
    check_message,
    check_told,
    check_view,
    definitions_by_type,
    schemas,
)
from tests.witness.story import whole_day

__all__ = ["check_manifest", "check_message", "check_view"]

ALL_BLOCKS: dict[str, Check] = {**SURFACES["message"], **SURFACES["modal"]}
ALL_ELEMENTS: dict[str, Check] = {**ACTIONS, **FIELDS, **MENUS, **PICKERS, **INPUTS, **REACTIONS}

# What our shapes take beyond the types, and why.
BEYOND_THE_TYPES = {
    "rich_text_preformatted": {"language"},  # what Slack's own clients send
    "rich_text_list": {"offset"},  # the same
    "emoji": {"skin_tone"},  # the same
    "modal": {"submit_disabled"},  # docs: modal views, for workflow steps in the types
}
# What Slack refuses by rules that types cannot express or do not know; all else in WRONG the types refuse too.
BEYOND_TYPES = {
    "a section with neither text nor fields",
    "an image from nowhere",
    "the same action_id twice in a block",
    "the same block_id twice",
    "a select without options",
    "a select with options and groups",
    "two options of one value",
    "an initial option that is not offered",
    "a date that is none",
    "a time that is none",
    "a user that is none",
    "a minimum above the maximum",
    "a file input in a message",
    "an alert in a message",
    "two tables in a message",
    "a data table with ragged rows",
    "a data table with rich text in its header",
    "a container with two titles",
}


@pytest.mark.witness
async def test_all_that_an_app_is_told_has_the_shape_that_slacks_types_say() -> None:
    async with Sandbox(tiers=False) as sandbox:
        heard = await whole_day(sandbox)
    kinds = {payload.get("type") or kind for kind, payload in heard}
    assert kinds >= {"event_callback", "block_actions", "block_suggestion", "view_submission", "view_closed"}
    assert kinds >= {"shortcut", "message_action", "slash_commands"}
    complaints, excused = [], set()
    for kind, payload in heard:
        try:
            excused |= check_told(kind, payload)
        except AssertionError as error:
            complaints.append(f"{error}\n   {json.dumps(payload)[:1500]}")
    assert complaints == []
    assert excused == {deviation.reason for deviation in DEVIATIONS}, "an excuse that nothing needs is to go"


@pytest.mark.witness
async def test_what_slack_gives_back_has_the_shape_that_slacks_types_say() -> None:
    async with Sandbox(tiers=False) as sandbox:
        await whole_day(sandbox)
        for room in sandbox.rooms:
            for message in sandbox.messages(room["id"]):
                check_message(message.get("blocks", []))
        view = sandbox.home("U0ANN")
        assert view is not None
        check_view({name: view[name] for name in ("type", "blocks", "callback_id")})


@pytest.mark.witness
@pytest.mark.parametrize("limit", MESSAGE_LIMITS, ids=lambda limit: limit.what)
def test_what_our_limits_take_slacks_types_take_too(limit: Any) -> None:
    check_message(limit.make(limit.most))


@pytest.mark.witness
@pytest.mark.parametrize("limit", VIEW_LIMITS, ids=lambda limit: limit.what)
def test_what_our_view_limits_take_slacks_types_take_too(limit: Any) -> None:
    check_view(limit.make(limit.most))


@pytest.mark.witness
@pytest.mark.parametrize("what", sorted(WRONG))
def test_slacks_types_refuse_what_types_can_see(what: str) -> None:
    blocks, _ = WRONG[what]
    if what in BEYOND_TYPES:
        check_message(blocks)
    else:
        with pytest.raises(AssertionError):
            check_message(blocks)


@pytest.mark.witness
def test_a_stray_field_is_found_where_it_stands() -> None:
    check_message([section()])
    check_view(modal())
    check_view(home())
    with pytest.raises(AssertionError, match="colour"):
        check_message([section(colour="red")])
    with pytest.raises(AssertionError, match="submitt"):
        check_view(modal(submitt=plain()))
    with pytest.raises(AssertionError, match="no block 'sektion'"):
        check_message([{"type": "sektion"}])
    with pytest.raises(AssertionError, match="slash_commands"):
        check_manifest({"display_information": {"name": "Desk"}, "features": {"slash_commands": [{"name": "desk"}]}})


def fields_of(kind: str) -> tuple[set[str], set[str]]:
    """What Slack's types let something of a `type` have, and what they make it have in every variant."""
    may: set[str] = set()
    musts: list[set[str]] = []
    for name in definitions_by_type("sent")[kind]:
        definition = schemas()["sent"]["definitions"][name]
        for variant in definition.get("anyOf", [definition]):
            if variant["properties"]["type"].get("const") == kind:
                may |= set(variant["properties"])
                musts.append(set(variant["required"]))
    return may - {"type"}, set.intersection(*musts) - {"type"}


KINDS: Mapping[str, Check] = {**ALL_BLOCKS, **ALL_ELEMENTS, **PARTS, **INLINE}


@pytest.mark.witness
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_our_shapes_name_the_fields_that_slacks_types_name(kind: str) -> None:
    shape = KINDS[kind]
    assert isinstance(shape, Shape)
    may, must = fields_of(kind)
    ours = {*shape.must, *shape.may}
    assert ours - BEYOND_THE_TYPES.get(kind, set()) == may
    assert must <= set(shape.must)


@pytest.mark.witness
def test_our_views_name_the_fields_that_slacks_types_name() -> None:
    for kind, name in (("modal", "SentModal"), ("home", "SentHome")):
        known = set(schemas()["sent"]["definitions"][name]["properties"]) - {"type"}
        shape = VIEW_SHAPES[kind]
        assert {*shape.must, *shape.may} - BEYOND_THE_TYPES.get(kind, set()) == known


@pytest.mark.witness
def test_we_know_every_block_and_element_that_slacks_types_know() -> None:
    known = {each["$ref"].rpartition("/")[2] for each in schemas()["sent"]["definitions"]["KnownBlock"]["anyOf"]}
    types = {kind for kind, names in definitions_by_type("sent").items() if known & set(names)}
    assert types - set(ALL_BLOCKS) == {"file"}  # apps cannot send it (docs: file block)
    assert set(CHILDREN) <= types
    for union, ours in (("ActionsBlockElement", set(ACTIONS)), ("InputBlockElement", set(FIELDS))):
        assert _types_in(union) == ours


def _types_in(name: str) -> set[str]:
    definition: Json = schemas()["sent"]["definitions"][name]
    found = set()
    for variant in definition.get("anyOf", [definition]):
        if "$ref" in variant:
            found |= _types_in(variant["$ref"].rpartition("/")[2])
        else:
            found.add(variant["properties"]["type"]["const"])
    return found
