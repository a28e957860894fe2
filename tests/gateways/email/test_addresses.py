"""Who is named in a field: tolerant of how it is written, firm about what is a name and what an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.parts.addresses import MOST, Mailbox, normal, read_addresses


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"ann@b.example", [("", "ann@b.example")]),
        (b"<ann@b.example>", [("", "ann@b.example")]),
        (b"Ann Lee <ann@B.Example>", [("Ann Lee", "ann@b.example")]),
        (b'"Lee, Ann" <ann@b.example>, max@c.example', [("Lee, Ann", "ann@b.example"), ("", "max@c.example")]),
        (b"Lee, Ann <ann@b.example>", [("Lee, Ann", "ann@b.example")]),
        (b"ann@b.example (Ann (the) Lee)", [("Ann (the) Lee", "ann@b.example")]),
        (b"undisclosed-recipients:;", []),
        (
            b"Team: ann@b.example, Max <max@c.example>; x@d.example",
            [("", "ann@b.example"), ("Max", "max@c.example"), ("", "x@d.example")],
        ),
        (b"ann@b.example; max@c.example", [("", "ann@b.example"), ("", "max@c.example")]),
        (b"Ann <ann@b.example", [("Ann", "ann@b.example")]),
        (b"<@r.example,@s.example:ann@b.example>", [("", "ann@b.example")]),
        (b"Ann <ann@b.example.>", [("Ann", "ann@b.example")]),
        (b"<>", []),
        (b"", []),
        (b"Ann Lee", [("Ann Lee", "")]),
        (b"'Ann' <ann@b.example>", [("Ann", "ann@b.example")]),
        (b"<<ann@b.example>>", [("", "ann@b.example")]),
        (b"mailto:ann@b.example", [("", "ann@b.example")]),
        (b'"ann lee"@b.example', [("", '"ann lee"@b.example')]),
        (b'"Ann <ann@b.example>', [("Ann", "ann@b.example")]),
        (b"Ann (x <ann@b.example>", [("Ann x", "ann@b.example")]),
        (b"ann @ b.example", [("", "ann@b.example")]),
        (b"Ann <ann@[192.0.2.1]>", [("Ann", "ann@[192.0.2.1]")]),
        (b"=?utf-8?q?Lee=2C_Ann?= <ann@b.example>", [("Lee, Ann", "ann@b.example")]),
        (b"J\xf6rg <j@b.example>", [("Jörg", "j@b.example")]),
        ("Jörg <jo@bücher.example>".encode(), [("Jörg", "jo@xn--bcher-kva.example")]),
        (b"=?utf-8?q?John_=3Cj=40x.example=3E?=", [("John", "j@x.example")]),
        (b"MAILER-DAEMON (Mail Delivery System)", [("Mail Delivery System", "")]),
    ],
)
def test_everybody_is_found(value, expected):
    assert read_addresses(value) == [Mailbox(*one) for one in expected]


def test_an_address_in_a_name_stays_in_the_name():
    value = b"=?utf-8?q?boss=40desk.example=22_=3Cboss=40desk.example=3E?= <real@x.example>"
    assert [one.address for one in read_addresses(value)] == ["real@x.example"]
    assert [one.address for one in read_addresses(b'"boss@desk.example" <real@x.example>')] == ["real@x.example"]
    assert [one.address for one in read_addresses(b"boss@desk.example <real@x.example>")] == ["real@x.example"]


def test_many_are_cut_off():
    assert len(read_addresses(b",".join(b"a%d@b.example" % n for n in range(5000)))) == MOST


@given(st.binary(max_size=300))
def test_no_field_raises_and_nothing_found_breaks_a_line(value):
    for name, address in read_addresses(value):
        assert name.encode() is not None
        assert len(f"{name} {address}".splitlines()) <= 1
        assert not set(address) & set("\r\n\x00<>") or address.startswith('"')


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("Ann@B.Example.", "Ann@b.example"),
        ("jo@BÜCHER.example", "jo@xn--bcher-kva.example"),
        ("nobody", "nobody"),
        ("a@ß.example", "a@xn--zca.example"),
    ],
)
def test_a_domain_is_kept_in_one_form(address, kept):
    assert normal(address) == kept


@given(
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters="<>\r\n")).map(str.encode),
        st.sampled_from(
            [
                b'"Lind, Anna" ',
                b'"=?utf-8?q?Lind=2C_Anna?=" ',
                b"=?utf-8?q?J=C3=B6rg?= ",
                b"=?utf-8?b?SsO2?= =?utf-8?b?cmc=?= ",
                b"=?utf-8?q?a=40b.example_=3Cevil=40c.example=3E?= ",
                "Jörg Lind ".encode("latin-1"),
                '"Jörg" '.encode(),
                b"=?iso-8859-1?q?J=F6rg?= Lind ",
            ]
        ),
    )
)
def test_one_alone_is_read_as_it_is_among_others(name):
    field = name + b"<anna@customer.example>"
    assert read_addresses(field + b", <max@customer.example>") == [
        *read_addresses(field),
        Mailbox("", "max@customer.example"),
    ]
