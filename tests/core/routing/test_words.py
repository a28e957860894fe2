"""What words alone say: with reasons that quote them, fields in one form, near-duplicates; whatever is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.routing.duplicates import Texts
from core.routing.fields import FieldPattern, find_fields
from core.routing.reader import understand
from core.routing.signals import language
from core.routing.signals.detectors import Plain


def test_an_angry_spanish_mail_for_everyone_is_understood_with_reasons_that_stand_in_it() -> None:
    text = "¡Estoy harto! El pago no funciona para nadie en la empresa. Pedido 99812, 49,90 €."
    heard = understand(text)
    assert (heard.language, heard.urgency, heard.mood, heard.scope) == ("es", 3, "angry", "everyone")
    for reason in heard.urgency_reasons + heard.mood_reasons + heard.scope_reasons:
        assert reason.span is not None
        assert text[slice(*reason.span)] == reason.evidence
    assert [(field.name, field.value) for field in heard.fields] == [
        ("order", "99812"),
        ("amount", {"value": "49.90", "currency": "EUR"}),
    ]


def test_what_is_negated_is_not_meant_and_the_subject_counts_without_a_place() -> None:
    assert understand("This is not urgent.", prior="en").urgency == 0
    assert understand("急ぎではありません。", prior="ja").urgency == 0
    heard = understand("See the log.", "URGENT", prior="en")
    assert heard.urgency == 2
    assert heard.urgency_reasons[0].span is None


@pytest.mark.parametrize(
    ("tag", "text", "expected"),
    [
        ("en", "Order #12345-A of May 3, 2026, call (415) 555-2671", {"12345-A", "2026-05-03", "+14155552671"}),
        ("de", "Rechnung Nr. RE-2026-17 vom 3. Mai, IBAN DE89 3704 0044 0532 0130 00",
         {"RE-2026-17", "--05-03", "DE89370400440532013000"}),
        ("zh-Hans", "订单号12345，5月3日下单，电话13812345678，邮箱a@b.cn谢谢",
         {"12345", "--05-03", "+8613812345678", "a@b.cn"}),
        ("th", "คำสั่งซื้อ 12345 วันที่ 3 พฤษภาคม 2569 โทร 081-234-5678", {"12345", "2026-05-03", "+66812345678"}),
        ("tr", "12345 numaralı siparişim", {"12345"}),
        ("en", "Track 1Z999AA10123456784 at https://a.example/x?id=4711.",
         {"1Z999AA10123456784", "https://a.example/x?id=4711"}),
        ("en", "My 3 chairs, room 12 at 10.30, 5% off, version 2.3.4", set()),
    ],
)  # fmt: skip
def test_fields_are_found_in_every_script_and_in_one_form(tag: str, text: str, expected: set[str]) -> None:
    assert {str(field.value) for field in find_fields(text, tag)[0]} == expected


def test_a_desks_own_pattern_goes_first_and_a_bad_one_is_said_and_costs_nothing() -> None:
    own = (FieldPattern("customer", r"\bAB-(\d+)\b"), FieldPattern("bad", r"(a+)\1"), FieldPattern("slow", "(a|aa)+$"))
    fields, faults = find_fields("订单AB-1234号 " + "a" * 5_000 + "!", "zh-Hans", own)
    assert ("customer", "1234") in [(field.name, field.value) for field in fields]
    assert [fault.values["name"] for fault in faults] == ["bad"]


def test_near_duplicates_are_found_through_typing_errors_and_greetings_and_others_are_not() -> None:
    texts: Texts[str] = Texts()
    texts.add("a", "The card payment fails with error 42 since this morning, nobody can check out.")
    texts.add("b", "Where can I change the language of the app, please?")
    near = texts.near("Hello,\nthe card payment fails with eror 42 since this morning, nobody can chekc out. Thanks")
    assert [one.id for one in near] == ["a"]
    texts.drop("a")
    assert texts.near("The card payment fails with error 42 since this morning, nobody can check out.") == []


def test_chinese_is_told_by_its_script_and_program_text_is_no_language() -> None:
    told = language("我的訂單還沒有到")
    assert told is not None
    assert told.language == "zh-Hant"
    assert language("for (int i = 0; i < n; i++) { x[i] = f(i); }") is None


def test_without_the_compiled_detector_the_other_one_hears_languages() -> None:
    guess = language("Meine Bestellung ist noch nicht angekommen.", by=Plain())
    assert guess is not None
    assert guess.language == "de"


@given(st.text(st.characters(), max_size=200), st.sampled_from([None, "de", "zh-Hant", "xx", "", "a" * 50]))
def test_no_text_is_too_strange_to_be_understood(text: str, prior: str | None) -> None:
    heard = understand(text, text[:9], prior=prior)
    assert heard.faults == ()
    assert all(text[slice(*field.span)] for field in heard.fields)
