"""Use cases of addresses that mail does not reach: what a refusal teaches, and who gets nothing by itself any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.desk.alarming import Alarming
from core.desk.house import Change
from core.phrases import NotFound, phrase
from core.storage import ledger, suppressed, tallies, tickets
from core.storage.database import Tx, question, use_case
from core.storage.suppressed import Suppressed
from core.storage.troubles import Trouble
from core.tickets import conversation
from core.tickets.model import Outcome, Part, Ticket
from core.tickets.suppression import Kind, Standing, Verdict, after, is_suppressed, verdict
from core.tickets.tallies import Tally

TOLD_EVERY = timedelta(hours=6)
"""So often supervisors hear that others do not want our mail: one cause refuses many."""

_LONGEST_REASON = 300


class Suppressing(Alarming):
    """Who gets nothing by itself."""

    @question
    def suppressed(self, tx: Tx) -> list[Suppressed]:
        """Every address that something is known against, the latest first."""
        return suppressed.every(tx)

    @use_case
    def unsuppress(self, tx: Tx, channel: str, address: str) -> None:
        """Forget what is known against an address. Raises NotFound."""
        if not suppressed.forget(tx, channel, address):
            raise NotFound(phrase("{address} is not on the list: deskbell suppressed list", address=address))

    @question
    def unreachable(self, tx: Tx, number: int, addresses: Sequence[str] = ()) -> list[Suppressed]:
        """Of those who get the answers to a ticket, and of these addresses, whom mail does not reach."""
        ticket, words = tickets.look(tx, number)
        return self.withheld_from(tx, ticket.thread.channel, [words.answer_to, *addresses])

    def withheld_from(self, tx: Tx, channel: str, addresses: Sequence[str]) -> list[Suppressed]:
        """Whom of these the desk sends nothing by itself."""
        return [one for one in suppressed.of(tx, channel, addresses) if is_suppressed(one.standing, tx.now)]

    def withhold(self, tx: Tx, change: Change, part: Part) -> Suppressed | None:
        """Send no automatic mail where none arrives or is wanted; why, where that is so. The history has it."""
        found = self.withheld_from(tx, change.ticket.thread.channel, [change.words.answer_to])
        if not found:
            return None
        change.happen(conversation.withhold(part, tx.now))
        return found[0]

    def learn_from(self, tx: Tx, ticket: Ticket, message: int, refused: Sequence[Outcome], channel: str) -> None:
        """What was refused for good says something about the address, about us, or about the mail."""
        for outcome in refused:
            found = verdict(f"{outcome.code} {outcome.text}")
            tallies.count(tx, Tally.BOUNCED, found)
            if found is Verdict.POLICY:
                self._tell_of_policy(tx, ticket, outcome)
            elif found in (Verdict.GONE, Verdict.FAILING) and outcome.address:
                before = next((one.standing for one in suppressed.of(tx, channel, [outcome.address])), None)
                standing = after(before, found, tx.now)
                if standing is not None and standing != before:
                    said = outcome.text[:_LONGEST_REASON]
                    suppressed.keep(tx, Suppressed(channel, outcome.address, standing, said, message))

    def complained(self, tx: Tx, ticket: Ticket, message: int, addresses: Sequence[str], said: str) -> bool:
        """Whoever reads there reported our mail as spam. Whether that is news."""
        before = [one.standing.kind for one in suppressed.of(tx, ticket.thread.channel, addresses)]
        for address in addresses:
            standing = Standing(Kind.COMPLAINT, 0.0, tx.now)
            suppressed.keep(tx, Suppressed(ticket.thread.channel, address, standing, said[:_LONGEST_REASON], message))
        return before.count(Kind.COMPLAINT) < len(addresses)

    def reached(self, tx: Tx, channel: str, address: str) -> None:
        """Somebody wrote from there, or took a mail: only that they want none from us stays in mind."""
        suppressed.forget(tx, channel, address, but=Kind.COMPLAINT)

    def _tell_of_policy(self, tx: Tx, ticket: Ticket, outcome: Outcome) -> None:
        if ledger.take_turn(tx, "told of policy", TOLD_EVERY):
            said = phrase(
                "Other servers refuse the desk's mail ({reason}). Look at SPF, DKIM and DMARC of {domain}, and whether "
                "the server that sends it is on a blocklist. More of these are not told for six hours.",
                reason=f"{outcome.code} {outcome.text}"[:_LONGEST_REASON],
                domain=ticket.door.rpartition("@")[2],
            )
            self.alarm(tx, Trouble(said, ticket.number))
