"""People: requesters with the addresses they are known by, and colleagues as our workspaces tell them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import Words, colleagues, identities, indexable, people, suppressed
from core.storage.statements import Prepared, on_each
from core.tickets.model import Address


class Person(NamedTuple):
    id: int
    name: str
    language: str | None
    suppressed: str | None = None  # of what kind that is which is known against the address they were found by


class Colleague(NamedTuple):
    """Somebody of a workspace of ours. `outside`: a guest, a stranger from another workspace, or a bot."""

    team: str
    user: str
    name: str
    email: str | None
    locale: str | None
    zone: str | None
    outside: bool
    fetched_at: datetime

    @property
    def id(self) -> str:
        return f"{self.team}:{self.user}"


_FIND = Prepared(
    sa.select(people.c.id, people.c.name, people.c.language, suppressed.c.kind)
    .join(identities, identities.c.person == people.c.id)
    .outerjoin(
        suppressed,
        sa.and_(suppressed.c.channel == identities.c.channel, suppressed.c.address == identities.c.address),
    )
    .where(identities.c.channel == sa.bindparam("channel"), identities.c.address == sa.bindparam("address"))
)


def folded(address: str) -> str:
    """An address as it is compared: without case. Dots and plus-tags stay; they may be somebody else's."""
    return indexable(address.casefold())


def person_at(tx: Tx, address: Address) -> Person | None:
    """Whoever is known by an address. Of those who give none, each is somebody else."""
    if not address.address:
        return None
    row = _FIND.first(tx, {"channel": address.channel, "address": folded(address.address)})
    return Person(*row) if row else None


def meet(tx: Tx, person: Person | None, address: Address, language: str | None) -> Person:
    """The person behind an address, known from now on. What they call themselves now is learnt, and a language that we
    did not know.

    `person` is who `person_at` found there.
    """
    if person is None:
        person = _first_meeting(tx, address, language)
    name = address.name if address.name != person.name else ""
    if name or (language and not person.language):
        _LEARN.run(tx, {"person": person.id, "name": name or None, "language": language})
        person = person._replace(name=name or person.name, language=person.language or language)
    return person


# By what stands there now, not by what was read: another worker may have learnt something of them meanwhile.
_WHAT_IS_LEARNT: dict[str, Any] = {
    "name": sa.func.coalesce(sa.bindparam("name", type_=Words), people.c.name),
    "language": sa.func.coalesce(people.c.language, sa.bindparam("language", type_=sa.String)),
}
_LEARN = Prepared(people.update().where(people.c.id == sa.bindparam("person")).values(_WHAT_IS_LEARNT))

# Written out, since what SQLAlchemy makes of it for SQLite's RETURNING compares each column with itself.
_KNOWN_AGAINST_IT = sa.literal_column(
    "(select s.kind from suppressed as s where s.channel = identities.channel and s.address = identities.address)",
    sa.String,
).label("kind")
_MEET = Prepared(people.insert().returning(people.c.id), columns=("name", "language", "created_at"))
_KNOW_AT = Prepared(
    on_each(
        lambda insert: insert(identities).on_conflict_do_nothing().returning(identities.c.person, _KNOWN_AGAINST_IT)
    ),
    columns=("channel", "address", "person", "shown"),
)


def _first_meeting(tx: Tx, address: Address, language: str | None) -> Person:
    id = _MEET.value(tx, {"name": address.name, "language": language, "created_at": tx.now})
    assert id is not None
    if not address.address:
        return Person(id, address.name, language)
    kept = _KNOW_AT.first(
        tx,
        {"channel": address.channel, "address": folded(address.address), "person": id, "shown": address.address},
    )
    if kept is None:  # two workers met the same person at the same time; the first one's stands
        tx.sql.execute(people.delete().where(people.c.id == id))
        known = person_at(tx, address)
        assert known is not None
        return known
    return Person(id, address.name, language, kept.kind)


def person(tx: Tx, id: int) -> Person:
    row = _BY_ID.first(tx, {"person": id})
    assert row is not None
    return Person(*row)


_BY_ID = Prepared(sa.select(people.c.id, people.c.name, people.c.language).where(people.c.id == sa.bindparam("person")))


def addresses(tx: Tx, person: int) -> list[Address]:
    rows = tx.sql.execute(sa.select(identities.c.channel, identities.c.shown).where(identities.c.person == person))
    return [Address(row.channel, row.shown) for row in rows]


def address_of(tx: Tx, person: int, channel: str) -> str:
    """The address that somebody is known by on a channel; empty where there is none."""
    return _ADDRESS_OF.value(tx, {"person": person, "channel": channel}) or ""


_ADDRESS_OF = Prepared(
    sa.select(identities.c.shown)
    .where(identities.c.person == sa.bindparam("person"), identities.c.channel == sa.bindparam("channel"))
    .order_by(identities.c.address)
    .limit(1)
)


# Colleagues


def remember(tx: Tx, colleague: Colleague) -> None:
    """Keep what the workspace says of somebody."""
    tx.sql.execute(_REMEMBER[tx.pg], {**colleague._asdict(), "fetched_at": tx.now})


def colleague(tx: Tx, id: str) -> Colleague | None:
    """By the agent's id, "TEAM:USER"."""
    team, _, user = id.partition(":")
    row = _COLLEAGUE.first(tx, {"in_team": team, "who": user})
    return Colleague(*row) if row else None


def colleague_at(tx: Tx, email: str) -> Colleague | None:
    """By the mail address that the workspace has of them. Guests and others from outside are left out."""
    columns = [colleagues.c[name] for name in Colleague._fields]
    ours = sa.and_(sa.func.lower(colleagues.c.email) == email.lower(), sa.not_(colleagues.c.outside))
    row = tx.sql.execute(sa.select(*columns).where(ours).limit(1)).first()
    return Colleague(*row) if row else None


def colleagues_of(tx: Tx, team: str) -> list[Colleague]:
    rows = tx.sql.execute(
        sa.select(*(colleagues.c[name] for name in Colleague._fields)).where(colleagues.c.team == team)
    )
    return [Colleague(*row) for row in rows]


def names(tx: Tx) -> dict[str, str]:
    """Agents' ids and the names to say."""
    rows = tx.sql.execute(_NAMES)
    return {f"{row.team}:{row.user}": row.name for row in rows}


def _remember(insert: Any) -> Any:
    statement = insert(colleagues)
    changed = {name: statement.excluded[name] for name in Colleague._fields if name not in ("team", "user")}
    return statement.on_conflict_do_update(index_elements=["team", "user"], set_=changed)


_REMEMBER = on_each(_remember)
_COLLEAGUE = Prepared(
    sa.select(*(colleagues.c[name] for name in Colleague._fields)).where(
        colleagues.c.team == sa.bindparam("in_team"), colleagues.c.user == sa.bindparam("who")
    )
)
_NAMES = sa.select(colleagues.c.team, colleagues.c.user, colleagues.c.name)
