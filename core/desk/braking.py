"""Mail that goes round is stopped, kept and told of; a person who writes much loses nothing but acknowledgements."""

from __future__ import annotations

from datetime import timedelta

from core.desk.holding import COPY_OF_OURS, Holding
from core.desk.house import Change
from core.desk.writing import remark
from core.phrases import Phrase, phrase
from core.storage import acknowledged, inbox, ledger, messages, tallies, tickets
from core.storage.database import Tx
from core.storage.troubles import Trouble
from core.tickets import brakes
from core.tickets.model import Address, Inbound, Nature
from core.tickets.tallies import BRAKES, ECHO, FLOOD, SAME_WORDS, Tally


class Braking(Holding):
    """What stops mail that goes round."""

    def goes_round(self, tx: Tx, inbound: Inbound) -> Phrase | None:
        """Why a mail is taken for one that has come round."""
        if not inbound.trail.marks and inbound.trail.hops <= brakes.MOST_HOPS:
            return None
        return brakes.goes_round(inbound.trail, [brakes.mark_of(key) for key in self.keys_in(tx).values()])

    def stop(self, tx: Tx, inbound: Inbound, id: int, reason: Phrase) -> None:
        """Keep out what has come round. A copy of what we sent says nothing new; else supervisors hear, once a day."""
        copied = messages.known(tx, inbound.channel, [inbound.external_id])
        ours = next((message for _, _, message, part in copied if part.goes_out), None)
        if ours is not None:
            inbox.describe(tx, id, message=ours, reason=COPY_OF_OURS.text)
            return
        self.hold(tx, id, reason, inbound)
        if label := BRAKES.get(reason.text):
            tallies.count(tx, Tally.BRAKED, label)
        if reason in brakes.REASONS and ledger.take_turn(tx, f"loop: {reason.text}", timedelta(days=1)):
            said = phrase(
                "A mail from {sender} seems to go round between machines, and is kept out.",
                sender=inbound.sender.address or "?",
            )
            self.alarm(tx, Trouble(said, command="deskbell inbox list"))

    def answers_too_often(self, tx: Tx, inbound: Inbound, ticket: int) -> bool:
        """Whether a machine has answered often enough in this ticket."""
        if inbound.heard_as is not Nature.AUTO_REPLY:
            return False
        return acknowledged.answers_by_machine(tx, ticket) >= brakes.ANSWERS_BY_MACHINE

    def may_be_told(self, tx: Tx, change: Change, inbound: Inbound, to: Address) -> bool:
        """Whether an acknowledgement goes to this address now. Where it may be a machine's, that is said, once."""
        gist = inbound.trail.gist
        sought = acknowledged.seek(tx, to, gist)
        if sought.floods and acknowledged.tell_of_flood(tx, to):
            tallies.count(tx, Tally.BRAKED, FLOOD)
            self._tell(
                tx,
                change,
                phrase(
                    "{address} has opened {count} tickets within ten minutes. It may be a machine, or a desk that "
                    "answers ours. Every mail has its ticket; acknowledgements go there once a day at most.",
                    address=to.address,
                    count=sought.opened,
                ),
            )
        if sought.echoes and sought.muted == 0 and acknowledged.tell_of_echo(tx, to, gist):
            tallies.count(tx, Tally.BRAKED, ECHO)
            self._tell(
                tx,
                change,
                phrase(
                    "Several addresses at {domain} have written the same words within a day, the last one {address}. "
                    "It may be a desk that answers ours. Every mail has its ticket; these are not acknowledged any "
                    "more.",
                    domain=to.address.rpartition("@")[2],
                    address=to.address,
                ),
            )
        return sought.may_be_told

    def opens_again_in_vain(self, tx: Tx, inbound: Inbound, ticket: int) -> bool:
        """Whether the same words have opened a closed ticket so often today that they leave it closed now."""
        gist = inbound.trail.gist
        if not gist:
            return False
        since = tx.now - timedelta(days=1)
        said = [messages.message(tx, id) for id in tickets.reopened_by(tx, ticket, since)]
        alike = sum(brakes.gist(inbound.subject, one.reply_text) == gist for one in said)
        return alike >= brakes.REOPENED_ALIKE

    def note_opens_in_vain(self, tx: Tx, change: Change, inbound: Inbound) -> None:
        """Say that a ticket stays closed, and why."""
        tallies.count(tx, Tally.BRAKED, SAME_WORDS)
        said = phrase(
            "{address} has written the same words several times today, and each time the closed ticket was opened "
            "again. It may be a machine: from now on these words leave it closed.",
            address=inbound.sender.address,
        )
        if ledger.take_turn(tx, f"loop: ticket {change.ticket.number}", timedelta(days=1)):
            self._tell(tx, change, said)

    def holds_back(self, tx: Tx, change: Change) -> bool:
        """Whether a reminder or a closing waits: too many mails have left by themselves for this ticket or person."""
        number, person = change.ticket.number, change.ticket.requester
        return brakes.holds_back(*acknowledged.left_by_itself(tx, number, person))

    def _tell(self, tx: Tx, change: Change, said: Phrase) -> None:
        """On the ticket, and to supervisors."""
        remark(self, tx, change, "loops", said)
        self.alarm(tx, Trouble(said, change.ticket.number))
