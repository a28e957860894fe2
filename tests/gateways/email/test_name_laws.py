"""What a program writes of a person's name is read back, however it is cut and encoded; it never is the address."""

from __future__ import annotations

import base64
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gateways.email.parts.addresses import read_addresses
from gateways.email.parts.headers import decode_words

QUOTES = "'\""
_LETTERS = st.characters(exclude_categories=["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"])
NAMES = (
    st.lists(st.text(_LETTERS, min_size=1, max_size=8), min_size=1, max_size=5)
    .map(" ".join)
    .filter(lambda name: unicodedata.is_normalized("NFC", name) and "=?" not in name and "?=" not in name)
    .filter(lambda name: not (name[0] == name[-1] and name[0] in QUOTES))  # of those the law below speaks
)
CHARSETS = st.sampled_from(
    ["utf-8", "UTF8", "iso-8859-1", "Windows-1252", "koi8-r", "iso-2022-jp", "gb2312", "big5", "euc-kr", "shift_jis"]
)
ADDRESS = "ann@shop.example"


def bytes_of(name: str, charset: str) -> bytes:
    """A name in a charset that has all of its letters, and that nobody takes for UTF-8."""
    try:
        data = name.encode(charset)
        assume(data.decode(charset) == name)
    except UnicodeError:
        assume(False)
    if charset.lower() not in ("utf-8", "utf8", "iso-2022-jp") and not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return data
        assume(False)
    return data


def word(data: bytes, charset: str, encoding: str) -> str:
    """An encoded word (RFC 2047), strict enough to stand in a name."""
    if encoding in "bB":
        said = base64.b64encode(data).decode("ascii")
    else:
        said = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else f"={byte:02X}" for byte in data)
        said = said.replace("=20", "_")
    return f"=?{charset}?{encoding}?{said}?="


def names(field: str) -> list[tuple[str, str]]:
    return [(one.name, one.address) for one in read_addresses(field.encode())]


@settings(max_examples=60)
@given(NAMES, CHARSETS, st.sampled_from("bBqQ"), st.sampled_from(["", "*en", "*de-AT"]), st.booleans())
@example("Jörg <x@evil.example>", "utf-8", "q", "", False)
@example("Lind, Anna; x@evil.example", "utf-8", "b", "*en", True)
@example("똠방 뷁", "euc-kr", "b", "", False)  # letters that EUC-KR has only in parts
def test_a_name_in_one_word_is_read_back_also_within_quotes_where_it_should_not_be(
    name, charset, encoding, language, quoted
):
    said = word(bytes_of(name, charset), charset + language, encoding)
    said = f'"{said}"' if quoted else said
    assert names(f"{said} <{ADDRESS}>") == [(name, ADDRESS)]
    assert names(f"Bob <bob@shop.example>, {said} <{ADDRESS}>")[1:] == [(name, ADDRESS)]


@given(NAMES, st.lists(st.integers(1, 40), max_size=4), st.sampled_from("bBqQ"), st.sampled_from([" ", "\r\n ", "\t"]))
@example("Ünal Öz", [1], "b", "\r\n ")
def test_a_name_that_is_cut_into_words_within_its_letters_is_put_together(name, cuts, encoding, between):
    data = name.encode()
    at = sorted({cut for cut in cuts if cut < len(data)})
    pieces = [data[begin:end] for begin, end in zip([0, *at], [*at, len(data)], strict=True)]
    said = between.join(word(piece, "utf-8", encoding) for piece in pieces)
    assert decode_words(said.encode()) == name
    assert names(f"{said} <{ADDRESS}>") == [(name, ADDRESS)]


_CORES = NAMES.filter(lambda name: not set(QUOTES) & set(name)) | st.sampled_from(["Seán O'Brien", "Anne D'Arcy"])


@given(_CORES, st.text(QUOTES, min_size=1, max_size=8), st.sampled_from(["", " "]))
@example("Jane Doe", "'", "")  # Outlook's, of whoever is not in its address book
@example("Jane Doe", "''", "")  # twice answered
@example("the O'Sheas'", "'", "")
@example("'n Boer", '"', "")
@example('Ann "the" Lee', "'", "")
def test_quotes_around_all_of_a_name_are_not_of_it(core, quotes, blank):
    said = quotes + blank + core + blank + quotes[::-1]
    assert names(f"{word(said.encode(), 'utf-8', 'b')} <{ADDRESS}>") == [(core, ADDRESS)]


@pytest.mark.parametrize(
    "name", ["'Anna' & 'Otto'", "'James' Team'", "'n Boer en 'n", '"A" and "B"', "'", '"', "'n Boer", "the O'Sheas'"]
)
def test_quotes_around_a_part_of_a_name_are_of_it(name):
    assert names(f"{word(name.encode(), 'utf-8', 'q')} <{ADDRESS}>") == [(name, ADDRESS)]


@given(NAMES)
def test_a_name_in_bare_utf_8_is_read_back(name):
    assume(not set(name) & set('"\\<>(),;:@[]'))
    assert names(f"{name} <{ADDRESS}>") == [(name, ADDRESS)]
    assert names(f'"{name}" <{ADDRESS}>') == [(name, ADDRESS)]


_SHARDS = st.sampled_from(
    [
        *("=?", "?=", "?", "=", "utf-8", "?q?", "?b?", "*en", "utf-16", "utf-7", "iso-2022-jp", "base64", "idna", "x"),
        *("=0D=0A", "=00", "=22", "=3C", "=3E", "=40", "=2C", "_", "+2AA-", "DQo", "AA==", '"', "<", "(", " ", "\r\n "),
        *("\x1b$B", "a@b.example", ",", ";", "\\", "\u202e", "ü"),
    ]
)


@given(st.lists(_SHARDS, max_size=30).map("".join))
def test_whatever_stands_in_an_encoded_word_neither_breaks_a_line_nor_becomes_the_address(shards):
    inner = shards.replace("<", "").replace('"', "").replace("(", "").replace(",", "").replace(";", "")
    inner = inner.replace("\\", "").replace("a@b.example", "=61=40b.example")
    found = names(f"=?utf-8?q?{inner.replace(' ', '_').replace(chr(13), '').replace(chr(10), '')}?= <{ADDRESS}>")
    assert [address for _, address in found] == [ADDRESS]
    assert all(len(name.splitlines()) <= 1 and "\x00" not in name and name.encode() is not None for name, _ in found)
