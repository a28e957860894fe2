"""What a rulebook knows, and how it goes out and comes back."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.phrases import NotFound
from core.routing.triage import Conditions, Outcomes, Rule
from core.rulebook import (
    Agent,
    Change,
    CustomersRoom,
    Desk,
    Mailbox,
    Opening,
    Organisation,
    Queue,
    Role,
    Rulebook,
    RulebookError,
    check_toml,
    diff,
    duration,
    from_json,
    parse_toml,
    to_json,
    to_toml,
    written_duration,
)
from core.templates.locales import translate
from core.templates.macros import Template

EXAMPLE = (Path(__file__).parents[2] / "desk.example.toml").read_text(encoding="utf-8")
BOOK = parse_toml(EXAMPLE)

# --- Any rulebook at all

lines = st.text(st.characters(exclude_categories=["C", "Z"]) | st.sampled_from(" \"'\\#{}"), min_size=1, max_size=30)
lines = lines.map(str.strip).filter(bool)
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8})?", fullmatch=True)
spans = st.integers(1, 3650 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
tags = st.sampled_from(["en", "de", "pt-BR", "zh-Hant", "ja", "ar"])
words = st.lists(lines, min_size=1, max_size=3).map(tuple)
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="{}") | st.sampled_from("\n\r\t\"'\\\x7f"))
texts = st.builds("{}{}".format, plain, st.sampled_from(["x", "{customer|}", "{{}}", "{number}\n"]))
signatures = st.builds("{}{}".format, plain, st.sampled_from(["x", "{agent|}", "{{}}", "{desk}, {mailbox}\n"]))


@st.composite
def rulebooks(draw: st.DrawFn) -> Rulebook:
    queues = draw(st.lists(slugs, min_size=1, max_size=4, unique=True))
    named = st.sampled_from(queues)
    locals_ = draw(st.lists(slugs, min_size=1, max_size=4, unique=True))
    doors = [f"{local}@desk.example" for local in locals_]
    people = draw(st.lists(lines, max_size=4, unique=True))
    return Rulebook(
        desk=Desk(name=draw(lines), locale=draw(tags), time_zone=draw(st.sampled_from(["UTC", "Europe/Berlin"]))),
        mailboxes=tuple(
            Mailbox(
                address=door,
                name=draw(lines),
                queue=draw(named),
                locale=draw(st.none() | tags),
                sender=draw(st.sampled_from(["{agent} ({desk})", "{mailbox}", "{agent|The team}, {desk}"])),
            )
            for door in doors
        ),
        queues=tuple(draw(queue(name)) for name in queues),
        agents=tuple(
            Agent(
                name=name,
                email=f"agent{n}@desk.example",
                slack=draw(st.sampled_from([None, f"U{n}", f"T1:U{n}"])),
                role=draw(st.sampled_from(Role)),
                queues=tuple(draw(st.lists(named, unique=True))),
                languages=draw(st.dictionaries(tags, st.integers(1, 5), max_size=5)),
            )
            for n, name in enumerate(people)
        ),
        customers_rooms=tuple(
            CustomersRoom(
                room=f"customers-{n}",
                queue=draw(named),
                opens=draw(st.sampled_from(Opening)),
                group_within=draw(spans),
                locale=draw(st.none() | tags),
                direct=n == 0,
            )
            for n in range(draw(st.integers(0, 2)))
        ),
        organisations=tuple(
            Organisation(name=name, domains=(f"{name_of}.example", f"{name_of}.test"))
            for name_of, name in zip(
                draw(st.lists(slugs, min_size=3, max_size=3, unique=True)),
                draw(st.lists(lines, max_size=3, unique=True)),
                strict=False,
            )
        ),
        rules=tuple(draw(rule(name, queues, doors)) for name in draw(st.lists(lines, max_size=3, unique=True))),
        templates=tuple(
            Template(
                name=name, title=draw(st.dictionaries(tags, lines)), text=draw(st.dictionaries(tags, texts, min_size=1))
            )
            for name in draw(st.lists(slugs, max_size=3, unique=True))
        ),
    )


@st.composite
def queue(draw: st.DrawFn, name: str) -> Queue:
    remind = draw(st.none() | spans)
    values: dict[str, object] = {
        "name": name,
        "title": draw(lines),
        "acknowledge": draw(st.booleans()),
        "answers_within": draw(st.none() | spans),
        "remind_after": remind,
        "close_after": draw(st.none() | spans) if remind else None,
        "reopen_within": draw(spans),
        "signature": draw(st.dictionaries(tags, signatures)),
    }
    if draw(st.booleans()):
        values["room"] = f"room-{name}"
    return Queue.model_validate(values)


@st.composite
def rule(draw: st.DrawFn, name: str, queues: list[str], doors: list[str]) -> Rule:
    wanted = draw(st.none() | st.sampled_from(queues))
    return Rule(
        name=name,
        when=Conditions(
            door=draw(st.none() | st.sampled_from(doors)),
            sender=draw(st.none() | lines),
            subject=draw(st.just(()) | words),
            text=draw(st.just(()) | words),
        ),
        then=Outcomes(
            queue=wanted, urgency=draw(st.integers(0, 3) if wanted is None else st.none() | st.integers(0, 3))
        ),
    )


@given(rulebooks())
def test_what_is_written_as_toml_reads_back_the_same(book: Rulebook) -> None:
    assert parse_toml(to_toml(book)) == book


@given(rulebooks())
def test_what_is_stored_comes_back_the_same(book: Rulebook) -> None:
    assert from_json(to_json(book)) == book


@given(rulebooks(), rulebooks())
def test_two_rulebooks_differ_exactly_where_there_is_a_change_to_name(old: Rulebook, new: Rulebook) -> None:
    assert diff(old, old) == []
    assert bool(diff(old, new)) == (old != new)
    for change in diff(old, new):
        assert translate(change.sentence, "de")


# --- The example that newcomers copy


def test_the_example_is_in_order() -> None:
    assert check_toml(EXAMPLE).warnings == ()
    assert parse_toml(to_toml(BOOK)) == BOOK


def test_the_example_shows_everything_there_is() -> None:
    models = (Desk, Mailbox, Queue, Agent, Rule, Conditions, Outcomes, Template)
    keys = {field.alias or key for model in models for key, field in model.model_fields.items()}
    assert {key for key in keys if key not in EXAMPLE} == set()


def test_a_windows_file_with_a_byte_order_mark_is_read_too() -> None:
    assert parse_toml("\ufeff" + EXAMPLE.replace("\n", "\r\n")) == BOOK


# --- Who and where


@pytest.mark.parametrize(
    "address",
    [
        "support@desk.example",
        "Support@DESK.example",
        "support+t.aB3@desk.example",
        "support+a+b@desk.example",
        " support@desk.example. ",
    ],
)
def test_a_mailbox_is_found_whatever_the_letter_case_and_tag(address: str) -> None:
    found = BOOK.mailbox_for(address)
    assert found is not None
    assert found.address == "support@desk.example"
    assert BOOK.queue_of(address).name == "support"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        "support",
        "other@desk.example",
        "+@desk.example",
        "support@desk.example.org",
        "support" + "+" * 99_999 + "@desk.example",
    ],
)
def test_an_address_that_is_not_ours_has_no_mailbox(address: str) -> None:
    assert BOOK.mailbox_for(address) is None


def test_tickets_of_a_mailbox_that_is_gone_belong_to_the_first_queue() -> None:
    assert BOOK.queue_of("old@desk.example").name == "support"


def test_a_mailbox_whose_own_address_has_a_plus_is_found_with_a_tag_behind_it() -> None:
    book = Rulebook(
        desk=Desk(name="x"),
        mailboxes=(Mailbox(address="me+desk@mail.example", name="x", queue="support"),),
        queues=(Queue(name="support", title="x"),),
    )
    assert book.mailbox_for("me+desk+t.token@mail.example") is not None
    assert book.mailbox_for("me@mail.example") is None


def test_a_domain_is_the_same_in_its_own_letters_and_in_ascii() -> None:
    book = Rulebook(
        desk=Desk(name="x"),
        mailboxes=(Mailbox(address="hilfe@bücher.example", name="x", queue="support"),),
        queues=(Queue(name="support", title="x"),),
    )
    assert book.mailbox_for("hilfe@xn--bcher-kva.example") is not None


@given(st.text(st.characters()))
def test_no_recipient_is_too_strange_to_be_looked_up(address: str) -> None:
    found = BOOK.mailbox_for(address)
    assert found is None or found in BOOK.mailboxes


def test_an_agent_is_known_by_slack_id_or_by_mail_address() -> None:
    by_id = Agent(name="Ida", slack="U1")
    by_team = Agent(name="Tom", slack="T2:U2")
    by_mail = Agent(name="Ann", email="Ann@desk.example")
    book = BOOK.model_copy(update={"agents": (by_id, by_team, by_mail)})
    assert book.agent_for("T9:U1") == by_id
    assert book.agent_for("U1") == by_id
    assert book.agent_for("T2:U2") == by_team
    assert book.agent_for("T3:U2") is None
    assert book.agent_for("T1:U7", "ann@DESK.example") == by_mail
    assert book.agent_for("T1:U7", "eve@desk.example") is None
    assert book.agent_for() is None


def test_an_agent_without_queues_works_on_all_of_them() -> None:
    assert [agent.name for agent in BOOK.agents_of("billing")] == ["Sam Rivera", "Ann Walker", "Jonas Becker"]
    assert [agent.name for agent in BOOK.supervisors] == ["Sam Rivera"]


def test_a_queue_has_a_room_of_its_name_unless_it_says_otherwise() -> None:
    assert BOOK.queue("support").room == "desk-support"
    found = BOOK.queue_of_room("#desk-billing")
    assert found is not None
    assert found.name == "billing"
    assert BOOK.queue_of_room("general") is None
    with pytest.raises(NotFound, match="sales"):
        BOOK.queue("sales")


def test_a_rulebook_is_never_changed_only_replaced() -> None:
    with pytest.raises(ValidationError):
        BOOK.desk.name = "Other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        BOOK.templates[0].text["en"] = "Other"  # type: ignore[index]


def test_a_copy_with_other_parts_is_looked_up_anew_and_checked() -> None:
    assert BOOK.mailbox_for("billing@desk.example") is not None
    fewer = BOOK.model_copy(update={"mailboxes": BOOK.mailboxes[:1]})
    assert fewer.mailbox_for("billing@desk.example") is None
    assert parse_toml(EXAMPLE) == BOOK != fewer
    with pytest.raises(ValidationError):
        BOOK.model_copy(update={"queues": BOOK.queues[:1]})


# --- Stored


def test_a_rulebook_of_an_earlier_version_gets_the_defaults_of_what_it_did_not_know() -> None:
    stored = json.loads(to_json(BOOK))
    for queue in stored["queues"]:
        del queue["reopen_within"], queue["signature"]
    assert from_json(json.dumps(stored)).queue("support").reopen_within == timedelta(days=14)


def test_a_rulebook_of_a_newer_version_is_refused_with_a_sentence() -> None:
    stored = json.loads(to_json(BOOK))
    stored["queues"][0]["mood"] = "calm"
    with pytest.raises(RulebookError, match="newer version of Deskbell has written “mood”"):
        from_json(json.dumps(stored))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"desk": 1}', "{}"])
def test_a_broken_store_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(RulebookError) as caught:
        from_json(text)
    assert translate(caught.value.phrase, "de")


# --- Changes


def test_a_change_is_named_by_what_it_is_in() -> None:
    new = parse_toml(EXAMPLE.replace('answers_within = "4h"', 'answers_within = "2h"', 1))
    assert diff(BOOK, new) == [Change("queues.support.answers_within", "4h", "2h")]
    assert translate(diff(BOOK, new)[0].sentence) == "queues.support.answers_within was 4h and is now 2h"


def test_something_new_something_gone_and_another_order_are_changes() -> None:
    gone = BOOK.model_copy(update={"rules": BOOK.rules[:1]})
    turned = BOOK.model_copy(update={"rules": BOOK.rules[::-1]})
    assert [(change.path, change.after) for change in diff(BOOK, gone)] == [("rules.refunds", None)]
    assert [(change.path, change.before) for change in diff(gone, BOOK)] == [("rules.refunds", None)]
    assert diff(BOOK, turned) == [
        Change("rules (order)", ["nothing works", "refunds"], ["refunds", "nothing works"]),
    ]


# --- Lengths of time


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("3d", timedelta(days=3)),
        ("2w", timedelta(weeks=2)),
        ("1d12h", timedelta(hours=36)),
        (" 1d 12h ", timedelta(hours=36)),
        ("1w1d1h1m1s", timedelta(weeks=1, days=1, hours=1, minutes=1, seconds=1)),
        ("", None),
        ("0s", None),
        ("4", None),
        ("h", None),
        ("4 hours", None),
        ("-4h", None),
        ("1.5h", None),
        ("12h1d", None),
        ("1h1h", None),
        ("4H", None),
        ("99999w", None),
        ("٤h", None),
        ("9" * 5000 + "s", None),
    ],
)
def test_a_length_of_time_is_a_number_and_a_unit(written: str, length: timedelta | None) -> None:
    assert duration(written) == length


@given(spans)
def test_a_length_of_time_is_written_as_it_is_read(length: timedelta) -> None:
    assert duration(written_duration(length)) == length


def test_what_decides_who_gets_a_ticket_is_written_and_read_back_the_same() -> None:
    text = """
