"""Every customer is written to in a language that is theirs, or the desk's, or English."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.phrases import NotFound
from core.templates.announcements import About, acknowledge, remind, say_closed
from core.templates.locales import shipped
from core.templates.macros import ANNOUNCEMENTS, Template, library, shipped_templates
from core.templates.render import NAMES, Blanks, blanks, render

SHIPPED = library()


def about(**values: object) -> About:
    known: dict[str, object] = {
        "number": 4711,
        "subject": "Broken",
        "customer": "Carla Gómez",
        "desk": "Example Support",
        "language": "en",
    }
    return About(**{**known, **values})  # type: ignore[arg-type]


def test_two_macros_are_there_for_agents_and_the_desks_own_words_are_not_among_them() -> None:
    assert [template.name for template in SHIPPED.macros] == ["more-information", "solved"]


def test_a_macro_is_picked_in_the_customers_language() -> None:
    picked = SHIPPED.pick("solved", "de-AT")
    assert picked.as_wished
    assert picked.language == "de"
    assert "Guten Tag" in picked.text


def test_a_customer_whose_language_is_missing_is_written_to_in_the_desks_and_that_is_said() -> None:
    picked = library(default="de").pick("solved", "fi")
    assert not picked.as_wished
    assert picked.language == "de"
    assert SHIPPED.pick("solved", None).language == "en"


def test_an_unknown_template_is_not_found() -> None:
    with pytest.raises(NotFound, match="refnud"):
        SHIPPED.pick("refnud", "en")


def test_a_desks_own_template_stands_beside_the_shipped_ones() -> None:
    own = Template(name="delay", title={"de": "Es dauert"}, text={"de": "Es dauert länger."})
    ours = library([own])
    assert [template.name for template in ours.macros] == ["more-information", "solved", "delay"]
    assert ours.pick("delay", "en").text == "Es dauert länger."
    assert not ours.pick("delay", "en").as_wished
    assert ours.title("delay", "en") == "Es dauert"


def test_a_desks_own_words_replace_the_shipped_ones_language_by_language() -> None:
    ours = library([Template(name="closing", text={"en": "Bye {customer|}."})])
    assert say_closed(ours, about(), timedelta(days=14)).text == "Bye Carla Gómez."
    assert "Guten Tag" in say_closed(ours, about(language="de"), timedelta(days=14)).text


def test_own_words_that_ask_for_what_is_not_known_give_way_to_the_shipped_ones() -> None:
    ours = library([Template(name="acknowledgement", text={"en": "About {subject}."})])
    assert acknowledge(ours, about(), None).text == "About Broken."
    assert acknowledge(ours, about(subject=""), None) == acknowledge(SHIPPED, about(subject=""), None)


def test_titles_are_in_the_agents_language() -> None:
    assert (SHIPPED.title("solved", "en"), SHIPPED.title("solved", "de-CH")) == ("Solved", "Gelöst")


def test_an_acknowledgement_names_the_number_and_the_time_it_really_takes() -> None:
    said = acknowledge(SHIPPED, about(), timedelta(hours=4))
    assert "4711" in said.text
    assert "within 4 hours" in said.text
    assert said.language == "en"
    german = acknowledge(SHIPPED, about(language="de"), timedelta(days=2))
    assert "nicht länger als 2 Tage" in german.text


def test_an_acknowledgement_promises_nothing_where_nothing_is_known() -> None:
    said = acknowledge(SHIPPED, about(), None)
    assert "4711" in said.text
    assert "hour" not in said.text


def test_a_reminder_says_when_we_close_and_does_not_where_we_do_not() -> None:
    assert "4 days" in remind(SHIPPED, about(), timedelta(days=4)).text
    assert "close" not in remind(SHIPPED, about(), None).text


def test_a_reminder_to_a_customer_without_a_name_is_still_a_letter() -> None:
    assert remind(SHIPPED, about(customer=""), None).text.startswith("Hello,\n")
    assert remind(SHIPPED, about(customer="", language="de"), None).text.startswith("Guten Tag,\n")


@pytest.mark.parametrize("name", sorted(shipped_templates()))
def test_every_shipped_template_is_there_in_every_locale_and_could_be_sent(name: str) -> None:
    template = shipped_templates()[name]
    assert set(template.text) == set(shipped())
    assert template.faults() == []
    full = Blanks(**dict.fromkeys(NAMES, "X"))
    nearly_nobody = blanks(agent="Ann", number=1, desk="Example")
    for text in template.text.values():
        assert "{" not in render(text, full)
        if name not in ANNOUNCEMENTS:
            render(text, nearly_nobody)


@given(st.text(), st.text(), st.text(), st.sampled_from([*shipped(), "fi", None]))
def test_no_customer_is_strange_enough_to_stop_an_announcement(
    customer: str, subject: str, desk: str, language: str | None
) -> None:
    values = about(customer=customer, subject=subject, desk=f"Desk {desk}", language=language)
    for said in (
        acknowledge(SHIPPED, values, timedelta(hours=4)),
        acknowledge(SHIPPED, values, None),
        remind(SHIPPED, values, timedelta(days=4)),
        remind(SHIPPED, values, None),
        say_closed(SHIPPED, values, timedelta(days=14)),
    ):
        assert said.language in shipped()
        assert "4711" in said.text
        said.text.encode()
