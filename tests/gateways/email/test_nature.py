"""Who wrote a mail: a person, or which machine. In doubt a person did."""

import pytest

from bench.labelled import kinds
from core.tickets.model import Nature
from gateways.email.reading.parse import understand

REPORT = b"""From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
To: support@desk.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

This is the mail system at host mx.example.com.

<carla@example.com>: host mail.example.com said: 550 5.1.1 no such user
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Original-Recipient: rfc822;carla@example.com
Final-Recipient: rfc822; c.gomez@inner.example.com
Action: ACTION
Status: STATUS
Diagnostic-Code: smtp; 550 5.1.1 no such user

Final-Recipient: rfc822; max@example.org
Action: ACTION
Status: STATUS
--x
Content-Type: message/rfc822

Message-ID: <m.1@desk.example>
Subject: our answer

hello
--x--
"""


def report(action: bytes, status: bytes) -> bytes:
    return REPORT.replace(b"ACTION", action).replace(b"STATUS", status)


@pytest.mark.parametrize(
    ("raw", "nature"),
    [
        (report(b"failed", b"5.1.1"), Nature.BOUNCE),
        (report(b"Failed (unknown)", b"5.0.0"), Nature.BOUNCE),
        (report(b"delayed", b"4.4.1"), Nature.BOUNCE_DELAY),
        (report(b"delivered", b"2.0.0"), Nature.DSN_SUCCESS),
        (report(b"relayed", b"2.0.0"), Nature.DSN_SUCCESS),
        (report(b"", b"4.2.2"), Nature.BOUNCE_DELAY),
        (report(b"", b"5.2.2"), Nature.BOUNCE),
        (
            report(b"failed", b"5.1.1").replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed"),
            Nature.BOUNCE,
        ),
    ],
)
def test_a_delivery_report_says_what_it_is(raw, nature):
    assert understand(raw).nature is nature


def test_a_delivery_report_names_who_was_not_reached_as_we_wrote_to_them():
    mail = understand(report(b"failed", b"5.1.1"))
    told = [(one.address, one.status, one.said) for one in mail.bounced]
    assert told == [("carla@example.com", "5.1.1", "550 5.1.1 no such user"), ("max@example.org", "5.1.1", "")]


def mail(**fields: str) -> bytes:
    defaults = {"From": "Carla <carla@example.com>", "To": "support@desk.example", "Subject": "My printer"}
    text = fields.pop("text", "It does not print.")
    lines = {**defaults, **{name.replace("_", "-"): value for name, value in fields.items()}}
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value).encode() + b"\r\n" + text.encode()


@pytest.mark.parametrize(
    ("fields", "nature"),
    [
        ({}, Nature.HUMAN),
        ({"Auto_Submitted": "no"}, Nature.HUMAN),
        ({"Subject": "Automatische Antwort: ich brauche Hilfe"}, Nature.HUMAN),  # weak evidence alone
        ({"Subject": "Out of Office 365 licences"}, Nature.HUMAN),
        ({"Subject": "Undelivered parcel", "text": "My delivery failed, carla@example.com"}, Nature.HUMAN),
        ({"Subject": "Re: Undelivered Mail Returned to Sender", "text": "<x@y.example>: 550"}, Nature.HUMAN),
        ({"Feedback_ID": "x:y"}, Nature.HUMAN),
        ({"From": ""}, Nature.HUMAN),
        ({"Auto_Submitted": "auto-replied"}, Nature.AUTO_REPLY),
        ({"Auto_Submitted": "Auto-Replied (vacation); x=y"}, Nature.AUTO_REPLY),
        ({"X_Autoreply": "yes"}, Nature.AUTO_REPLY),
        ({"Precedence": "auto_reply"}, Nature.AUTO_REPLY),
        ({"Subject": "Automatic reply: x", "Auto_Submitted": "auto-generated"}, Nature.AUTO_REPLY),
        ({"Subject": "Réponse automatique : x", "X_Auto_Response_Suppress": "All"}, Nature.AUTO_REPLY),
        ({"Subject": "自動返信: x", "Return_Path": "<>"}, Nature.AUTO_REPLY),
        ({"Subject": "Abwesenheitsnotiz: Urlaub", "Return_Path": "<>"}, Nature.AUTO_REPLY),
        ({"Auto_Submitted": "auto-generated"}, Nature.AUTO_GENERATED),
        ({"Auto_Submitted": "auto-notified"}, Nature.AUTO_GENERATED),
        ({"X_Auto_Response_Suppress": "OOF, AutoReply"}, Nature.AUTO_GENERATED),
        ({"Precedence": "bulk"}, Nature.AUTO_GENERATED),
        ({"From": "Shop <no-reply@shop.example>"}, Nature.AUTO_GENERATED),
        ({"From": "Shop <do_not_reply+x@shop.example>"}, Nature.AUTO_GENERATED),
        ({"Return_Path": "<>"}, Nature.AUTO_GENERATED),
        ({"List_Id": "<talk.list.example>"}, Nature.LIST),
        ({"List_Unsubscribe": "<mailto:x@y.example>", "Precedence": "bulk"}, Nature.LIST),
        ({"Precedence": "list"}, Nature.LIST),
        ({"From": "owner-talk@list.example"}, Nature.LIST),
        ({"Subject": "Please confirm your message", "Auto_Submitted": "auto-generated"}, Nature.CHALLENGE_RESPONSE),
        ({"Content_Type": "text/calendar; method=REPLY", "text": "BEGIN:VCALENDAR"}, Nature.CALENDAR),
        ({"Content_Type": "text/calendar; method=REQUEST", "text": "BEGIN:VCALENDAR"}, Nature.HUMAN),
        ({"From": "MAILER-DAEMON@x.example", "Subject": "failure notice", "text": "<a@b.c>:\n550"}, Nature.BOUNCE),
        ({"From": "postmaster@x.example", "Subject": "Warning: message delayed 4 hours"}, Nature.BOUNCE_DELAY),
        ({"From": "<mta@x.example>", "X_Failed_Recipients": "a@b.example", "Return_Path": "<>"}, Nature.BOUNCE),
    ],
)  # fmt: skip
def test_a_mail_is_a_persons_unless_it_says_otherwise(fields, nature):
    found = understand(mail(**fields))
    assert found.nature is nature
    assert bool(found.evidence) == (nature is not Nature.HUMAN)


