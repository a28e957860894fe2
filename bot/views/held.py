"""Windows onto mail that was held back: the list of it, one of it before somebody decides, and whose is blocked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.reader import Reader
from bot.views.words import encrypted, nature, small, when, who
from core.desk.holding import reason_of
from core.desk.keeping_out import Held
from core.phrases import Phrase, phrase, phrases
from core.storage.inbox import Piece
from core.tickets import vouches
from core.tickets.inspected import Inspected
from core.tickets.model import Nature
from gateways.slack.wire.blocks import (
    Block,
    Blocks,
    Element,
    actions,
    asking,
    button,
    context,
    divider,
    header,
    label,
    modal,
    paragraph,
    plain,
    quote,
    rich,
    section,
    verbatim,
    words,
)
from gateways.slack.wire.text import set_apart

LIST, READING, LOOK = "held", "held-reading", "held-look"
SHOWN = 2500
AT_HOME = 3
"""Mails that the Home names."""

_STATE: Mapping[str, Phrase] = {
    "suspended": phrase("Held back"),
    "unreadable": phrase("Unreadable"),
    "blocked": phrase("Blocked"),
    "discarded": phrase("Discarded"),
}


class Notes(NamedTuple):
    """What comes back with a window: ids only. `list` is the window of the list that lies below, and its page."""

    page: int = 0
    list: str | None = None
    inbox: int = 0

    @property
    def kept(self) -> str:
        return json.dumps(self._asdict())


def show(held: Held, reader: Reader, warning: Phrase | None = None) -> Block:
    """The list: a page of what waits for somebody."""
    said = phrases("{count} mail is held back", "{count} mails are held back", held.total)
    blocks: Blocks = [*_warned(warning, reader), header(reader.say(said) if held.total else reader.say(_NOTHING))]
    for piece in held.pieces:
        blocks += [divider(), *line(piece, reader), actions(f"held-{piece.id}", *_choices(piece, reader))]
    if held.pages > 1:
        page = phrase("Page {page} of {pages}", page=held.page + 1, pages=held.pages)
        ways: list[Element] = []
        if held.page:
            ways.append(button("held-newer", reader.say(phrase("Newer")), held.page - 1))
        if held.page < held.pages - 1:
            ways.append(button("held-older", reader.say(phrase("Older")), held.page + 1))
        blocks += [divider(), small(reader.say(page)), actions("held-pages", *ways)]
    if not held.total:
        blocks.append(small(reader.say(_WHAT)))
    blocks += [divider(), actions("blocked", button("blocked", reader.say(phrase("Blocked senders")), "0"))]
    return modal(
        LIST, reader.say(phrase("Held mail")), reader.say(phrase("Close")), blocks, metadata=Notes(held.page).kept
    )


def reading(piece: Piece, notes: Notes, reader: Reader) -> Block:
    """One mail while it is being read: that may take some seconds."""
    blocks: Blocks = [*line(piece, reader), small(reader.say(phrase("It is being read …")))]
    return _window(READING, blocks, notes, reader)


def look(piece: Piece, seen: Inspected, notes: Notes, reader: Reader, said: Phrase | None = None) -> Block:
    """One mail, shown so that it can do nothing; `said` is what became of it meanwhile."""
    kind = [nature(seen.nature)] if seen.nature and seen.nature is not Nature.HUMAN else []
    found = " · ".join([*(reader.say(one) for one in kind if one), *seen.signs])
    blocks: Blocks = [
        *_warned(said, reader),
        *line(piece, reader, seen),
        *_vouching(piece, reader),
        *([small(reader.say(phrase("What it is known by: {signs}", signs=found)))] if found else []),
        *(encrypted(bool(seen.files), reader) if seen.is_encrypted else []),
        *_problem(seen, reader),
        *_words_of(seen, reader),
        *_enclosed(seen, reader),
        rich(verbatim("\n".join(f"{_as_written(name)}: {value}" for name, value in seen.fields), 5000)),
    ]
    if said is None:
        blocks.append(actions(f"held-{piece.id}", *_choices(piece, reader, looked=True)))
    return _window(LOOK, blocks, notes, reader)


def _as_written(name: str) -> str:
    """A header's name as mail programs write it: Message-ID, Auto-Submitted."""
    return name.title().removesuffix("-Id") + ("-ID" if name.lower().endswith("-id") else "")


def _words_of(seen: Inspected, reader: Reader) -> Blocks:
    """What it says; of what is encrypted it is said already why nothing can be read."""
    if seen.text.strip():
        return [rich(quote(seen.text, SHOWN, lambda missing: "\n" + reader.more(missing + seen.left)))]
    return [] if seen.is_encrypted else [small(reader.say(phrase("There are no words in it.")))]


def _window(name: str, blocks: Blocks, notes: Notes, reader: Reader) -> Block:
    title, close = reader.say(phrase("Held mail")), reader.say(phrase("Back") if notes.list else phrase("Close"))
    return modal(name, title, close, blocks, metadata=notes.kept)


