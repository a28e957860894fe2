"""What sort of mail it is, in words; of a person's there is nothing to say."""

from __future__ import annotations

from collections.abc import Mapping

from core.phrases import Phrase, phrase
from core.tickets.model import Nature

NATURES: Mapping[Nature, Phrase] = {
    Nature.LIST: phrase("From a mailing list"),
    Nature.AUTO_REPLY: phrase("Automatic reply"),
    Nature.AUTO_GENERATED: phrase("Sent by a machine"),
    Nature.BOUNCE: phrase("Could not be delivered"),
    Nature.BOUNCE_DELAY: phrase("Delivery is delayed"),
    Nature.DSN_SUCCESS: phrase("Delivery receipt"),
    Nature.ARF: phrase("Reported as spam, or wants no more mail"),
    Nature.CHALLENGE_RESPONSE: phrase("Asks for a confirmation"),
    Nature.CALENDAR: phrase("Calendar invitation"),
    Nature.MDN: phrase("Reading receipt"),
}
