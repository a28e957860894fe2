"""Amounts of money: digits with a currency beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from core.routing.fields.claims import Found
from core.routing.reasons import Money
from core.routing.signals.shipped import primary

_NUMBER = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,12}(?:[.,]\d{1,2})?(?![\d])"
_CODES = re.findall(
    "...",
    "EURUSDGBPCHFJPYCNYRMBTWDNTDHKDKRWINRILSNISTRYRUBUAHPLNCZKSEKNOKDKKHUFRONBGNTHBVNDIDR"
    "BRLMXNARSCOPCLPPENSARAEDEGPMADQARKWDJODCADAUDNZDSGDMYRPHPZAR",
)
"""ISO 4217, and three that people write instead."""
_SAME = {"RMB": "CNY", "NTD": "TWD", "NIS": "ILS"}
_SIGNS = {
    "€": "EUR", "US$": "USD", "R$": "BRL", "NT$": "TWD", "HK$": "HKD", "C$": "CAD", "CA$": "CAD", "A$": "AUD",
    "AU$": "AUD", "MX$": "MXN", "S$": "SGD", "$": "USD", "£": "GBP", "₩": "KRW", "￦": "KRW", "₹": "INR", "₪": "ILS",
    "₺": "TRY", "₽": "RUB", "₴": "UAH", "฿": "THB", "₫": "VND", "¥": "JPY", "￥": "JPY",
}  # fmt: skip
_WORDS = {
    "EUR": "euros? eura eurů eur евро євро يورو אירו यूरो ยูโร 欧元 歐元 ユーロ 유로 avro ơ-rô",
    "USD": "(?:us[- ]?)?dollars? dólares dólar dollari dollaro dolar(?:y|ów|ů|a|ı|lar)? доллар(?:а|ов|ы)?"
    " долар(?:а|ів|и)? دولار(?:ا|ات)? דולר(?:ים)? डॉलर ดอลลาร์ 美元 美金 米ドル ドル 달러 đô(?: la)? bucks",
    "GBP": "pounds? funt(?:y|ów)? фунт(?:ов|а)? 英镑 英鎊 ポンド 파운드",
    "CHF": "franken",
    "JPY": "yen 円 日元 日圓 엔",
    "CNY": "yuan 元 人民币 人民幣 块钱 块 위안",
    "TWD": "新台币 新台幣 新臺幣 台幣 台币",
    "KRW": "won 원 韩元 韓元 ウォン",
    "INR": r"rs\.? rupees? रुपये रुपए रुपया रु\.? रुपयों",
    "ILS": r'שקל(?:ים)? ש"ח ש״ח שח shekels?',
    "TRY": "tl lira",
    "RUB": r"руб(?:\.|л(?:ей|я|ь|и))? р\.",
    "UAH": r"грн\.? гривень гривні гривня",
    "PLN": r"zł(?:ot(?:ych|e|y))?",
    "CZK": "kč korun[ya]?",
    "THB": "บาท baht",
    "VND": "vnđ đồng đ",
    "IDR": r"rp\.? rupiah",
    "BRL": "reais real",
    "SAR": r"ريال(?:ا|ات)?(?: سعودي)? ر\.س",
    "AED": r"درهم(?:ا)?(?: إماراتي)? د\.إ",
    "EGP": "جنيه(?:ا|ات)?(?: مصري)?",
}
_SPACED_LETTER = r"[^\W\d_\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7af]"
"""A letter of a script that is written with blanks between words."""
_KRONER = {"sv": "SEK", "da": "DKK", "no": "NOK", "nb": "NOK"}


def amounts(text: str, language: str | None) -> Iterator[Found]:
    """Each with its value as digits with a point, and the currency's code."""
    for match in _pattern().finditer(text):
        number = match.group("after") or match.group("before")
        written = match.group("sign") or match.group("word")
        currency = _currency(written, language)
        if number and currency:
            money = Money(value=_value(number), currency=currency)
            yield Found(match.start(), match.end(), "amount", money)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    signs = sorted(map(re.escape, _SIGNS), key=len, reverse=True)
    latin = rf"(?:{'|'.join(_CODES)}|rp\.?|rs\.?|kr)"
    words = "|".join(word for some in _WORDS.values() for word in re.split(r" (?![^(]*\))", some))
    ahead = rf"(?:{'|'.join(signs)}|(?<![A-Za-z]){latin}(?![A-Za-z]))"
    behind = (
        rf"(?:{'|'.join(signs)}|(?:{'|'.join(_CODES)}|kr|{words})(?![^\W\d_\u0e00-\u0eff\u3040-\u9fff\uac00-\ud7af]))"
    )
    return re.compile(
        rf"(?P<sign>{ahead})[ \u00a0\u202f]?(?P<after>{_NUMBER})(?![-/.,]?\d)"
        rf"|(?<![\d.,:/A-Za-z])(?<![^\u0590-\u05ff]-)(?P<before>{_NUMBER})[ \u00a0\u202f]?(?P<word>{behind})",
        re.IGNORECASE,
    )


@lru_cache(maxsize=4096)
def _currency(written: str, language: str | None) -> str | None:
    spoken = primary(language) if language else ""
    tag = (language or "").lower()
    if written in ("¥", "￥") and spoken == "zh":
        return "CNY"
    if written in ("元", "块") and ("hant" in tag or tag.endswith("-tw")):
        return "TWD"
    if written.lower() == "kr":
        return _KRONER.get(spoken, "SEK")
    if (code := written.upper()) in _CODES:
        return _SAME.get(code, code)
    if (sign := _SIGNS.get(code)) is not None:
        return sign
    for currency, words in _WORDS.items():
        if any(re.fullmatch(word, written, re.IGNORECASE) for word in re.split(r" (?![^(]*\))", words)):
            return currency
    return None


def _value(written: str) -> str:
    """Digits with a point: the last separator is one where one or two digits follow it, else all part thousands."""
    bare = re.sub(r"['’ \u00a0\u202f]", "", written)
    found = re.fullmatch(r"([\d.,]*?)(?:[.,](\d{1,2}))?", bare)
    whole, part = (found.group(1), found.group(2)) if found else (bare, None)
    digits = re.sub(r"[.,]", "", whole).lstrip("0") or "0"
    return f"{int(digits)}.{part}" if part else str(int(digits))
