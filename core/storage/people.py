"""People: requesters with the addresses they are known by, and colleagues as our workspaces tell them.

Each address has somebody of its own here, who is never moved: who several of them are one person is said beside them
(`core.storage.unions`), and can be taken back whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.schema import Words, colleagues, identities, indexable, people, suppressed
from core.storage.statements import Prepared, on_each
from core.tickets.model import Address
from core.tickets.persons import Proof, house_of


class Person(NamedTuple):
    id: int
    name: str
    language: str | None
    suppressed: str | None = None  # of what kind that is which is known against the address they were found by
    proof: str | None = None  # how the address that they were found by is known to be theirs


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
    sa.select(people.c.id, people.c.name, people.c.language, suppressed.c.kind, identities.c.proof)
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


def meet(tx: Tx, person: Person | None, address: Address, language: str | None, proof: Proof = Proof.WROTE) -> Person:
    """The person behind an address, known from now on. What they call themselves now is learnt, a language that we
    did not know, and what better proves that the address is theirs.

    `person` is who `person_at` found there.
    """
    if person is None:
        person = _first_meeting(tx, address, language, proof)
    if proof.says_more_than(person.proof) and address.address:
        _PROVE.run(tx, {"at": folded(address.address), "on": address.channel, "proof": proof, "proven_at": tx.now})
        person = person._replace(proof=proof)
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

_PROVE = Prepared(
    identities.update().where(identities.c.channel == sa.bindparam("on"), identities.c.address == sa.bindparam("at")),
    columns=("proof", "proven_at"),
)

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
    columns=("channel", "address", "person", "shown", "proof", "proven_at", "house"),
)


def _first_meeting(tx: Tx, address: Address, language: str | None, proof: Proof) -> Person:
    id = _MEET.value(tx, {"name": address.name, "language": language, "created_at": tx.now})
    assert id is not None
    if not address.address:
        return Person(id, address.name, language)
    house = house_of(address)
    kept = _KNOW_AT.first(
        tx,
        {
            "channel": address.channel,
            "address": folded(address.address),
            "person": id,
            "shown": address.address,
            "proof": proof,
            "proven_at": tx.now,
            "house": indexable(house) if house else None,
        },
    )
    if kept is None:  # two workers met the same person at the same time; the first one's stands
        tx.sql.execute(people.delete().where(people.c.id == id))
        known = person_at(tx, address)
        assert known is not None
        return known
    return Person(id, address.name, language, kept.kind, proof)


def person(tx: Tx, id: int) -> Person:
    row = _BY_ID.first(tx, {"person": id})
    assert row is not None
    return Person(*row)


_BY_ID = Prepared(sa.select(people.c.id, people.c.name, people.c.language).where(people.c.id == sa.bindparam("person")))


class Identity(NamedTuple):
    """An address that somebody is known by, and how it is known to be theirs. `person` has it and no other.

    `door`, `thread`, `place`: where people chat, the place that is theirs alone; None where they have not been there.
    """

    person: int
    name: str
    address: Address
    proof: Proof
    proven_at: datetime | None
    house: str | None
    door: str | None
    thread: str | None
    place: str | None


_IDENTITY = (
    identities.c.person,
    people.c.name,
    identities.c.channel,
    identities.c.shown,
    identities.c.proof,
    identities.c.proven_at,
    identities.c.house,
    identities.c.door,
    identities.c.thread,
    identities.c.place,
)
WHOLE = sa.func.coalesce(people.c.whole, people.c.id)
"""Who somebody is one person with: the least of them."""


def identities_of(tx: Tx, person: int) -> list[Identity]:
    """Every address of a person, whichever of those who are one person is named; the ones known longest first."""
    return [_identity(row) for row in _IDENTITIES_OF.rows(tx, {"person": person})]


def identity(tx: Tx, person: int) -> Identity | None:
    """The one address of one of those who may be several."""
    found = tx.sql.execute(_IDENTITIES.where(people.c.id == person)).first()
    return None if found is None else _identity(found)


_IDENTITIES = sa.select(*_IDENTITY).join(people, people.c.id == identities.c.person)


def _identity(row: Sequence[Any]) -> Identity:
    person, name, channel, shown, proof, *rest = row
    return Identity(person, name, Address(channel, shown, name), Proof(proof), *rest)


def addresses(tx: Tx, person: int) -> list[Address]:
    return [Address(one.address.channel, one.address.address) for one in identities_of(tx, person)]


def learn_zone(tx: Tx, person: int, zone: str) -> None:
    """Where somebody's day begins, as their profile says now."""
    other = sa.or_(people.c.zone.is_(None), people.c.zone != zone)
    tx.sql.execute(people.update().where(people.c.id == person, other).values(zone=zone))


