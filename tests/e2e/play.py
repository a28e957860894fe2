"""The people of the story, acting on the sandbox as they would on its page."""

from __future__ import annotations

from typing import Any

from sandbox.errors import SandboxError
from tests.running import RunningDesk, soon

Json = dict[str, Any]
ANN, JONAS, SAM = "U0ANN", "U0JONAS", "U0SAM"
CARLA = "carla@example.com"
SUPPORT = "support@desk.example"


class Play:
    """One desk, its customers and its agents."""

    def __init__(self, desk: RunningDesk, room: str = "desk-support"):
        self.desk, self.box, self._room = desk, desk.box, room

    @property
    def room(self) -> str:
        return self.box.room(self._room)["id"]

    # Customers

    async def writes(self, subject: str, text: str, *, sender: str = CARLA, to: str = SUPPORT, **more: Any) -> Json:
        """A mail by SMTP; it must be taken."""
        sent = await self.box.mail(sender, to, subject, text, **more)
        assert sent["status"] == "accepted", sent
        return next(mail for mail in self.box.mails(sender) if mail["id"] == sent["id"])

    async def answers(self, mail: Json, text: str, *, sender: str = CARLA) -> Json:
        """An answer to a mail that came from the desk, as a mail client writes it."""
        references = [*mail["references"], mail["message_id"]]
        to = mail["reply_to"] or mail["from"]
        return await self.writes(
            f"Re: {mail['subject']}", text, sender=sender, to=to, in_reply_to=mail["message_id"], references=references
        )

    def received(self, words: str = "", *, by: str = CARLA) -> list[Json]:
        return [m for m in self.box.mails(by) if m["direction"] == "received" and words in m["text"]]

    async def receives(self, words: str, *, by: str = CARLA) -> Json:
        return (await soon(lambda: self.received(words, by=by), f"a mail with “{words}”\n{self.desk.said()}"))[0]

    # Agents

    def cards(self, number: int) -> list[Json]:
        """What stands in the room as this ticket's card."""
        return [m for m in self.box.messages(self.room) if not _in_thread(m) and _key(m) == f"card:{number}"]

    async def sees(self, number: int, words: str = "") -> Json:
        """The ticket's card, when it says this."""
        found = await soon(
            lambda: [card for card in self.cards(number) if words in _words(card)],
            f"card #{number} with “{words}”\n{[_words(c) for c in self.cards(number)]}\n{self.desk.said()}",
        )
        return found[0]

    def thread(self, number: int, words: str = "") -> list[Json]:
        [card] = self.cards(number)
        return [
            m
            for m in self.box.messages(self.room)
            if _in_thread(m) and m["thread_ts"] == card["ts"] and words in _words(m)
        ]

    async def sees_in_thread(self, number: int, words: str) -> Json:
        await self.sees(number)
        return (await soon(lambda: self.thread(number, words), f"“{words}” in the thread of #{number}"))[0]

    async def clicks(self, who: str, number: int, action: str) -> None:
        card = await self.sees(number)
        await self.box.click(who, action, room=self.room, ts=card["ts"])

    async def window(self, who: str) -> Json:
        return (await soon(lambda: self.box.views.get(who), f"a window for {who}\n{self.desk.said()}"))[-1]

    async def replies(self, who: str, number: int, text: str, *, then: str = "wait") -> Json:
        """Through the Reply window. What the desk answered to its submission."""
        await self.clicks(who, number, "reply")
        view = await self.window(who)
        return await self.box.submit(who, view["id"], filled(view, text, then))

    async def is_told(self, who: str, words: str) -> Json:
        """An ephemeral sentence."""
        found = await soon(
            lambda: [e for e in self.box.ephemeral if e["user"] == who and words in _words(e)],
            f"“{words}” for {who}: {[_words(e) for e in self.box.ephemeral]}\n{self.desk.said()}",
        )
        return found[0]

    async def tries(self, who: str, number: int, action: str) -> bool:
        """A click that nobody may be there to take. Whether it was taken."""
        try:
            await self.clicks(who, number, action)
        except SandboxError:
            return False
        return True


def filled(view: Json, text: str, then: str = "wait", way: str = "") -> Json:
    """The Reply window's values, filled in; `way` is how the answer is to go, by its first words."""
    values: Json = {}
    for block in view["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        if element["type"] == "plain_text_input":
            value: Json = {"type": "plain_text_input", "value": text}
        elif element["type"] == "file_input" or "handed" in element["action_id"]:
            continue
        elif element["type"] == "multi_static_select":
            value = {"type": element["type"], "selected_options": element.get("initial_options", [])}
        elif element["action_id"] == "way":
            chosen = next(o for o in element["options"] if o["text"]["text"].startswith(way))
            value = {"type": element["type"], "selected_option": chosen}
        else:
            chosen = next(o for o in element["options"] if o["value"] == then)
            value = {"type": element["type"], "selected_option": chosen}
        values[block["block_id"]] = {element["action_id"]: value}
    return values


def _key(message: Json) -> str | None:
    """What a message of ours is known by."""
    return (message.get("metadata") or {}).get("event_payload", {}).get("key")


def _in_thread(message: Json) -> bool:
    return message.get("thread_ts") not in (None, message["ts"])


def _words(message: Json) -> str:
    """Everything that can be read in a message."""
    return " ".join([message.get("text") or "", *_texts(message.get("blocks") or [])])


def _texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [text for value in part.values() for text in _texts(value)]
    if isinstance(part, list):
        return [text for item in part for text in _texts(item)]
    return []
