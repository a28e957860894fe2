"""What is new in a mail is shown; what is quoted is folded; what the customer wrote is never lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.email.reading.markup import convert
from gateways.email.reading.reply_text import reply_text
from tests.gateways.email.samples import HEADED, SAID, marked

NEW = "Thank you, but it still does not print.\n\nCan you call me?"
OLD = "Dear Carla,\n\nplease turn it off and on again.\n\nAnn"


@pytest.mark.parametrize("said", SAID)
def test_an_answer_above_a_marked_quotation_is_what_is_new(said):
    assert reply_text(f"{NEW}\n\n{said}\n\n{marked(OLD)}\n").text == NEW


@pytest.mark.parametrize("said", SAID)
def test_an_answer_above_an_unmarked_quotation_is_what_is_new(said):
    assert reply_text(f"{NEW}\n\n{said}\n\n{OLD}\n").text == NEW


@pytest.mark.parametrize("said", SAID)
def test_an_answer_below_a_quotation_is_what_is_new(said):
    assert reply_text(f"{said}\n{marked(OLD)}\n\n{NEW}\n").text == NEW


@pytest.mark.parametrize("headed", HEADED)
def test_an_answer_above_header_lines_is_what_is_new(headed):
    assert reply_text(f"{NEW}\n\n{headed}\n\n{OLD}\n").text == NEW


@pytest.mark.parametrize(
    "said",
    [
        "On Mon, Mar 2, 2026 at 12:00 PM Ann Walker with a long name <\nann@desk.example> wrote:",
        "On Mon, Mar 2, 2026 at 12:00 PM Ann Walker <ann@desk.example>\nwrote:",
        "On Mon, Mar 2, 2026\nat 12:00 PM,\nAnn Walker <ann@desk.example> wrote:",
        "Am 02.03.2026 um 12:00 schrieb Ann Walker <ann@desk.example\n>:",
        "Op 2 mrt. 2026 12:00 schreef Ann Walker <ann@desk.example> het\nvolgende:",
        "---- Am Mo., 02 März 2026 12:00:00 +0100 schrieb Ann Walker <ann@desk.example> ----",
        '"Ann Walker" ann@desk.example \u2013 2. März 2026 12:00',
    ],
)
def test_a_line_that_was_wrapped_or_has_no_verb_at_its_end_is_still_one(said):
    assert reply_text(f"{NEW}\n\n{said}\n\n{marked(OLD)}\n").text == NEW


def test_answers_between_quotations_are_shown_with_them():
    text = (
        "Hello Ann,\n\nOn Mon, 2 Mar 2026 at 12:00, Ann <ann@desk.example> wrote:\n"
        "> Which printer is it?\n\nThe old one.\n\n> And which paper?\n\nA4.\n\n> Regards\n> Ann\n"
    )
    shown = reply_text(text).text
    assert shown == "Hello Ann,\n\n> Which printer is it?\n\nThe old one.\n\n> And which paper?\n\nA4."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote to you.\nOn the other hand, it was late.",
        "I call this at 10:30:\n\n  print()\n\nand it fails.",
        "Error:\n\n> npm ERR! code 1\n> npm ERR! path /x",
        "> npm start\nfails with an error",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "From: Berlin\nTo: Hamburg\n\nWhat does it cost?",
        "The log says\n2026-03-02 12:00 started\n2026-03-02 12:01 stopped\nand that is all",
        '"Ann" ann@desk.example \u2013 2. March 2026 12:00\nis what the label says',
        "Please see\n-----\nthe table below\n-----\nthanks",
        "Your colleague wrote:\n\nit will be there on Monday\n\nand it was not.",
        "Am 3.2.2026 schrieb ich Ihnen:\n\nBitte liefern.\n\nNichts kam.",
        "Sent from my desk, it is quicker than the phone.",
        "On 2 March 2026 you wrote:\n\nit will come\n\nbut it did not.",
    ],
)
def test_words_that_only_look_like_a_quotation_are_shown(text):
    assert reply_text(text).text == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("On Mon, 2 Mar 2026 at 12:00, Ann <a@b.example> wrote:\n\nmy words without a mark", "my words without a mark"),
        (
            "---------- Forwarded message ---------\nFrom: Max <m@c.example>\nSubject: x\nTo: Carla\n\nplease help",
            "please help",
        ),
        ("On Mon, 2 Mar 2026 at 12:00, Ann <a@b.example> wrote:\n> only\n> a quotation", None),
        ("> just\n> this", None),
        ("-----Original Message-----", None),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_something_is_always_shown(text, shown):
    assert reply_text(text).text == (text if shown is None else shown)


def test_a_phone_does_not_sign_for_its_owner():
    assert reply_text("Yes please\n\nSent from my iPhone").text == "Yes please"
    assert reply_text("Ja bitte\n\nVon meinem iPhone gesendet").text == "Ja bitte"
    assert (
        reply_text("Oui\n\nEnvoyé de mon iPad\n\nOn Mon, 2 Mar 2026 at 12:00, A <a@b.example> wrote:\n> x").text
        == "Oui"
    )
    assert reply_text("Sent from my iPhone").text == "Sent from my iPhone"


def test_a_short_signature_stays_and_a_long_one_goes():
    assert reply_text("Yes\n\n-- \nCarla\nExample Ltd").text == "Yes\n\n-- \nCarla\nExample Ltd"
    legal = "\n".join(f"legal line {n}" for n in range(9))
    assert reply_text(f"Yes\n\n-- \nCarla\n{legal}").text == "Yes"
    said = "On Mon, 2 Mar 2026 at 12:00, Ann <a@b.example> wrote:\n> x"
    assert reply_text(f"Yes\n\n{said}\n\n-- \nCarla\nExample Ltd").text == "Yes"


SAID_SO = "On Mon, 2 Mar 2026 at 12:00, Ann <a@b.example> wrote:"
marks = [
    "> quoted",
    ">",
    "-- ",
    "--",
    "From: a",
    "To: b",
    "Subject: c",
    "Sent from my iPhone",
    "-----Original Message-----",
]
lines = st.sampled_from([*marks, SAID_SO, "wrote:", "_____", "| x", "A> y", "12:00", "<", "a@b.example>:", "hello", ""])


@given(st.lists(lines, max_size=25).map("\n".join))
def test_what_is_shown_was_written_and_something_is(text):
    shown = reply_text(text).text
    assert bool(shown.strip()) == bool(text.strip())
    written = [line.strip() for line in text.split("\n")]
    for line in shown.split("\n"):
        assert line.strip() in written or "@" in line  # an address that was broken over lines is put together


@given(
    st.lists(st.sampled_from(["one", "two", "three", "", "four: five", "six, seven"]), min_size=1, max_size=12).map(
        "\n".join
    ),
    st.sampled_from(SAID),
)
def test_words_above_a_quotation_are_never_lost(words, said):
    shown = reply_text(f"{words}\n\n{said}\n{marked(OLD)}\n").text
    assert shown.split() == words.split() or not words.strip()


HTML_NEW = "<div>Thank you, but it <b>still</b> does not print.</div><div><br></div><div>Can you call me?</div>"
HTML_QUOTES = {
    "gmail": """<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Mar 2, 2026 at 12:00 PM Ann
        &lt;<a href="mailto:a@b.example">a@b.example</a>&gt; wrote:<br></div>
        <blockquote class="gmail_quote" style="margin:0">Dear Carla,<br>please wait</blockquote></div>""",
    "apple": """<div><br><blockquote type="cite"><div>On 2 Mar 2026, at 12:00, Ann &lt;a@b.example&gt; wrote:</div><br>
        <div>Dear Carla</div></blockquote></div>""",
    "thunderbird": """<div class="moz-cite-prefix">Am 02.03.26 um 12:00 schrieb Ann:<br></div>
        <blockquote type="cite" cite="mid:x@b.example">Dear Carla</blockquote>""",
    "outlook": """<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>From:</b> Ann
        &lt;a@b.example&gt;<br><b>Sent:</b> Monday<br><b>To:</b> Carla<br><b>Subject:</b> RE: x</p></div>
        <p>Dear Carla</p>""",
    "outlook web": """<hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg" dir="ltr"><b>From:</b> Ann<br>
        </div><div>Dear Carla</div>""",
    "outlook mobile": """<div id="appendonsend"></div><hr><div><b>Von:</b> Ann<br></div><div>Dear Carla</div>""",
    "yahoo": """<div class="yahoo_quoted"><div>On Monday, 2 March 2026, 12:00, Ann wrote:</div>
        <div>Dear Carla</div></div>""",
    "gmx": """<div name="quote" style="margin:10px"><div>Gesendet: Montag</div><div>Dear Carla</div></div>""",
    "proton": """<div class="protonmail_quote">On Monday, Ann wrote:<br>
        <blockquote type="cite">Dear Carla</blockquote></div>""",
    "hotmail": """<div><hr id="stopSpelling">Date: Mon, 2 Mar 2026<br>From: a@b.example<br>Dear Carla</div>""",
    "mail.ru": """<br>Mon, 02 Mar 2026 12:00:00 +0300 от Ann &lt;a@b.example&gt;:<br>
        <blockquote style="border-left:1px solid">Dear Carla</blockquote>""",
    "zimbra": """<hr id="zwchr"><b>From: </b>a@b.example<br><b>To: </b>c@d.example<br><b>Sent: </b>Friday<br>
        <b>Subject: </b>Hello<br><br><p>Dear Carla</p>""",
}


@pytest.mark.parametrize("program", HTML_QUOTES)
def test_a_quotation_in_html_is_folded_by_what_its_program_marks(program):
    page = f"<html><head><style>p{{margin:0}}</style></head><body>{HTML_NEW}<br>{HTML_QUOTES[program]}</body></html>"
    found = convert(page)
    assert reply_text(found.marked).text.split() == NEW.split()
    assert "Carla" in found.text


def test_answers_between_quotations_in_html_are_shown():
    asked, again = (
        '<blockquote type="cite">Which one?</blockquote>',
        '<blockquote type="cite">And paper?</blockquote>',
    )
    shown = reply_text(convert(f"{asked}<div>The old one.</div>{again}<div>A4</div>").marked).text
    assert [line for line in shown.split("\n") if line] == ["> Which one?", "The old one.", "> And paper?", "A4"]


def test_indented_text_is_no_quotation():
    page = "<p>It says:</p><blockquote>Error 42: out of paper</blockquote>"
    assert " ".join(reply_text(convert(page).marked).text.split()) == "It says: > Error 42: out of paper"
    assert " ".join(convert(page).text.split()) == "It says: Error 42: out of paper"


def test_nobody_can_bring_the_marks_along():
    page = "<p>before</p>&#xFDD3;&#64976;&#64977;\ufdd0<p>after&#0;&#xD800;&#150;</p>"
    assert convert(page).marked == "before\n\nafter\ufffd\ufffd–"
    assert reply_text(convert(page).marked).text == "before\n\nafter\ufffd\ufffd–"


def test_the_end_of_a_quoted_line_that_was_wrapped_is_no_answer():
    said = "On Mon, 2 Mar 2026 at 12:00, Ann Walker <ann@desk.example> wrote:"
    torn = "> Please turn it off, wait for a while, and turn it on again as soon as\nall of its lamps are out.\n> Ann"
    assert reply_text(f"{NEW}\n\n{said}\n{torn}\n").text == NEW


def test_an_answer_below_a_long_quoted_line_is_shown():
    said = "On Mon, 2 Mar 2026 at 12:00, Ann Walker <ann@desk.example> wrote:"
    asked = (
        "> Which of the printers in the hall is it that prints nothing, please?\nthe blue one\n> Since when?\n2 days"
    )
    assert "the blue one" in reply_text(f"{said}\n{asked}\n").text


def test_a_list_with_names_of_header_lines_is_what_is_new():
    text = "Order:\n\nDate: 5.1.2026\nTo: Bob Braun, Harbour Street 12\nFrom: the shop\n\nThanks"
    assert reply_text(text).text == text


def test_who_cites_a_line_has_not_quoted_by_it():
    text = 'Please remove the line\n"On 5 Jan 2026 at 10:15, Ann <ann@desk.example> wrote:"\nfrom what you send.'
    assert reply_text(text).text == text


def test_a_desks_own_line_is_folded_where_it_is_quoted():
    quoted = marked("##- Please type your reply above this line -##\nYour request 12 has been updated.")
    assert reply_text(f"{NEW}\n\n{quoted}\n").text == NEW


@pytest.mark.parametrize(
    "signed",
    [
        "Sent from Outlook for Android<https://aka.ms/AAb9ysg>",
        "Sent with [Proton Mail](https://proton.me/) secure email.",
        "Get Outlook for iOS (https://aka.ms/o0ukef)",
        "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
        "发自我的iPhone",
    ],
)
def test_a_program_does_not_sign_for_its_owner_either(signed):
    assert reply_text(f"{NEW}\n\n{signed}\n").text == NEW
