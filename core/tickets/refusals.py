"""Why a message did not reach somebody where people chat: each in a sentence for agents, by a word of ours."""

from __future__ import annotations

from enum import StrEnum

from core.phrases import Phrase, phrase


class Refusal(StrEnum):
    """What keeps an answer from its reader for good."""

    BLOCKED = "blocked"
    DELETED = "deleted"
    NEVER_STARTED = "never started"
    REMOVED = "removed"
    NO_SUCH_CHAT = "no such chat"
    TOO_LARGE = "too large"
    REVOKED = "revoked"
    OVER = "over"
    NOT_IN_ROOM = "not in the room"
    NO_THREAD = "no thread"
    NO_RIGHT = "no right"
    NOT_CONNECTED = "not connected"
    SILENT = "silent"
    OTHER = "other"


IN_WORDS: dict[Refusal, Phrase] = {
    Refusal.BLOCKED: phrase("The customer has blocked our bot. Only they can undo that; reach them in another way."),
    Refusal.DELETED: phrase("The customer has deleted their account. Reach them in another way."),
    Refusal.NEVER_STARTED: phrase("The customer has not started a chat with our bot, so it may not write to them."),
    Refusal.REMOVED: phrase("Our bot was removed from this group. Somebody there has to add it again."),
    Refusal.NO_SUCH_CHAT: phrase("This chat does not exist for our bot. Reach the customer in another way."),
    Refusal.NOT_IN_ROOM: phrase(
        "The desk is not in the customers' channel any more, or it was archived. Somebody there has to invite it again."
    ),
    Refusal.NO_THREAD: phrase("The thread is not there any more, so nothing can be written into it."),
    Refusal.TOO_LARGE: phrase("A file is too large for the channel. Send a smaller one, or a link."),
    Refusal.REVOKED: phrase("The source that the customer writes by was revoked. Reach them in another way."),
    Refusal.NO_RIGHT: phrase(
        "Our bot may not answer in the account that the customer writes to. Its owner has to allow it (Settings, "
        "Telegram Business, Chatbots, “Reply to messages”), or to answer there."
    ),
    Refusal.NOT_CONNECTED: phrase(
        "The account that the customer writes to is not connected with our bot any more. Its owner has to connect it "
        "again, or to answer there."
    ),
    Refusal.SILENT: phrase(
        "The customer has not written for a day, and after that Telegram does not let our bot answer in the account "
        "that they write to. Its owner can still answer there."
    ),
    Refusal.OVER: phrase("The other side has ended this conversation for good. Reach the customer in another way."),
}
"""Of what is none of these, the other side's own words are shown."""
