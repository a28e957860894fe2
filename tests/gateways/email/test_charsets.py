"""Text bytes mean what the writer saw, whatever they are declared as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.charsets import decode, lookup


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        ("Grüße", "utf-8", "iso-8859-1"),  # valid UTF-8 is UTF-8, whatever it is called
        ("Grüße", "utf-8", "us-ascii"),
        ("Grüße", "utf-8", None),
        ("Grüße", "utf-8", "x-unknown"),
        ("Grüße — „so“ …", "cp1252", "iso-8859-1"),  # the wider set is meant
        ("Frösche", "latin-1", None),  # too short to guess
        ("Привет", "koi8-r", "koi8-r"),
        ("您好，订单没有收到", "gb18030", "gb2312"),
        ("朱镕基", "gbk", "gb2312"),  # a name that gb2312 itself cannot write
        ("訂單", "big5", "big5"),
        ("주문 확인", "cp949", "ks_c_5601-1987"),
        ("ご注文①㈱", "cp932", "shift_jis"),
        ("ご注文", "cp932", "iso-2022-jp"),  # declared as seven bits, and it is not
        ("お世話になっております", "iso2022_jp", "iso-2022-jp"),
        ("お世話になっております", "iso2022_jp", "us-ascii"),
        ("สวัสดี", "cp874", "tis-620"),
        ("İyi çalışmalar", "cp1254", "iso-8859-9"),
        ("שלום", "iso8859-8", "iso-8859-8-i"),
        ("Hi Mom -☺-!", "utf-7", "unicode-1-1-utf-7"),
        ("Grüße", "utf-16", None),
        ("Grüße", "mac_roman", "x-mac-roman"),
    ],
)
def test_letters_come_out_as_they_went_in(text, codec, declared):
    assert decode(text.encode(codec), declared).text == text


def test_signs_of_japanese_programs_beside_the_standard_are_read():
    assert decode(b"\x1b$B-!-j\x1b(B ok \x1b(I1\x1b(B", "iso-2022-jp").text == "①㈱ ok ｱ"


def test_a_long_text_in_no_declared_charset_is_guessed():
    text = "Здравствуйте! Заказ не пришёл, счёт содержит ошибку, проверьте пожалуйста. " * 5
    found = decode(text.encode("koi8-r"), None)
    assert found.text == text
    assert found.note


def test_a_short_text_goes_by_the_rest_of_the_mail():
    assert decode("заказ".encode("koi8-r"), None, sibling="koi8_r").text == "заказ"


def test_a_few_bad_bytes_do_not_spoil_a_whole_text():
    data = "Größe über alles, schöne Grüße".encode().replace(b"alles", b"al\xffes")
    assert decode(data, "utf-8").text == "Größe über al�es, schöne Grüße"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (
            "Где мой заказ номер 5512? Я жду уже две недели, и ничего не пришло. Ответьте, пожалуйста, поскорее.",
            "koi8-r",
        ),
        ("您好，我的訂單還沒有收到，請問什麼時候可以寄出？謝謝您的幫忙與回覆，我等了兩個星期了，請儘快處理。", "big5"),
        (
            "您好，我的订单还没有收到，请问什么时候可以寄出？谢谢您的帮忙与回复，我等了两个星期了，请尽快处理。",
            "gb18030",
        ),
        (
            "Καλημέρα σας, η παραγγελία μου δεν έφτασε ακόμα και περιμένω εδώ και δύο εβδομάδες. Ευχαριστώ πολύ.",
            "iso8859-7",
        ),
    ],
)
def test_letters_of_another_script_that_are_declared_as_ascii_are_guessed(text, codec):
    assert decode(text.encode(codec), "us-ascii").text == text


def test_accents_that_are_declared_as_ascii_are_western():
    text = (
        "Le réseau ne marche plus à l'étage, où est le problème? Merci de votre réponse, nous sommes très gênés. " * 3
    )
    assert decode(text.encode("latin-1"), "us-ascii").text == text


@pytest.mark.parametrize("declared", ["utf-8", "iso-8859-2", "windows-1252", None])
def test_quotes_of_windows_that_some_program_took_for_controls_are_quotes(declared):
    assert decode("It\x92s \x93here\x94 \x96 5 \x80\x81".encode(), declared).text == "It’s “here” – 5 €"
    assert decode("Łódź\x85 it\x92s".encode(), declared).text == "Łódź… it’s"


@pytest.mark.parametrize(
    "name", ["base64", "zlib", "rot13", "idna", "undefined", "a\0b", "", "\xe4", "x" * 500, "utf-8\r\nX: y"]
)
def test_codecs_that_are_no_charsets_are_not_believed(name):
    assert decode(b"plain", name).text == "plain"
    assert decode("Grüße".encode(), name).text == "Grüße"
    assert decode(b"Gr\xfc\xdfe", name).text == "Grüße"


@pytest.mark.parametrize("name", ["punycode", "unicode-escape", "raw-unicode-escape", "idna", "undefined"])
def test_codecs_of_python_that_nobody_writes_mail_in_change_no_letter(name):
    assert lookup(name) is None
    assert decode(b"C:\\new\\u00e4 \xe4-x", name).text == "C:\\new\\u00e4 ä-x"


@given(
    st.binary(max_size=400),
    st.one_of(
        st.none(),
        st.text(max_size=20),
        st.sampled_from(["utf-8", "utf-7", "iso-2022-jp", "hz", "gb2312", "utf-16", "iso-2022-kr"]),
    ),
)
def test_no_bytes_raise_and_what_comes_out_can_be_kept(data, declared):
    text = decode(data, declared).text
    assert text.encode("utf-8").decode() == text
    assert not any(ord(char) < 32 and char not in "\t\n" for char in text)


@given(st.text(max_size=30))
def test_a_codec_is_found_or_not_but_never_an_error(name):
    codec = lookup(name)
    assert codec is None or isinstance(b"a".decode(codec, "replace"), str)
