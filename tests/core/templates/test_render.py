"""A template is filled whole, or not sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phrases import Refused
from core.templates.render import NAMES, Blanks, blanks, faults, first_name, leftovers, one_line, person, render

KNOWN = blanks(customer="Carla Gómez", agent="Ann Walker", number=42, subject="Broken", desk="Example Support")
anything = st.text(st.characters(codec="utf-8") | st.sampled_from("{}|"))


def test_every_placeholder_of_an_agents_template_is_filled() -> None:
    text = "{customer}/{customer_first}/{agent}/{number}/{subject}/{desk}"
    assert render(text, KNOWN) == "Carla Gómez/Carla/Ann Walker/42/Broken/Example Support"


@pytest.mark.parametrize(
    "text", ["{price}", "{customer.name}", "{customer!r}", "{0}", "{}", "{", "}", "{customer", "a}"]
)
def test_what_is_not_declared_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused):
        render(f"Hello {text}", KNOWN)
    assert faults(f"Hello {text}")


def test_a_refusal_names_the_placeholder() -> None:
    with pytest.raises(Refused, match=r"\{price\}"):
        render("That is {price}.", KNOWN)
    with pytest.raises(Refused, match=r"\{subject\}"):
        render("About {subject}", blanks(customer="Carla"))


def test_a_greeting_does_without_a_name_that_is_not_known() -> None:
    assert render("Hello {customer|},", blanks()) == "Hello,"
    assert render("Hello {customer|you},", blanks()) == "Hello you,"
    assert render("Hello {customer|},", KNOWN) == "Hello Carla Gómez,"


def test_double_braces_are_braces() -> None:
    assert render("{{customer}} is {customer}", KNOWN) == "{customer} is Carla Gómez"
    assert faults("{{customer}}") == []


@given(anything, anything)
def test_braces_in_a_customers_words_stay_what_they_are(name: str, subject: str) -> None:
    values = Blanks(customer=name, subject=subject)
    assert render("{customer}\n{subject}", values) == f"{name}\n{subject}"


@given(anything)
def test_a_text_is_either_filled_whole_or_refused(text: str) -> None:
    everything = Blanks(**dict.fromkeys(NAMES, "X"))
    if faults(text, NAMES):
        with pytest.raises(Refused):
            render(text, everything)
    else:
        render(text, everything)


def test_a_placeholder_that_an_agent_typed_is_found_before_sending() -> None:
    assert leftovers("Hello {customer}, your order {order} …") == ["{customer}"]
    assert leftovers('{"json": true}') == []


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Carla Gómez", "Carla Gómez"),
        ("Mustermann, Max", "Max Mustermann"),
        ('  "Max\tMustermann" ', "Max Mustermann"),
        ("田中太郎", "田中太郎"),
        ("Jean-Luc O’Neill", "Jean-Luc O’Neill"),
        ("Dr. Eva Maier", "Dr. Eva Maier"),
        ("", None),
        ("carla@example.com", None),
        ("Win now http://evil.example", None),
        ("Buy at evil.example", None),
        ("www.evil", None),
        ("<b>Max</b>", None),
        ("Max\r\nBcc: x@evil.example", None),
        ("\u202egro.elpmaxe", None),
        ("12345", None),
        ("x" * 81, None),
    ],
)
def test_a_name_that_could_carry_advertising_is_not_repeated(written: str, known: str | None) -> None:
    assert person(written) == known


def test_the_first_name_is_the_given_one_and_a_title_with_a_surname_stays_whole() -> None:
    assert first_name("Carla Gómez") == "Carla"
    assert first_name("Dr. Max Mustermann") == "Max"
    assert first_name("Prof. Dr. Maier") == "Prof. Dr. Maier"
    assert first_name("田中太郎") == "田中太郎"


@given(st.text(), st.integers(1, 300))
def test_one_line_is_one_line_of_visible_signs(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.splitlines() in ([], [line])
    assert line.isprintable() or "\u200c" in line or "\u200d" in line