def at_home(held: Held, reader: Reader) -> Blocks:
    """A supervisor's Home says what is held back; nothing where nothing is."""
    if not held.total:
        return []
    said = phrases("{count} mail is held back", "{count} mails are held back", held.total)
    blocks: Blocks = [divider(), header(reader.say(phrase("Held mail")))]
    blocks.append(section(plain(reader.say(said)), opener(reader)))
    for piece in held.pieces[:AT_HOME]:
        blocks += line(piece, reader)
    return blocks


def opener(reader: Reader) -> Element:
    """The button that opens the list."""
    return button(LIST, reader.say(phrase("Show held mail")), "0")


def line(piece: Piece, reader: Reader, seen: Inspected | None = None) -> Blocks:
    """Who wrote it, about what, when it came and why it is kept."""
    name, address, subject = about(piece, seen)
    title = set_apart(subject, 250) or reader.say(phrase("(no subject)"))
    sender = who(name, address) or reader.say(phrase("nobody"))
    why = reason_of(piece)
    state = reader.say(_STATE[piece.state]) if piece.state in _STATE else ""
    reason = reader.say(why) if isinstance(why, Phrase) else set_apart(why, 300)
    standing = f"{state}: {reason}" if state and reason else state or reason
    return [section(plain(title, 300)), context(label(sender, 400), when(piece.at, reader), label(standing, 500))]


def about(piece: Piece, seen: Inspected | None = None) -> tuple[str, str, str]:
    """Who wrote it (name, address) and about what; where that is not known, what the other server said."""
    if seen is not None and (seen.sender.address or seen.subject):
        return seen.sender.name, seen.sender.address or _envelope(piece), seen.subject
    said = piece.said
    return str(said.get("name") or ""), str(said.get("address") or _envelope(piece)), str(said.get("subject") or "")


def _envelope(piece: Piece) -> str:
    return str(piece.envelope.get("mail_from") or piece.sender or "")


def _choices(piece: Piece, reader: Reader, looked: bool = False) -> Sequence[Element]:
    """What can be done with it."""
    id = piece.id
    discard = asking(
        reader.say(phrase("Discard this mail?")),
        reader.say(phrase("It leaves this list, and nobody is told. It stays kept, and can be found again.")),
        reader.say(phrase("Discard")),
        reader.say(phrase("Keep it here")),
    )
    is_readable = piece.state != "unreadable"
    offered: list[Element] = []
    if not looked:
        offered.append(button("held-look", reader.say(phrase("Look")), id))
    if is_readable:
        style = "primary" if looked and not piece.vouched.failed else None
        offered.append(button("held-admit", reader.say(phrase("Let in")), id, style, _sure(piece, reader)))
    if looked or not is_readable:
        offered.append(button("held-replay", reader.say(phrase("Read again")), id))
    return [
        *offered,
        button("held-block", reader.say(phrase("Block sender")), id),
        button("held-discard", reader.say(phrase("Discard")), id, "danger", discard),
    ]


def _sure(piece: Piece, reader: Reader) -> Element | None:
    """What is asked before a mail is let in that may be forged."""
    if not piece.vouched.failed:
        return None
    said = phrase(
        "{domain} does not confirm that it comes from there: it may be forged. Its ticket will say so, too.",
        domain=set_apart(piece.vouched.domain, 100),
    )
    return asking(
        reader.say(phrase("Let this mail in?")),
        reader.say(said),
        reader.say(phrase("Let in")),
        reader.say(phrase("Keep it here")),
    )


def _vouching(piece: Piece, reader: Reader) -> Blocks:
    """Whether its sender's domain vouches for it, as it was found when it came."""
    said = vouches.told(piece.vouched)
    if said is None:
        return []
    mark = "⚠ " if piece.vouched.failed else ""
    return [small(mark + reader.say(said))]


def _warned(said: Phrase | None, reader: Reader) -> Blocks:
    return [rich(paragraph(words("⚠ "), words(reader.say(said), "bold")))] if said else []


def _problem(seen: Inspected, reader: Reader) -> Blocks:
    if not seen.problem:
        return []
    said = phrase("It could not be read ({reason}). This is how it begins:", reason=set_apart(seen.problem, 200))
    return [rich(paragraph(words("⚠ "), words(reader.say(said))))]


def _enclosed(seen: Inspected, reader: Reader) -> Blocks:
    if not seen.files:
        return []
    named = [
        f"{set_apart(file.name, 60) or reader.say(phrase('unnamed'))} ({reader.sized(file.size)})"
        for file in seen.files[:20]
    ]
    rest = len(seen.files) - len(named) + seen.left_out
    if rest:
        named.append(reader.say(phrases("{count} more file", "{count} more files", rest)))
    return [context(plain(f"📎 {', '.join(named)}", 2000))]


_NOTHING = phrase("No mail is held back.")
_WHAT = phrase("Mail that opens no ticket by itself is listed here until somebody decides about it.")
