"""Parameters and file names, as programs write them and as they may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.parameters import file_name, read_parameters


@pytest.mark.parametrize(
    ("value", "main", "parameters"),
    [
        (b"text/plain", "text/plain", {}),
        (b'TEXT/Html (a page); Charset="utf-8"', "text/html", {"charset": "utf-8"}),
        (b'a/b; name="=?utf-8?q?M=C3=A4rz.pdf?="', "a/b", {"name": "März.pdf"}),
        (b"a/b; filename*=utf-8''M%C3%A4rz.pdf; filename=Marz.pdf", "a/b", {"filename": "März.pdf"}),
        (b"a/b; filename*0*=utf-8'de'M%C3%A4; filename*1=rz; filename*2*=%2epdf", "a/b", {"filename": "März.pdf"}),
        (b'a/b; filename*0="long "; filename*1="name.pdf"', "a/b", {"filename": "long name.pdf"}),
        (b'a/b; filename="C:\\docs\\a b.pdf"', "a/b", {"filename": "C:\\docs\\a b.pdf"}),
        (b'a/b; filename="a \\"b\\".pdf"', "a/b", {"filename": 'a "b".pdf'}),
        (b"a/b; filename=two words.pdf", "a/b", {"filename": "two words.pdf"}),
        (b'a/b; filename="a;b=c.pdf"; x=y', "a/b", {"filename": "a;b=c.pdf", "x": "y"}),
        (b'a/b; filename="never closed.pdf', "a/b", {"filename": "never closed.pdf"}),
        (b"attachment; filename=M\xe4rz.pdf", "attachment", {"filename": "März.pdf"}),
        (b"text/plain; charset=a; charset=b", "text/plain", {"charset": "a"}),
        (b"", "", {}),
    ],
)
def test_a_field_is_read(value, main, parameters):
    assert read_parameters(value) == (main, parameters)


@given(st.binary(max_size=300))
def test_no_field_raises(value):
    main, parameters = read_parameters(value)
    assert main == main.lower()
    for name, text in parameters.items():
        assert f"{name}{text}".encode()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\y.txt", "y.txt"),
        ("/tmp/x", "x"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("", "attachment-3.pdf"),
        ("...", "attachment-3.pdf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\r\nb\x00.txt", "ab.txt"),
        ("M%C3%A4rz.pdf", "März.pdf"),
        ("..%2f..%2fetc%2fpasswd", "passwd"),
        ("100% sure.txt", "100% sure.txt"),
        ("what?.txt", "what_.txt"),
    ],
)
def test_a_file_name_is_fit_to_be_shown(name, shown):
    assert file_name(name, 3, ".pdf") == shown


@given(st.text(max_size=400))
def test_any_file_name_can_be_saved(name):
    shown = file_name(name, 1, ".bin")
    assert shown
    assert len(shown.encode()) <= 200
    assert not set(shown) & set('/\\\r\n\x00<>:"|?*')
    assert shown not in (".", "..")


def test_a_long_name_keeps_its_extension():
    assert file_name("ü" * 300 + ".pdf", 1, ".bin").endswith("ü.pdf")
