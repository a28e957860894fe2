"""How people write to each other on a channel, as far as that shapes what the desk writes there."""

from __future__ import annotations

from typing import NamedTuple


class Manner(NamedTuple):
    """`letters`: each message stands for itself, with a subject above and a signature below it; an answer names what
    it answers. Otherwise it is a chat: short messages that go on where the last one ended, among those who are there.
    `threads`: each matter has a place of its own there, so that what is said in it is about that one however late.
    `typing`: whoever is there can see that somebody writes to them. `buttons`: they can be given something to choose.
    `changes`: what has left can still be changed there, and taken back; what did stays as it left elsewhere.
    """

    letters: bool
    threads: bool = False
    typing: bool = False
    buttons: bool = False
    changes: bool = False


LETTERS, CHAT = Manner(letters=True), Manner(letters=False)
THREADS = Manner(letters=False, threads=True, changes=True)
_MANNERS = {
    "email": LETTERS,
    "slack": THREADS,
    "telegram": CHAT._replace(typing=True, buttons=True, changes=True),
    "task": LETTERS,  # on which nobody is: nothing that chats have
}


def manner(channel: str) -> Manner:
    """A channel's manner; people chat on those that nothing else is known of."""
    return _MANNERS.get(channel, CHAT)


def can_be_written_to(channel: str, address: str) -> bool:
    """Whether it is an address there at all."""
    return "@" in address if manner(channel).letters else bool(address)