def zone_of(tx: Tx, person: int) -> str | None:
    """Where the day of somebody begins, whichever of those who are one person said so; who came last first."""
    said = sa.select(people.c.zone).where(people.c.id.in_(members(person)), people.c.zone.is_not(None))
    return tx.sql.execute(said.order_by(people.c.id.desc()).limit(1)).scalar()


def members(person: int | sa.BindParameter[int]) -> sa.Select[tuple[int]]:
    """Those who are one person with somebody, that one among them: for conditions. An index finds both kinds."""
    asked = people.alias("asked")
    whole = sa.select(sa.func.coalesce(asked.c.whole, asked.c.id)).where(asked.c.id == person).scalar_subquery()
    either = sa.union(
        sa.select(people.c.id).where(people.c.whole == whole), sa.select(people.c.id).where(people.c.id == person)
    ).subquery()
    return sa.select(either.c.id)


def people_of(tx: Tx, person: int) -> set[int]:
    """Those who are one person with somebody, that one among them."""
    return {row.id for row in _MEMBERS.rows(tx, {"person": person})}


_PERSON = sa.bindparam("person", type_=people.c.id.type)
THEIRS = members(_PERSON)
"""The same of the parameter `person`."""
_MEMBERS = Prepared(THEIRS)
_IDENTITIES_OF = Prepared(_IDENTITIES.where(people.c.id.in_(THEIRS)).order_by(identities.c.person))


def are_one(tx: Tx, one: int, other: int) -> bool:
    """Whether two are the same person."""
    if one == other:
        return True
    found = _WHOLES.rows(tx, {"one": one, "other": other})
    return len(found) == 2 and found[0].whole == found[1].whole


_WHOLES = Prepared(
    sa.select(WHOLE.label("whole")).where(
        sa.or_(people.c.id == sa.bindparam("one"), people.c.id == sa.bindparam("other"))
    )
)


def prove(tx: Tx, person: int, proof: Proof) -> None:
    """It is known in this way that somebody's address is theirs."""
    mine = identities.update().where(identities.c.person == person)
    tx.sql.execute(mine.values(proof=proof.value, proven_at=tx.now))


def spoken_with_at(tx: Tx, address: Address, door: str, thread: str, place: str) -> None:
    """Where people chat: this is the place that is theirs alone."""
    at = (identities.c.channel == address.channel, identities.c.address == folded(address.address))
    is_new = sa.or_(identities.c.door.is_(None), identities.c.door != door, identities.c.thread != indexable(thread))
    values = {"door": door, "thread": indexable(thread), "place": place}
    tx.sql.execute(identities.update().where(*at, is_new).values(values))


def address_of(tx: Tx, person: int, channel: str) -> str:
    """The address that a person is known by on a channel, their own before those of others who are the same person;
    empty where there is none.
    """
    own = _ADDRESS_OF.value(tx, {"person": person, "channel": channel})
    if own is not None:
        return own
    return next((one.address.address for one in identities_of(tx, person) if one.address.channel == channel), "")


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


def inside(tx: Tx) -> list[Colleague]:
    """Everybody of our workspaces: no guests, nobody from elsewhere, no bots."""
    columns = (colleagues.c[name] for name in Colleague._fields)
    rows = tx.sql.execute(sa.select(*columns).where(sa.not_(colleagues.c.outside)).order_by(colleagues.c.fetched_at))
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