def test_an_empty_envelope_sender_is_a_sign():
    assert understand(mail(), null_sender=True).nature is Nature.AUTO_GENERATED
    assert understand(mail(Subject="Out of office: back on Monday"), null_sender=True).nature is Nature.AUTO_REPLY


def test_reports_of_other_kinds():
    def multipart(kind: str, part: str) -> bytes:
        head = (
            f"From: x@y.example\r\nSubject: z\r\nContent-Type: multipart/report; report-type={kind}; boundary=x\r\n\r\n"
        )
        return (head + f"--x\r\n\r\ntext\r\n--x\r\nContent-Type: {part}\r\n\r\nVersion: 1\r\n--x--\r\n").encode()

    assert understand(multipart("feedback-report", "message/feedback-report")).nature is Nature.ARF
    assert understand(multipart("disposition-notification", "message/disposition-notification")).nature is Nature.MDN


@pytest.mark.parametrize(
    ("text", "bounced"),
    [
        ("This is the qmail-send program.\n\n<a@b.example>:\n192.0.2.1: 550 5.1.1 unknown", [("a@b.example", "5.1.1")]),
        ("The following address(es) failed:\n\n  a@b.example\n    mailbox is full: 452", [("a@b.example", "4.0.0")]),
        ("Your message to <a@b.example> could not be delivered.", [("a@b.example", "")]),
        ('The following address failed:\n\n"a@b.example":\nhost mx: 5.2.2 full', [("a@b.example", "5.2.2")]),
        ("Sorry.\n\n--- Below this line is a copy of the message.\nTo: a@b.example\n", [("a@b.example", "")]),
        ("Sorry.\n\n--- Below this line is a copy of the message.\n", []),
    ],
)  # fmt: skip
def test_a_bounce_without_a_report_is_read_as_mail_servers_write_it(text, bounced):
    found = understand(mail(From="MAILER-DAEMON@mx.example", Subject="failure notice", text=text))
    assert found.nature is Nature.BOUNCE
    assert [(one.address, one.status) for one in found.bounced] == bounced


@pytest.mark.parametrize(
    ("to", "bounced"), [("A <a@b.example>", ["a@b.example"]), ("a@b.example, c@d.example", []), ("", [])]
)
def test_a_bounce_that_names_nobody_is_about_whom_the_mail_that_comes_back_was_for(to, bounced):
    head = "From: MAILER-DAEMON@mx.example\nSubject: Undelivered Mail Returned to Sender\nReturn-Path: <>\n"
    parts = (
        f"--x\n\nDelivery report unavailable\n--x\nContent-Type: message/rfc822\n\nTo: {to}\nSubject: z\n\nHi\n--x--\n"
    )
    found = understand(f"{head}Content-Type: multipart/mixed; boundary=x\n\n{parts}".encode())
    assert (found.nature, [one.address for one in found.bounced]) == (Nature.BOUNCE, bounced)


def test_only_delivery_reports_name_anybody():
    assert understand(mail(text="<a@b.example>: 550 5.1.1 is what I get")).bounced == ()


@pytest.mark.parametrize("kind", sorted({one.kind for one in kinds()}))
def test_every_labelled_mail_is_of_the_class_it_was_labelled_with(kind):
    mails = [understand(one.raw) for one in kinds() if one.kind == kind]
    assert mails
    assert {
        (found.subject, found.nature.value, found.evidence) for found in mails if found.nature.value != kind
    } == set()


def test_a_class_other_than_a_persons_always_says_why():
    for one in kinds():
        assert bool(understand(one.raw).evidence) is (one.kind != "human")


def test_a_refusal_that_comes_as_a_disposition_notification_names_who_was_not_reached():
    raw = (
        b"From: Mail Delivery Subsystem <admin@x.example>\nSubject: Automatically rejected mail\n"
        b"Auto-Submitted: auto-replied (rejected)\n"
        b"Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
        b"--b\n\nYour message to <bob@x.example> was automatically rejected:\nQuota exceeded\n"
        b"--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@x.example\n"
        b"Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n"
    )
    mail = understand(raw)
    assert mail.nature is Nature.BOUNCE
    assert [(one.address, one.status) for one in mail.bounced] == [("bob@x.example", "")]


def test_an_alias_that_stands_in_quotes_before_the_address_does_not_hide_who_was_not_reached():
    raw = mail(
        Subject="Non-Delivery: hello",
        text='The email below could not be delivered to the following user:\n\n"bob@x.example" <bob@x.example>\n',
    )
    assert [one.address for one in understand(raw).bounced] == ["bob@x.example"]
