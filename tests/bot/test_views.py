"""Whatever customers, colleagues and the other side's servers write, every view keeps Slack's rules."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.reader import Reader
from bot.views import card, conversation, home, message, note, notices, person, reply
from bot.views.shown import Shown, sentence
from core.desk.answering import Letter
from core.desk.persons import Glance, House, Person, Suggestion
from core.desk.showing import Card, Closing, Overview, Spoken, Story
from core.phrases import phrase
from core.rulebook import Queue
from core.storage.handed import Handed
from core.storage.people import Identity
from core.storage.rooms import Post, Room
from core.storage.tickets import Line, Page
from core.storage.unions import Union
from core.tickets import events as e
from core.tickets.model import (
    Address,
    Attachment,
    Delivery,
    Message,
    Nature,
    Part,
    Status,
    Thread,
    Ticket,
    Vouch,
    Vouched,
)
from core.tickets.persons import Proof, Reason, Verdict, in_words
from sandbox.surfaces import block_problems, view_problems

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MARK = "\ue000"
"""A letter that stands in everything from outside and in nothing of ours."""

pieces = st.one_of(
    st.text(st.characters(), max_size=60),
    st.text("طلب 17 שלום\u202a\u202e\u2066\u2067\u2068\u2069", max_size=60),
    st.text("👩‍👩‍👧🇩🇪é\u0301\u202e\ud800\x00\n\r\t*_~`<>&@!:|", max_size=60),
    st.sampled_from(["<!channel>", "<@U0ANN>", "<https://e.example|x>", "```", "{name}", "&amp;", "-- \n", ""]),
    st.integers(0, 9000).map(lambda n: "x" * n),
    st.integers(0, 3000).map(lambda n: "👨‍👩‍👧" * n),
)
texts = st.lists(pieces, max_size=4).map(lambda parts: MARK + " ".join(parts))
times = st.one_of(st.none(), st.integers(0, 4 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC)))
locales = st.sampled_from(["en", "de", "de-DE"])
files = st.lists(
    st.builds(Attachment, name=texts, type=texts, size=st.integers(0, 10**12), digest=st.just("d")), max_size=40
).map(tuple)
tickets = st.builds(
    Ticket,
    number=st.integers(1, 10**12),
    thread=st.builds(Thread, st.one_of(st.sampled_from(["email", "telegram"]), texts), texts),
    requester=st.just(1),
    door=texts,
    queue=st.just("support"),
    status=st.sampled_from(Status),
    assignee=st.one_of(st.none(), texts),
    urgency=st.integers(0, 3),
    opened_at=times,
    heard_at=times,
    claimed_at=times,
    follows=st.one_of(st.none(), st.integers(1, 10**9)),
)
messages = st.builds(
    Message,
    id=st.integers(1, 10**12),
    ticket=st.just(1),
    part=st.sampled_from(Part),
    text=texts,
    at=times.map(lambda at: at or NOW),
    author_name=texts,
    reply_text=st.one_of(texts, st.just("")),
    nature=st.sampled_from(Nature),
    delivery=st.one_of(st.none(), st.sampled_from(Delivery)),
    reason=st.one_of(st.none(), texts),
    send_at=times,
    attachments=files,
    vouched=st.builds(Vouched, verdict=st.sampled_from(Vouch), domain=texts),
)
agents = st.sampled_from(["T:U", "rule:no-answer", MARK])
events = st.one_of(
    st.builds(e.Claimed, at=st.just(NOW), by=agents),
    st.builds(e.Closed, at=st.just(NOW), by=agents),
    st.builds(e.Reopened, at=st.just(NOW), by=st.one_of(st.none(), agents), message=st.integers(1, 9)),
    st.builds(e.Noted, at=st.just(NOW), by=agents, message=st.integers(1, 9)),
)
queues = st.builds(
    Queue,
    name=st.just("support"),
    title=st.text(st.characters(codec="utf-8", categories=("L", "P", "S")), min_size=1, max_size=200),
)
rooms, posts = st.none(), st.none()
cards = st.builds(
    Card,
    ticket=tickets,
    subject=texts,
    requester=texts,
    sender=texts,
    address=texts,
    assignee=st.one_of(st.none(), texts),
    closed=st.one_of(st.none(), st.builds(Closing, st.one_of(st.none(), texts), times.map(lambda at: at or NOW))),
    queue=queues,
    locale=locales,
    first=st.one_of(st.none(), messages),
    failed=st.one_of(st.none(), messages),
    last_heard=st.integers(0, 100),
    room=rooms,
    post=posts,
)
spokens = st.builds(
    Spoken,
    message=messages,
    ticket=tickets,
    requester=texts,
    concerns=st.one_of(st.none(), texts, st.just("T0:U0ANN")),
    is_news=st.booleans(),
    locale=locales,
    room=rooms,
    card=posts,
    post=posts,
)
readers = st.builds(Reader, locale=locales)
thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@thorough
@given(cards, st.one_of(st.none(), readers))
def test_every_card_keeps_the_rules(shown: Card, reader: Reader | None) -> None:
    is_right(card.show(shown, reader))
    keeps_its_order(card.show(shown, reader))
    is_right(card.bare(shown, "invalid_blocks"))
    posted = card.calling_the_room(shown, card.show(shown))
    called = shown.ticket.urgency == 3
    is_right(posted._replace(text=posted.text.removeprefix("<!here> ")))
    assert posted.text.startswith("<!here> ") is called
    assert mentions(posted.blocks) == (["here"] if called else [])


@thorough
@given(spokens)
def test_every_message_keeps_the_rules(spoken: Spoken) -> None:
    shown = message.show(spoken)
    is_right(shown)
    keeps_its_order(shown.blocks, shown.username)
    if spoken.message.part is Part.REQUESTER:
        assert shown.username
        assert len(shown.username) <= 80
    for posted in (message.first(spoken), message.failure(spoken)):
        if posted is not None:
            called = posted.text.startswith("<@U0ANN> ")
            is_right(posted._replace(text=posted.text.removeprefix("<@U0ANN> ")))
            assert mentions(posted.blocks) == (["U0ANN"] if called else [])


@thorough
@given(cards, st.one_of(st.none(), messages), texts, readers, st.integers(0, 120))
def test_every_window_to_answer_in_keeps_the_rules(
    shown: Card, last: Message | None, text: str, reader: Reader, templates: int
) -> None:
    draft = reply.Draft(ticket=shown.ticket.number, seen=10**15, template="x" * 60, round=99, text=text, then="close")
    offered = [(f"t{n}", text) for n in range(templates)]
    warnings = [said for said in [reply.others(shown, "T:U", timedelta(seconds=4))] if said]
    files = [Handed(f"T0:F{n}", text, "text/plain", n * 999_983) for n in range(20)]
    view = reply.show(draft, shown, last, offered, reader, warnings, attachable=reply.Attachable(files))
    is_right_view(view, "modal")
    keeps_its_order(view)
    is_right_view(reply.preview(Letter(text, text), shown, reader), "modal")
    is_right_view(note.show(shown, reader), "modal")


@thorough
@given(
    cards,
    st.lists(messages, max_size=40),
    st.lists(events, max_size=90),
    texts,
    st.lists(texts, max_size=60),
    readers,
)
def test_every_conversation_keeps_the_rules(
    shown: Card, said: list[Message], happened: list[e.Event], name: str, known: list[str], reader: Reader
) -> None:
    view = conversation.show(shown, Story(said, happened, {"T:U": name}), reader)
    is_right_view(view, "modal")
    keeps_its_order(view)


@thorough
@given(cards, texts, st.lists(texts, max_size=30), readers)
def test_every_window_of_a_customer_keeps_the_rules(shown: Card, name: str, known: list[str], reader: Reader) -> None:
    ways = [
        Identity(n, name, Address("email", address, name), Proof.WROTE, None, None, None, None, None)
        for n, address in enumerate(known, 1)
    ]
    found = [Union(n, 1, 2, Verdict.ONE, Proof.AGENT, "T:U", NOW) for n, _ in enumerate(known)]
    others = [Suggestion(n, ways, [in_words(Reason.PHONE, name)]) for n, _ in enumerate(known[:5])]
    page = Page(tuple(Line(shown.ticket, name) for _ in known[:10]), len(known))
    who = Person(
        ticket=shown.ticket,
        known=ways,
        unions=found,
        apart=found,
        suggestions=others,
        earlier=page,
        house=House(name, name),
        of_house=page,
        agents={"T:U": name},
        concerned={one.person: one for one in ways},
        cards={},
    )
    is_right_view(person.show(shown, who, lambda _: "https://x.slack.com/", reader, phrase("No.")), "modal")
    seen = Glance(len(known), House(name), 100, True)
    is_right(card.show(replace(shown, glance=seen), reader))
    answer = reply.Draft(ticket=1, seen=0)
    many = reply.Readers((), ways, ("telegram",))
    is_right_view(reply.show(answer, shown, None, [], reader, readers=many), "modal")


@thorough
@given(
    st.lists(st.tuples(tickets, texts), max_size=30),
    st.lists(st.tuples(tickets, texts), max_size=30),
    st.integers(0, 120),
    queues,
    readers,
)
def test_every_home_keeps_the_rules(
    mine: list[Any], waiting: list[Any], more: int, queue: Queue, reader: Reader
) -> None:
    lines = [Line(ticket, subject) for ticket, subject in mine]
    cards_at = {line.ticket.number: Post("T", "C", "1.0", line.ticket.number, 0, "") for line in lines}
    waits = Page(tuple(Line(*w) for w in waiting), more + len(waiting))
    overview = Overview(Page(tuple(lines), more + len(lines)), {"support": waits}, cards_at)
    many = [queue.model_copy(update={"name": f"q{n}"}) for n in range(30)]
    view = home.show(overview, [queue, *many], lambda post: f"https://x.slack.com/archives/{post.room}/p10", reader)
    is_right_view(view, "home")
    keeps_its_order(view)
    is_right_view(home.stranger(phrase("No, {name}.", name=mine[0][1] if mine else "x"), reader), "home")


@thorough
@given(texts, readers)
def test_every_notice_keeps_the_rules(text: str, reader: Reader) -> None:
    is_right(sentence(phrase("{name} took ticket #{number} {ago} ago.", name=text, number=1, ago=timedelta(1)), reader))
    is_right(notices.usage(reader))
    is_right(notices.kept(phrase("Not sent."), text, reader))


def test_no_card_stands_still_when_what_it_shows_has_changed() -> None:
    before = a_card()
    faces = {card.show(before).face}
    for change in (
        {"assignee": "Ann Walker"},
        {"subject": "Else"},
        {"failed": a_message(delivery=Delivery.FAILED, reason="550")},
    ):
        faces.add(card.show(Card(**{**as_dict(before), **change})).face)
    assert len(faces) == 4
    assert card.show(before).face == card.show(a_card()).face


def a_card(**more: Any) -> Card:
    ticket = Ticket(42, Thread("email", "k"), 1, "support@desk.example", "support", opened_at=NOW)
    queue = Queue(name="support", title="Support")
    room = Room("support", "T", "C", "desk-support")
    carla = ("Carla", "carla@example.com", "carla@example.com")
    return Card(ticket, "Order", *carla, None, None, queue, "en", a_message(), None, 1, room, None)


def a_message(**more: Any) -> Message:
    return Message(id=1, ticket=42, part=Part.REQUESTER, text="Where is it?", at=NOW, **more)


def mentions(part: object) -> list[str]:
    """Whom blocks mention."""
    if isinstance(part, dict):
        own = [part.get("user_id") or part["range"]] if part.get("type") in ("user", "broadcast") else []
        return [*own, *(found for value in part.values() for found in mentions(value))]
    return [found for value in part for found in mentions(value)] if isinstance(part, list) else []


def anchors(part: object) -> list[str]:
    """Where the links among words lead."""
    if isinstance(part, dict):
        own = [part["url"]] if part.get("type") == "link" else []
        return [*own, *(found for value in part.values() for found in anchors(value))]
    return [found for value in part for found in anchors(value)] if isinstance(part, list) else []


def as_dict(shown: Card) -> dict[str, Any]:
    return {name: getattr(shown, name) for name in Card.__dataclass_fields__}


def is_right(shown: Shown) -> None:
    assert block_problems(shown.blocks, "message") == []
    assert len(shown.text) <= 4000
    assert shown.text.strip()
    no_markup_from_outside(shown.blocks)
    for opening in ("<!", "<@", "<#", "<h"):
        assert opening not in shown.text
    shown.text.encode()
    str(shown.blocks).encode()


def is_right_view(view: dict[str, Any], kind: str) -> None:
    assert view_problems(view, kind) == []
    no_markup_from_outside(view)
    str(view).encode()


def keeps_its_order(*parts: object) -> None:
    """No name or subject turns the line around that it stands in: of what turns, there are whole isolates only.

    Customers' own words, in rich text and inputs, stand by themselves and are left as they are.
    """
    for part in parts:
        if isinstance(part, str):
            marks = [ch for ch in part if unicodedata.bidirectional(ch) in TURNING]
            assert marks == ["\u2068", "\u2069"] * (len(marks) // 2)
        elif isinstance(part, dict) and part.get("type") != "rich_text":
            keeps_its_order(*(value for name, value in part.items() if name != "initial_value"))
        elif isinstance(part, list | tuple):
            keeps_its_order(*part)


TURNING = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


def no_markup_from_outside(part: object) -> None:
    """Nothing that came from outside stands where Slack reads markup."""
    if isinstance(part, dict):
        if part.get("type") in ("mrkdwn", "markdown"):
            assert MARK not in part["text"]
        for value in part.values():
            no_markup_from_outside(value)
    elif isinstance(part, list):
        for value in part:
            no_markup_from_outside(value)
