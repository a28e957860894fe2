"""What words say about themselves: their language, and whether they are only thanks."""

from __future__ import annotations

import importlib.util
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.routing.signals import language, pleasantry, thanks

DETECTOR = importlib.util.find_spec("eldc") is not None
needs_detector = pytest.mark.skipif(
    not DETECTOR and "CI" not in os.environ, reason="eldc is not installed on this machine"
)

SENTENCES = {
    "en": "My order has not arrived yet, where is it?",
    "de": "Meine Bestellung ist noch nicht angekommen.",
    "fr": "Ma commande n'est toujours pas arrivée.",
    "es": "Mi pedido todavía no ha llegado a casa.",
    "pt": "O meu pedido ainda não chegou, podem ajudar?",
    "pl": "Moje zamówienie jeszcze nie dotarło.",
    "ru": "Мой заказ до сих пор не пришёл.",
    "uk": "Моє замовлення досі не надійшло.",
    "tr": "Siparişim hâlâ elime ulaşmadı.",
    "ar": "لم يصل طلبي حتى الآن",
    "he": "ההזמנה שלי עדיין לא הגיעה",
    "hi": "मेरा ऑर्डर अभी तक नहीं आया है",
    "th": "คำสั่งซื้อของฉันยังไม่มาถึง",
    "vi": "Đơn hàng của tôi vẫn chưa đến.",
    "id": "Pesanan saya belum juga sampai.",
    "zh-Hans": "我的订单还没有到",
    "zh-Hant": "我的訂單還沒有到",
    "ja": "注文した商品がまだ届きません",
    "ko": "주문한 상품이 아직 도착하지 않았습니다",
}


@needs_detector
@pytest.mark.parametrize("expected", SENTENCES)
def test_a_sentence_tells_its_language(expected: str) -> None:
    guess = language(SENTENCES[expected])
    assert guess is not None
    assert guess.language == expected
    assert 0 < guess.confidence <= 1


@needs_detector
@pytest.mark.parametrize("text", ["", "   ", "12345 !!!", "👍", "https://example.com/order/1", "ann@example.com", "ok"])
def test_too_little_to_tell_is_undetermined(text: str) -> None:
    assert language(text) is None


@needs_detector
def test_what_was_known_before_decides_where_the_words_do_not() -> None:
    guess = language("ok", "de-AT")
    assert guess is not None
    assert guess.language == "de-AT"


@needs_detector
def test_clear_words_win_over_what_was_known_and_keep_its_region_where_both_agree() -> None:
    german = language(SENTENCES["de"], "de-AT")
    french = language(SENTENCES["fr"], "de-AT")
    assert german is not None
    assert german.language == "de-AT"
    assert french is not None
    assert french.language == "fr"


@given(st.text(st.characters()), st.sampled_from([None, "de", "pt-BR", "xx", ""]))
def test_no_text_is_too_strange_to_be_asked_for_its_language(text: str, prior: str | None) -> None:
    guess = language(text, prior)
    assert guess is None or (guess.language and 0 <= guess.confidence <= 1)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Thanks!", "en"),
        ("Thank you very much, everything works now.", "en"),
        ("ok", "en"),
        ("OK 👍🏽", "de"),
        ("❤️", None),
        ("Thanks Ann!", "en"),
        ("Thanks,\nCarla", "en"),
        ("thx :-)", "de"),
        ("Danke!", "de"),
        ("DANKE SCHÖN", "de-AT"),
        ("Vielen Dank, jetzt geht es wieder.\n\nViele Grüße\nMax Mustermann", "de"),
        ("Hallo Ann,\n\nperfekt, vielen Dank!\n\nMit freundlichen Grüßen\n\nCarla Gómez", "de"),
        ("Danke\n-- \nMusterfirma GmbH, Tel. 030 12345", "de"),
        ("Merci, vielen Dank", None),
        ("That’s it, thank you. Have a nice day!\n\nSent from my iPhone", "en"),
    ],
)
def test_a_thank_you_is_only_that(text: str, spoken: str | None) -> None:
    assert thanks(text, spoken, ["Carla Gómez", "Ann Walker"])


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("", None),
        ("...", None),
        ("Ann", "en"),
        ("👎", None),
        ("ok?", "en"),
        ("Danke？", "de"),
        ("Thanks, but it still does not work", "en"),
        ("Thanks. Not ok", "en"),
        ("It does not work", "en"),
        ("Thanks for nothing", "en"),
        ("Thanks\nBest regards\nstill broken since your update", "en"),
        ("Thank you! My new address is Main Street 5", "en"),
        ("Thanks, order 4711", "en"),
        ("Danke für nichts", "de"),
        ("Danke, geht nicht", "de"),
        ("Geht immer noch nicht. Danke", "de"),
        ("Vielen Dank. Noch eine Frage habe ich", "de"),
        ("Viele Grüße\nMax Mustermann", "de"),
        ("Nein danke", "de"),
        ("Thanks <script>", "en"),
        ("Thanks " * 100, "en"),
        ("danke", "ja"),
    ],
)
def test_anything_more_or_less_than_thanks_is_not_one(text: str, spoken: str | None) -> None:
    assert not thanks(text, spoken, ["Ann Walker"])


@given(st.lists(st.sampled_from(["thanks", "ok", "great", "hello", "👍", "\n", ",", "ann"]), max_size=30).map(" ".join))
def test_a_word_that_is_no_courtesy_makes_any_thanks_more_than_one(text: str) -> None:
    assert not thanks(f"{text} refund", "en", ["Ann"])
    assert not thanks(f"refund {text}", "en", ["Ann"])
    assert not thanks(f"{text}?", "en", ["Ann"])


@given(st.text(st.characters()), st.sampled_from([None, "en", "de", "xx"]))
def test_no_text_is_too_strange_to_be_asked_whether_it_is_thanks(text: str, spoken: str | None) -> None:
    assert thanks(text, spoken, [text]) in (True, False)


@pytest.mark.parametrize(
    "said",
    [
        "Hi!",
        "hello all 👋",
        "Guten Morgen zusammen",
        "thx 🙏",
        ":wave:",
        "🎉🎉",
        "Ok, danke!",
        "Hi Ann",
        "👍 :+1:",
        "…",
    ],
)
def test_a_greeting_thanks_and_emoji_are_pleasantries(said: str) -> None:
    assert pleasantry(said, ["Ann Walker"])


@pytest.mark.parametrize(
    "said",
    ["Hi, my printer is on fire", "?", "hello?", "12345", "Thanks, but it is broken", "Danke, aber", "Hi Bob", "help",
     "https://desk.example", "hello " * 100],
)  # fmt: skip
def test_one_word_or_number_more_is_something(said: str) -> None:
    assert not pleasantry(said, ["Ann Walker"])


@given(st.text(max_size=60))
def test_whatever_is_said_is_a_pleasantry_or_not(said: str) -> None:
    assert pleasantry(said) in (True, False)
    assert not pleasantry(f"{said} refund")
