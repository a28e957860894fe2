"""How a desk gets its first supervisor: by mail address from the settings, or by a code that its terminal shows."""

from __future__ import annotations

import base64
import contextlib
import hmac
from hashlib import sha256

from bot.identity import Person
from core.desk import Desk
from core.phrases import Conflict, Refused, phrase
from core.rulebook import Agent, Role, Rulebook
from core.storage.rulebook import Edition
from gateways.slack.wire import Slack
from gateways.slack.wire.text import one_line

BY = "setup"
"""Who changes the rulebook then."""


def code_of(slack: Slack, edition: Edition) -> str:
    """The code for this version of the rulebook: the same in every process, known to whoever sees a terminal of ours.

    It is good until there is a supervisor, who makes another version of the rulebook.
    """
    mac = hmac.digest(slack.secret, f"first supervisor of version {edition.version}".encode(), sha256)
    said = base64.b32encode(mac[:10]).decode("ascii").lower()
    return "-".join(said[n : n + 4] for n in range(0, 16, 4))


async def become_supervisor(desk: Desk, slack: Slack, person: Person, code: str) -> None:
    """Make somebody the first supervisor. Raises Refused for a wrong code, or when there is one."""
    proved = False
    while True:
        edition = await desk.edition.soon()
        if person.outside or edition is None:
            raise Refused(phrase("Only members of this workspace can work on tickets here."))
        if edition.book.supervisors:
            names = [agent.name for agent in edition.book.supervisors]
            raise Refused(phrase("This desk has a supervisor already: {names}.", names=names))
        if not proved and not hmac.compare_digest(code_of(slack, edition).encode(), code.strip().lower().encode()):
            raise Refused(phrase("That is not the code. The newest one stands in the terminal in which the desk runs."))
        proved = True  # another version has another code, but the one given was good when it was given
        with contextlib.suppress(Conflict):  # somebody else changed the rulebook this very moment: then that one
            book = with_supervisor(edition.book, person.id, person.name, person.email)
            await desk.apply.soon(book, BY, edition.version)
            return


def with_supervisor(book: Rulebook, id: str, name: str, email: str | None) -> Rulebook:
    """The rulebook with somebody as a supervisor; whoever is an agent of it already stays the same one."""
    known = book.agent_for(id, email)
    if known is not None:
        agents = tuple(
            agent.model_copy(update={"role": Role.SUPERVISOR}) if agent is known else agent for agent in book.agents
        )
    else:
        taken = {agent.name for agent in book.agents}
        said = one_line(name)[:100]
        called = said if said and said not in taken else f"{said or 'Supervisor'} ({id.rpartition(':')[2]})"
        agents = (*book.agents, Agent(name=called, email=email, slack=id, role=Role.SUPERVISOR))
    return book.model_copy(update={"agents": agents})
