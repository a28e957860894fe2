"""In Slack: supervisors set up calendars, promises, ladders and duties, and see what they did before and after."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.reader import Reader
from bot.views.rulebook import windows
from bot.views.rulebook.forms import FORMS, Form
from bot.views.rulebook.inputs import asked, read
from bot.views.rulebook.windows import Notes
from core.desk.editing import Changed
from core.phrases import phrase
from core.rulebook import Change, Rulebook, diff, parse_toml
from core.rulebook.editing import records
from core.storage.drafts import Draft
from sandbox import forms
from sandbox.errors import Json
from sandbox.surfaces import view_problems
from tests.bot.office import ANN, ROOM, SAM, Office, buttons_of, words_of
from tests.world import RULEBOOK

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOT_HERE = {
    "queues": {
        *("name", "title", "room", "acknowledge", "page", "contact", "rating", "signature", "mode", "offer_for"),
        *("give_back_after", "silent_after", "languages", "most_each"),
        *("incident_from", "incident_within", "incident_alike"),
    },
    "agents": {"name", "email", "slack", "role", "queues", "languages", "skills", "capacity", "telegram"},
    "organisations": {"name", "domains", "workspaces", "tier", "language"},
}
"""Fields that have nothing to do with time: they stay in the file."""

LARGE = parse_toml(
    RULEBOOK
    + "".join(f'[[calendars]]\nname = "c{n}"\nhours = ["Mon 09:00-10:00"]\n' for n in range(120))
    + '[[ladders]]\nname = "long"\nsteps = ['
    + ", ".join('{ after = "5m", notify = ["supervisors", "agent:Ann Walker", "group:S012ABC"] }' for _ in range(50))
    + "]\n"
    + "".join(f'[[agents]]\nname = "{"n" * 180} {n}"\nemail = "a{n}@desk.example"\n' for n in range(120))
    + '[[rosters]]\nname = "watch"\nshifts = [{ people = ["Ann Walker"], starts = "2026-01-05" }]\noverrides = ['
    + ", ".join(
        f'{{ person = "Ann Walker", begins = "20{30 + n}-01-01 09:00", ends = "20{30 + n}-01-02 09:00" }}'
        for n in range(60)
    )
    + "]\n"
)


@pytest.fixture
async def office(sqlite_url: str, tmp_path: Path) -> AsyncGenerator[Office]:
    async with Office(sqlite_url, tmp_path) as made:
        yield await made.open()


# The windows themselves


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_field_of_time_is_asked_for(form: Form) -> None:
    here = {one.key for one in form.fields}
    assert here | NOT_HERE.get(form.kind, set()) == set(form.model.model_fields)
    for one in form.fields:
        if one.items is not None:
            assert {each.key for each in one.items.fields} == set(one.items.model.model_fields)


@pytest.mark.parametrize("book", [parse_toml(RULEBOOK), LARGE], ids=["small", "large"])
@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_slack_takes_every_window(book: Rulebook, kind: str, locale: str) -> None:
    reader, notes, warning = Reader(locale), Notes(kind, 1, 7, "V1", "V2"), [phrase("Take it out.")] * 30
    changed = [
        Changed(n, _NOW, "Sam " * 60, (Change(f"ladders.{'l' * 60}.steps", [], [{"after": "5m"}]),) * 9)
        for n in range(5)
    ]
    assert view_problems(windows.listed(book, changed, notes, reader, warning), "modal") == []
    for name, said in [(None, {}), *((str(one.get("name")), one) for one in records(book, kind)[:3])]:
        draft = Draft(7, kind, name, 1, said)
        assert view_problems(windows.thing(draft, book, notes, reader, warning), "modal") == []
        for one in FORMS[kind].fields:
            if one.items is not None:
                shown = windows.part(draft, book, notes._replace(key=one.key), reader, warning)
                assert view_problems(shown, "modal") == []


def test_a_window_that_is_sent_as_it_was_changes_nothing() -> None:
    for kind, form in FORMS.items():
        for said in records(LARGE, kind)[:5]:
            state = _state(form, said, LARGE)
            sent = read(form, state, said)
            assert {key: value for key, value in sent.items() if value != said.get(key)} == {}
            for one in form.fields:
                for part in said.get(one.key) or () if one.items else ():
                    assert one.items is not None
                    again = read(one.items, _state(one.items, part, LARGE), part)
                    assert {key: value for key, value in again.items() if value != part.get(key)} == {}


def _state(form: Form, said: Mapping[str, Any], book: Rulebook) -> Json:
    """What Slack sends of a window in which nobody typed anything."""
    return forms.state([block for one in form.fields for block in asked(form, one, said, book, Reader())])


# At work


async def open_window(office: Office, kind: str = "calendars") -> Json:
    await office.sandbox.slash(SAM, ROOM, "/desk", f"setup {kind}")
    return await office.modal(SAM, windows.LIST)


async def press(office: Office, view: Json, action: str, values: Json | None = None, **more: Any) -> None:
    given: Json | str = {"action_id": action, **more} if more else action
    await office.sandbox.click(SAM, given, view_id=view["id"], values=values)


def menu(view: Json, action: str, way: str, place: int = 0) -> Json:
    """The option of one of several menus, with its block."""
    blocks = [b for b in view["blocks"] if (b.get("accessory") or {}).get("action_id") == action]
    element = blocks[place]["accessory"]
    chosen = next(one for one in element["options"] if one["value"].startswith(way))
    return {"action_id": action, "selected_option": chosen, "block": blocks[place]["block_id"]}


async def pick(office: Office, view: Json, action: str, way: str, place: int = 0) -> None:
    chosen = menu(view, action, way, place)
    block = chosen.pop("block")
    await office.sandbox.click(SAM, chosen, view_id=view["id"], block_id=block)


def typed(**values: str) -> Json:
    return {
        key.replace("_more", "-more"): {key.replace("_more", "-more"): {"value": said}} for key, said in values.items()
    }


async def test_a_calendar_is_written_looked_at_put_in_force_and_taken_back(office: Office) -> None:
    view = await open_window(office)
    await press(office, view, "rulebook-add")
    record = await office.modal(SAM, windows.RECORD)
    wrong = typed(name="office", hours="Mon-Fri 9-5", holidays="DE-XX", time_zone="Europe/Berlim", days="31.12. closed")
    answer = await office.sandbox.submit(SAM, record["id"], wrong)
    errors = answer["ack"]["errors"]
    assert set(errors) == {"hours", "time_zone", "days", "holidays"}
    assert "Did you mean “Europe/Berlin”?" in errors["time_zone"]
    assert "the days in English" in errors["hours"]
    assert "DE has no region “XX”" in errors["holidays"]
    wrong |= typed(hours="Mon-Fri 09:00-12:00\nMon-Fri 13:00-17:00", time_zone="", days="12-24 09:00-12:00 Heiligabend")
    right = {**wrong, **typed(holidays="DE-BY")}
    await press(office, record, "rulebook-look", right)
    year = words_of(await office.modal(SAM, windows.LOOK))
    assert "-01-06 " in year  # a holiday of Bavaria, by whatever name this machine calls it
    assert "12-24 " in year
    assert (await office.desk.book.soon()).calendars == ()  # nothing counts yet
    await office.sandbox.close_view(SAM, (await office.modal(SAM, windows.LOOK))["id"])
    await office.sandbox.submit(SAM, record["id"], right)
    await office.eventually(lambda: _with_calendars(office))
    book = await office.desk.book.soon()
    assert book.calendars[0].hours == ("Mon-Fri 09:00-12:00", "Mon-Fri 13:00-17:00")
    view = await office.until(lambda: _topmost(office, "Calendar office: new"))
    assert "Sam Rivera" in words_of(view)
    assert [change.path for change in diff(office.book, book)] == ["calendars.office"]
    await press(office, view, "rulebook-undo")
    await office.eventually(lambda: _without_calendars(office))


async def _with_calendars(office: Office) -> bool:
    return bool((await office.desk.book.soon()).calendars)


async def _without_calendars(office: Office) -> bool:
    return not (await office.desk.book.soon()).calendars


def _topmost(office: Office, words: str) -> Json | None:
    stack = office.sandbox.views.get(SAM) or []
    return stack[-1] if stack and words in words_of(stack[-1]) else None


async def test_a_ladder_is_made_step_by_step(office: Office) -> None:
    view = await open_window(office, "ladders")
    await press(office, view, "rulebook-add")
    record = await office.modal(SAM, windows.RECORD)
    answer = await office.sandbox.submit(SAM, record["id"], typed(name="usual"))
    assert answer["ack"]["response_action"] == "update"  # no input is to blame
    assert "⚠" in words_of(await office.modal(SAM, windows.RECORD))
    for number, (after, targets) in enumerate([("5 minutes", "pager:1"), ("30m", "group:S0NIGHT")]):
        await press(office, record, "rulebook-part-add", typed(name="usual"), value="steps")
        step = await office.modal(SAM, windows.ITEM)
        values = typed(after=after, notify_more=targets)
        if number == 0:
            errors = (await office.sandbox.submit(SAM, step["id"], values))["ack"]["errors"]
            assert set(errors) == {"after", "notify-more"}
            values = {**typed(after="15m", notify_more=""), **_picked(step, "notify", "on duty", "supervisors")}
        await office.sandbox.submit(SAM, step["id"], values)
        record = await office.until(lambda n=number: _topmost(office, f"{n + 1}. After"))
    await pick(office, record, "rulebook-part", windows.UP, 1)
    record = await office.until(lambda: _topmost(office, "1. After: 30m"))
    await press(office, record, "rulebook-look", typed(name="usual"))
    look = await office.modal(SAM, windows.LOOK)
    assert "In Support, by the ladder “usual”" in words_of(look)
    await office.sandbox.close_view(SAM, look["id"])
    await office.sandbox.submit(SAM, record["id"], typed(name="usual", repeat="1", repeat_after="1h"))
    await office.until(lambda: _topmost(office, "Ladder usual: new"))
    ladder = (await office.desk.book.soon()).ladders[0]
    assert [step.notify for step in ladder.steps] == [("group:S0NIGHT",), ("on duty", "supervisors")]
    assert ladder.repeat == 1


def _picked(view: Json, block: str, *values: str) -> Json:
    element = next(one["element"] for one in view["blocks"] if one["block_id"] == block)
    options = [one for one in element["options"] if one["value"] in values]
    return {block: {block: {"selected_options": options}}}


async def test_what_something_needs_is_not_taken_out(office: Office) -> None:
    await office.desk.apply.soon(parse_toml(RULEBOOK + PROMISED), "test")
    view = await open_window(office)
    await pick(office, view, "rulebook-do", windows.REMOVE)
    shown = await office.until(lambda: _topmost(office, "⚠"))
    assert "policies[1].calendar: There is no calendar “office”." in words_of(shown)


PROMISED = """
[[calendars]]
name = "office"

