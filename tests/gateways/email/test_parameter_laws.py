"""What a correct writer says of a file's name is read back, and nothing that anybody else writes does any harm."""

from __future__ import annotations

import base64
import quopri
import unicodedata
from email.message import EmailMessage, Message
from urllib.parse import quote

from hypothesis import assume, example, given
from hypothesis import strategies as st

from gateways.email.parts.parameters import file_name, read_parameters

# What may stand in a name as it is sent: no controls, nothing that another form of Unicode would change, and no blanks
# at the ends, which fields lose.
_LETTERS = st.characters(exclude_categories=["Cc", "Cn", "Cs", "Zl", "Zp"], exclude_characters="\u00a0\ufeff")
NAMES = st.text(_LETTERS, min_size=1, max_size=60).filter(
    lambda name: unicodedata.is_normalized("NFC", name) and name == " ".join(name.split()) and "=?" not in name
)
PLAIN = NAMES.filter(str.isascii)
CHARSETS = st.sampled_from(["utf-8", "UTF-8", "iso-8859-1", "windows-1252", "iso-8859-15", "koi8-r", "big5"])
OTHERS = st.lists(
    st.sampled_from(["size=12", 'creation-date="Mon, 2 Mar 2026 09:00:00 +0000"', "x-a=b", 'name*1="no"', 'x*="a;b"']),
    max_size=3,
    unique=True,
)
LONG = b"; x-padding=" + b"y" * 500  # more than what is read by the short way


def quoted(text: str) -> str:
    """A quoted string (RFC 5322 §3.2.4)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def percents(data: bytes) -> str:
    """RFC 2231 §7: all but what may stand in an attribute."""
    return quote(data, safe="!#$&+-.^_`|~")


def encoded(name: str, charset: str) -> bytes:
    """A name's bytes in a charset that has all of its letters, and that nobody takes for UTF-8."""
    try:
        data = name.encode(charset)
        assume(data.decode(charset) == name)
    except UnicodeError:
        assume(False)
    if charset.lower() != "utf-8" and not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return data
        assume(False)
    return data


def reads(value: str | bytes) -> str:
    """The file's name in a field, which is the same by the short way and by the long one."""
    value = value.encode("utf-8") if isinstance(value, str) else value
    _, found = read_parameters(value)
    _, again = read_parameters(value + LONG)
    assert found.get("filename") == again.get("filename")
    return found.get("filename", "")


@given(PLAIN)
@example('a "b" c\\d.txt')
@example("C:\\docs\\new.pdf")
def test_a_quoted_name_is_read_back(name):
    assert reads(f"attachment; filename={quoted(name)}") == name


@given(NAMES, CHARSETS, st.sampled_from(["", "en", "de-AT"]), OTHERS, OTHERS)
def test_a_name_in_percents_is_read_back(name, charset, language, before, after):
    wanted = f"filename*={charset}'{language}'{percents(encoded(name, charset))}"
    assert reads("; ".join(["attachment", *before, wanted, *after])) == name


