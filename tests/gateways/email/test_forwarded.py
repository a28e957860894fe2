"""Whose mail was forwarded, in the words of many programs; a mere quotation is no forward."""

import pytest

from gateways.email.reading.forwarded import forwarded
from tests.gateways.email.samples import HEADED, SAID, marked

BODY = "My printer is broken.\n\nMax"


MAX = "Max Muster <max@c.example>"
HEADS = {
    "gmail": "---------- Forwarded message ---------\nFrom: MAX\nDate: Mon\nSubject: Printer\nTo: <a@b.example>",
    "apple": "Begin forwarded message:\n\nFrom: MAX\nSubject: Printer\nDate: 2 March 2026\nTo: a@b.example",
    "german": "-------- Weitergeleitete Nachricht --------\nBetreff: Printer\nDatum: Mo\nVon: MAX\nAn: a@b.example",
    "french": "-------- Message transféré --------\nSujet : Printer\nDate : lundi\nDe : MAX\nPour : a@b.example",
    "spanish": "---------- Mensaje reenviado ----------\nDe: MAX\nFecha: lunes\nAsunto: Printer\nPara: a@b.example",
    "chinese": "---------- 转发的邮件 ----------\n发件人: MAX\n日期: 周一\n主题: Printer\n收件人: a@b.example",
    "mailto": "---- Forwarded message ----\nFrom: Max Muster [mailto:max@c.example]\nSent: Monday\nSubject: Printer",
    "bold": "-- Forwarded message --\n*From:* *Max Muster* <max@c.example<mailto:max@c.example>>\n*Subject:* Printer",
    "short": "---- Forwarded message ----\nFrom: MAX\nSubject: Printer",
}


@pytest.mark.parametrize("head", [head.replace("MAX", MAX) for head in HEADS.values()], ids=list(HEADS))
def test_a_forwarded_mail_has_its_sender_subject_and_text(head):
    for text in (f"Please see below.\n\n{head}\n\n{BODY}\n", f"{head}\n\n{BODY}\n", marked(f"{head}\n\n{BODY}")):
        found = forwarded(text)
        assert found is not None
        assert (found.sender.name, found.sender.address, found.subject) == ("Max Muster", "max@c.example", "Printer")
        assert found.text == BODY


OUTLOOK = "From: Max <max@c.example>\nSent: Monday\nTo: Ann\nSubject: Printer\n\nMy printer"


def test_header_lines_alone_are_a_forward_when_nothing_is_said_above_or_the_subject_says_so():
    assert forwarded(OUTLOOK) is not None
    assert forwarded(f"________________\n{OUTLOOK}") is not None
    assert forwarded(f"Please help him.\n\n{OUTLOOK}", "WG: Printer") is not None
    assert forwarded(f"Please help him.\n\n{OUTLOOK}", "Fwd: Printer") is not None


@pytest.mark.parametrize("head", [*SAID, *(one for one in HEADED if "orward" not in one and "weiter" not in one)])
def test_a_quotation_below_an_answer_is_no_forward(head):
    assert forwarded(f"Yes, please.\n\n{head}\n\n{BODY}\n", "Re: Printer") is None


OPEN_XCHANGE = (
    'From: Max Muster <max@c.example>\nTo: "ann@b.example" <ann@b.example>\nCc: Jo <jo@b.example>\n'
    "Date: 02/10/2023 4:52 PM EST\nSubject: Printer"
)
GERMAN_XCHANGE = "Von: Max Muster <max@c.example>\nAn: ann@b.example\nDatum: 2. Oktober 2023 um 16:52\nBetreff: Printer"


@pytest.mark.parametrize(
    "head",
    [
        f"---------- Original Message ----------\n{OPEN_XCHANGE}",
        f"---------- Ursprüngliche Nachricht ----------\n{GERMAN_XCHANGE}",
    ],
    ids=["English", "German"],
)
def test_open_xchange_calls_what_it_forwards_the_original_message(head):
    for text in (
        f"Please see below.\n{marked(f'{head}{chr(10) * 2}{BODY}')}",
        f"Please see below.\n\n{head}\n\n{BODY}\n",
    ):
        found = forwarded(text, "Printer")
        assert found is not None
        assert (found.sender.address, found.subject, found.text) == ("max@c.example", "Printer", BODY)


@pytest.mark.parametrize(
    "head",
    [
        f"-----Original Message-----\n{OPEN_XCHANGE}",
        f"-------- Original Message --------\n{OPEN_XCHANGE}",
        "---------- Original Message ----------\nSubject: Printer\nDate: Mo, 2:00\nFrom: max@c.example\nTo: a@b.c",
        "---------- see here ----------\n" + OPEN_XCHANGE,
    ],
)
def test_others_write_that_above_what_they_quote_and_in_another_form(head):
    assert forwarded(f"Yes, please.\n\n{head}\n\n{BODY}\n", "Re: Printer") is None


def test_words_are_no_forward():
    assert forwarded("I have forwarded message number 3:\n\nFrom: nobody") is None
    assert forwarded("") is None


@pytest.mark.parametrize(
    "mark",
    [
        "以下是转发的邮件：",
        "開始轉寄郵件：",
        "İletilen ileti başlangıcı:",
        "Αρχή προωθημένου μηνύματος:",
        "تم إعادة توجيه الرسالة:",
        "תחילת ההודעה שהועברה:",
        "-------- Переадресованное сообщение --------",
        "-------- 转发的消息 --------",
        "-------- İletilmiş Mesaj --------",
        "-------- Pārsūtītā vēstule --------",
        "Anfang der weitergeleiteten Nachricht:",
        "Vidarebefordrat brev:",
        "Begin doorgestuurd bericht:",
        "Początek przekazywanej wiadomości:",
        "Továbbított levél kezdete:",
        "-------- Edelleenlähetetty viesti --------",
        "---------- Thư đã chuyển tiếp ----------",
        "---------- ข้อความที่ส่งต่อ ----------",
    ],
)
def test_the_line_above_a_forwarded_mail_is_known_in_many_languages(mark):
    found = forwarded(f"Please see below.\n\n{mark}\n\nFrom: {MAX}\nSubject: Printer\n\n{BODY}\n")
    assert found is not None
    assert (found.sender.address, found.text) == ("max@c.example", BODY)
