"""Use cases of people's own accounts, for which our bot speaks: what it may do there, and what their owners say."""

from __future__ import annotations

from core.desk.visiting import Visiting
from core.phrases import phrase
from core.routing import signals
from core.storage import accounts, inbox, messages, tickets
from core.storage.accounts import Account
from core.storage.database import Tx, question, use_case
from core.storage.schema import indexable
from core.storage.troubles import Trouble
from core.tickets import conversation
from core.tickets import events as e
from core.tickets.model import By, Delivery, Inbound, Part, Status, Thread

OWNER = By("rule:account")
"""Who answers in an account of their own, and is nobody whom the desk knows."""


class Accounts(Visiting):
    """Accounts that are not the desk's."""

    @question
    def account(self, tx: Tx, channel: str, owner: str) -> Account | None:
        """What is known of somebody's account."""
        return accounts.of(tx, channel, owner)

    @question
    def account_by(self, tx: Tx, channel: str, connection: str) -> Account | None:
        """The account that a channel calls so."""
        return accounts.by(tx, channel, connection)

    @use_case
    def know_account(self, tx: Tx, account: Account, id: int = 0) -> None:
        """This is how it stands with an account now; `id` is what came in of that. Supervisors hear what is missing."""
        if id and not inbox.settle(tx, id, "done", "an account was connected, or not any more"):
            return
        before = accounts.of(tx, account.channel, account.owner)
        accounts.keep(tx, account)
        if before is not None and (before.may_reply, before.is_on) == (account.may_reply, account.is_on):
            return
        if not account.is_on:
            gone = phrase(
                "{name} has disconnected our bot from their account. What customers write there reaches the desk no "
                "more, and answers to it do not leave.",
                name=account.name,
            )
            self.alarm(tx, Trouble(gone))
        elif not account.may_reply:
            lacks = phrase(
                "{name} has connected their account with our bot and does not let it answer: customers are heard, and "
                "answers do not leave. In Telegram: Settings, Telegram Business, Chatbots, “Reply to messages”.",
                name=account.name,
            )
            self.alarm(tx, Trouble(lacks))

    @use_case
    def owner_said(self, tx: Tx, id: int, inbound: Inbound) -> int | None:
        """The owner of an account wrote to a customer there: an answer that has arrived. The ticket's number; None
        where it is about none.
        """
        if not inbox.settle(tx, id, "done", "the account's owner said it"):
            return None
        found = tickets.newest_in(tx, Thread(inbound.channel, indexable(inbound.thread)))
        if found is None or messages.known(tx, inbound.channel, [inbound.external_id]):
            return None
        with self.changing(tx, tickets.goes_on_in(tx, found[0])) as change:
            is_closed = change.ticket.status is Status.CLOSED
            if is_closed and signals.pleasantry(inbound.text):
                return None  # "you're welcome" opens nothing again
            row = {
                "ticket": change.ticket.number,
                "part": Part.REPLY,
                "at": tx.now,
                "text": inbound.text,
                "reply_text": inbound.reply_text,
                "author_name": inbound.sender.name,
                "external_id": inbound.external_id,
                "delivery": Delivery.SENT,
                "language": inbound.language,
                "inbox": id,
                "channel": inbound.channel,
            }
            message = messages.say(tx, row, self._files(tx, change.ticket.number, inbound), known_on=inbound.channel)
            change.happen(conversation.answer_elsewhere(change.ticket, message, OWNER, tx.now))
            change.happen([e.Delivered(at=tx.now, message=message, part=Part.REPLY)])
        return change.ticket.number

    @use_case
    def retract_all(self, tx: Tx, id: int, channel: str, external_ids: list[str]) -> None:
        """Several things that were said are deleted where they stood."""
        if inbox.settle(tx, id, "done", "something that was said was deleted"):
            for external_id in external_ids:
                self.take_away(tx, channel, external_id)