@given(NAMES, CHARSETS, st.data(), st.sampled_from(["; ", ";", " ;\r\n\t", ";\r\n "]))
@example("It's 100%25 Größe; a=b.pdf", "utf-8", None, "; ")
def test_a_name_in_pieces_is_read_back_in_whatever_order_they_stand(name, charset, data, between):
    """Cut anywhere, also within a letter; pieces of ASCII may be quoted instead, and a first one names the charset."""
    whole = encoded(name, charset)
    cuts = data.draw(st.lists(st.integers(0, len(whole)), max_size=8).map(sorted)) if data else [3, 9]
    pieces = [whole[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    written = [f"filename*0*={charset}''{percents(pieces[0])}"]
    for number, piece in enumerate(pieces[1:], 1):
        may_be_quoted = piece.isascii() and all(32 <= byte < 127 for byte in piece)
        if may_be_quoted and (data.draw(st.booleans()) if data else True):
            written.append(f"filename*{number}={quoted(piece.decode('ascii'))}")
        else:
            written.append(f"filename*{number}*={percents(piece)}")
    if data:
        written = data.draw(st.permutations(written))
    assert reads(between.join(["attachment", *written])) == name


@given(PLAIN, st.lists(st.integers(0, 60), max_size=5).map(sorted))
def test_a_plain_name_in_pieces_is_read_back(name, cuts):
    pieces = [name[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(name)], strict=True)]
    written = [f"filename*{number}={quoted(piece)}" for number, piece in enumerate(pieces)]
    assert reads("; ".join(["attachment", *written])) == name


@given(NAMES, st.sampled_from("bBqQ"), st.integers(1, 20), st.booleans())
def test_a_name_in_encoded_words_is_read_back_though_they_should_not_be_there(name, encoding, letters, folded):
    """What most programs write. Words are cut between letters, as RFC 2047 asks, and joined without the blank."""
    words = []
    for begin in range(0, len(name), letters):
        data = name[begin : begin + letters].encode()
        if encoding in "bB":
            said = base64.b64encode(data).decode("ascii")
        else:
            said = quopri.encodestring(data, quotetabs=True, header=True).decode("ascii").replace("=\n", "")
            said = said.replace("?", "=3F").replace('"', "=22").replace("\\", "=5C")
        words.append(f"=?utf-8?{encoding}?{said}?=")
    assert reads('attachment; filename="' + ("\r\n " if folded else " ").join(words) + '"') == name


@given(NAMES, NAMES.filter(str.isascii))
def test_of_a_name_and_its_form_in_ascii_the_better_one_counts(name, plain):
    best = f"filename*=utf-8''{percents(name.encode())}"
    assert reads(f"attachment; {best}; filename={quoted(plain)}") == name
    assert reads(f"attachment; filename={quoted(plain)}; {best}") == name


@given(NAMES)
@example("100%.txt")
def test_what_the_standard_library_writes_is_read_back(name):
    old = Message()
    old.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    assert reads(str(old["Content-Disposition"])) == name
    new = EmailMessage()
    new.add_attachment(b"x", maintype="a", subtype="b", filename=name)
    raw = new.as_bytes().split(b"Content-Disposition: ", 1)[1].split(b"\nMIME-Version", 1)[0].split(b"\n\n", 1)[0]
    assert reads(raw.replace(b"\n", b"\r\n")) == name


# Whatever comes

_SHARDS = st.sampled_from(
    [
        *(b"; ", b";", b"filename", b"name", b"*", b"*0", b"*1*", b"*999", b"*99999", b"=", b'"', b"\\", b"'", b"''"),
        *(b"utf-8''", b"%", b"%2", b"%2e%2e%2f", b"%5c", b"%00", b"%0d%0a", b"%E2%80%AE", b"%D8%9C", b"../", b"..\\"),
        *(b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"=?x?q?=2F=2E=2E?=", b"4oCu", b"\x00", b"\r\n ", b"\t", b"(", b")"),
        *(
            b"\xe2\x80\xae",
            b"\xd8\x9c",
            b"\xf3\xa0\x81\x81",
            b"\x1b$B",
            b"con",
            b".exe",
            b"base64''",
            b"idna''",
            b"\xff",
        ),
    ]
)
GARBAGE = st.lists(_SHARDS | st.binary(max_size=6), max_size=60).map(b"".join)
_MARKS = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, what turns the direction or shows nothing, halves, line ends


@given(st.sampled_from([b"", b"attachment; filename=", b'attachment; filename="', b"a; filename*0*="]), GARBAGE)
@example(b"a; filename*=", b"utf-8''%D8%9Cgpj%F3%A0%81%81.exe")
def test_no_garbage_raises_and_no_name_leads_elsewhere_or_looks_like_another(before, garbage):
    main, found = read_parameters(before + garbage)
    assert main == main.lower()
    for text in found.values():
        assert f"{main}{text}".encode()  # can be kept: no half of a letter
        assert not set(text) & set("\r\n\x00")
        shown = file_name(text, 1, ".bin")
        assert shown.strip()
        assert shown not in (".", "..")
        assert not set(shown) & set("/\\")
        assert not {unicodedata.category(letter) for letter in shown} & _MARKS
        assert len(shown.encode()) <= 200


@given(st.text(max_size=80), st.sampled_from([".exe", ".pdf", ""]))
def test_a_name_that_is_fit_stays_as_it_is(name, extension):
    once = file_name(name, 1, extension)
    if "%" not in once:  # which may be undone once more
        assert file_name(once, 1, extension) == once
