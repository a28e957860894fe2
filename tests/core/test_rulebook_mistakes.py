"""Every mistake in desk.toml is named with its line, a sentence and a remedy."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rulebook import Problem, RulebookError, check_toml, from_json, make, parse_toml, to_json, warnings
from core.rulebook.lines import locate
from core.templates.locales import blanks, translate

GOOD = """\
[desk]
name = "Example"
locale = "en"
time_zone = "Europe/Berlin"

[[mailboxes]]
address = "support@desk.example"
name = "Example Support"
queue = "support"

[[queues]]
name = "support"
title = "Support"
remind_after = "3d"
close_after = "4d"

[[queues]]
name = "billing"
title = "Billing"

[[agents]]
name = "Sam"
email = "sam@desk.example"
role = "supervisor"

[[agents]]
name = "Ann"
email = "ann@desk.example"
queues = ["support"]

[[rules]]
name = "refunds"
when = { subject = ["refund"] }
then = { queue = "billing", urgency = 1 }

[[templates]]
name = "delay"
title = { en = "Delay" }
text.en = \"\"\"
Hello {customer|},
it takes longer.\"\"\"

[[organisations]]
name = "Acme"
domains = ["acme.example", "acme.test"]
"""


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(RulebookError) as caught:
        parse_toml(text, "desk.toml")
    error = caught.value
    for problem in error.problems:
        for said in (problem.sentence, problem.remedy):
            assert blanks(said.text) <= said.values.keys()
        assert translate(problem.said("desk.toml"), "en") != translate(problem.said("desk.toml"), "de")
    assert str(error)
    return error.problems


def only(text: str) -> str:
    found = problems(text)
    assert len(found) == 1, [translate(problem.said("desk.toml")) for problem in found]
    return translate(found[0].said("desk.toml"))


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1
    return GOOD.replace(old, new, 1)


def test_the_text_that_these_tests_spoil_is_in_order() -> None:
    assert check_toml(GOOD).warnings == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence", "remedy"),
    [
        # TOML itself
        ('name = "Example"', "name = Example", 2, "must stand in quotes", 'name = "support"'),
        ('name = "Example"', "name = Example Support", 2, "must stand in quotes", 'name = "support"'),
        ('name = "Example"', 'name: "Example"', 2, "colon", 'name = "support"'),
        ('name = "Example"', "name = “Example”", 2, "not the quotes", 'name = "support"'),
        ('name = "Example"', 'name = "Example', 2, "does not end", "Close it"),
        ('name = "Example"', "name =", 2, "Nothing stands", 'name = "support"'),
        ('name = "Example"', "name = # later", 2, "Nothing stands", 'name = "support"'),
        ('locale = "en"', 'name = "en"', 3, "twice", "Keep one"),
        ("[[queues]]", "[[queues]", 11, "opened and not closed", "bracket"),
        ('queues = ["support"]', 'queues = ["support"', 31, "opened and not closed", "bracket"),
        # keys
        ("remind_after", "remind_aftr", 14, "“remind_aftr” is not known", "“remind_after”"),
        ("[[mailboxes]]", "[[mailbox]]", 6, "“mailbox” is not known", "“mailboxes”"),
        ("subject =", "subjekt =", 33, "“subjekt” is not known", "“subject”"),
        ('title = "Support"', "", 11, "“title” is missing", 'title = "Support"'),
        ('then = { queue = "billing", urgency = 1 }', "", 31, "“then” is missing", "then = {"),
        # kinds of values
        ('title = "Support"', "title = 3", 13, "must be a text", 'title = "Support"'),
        ('title = "Support"', 'title = "Support"\nacknowledge = "yes"', 14, "true or false", "acknowledge = true"),
        ("urgency = 1", 'urgency = "1"', 34, "whole number", "urgency = 2"),
        ("urgency = 1", "urgency = 1.5", 34, "whole number", "urgency = 2"),
        ("urgency = 1", "urgency = 4", 34, "cannot be 4", "0 (it can wait) to 3"),
        ("urgency = 1", "urgency = -1", 34, "cannot be -1", "0 (it can wait) to 3"),
        ('queues = ["support"]', 'queues = "support"', 29, "must be a list", 'queues = ["support"]'),
        ('when = { subject = ["refund"] }', 'when = "refund"', 33, "must be a table", "when = {"),
        ('title = { en = "Delay" }', 'title = "Delay"', 38, "must be a table", 'title = { en = "Delay" }'),
        ('"3d"', "3", 14, "“3” is not a length of time", "“1d12h”"),
        ('"3d"', '"three days"', 14, "“three days” is not a length of time", "“1d12h”"),
        ('"3d"', "2026-01-01", 14, "is not a length of time", "“1d12h”"),
        ('"sam@desk.example"', '"Sam <sam@desk.example>"', 23, "is not a mail address", "only the address"),
        ('"support@desk.example"', '"support"', 7, "is not a mail address", "only the address"),
        ('"support@desk.example"', '"support@-x.example"', 7, "is not a mail address", "only the address"),
        ('locale = "en"', 'locale = "english"', 3, "not a language", "“pt-BR”"),
        ('title = { en = "Delay" }', 'title = { xx = "Delay" }', 38, "not a language", "“pt-BR”"),
        ("Europe/Berlin", "Europe/Berln", 4, "no time zone", "“Europe/Berlin”"),
        ("Europe/Berlin", "../../etc/passwd", 4, "no time zone", "Europe/Berlin"),
        ("Europe/Berlin", "Europe", 4, "no time zone", "Europe"),
        ('"supervisor"', '"superviser"', 24, "no role", "“supervisor”"),
        ('name = "Sam"', 'name = "  "', 22, "is empty", 'name = "Ann"'),
        ('name = "Sam"', 'name = "Sam\\nBcc: x"', 22, "one line", "line breaks"),
        ('name = "Sam"', f'name = "{"x" * 201}"', 22, "too long", "200"),
        ('name = "support"', 'name = "Sup port"', 12, "short name", "hyphens"),
        ('name = "delay"', 'name = "De lay"', 37, "short name", "hyphens"),
        ('title = "Support"', 'title = "Support"\nroom = "#Desk"', 14, "Slack channel", "small letters"),
        ('email = "sam@desk.example"', 'slack = "Sam"', 23, "not a Slack member id", "U012ABCDEF"),
        # how things fit together
        ('queue = "support"', 'queue = "suport"', 9, "There is no queue “suport”", "“support”"),
        ('queues = ["support"]', 'queues = [\n"support",\n"sales"]', 31, "There is no queue “sales”", "support"),
        ('queue = "billing"', 'queue = "sales"', 34, "There is no queue “sales”", "billing"),
        ("when = {", 'when = { door = "help@desk.example",', 33, "There is no mailbox", "support@desk.example"),
        (
            'title = "Billing"',
            'title = "Billing"\n[[queues]]\nname = "support"\ntitle = "x"\nroom = "other"',
            21,
            "“support” is there twice",
            "Change one",
        ),
        ('name = "billing"', 'name = "billing"\nroom = "desk-support"', 19, "“desk-support” is there twice", "Change"),
        ('"ann@desk.example"', '"Sam@Desk.example"', 28, "there twice", "Change one"),
        ('name = "Ann"', 'name = "Sam"', 27, "“Sam” is there twice", "Change one"),
        ('remind_after = "3d"', "", 15, "counts from the reminder", "remind_after"),
        ('email = "sam@desk.example"', "", 21, "who “Sam” is in Slack", "member id"),
        ('then = { queue = "billing", urgency = 1 }', "then = {}", 34, "decides nothing", "queue"),
        ("{customer|}", "{custmer|}", 39, "{custmer|} is not a placeholder", "{customer}"),
        ("{customer|}", "{answer_within}", 39, "{answer_within} is not a placeholder", ""),
        ("{customer|}", "{", 39, "stands alone", "twice"),
        # senders' names and signatures
        ('name = "Example Support"', 'name = "E"\nsender = "{agnt} ({desk})"', 9, "{agnt} is not a", "{agent}"),
        ('name = "Example Support"', 'name = "E"\nsender = "{customer}"', 9, "{customer} is not a placeholder", ""),
        ('title = "Support"', 'title = "S"\nsignature = { en = "{customer}" }', 14, "{customer} is not a", ""),
        ('title = "Support"', 'title = "S"\nsignature = { en = "{agent}" }', 14, "{agent} is not always", "{agent|}"),
        # what the desk sends by itself
        ('"delay"', '"acknowledgement"\ntext.de = "{subject}"', 38, "{subject} is not always known", "{subject|}"),
        ('"delay"', '"closing"\ntext.de = "{customer}"', 38, "{customer} is not always known", "{customer|…}"),
        ('"delay"', '"reminder"\ntext.de = "{close_after}"', 38, "{close_after} is not always", "{close_after|}"),
        ('"delay"', '"acknowledgement"\ntext.de = "{agent}"', 38, "{agent} is not always known", "{agent|}"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_its_remedy(
    old: str, new: str, line: int, sentence: str, remedy: str
) -> None:
    found = only(changed(old, new))
    assert found.startswith(f"desk.toml, line {line}: "), found
    assert sentence in found
    assert remedy in found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("delay", "{customer}, about {subject}"),  # an agent sees what is missing
        ("acknowledgement", "{number} {desk} {customer|} {subject|your request}"),
        ("acknowledgement-promise", "{number}: within {answer_within}"),
        ("reminder-closing", "{number}: in {close_after}"),
        ("closing", "{number}: for {reopen_within}"),
    ],
)
def test_a_text_may_name_what_is_always_known_where_it_is_sent(name: str, text: str) -> None:
    parse_toml(changed('"delay"', f'"{name}"\ntext.de = "{text}"'), "desk.toml")


def test_two_mailboxes_with_the_same_address_are_one_too_many() -> None:
    second = '\n[[mailboxes]]\naddress = "Support@desk.example"\nname = "x"\nqueue = "support"\n'
    assert "line 48: The address “support@desk.example” is there twice" in only(GOOD + second)


def test_a_desk_needs_a_queue_and_a_mailbox() -> None:
    said = [translate(problem.sentence) for problem in problems('[desk]\nname = "Example"\n')]
    assert any("no queue" in one for one in said)
    assert any("no mailbox" in one for one in said)


def test_an_empty_file_says_how_to_begin() -> None:
    assert "“desk” is missing" in only("")


def test_all_mistakes_are_named_at_once_in_the_order_of_the_file() -> None:
    text = changed('"3d"', '"x"').replace('"supervisor"', '"boss"').replace('locale = "en"', "locale = 1")
    assert [problem.line for problem in problems(text)] == [3, 14, 24]


def test_a_desk_without_a_supervisor_is_warned() -> None:
    checked = check_toml(changed('role = "supervisor"', ""))
    assert [problem.line for problem in checked.warnings] == [21]
    assert translate(checked.warnings[0].sentence) == "Nobody is a supervisor."
    assert [problem.line for problem in warnings(checked.rulebook)] == [None]


def test_a_queue_nobody_serves_and_a_rule_nobody_reaches_are_warned() -> None:
    text = changed('role = "supervisor"', 'role = "supervisor"\nqueues = ["support"]')
    text = text.replace('when = { subject = ["refund"] }', "")
    text += '\n[[rules]]\nname = "late"\nthen = { urgency = 2 }\n'
    said = [(problem.line, translate(problem.sentence)) for problem in check_toml(text).warnings]
    assert said == [
        (18, "Nobody works on the queue “billing”."),
        (48, "The rule “refunds” takes everything, so those after it never fit."),
    ]


def test_brackets_without_end_are_a_mistake_and_not_a_crash() -> None:
    assert "nested too deeply" in only("x = " + "[" * 5_000)


def test_tables_that_come_from_a_modal_are_checked_without_lines() -> None:
    data: dict[str, Any] = tomllib.loads(GOOD)
    data["queues"][0]["remind_after"] = "soon"
    with pytest.raises(RulebookError) as caught:
        make(data)
    problem = caught.value.problems[0]
    assert (problem.line, problem.path) == (None, "queues[1].remind_after")
    assert translate(problem.said("desk")).startswith("desk, queues[1].remind_after: “soon”")


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("[]{}=\"'#\n.,")))
def test_no_text_is_too_broken_for_a_sentence(text: str) -> None:
    with pytest.raises(RulebookError) as caught:
        parse_toml(text)
    assert caught.value.problems


@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.text(st.sampled_from("[]{}=\"'#\n.,a1 "), max_size=5))
def test_no_slip_of_the_keyboard_is_too_odd_for_a_sentence(at: int, length: int, typed: str) -> None:
    text = GOOD[:at] + typed + GOOD[at + length :]
    found: tuple[Problem, ...] = ()
    try:
        parse_toml(text)
    except RulebookError as error:
        found = error.problems
    assert all(problem.line is not None and 1 <= problem.line <= text.count("\n") + 1 for problem in found)


# --- Lines

keys = st.sampled_from(["a", "b", "c-d", '"x y"', "'q.r'", '"\\u00e9"'])
values = st.recursive(
    st.sampled_from(
        [
            "1",
            "true",
            '""',
            "''",
            '""""a"""""',
            "inf",
            '"x # [y]"',
            "'l'",
            '"""\nm\n"n" \\\\"""',
            "'''\n'o''\n'''",
            "2026-01-01 10:00:00",
            "-1.5e3",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda some: "[\n " + ", # c ]\n ".join(some) + " \n]")
        | st.lists(st.tuples(keys, inner), max_size=2, unique_by=lambda pair: pair[0]).map(
            lambda some: "{ " + ", ".join(f"{key} = {value}" for key, value in some) + " }"
        )
    ),
    max_leaves=6,
)
statements = (
    st.tuples(st.lists(keys, min_size=1, max_size=2).map(" . ".join), values).map(lambda p: f"{p[0]} = {p[1]} # end")
    | st.lists(keys, min_size=1, max_size=2).map(lambda some: f"[ {'.'.join(some)} ] # t")
    | st.lists(keys, min_size=1, max_size=2).map(lambda some: f"  [[{'.'.join(some)}]]")
    | st.sampled_from(["", "# comment = [", "\t"])
)


def paths(data: Any, at: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    items: Any = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = {at} - {()}
    for step, value in items:
        found |= paths(value, (*at, step))
    return found


@given(st.lists(statements, max_size=12).map("\n".join))
def test_everything_that_the_parser_finds_has_a_line_and_nothing_else_has(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = locate(text)
    assert set(found) == paths(data)
    assert all(1 <= line <= text.count("\n") + 1 for line in found.values())


@given(
    st.lists(st.sampled_from(["k{n} = 1", "k{n} = [\n1,\n2]", "[t{n}]", "[[a]]", "# c", ""]), min_size=1, max_size=15)
)
def test_a_key_stands_on_the_line_that_it_is_written_on(parts: list[str]) -> None:
    text = "\n".join(part.format(n=n) for n, part in enumerate(parts))
    lines = text.split("\n")
    for path, line in locate(text).items():
        name = next(step for step in reversed(path) if isinstance(step, str))
        assert name in lines[line - 1] or isinstance(path[-1], int)


def test_the_shipped_example_is_located_whole() -> None:
    text = (Path(__file__).parents[2] / "desk.example.toml").read_text(encoding="utf-8")
    assert set(locate(text)) == paths(tomllib.loads(text))


def test_mistakes_in_a_part_and_between_parts_are_all_named_at_once_with_their_lines() -> None:
    text = (
        changed('title = "Support"', "title = 3")
        .replace('queue = "support"', 'queue = "suport"')
        .replace('queues = ["support"]', 'queues = ["support", 7]\nrole = "chief"')
        .replace('email = "sam@desk.example"', 'email = "ann@desk.example"')
        .replace('queue = "billing"', 'queue = "bills"')
        .replace("{customer|}", "{costumer}")
    )
    said = [(problem.line, translate(problem.sentence)) for problem in problems(text)]
    assert said == [
        (9, "There is no queue “suport”."),
        (13, "“title” must be a text in quotes."),
        (28, "The email “ann@desk.example” is there twice."),
        (29, "“queues” must be a text in quotes."),
        (30, "There is no role “chief”."),
        (35, "There is no queue “bills”."),
        (40, "{costumer} is not a placeholder of this template."),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "support"\ntitle', 'name = "Sup port"\ntitle'),  # what names it is not wrong for that
        ('name = "support"\ntitle', "title"),
        ('remind_after = "3d"', 'remind_after = "soon"'),  # a reminder is meant
        ('remind_after = "3d"', 'remind_aftr = "3d"'),
        ('email = "ann@desk.example"', 'email = "ann"'),
        ('email = "ann@desk.example"', 'mail = "ann@desk.example"'),
        ("then = {", "than = {"),
        ("text.en", "texts.en"),
        ("[[mailboxes]]", "[[mailbox]]"),
    ],
)
def test_what_follows_from_a_mistake_is_not_named_as_another(old: str, new: str) -> None:
    found = [problem for problem in problems(changed(old, new)) if "is missing" not in translate(problem.sentence)]
    assert len(found) <= 1


@pytest.mark.parametrize(
    ("domains", "sentence", "remedy"),
    [
        ('["acme"]', "“acme” is not a domain", "behind the @"),
        ('["@acme.test"]', "“@acme.test” is not a domain", "behind the @"),
        ("[]", "“domains” is empty", "acme.example"),
        ('["acme.test", "ACME.test"]', "The domain “acme.test” is there twice", "take it out"),
        ('["gmail.com"]', "At “gmail.com” anybody may have an address", "strangers could write"),
        ('"acme.test"', "must be a list in square brackets", "acme.example"),
    ],
)
def test_an_organisation_has_domains_of_its_own(domains: str, sentence: str, remedy: str) -> None:
    said = only(changed('domains = ["acme.example", "acme.test"]', f"domains = {domains}"))
    assert "line 45" in said
    assert sentence in said
    assert remedy in said


def test_an_address_without_a_dot_is_a_mistake_in_a_file_and_none_in_a_rulebook_in_use() -> None:
    text = changed('address = "support@desk.example"', 'address = "support@desk"')
    said = only(text)
    assert "line 7: “support@desk” has no dot after the @" in said
    assert "support@example.com" in said
    used = parse_toml(GOOD).model_copy()
    kept = to_json(used).replace('"support@desk.example"', '"support@desk"')
    assert from_json(kept).mailboxes[0].address == "support@desk"


ROOMS = f"""{GOOD}
[[customers_rooms]]
room = "acme-help"
queue = "support"
direct = true
"""


@pytest.mark.parametrize(
    ("old", "new", "below", "sentence", "remedy"),
    [
        ('room = "acme-help"', 'room = "desk-support"', 1, "customers would read", "another channel"),
        ('room = "acme-help"', 'room = "#acme"', 1, "cannot be the name of a Slack channel", "without #"),
        ("direct = true", 'opens = "ask"', 3, "A ticket cannot be opened “ask”", "“asked”"),
        ("direct = true", 'direct = "yes"', 3, "true or false", "direct = true"),
        ("direct = true", '[[customers_rooms]]\nroom = "x"\nqueue = "sales"', 5, "no queue “sales”", "There is"),
    ],
)
def test_what_is_wrong_with_customers_rooms_is_named(
    old: str, new: str, below: int, sentence: str, remedy: str
) -> None:
    said = only(ROOMS.replace(old, new))
    assert f"line {GOOD.count(chr(10)) + 2 + below}:" in said
    assert sentence in said
    assert remedy in said


def test_a_rule_may_be_about_a_customers_room() -> None:
    text = ROOMS.replace('subject = ["refund"]', 'door = "#acme-help"')
    assert parse_toml(text).rules[0].when.door == "#acme-help"
    assert "no mailbox “#acme”" in only(text.replace('door = "#acme-help"', 'door = "#acme"'))