[[policies]]
name = "all"
calendar = "office"
first_response = "1h"
"""


async def test_a_duty_with_a_gap_is_refused_and_a_queue_gets_its_ladder(office: Office) -> None:
    ladder = '\n[[ladders]]\nname = "usual"\nsteps = [{ notify = ["supervisors"] }]\n'
    roster = '[[rosters]]\nname = "watch"\nshifts = [{ people = ["Ann Walker"], starts = "2026-01-05" }]\n'
    await office.desk.apply.soon(parse_toml(RULEBOOK + ladder + roster), "test")
    view = await open_window(office, "rosters")
    await pick(office, view, "rulebook-do", windows.EDIT)
    record = await office.modal(SAM, windows.RECORD)
    await pick(office, record, "rulebook-part", windows.EDIT)
    shift = await office.modal(SAM, windows.ITEM)
    await office.sandbox.submit(SAM, shift["id"], typed(hours="Mon-Fri 09:00-17:00"))
    record = await office.until(lambda: _topmost(office, "Hours: Mon-Fri"))
    await office.sandbox.submit(SAM, record["id"], {})
    assert "nobody is on duty" in words_of(await office.until(lambda: _topmost(office, "⚠"))).casefold()
    view = await open_window(office, "queues")
    await press(office, view, "rulebook-do", value=_value(view, "rulebook-do"))
    record = await office.modal(SAM, windows.RECORD)
    chosen = next(b["element"] for b in record["blocks"] if b["block_id"] == "ladder")["options"][-1]
    await office.sandbox.submit(SAM, record["id"], {"ladder": {"ladder": {"selected_option": chosen}}})
    await office.until(lambda: _topmost(office, "Queue support: Ladder: – → usual"))


def _value(view: Json, action: str) -> str:
    return next(
        b["accessory"]["value"] for b in view["blocks"] if (b.get("accessory") or {}).get("action_id") == action
    )


async def test_supervisors_find_it_in_their_home_and_nobody_else_may(office: Office) -> None:
    await office.sandbox.open_home(SAM)
    home = await office.until(lambda: office.sandbox.state()["homes"].get(SAM))
    assert windows.LIST in buttons_of(home)
    await office.sandbox.click(SAM, windows.LIST, view_id=home["id"])
    view = await office.modal(SAM, windows.LIST)
    await press(office, view, windows.KIND + "rosters")
    await office.until(lambda: _topmost(office, "Duties"))
    await office.sandbox.slash(ANN, ROOM, "/desk", "setup")
    await office.told(ANN, "Only supervisors can do this.")