[desk]
name = "x"
[[mailboxes]]
address = "a@x.example"
name = "x"
queue = "q"
[[queues]]
name = "q"
title = "Q"
mode = "offer"
languages = ["en"]
most_each = 4
[[agents]]
name = "Ann"
email = "ann@x.example"
skills = { "network cards" = 4, refunds = 2 }
languages = { pt-BR = 5 }
hours = ["Mon-Fri 09:00-17:00"]
[[rules]]
name = "a"
when = { fields = { order = "*" }, during = ["Sat 10:00-12:00"], pattern = '\\bRMA-[0-9]+' }
then = { tags = ["vip"], skills = { refunds = 3 }, red_alert = true }
continue = true
[[rules]]
name = "b"
when = { tags = ["vip"] }
then = { assignee = "Ann", suppress = true }
[[rules]]
name = "c"
when = { tags = ["vip"], subject = ["x"] }
then = { urgency = 1 }
"""
    checked = check_toml(text)
    book = checked.rulebook
    assert book.rules[0].goes_on
    assert parse_toml(to_toml(book)) == book
    assert from_json(to_json(book)) == book
    [doubt] = [problem for problem in checked.warnings if problem.path == "rules[3]"]
    assert doubt.line == text[: text.index('name = "c"')].count("\n")
    assert "“b” above it takes all" in translate(doubt.sentence)
    for wrong, said in (('assignee = "Ann"', 'assignee = "Anne"'), ('mode = "offer"', 'mode = "ofer"')):
        with pytest.raises(RulebookError, match="Did you mean"):
            parse_toml(text.replace(wrong, said))
