"""What people wrote by which they may be known elsewhere, and who else may be who for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from core.storage.database import Tx
from core.storage.people import THEIRS, members, people_of
from core.storage.schema import hints, identities, indexable, people, unions
from core.storage.statements import Prepared, on_each
from core.tickets.persons import MAIL, PHONE, PROFILE, Hint, Reason, Verdict

MOST_FOUND = 50
"""Who may be somebody are looked at up to here, for each reason."""


class Found(NamedTuple):
    """Somebody who may be the same person, and by what: an address, a number, a name."""

    person: int
    reason: Reason
    said: str


_BY_MAIL = (
    (MAIL, Reason.MAIL_THEIRS, Reason.MAIL_OURS),
    (PROFILE, Reason.PROFILE_THEIRS, Reason.PROFILE_OURS),
)
"""The kinds of hint that name a mail address, and what each says where it is theirs, or names ours."""


def keep(tx: Tx, person: int, found: Sequence[Hint]) -> None:
    _KEEP.run_each(tx, [{"kind": one.kind, "value": indexable(one.value), "person": person} for one in found])


_KEEP = Prepared(on_each(lambda insert: insert(hints).on_conflict_do_nothing()), columns=("kind", "value", "person"))


def resembling(tx: Tx, person: int) -> list[Found]:
    """Who else may be this person: nobody who is, and nobody of whom it was said that they are not."""
    found: list[Found] = []
    for reason, query in _RESEMBLING.items():
        found += [Found(row[0], reason, row[1]) for row in query.rows(tx, {"person": person})]
    return undecided(tx, person, found)


def _resembling() -> Iterator[tuple[Reason, sa.Select[Any, Any]]]:
    """Who else may be the person of the parameter, and by what, for each reason."""
    mine, other = hints.alias("mine"), hints.alias("other")
    for kind, of_them, of_us in _BY_MAIL:
        address = (identities.c.channel == "email", identities.c.address == hints.c.value, hints.c.kind == kind)
        named = sa.select(identities.c.person, hints.c.value).join(hints, sa.and_(*address))
        yield of_them, named.where(hints.c.person.in_(THEIRS), identities.c.person.not_in(THEIRS))
        naming = sa.select(hints.c.person, hints.c.value).join(identities, sa.and_(*address))
        yield of_us, naming.where(identities.c.person.in_(THEIRS), hints.c.person.not_in(THEIRS))
    same = sa.and_(mine.c.kind == other.c.kind, mine.c.value == other.c.value)
    phoned = sa.select(other.c.person, other.c.value).join(mine, same)
    yield Reason.PHONE, phoned.where(mine.c.kind == PHONE, mine.c.person.in_(THEIRS), other.c.person.not_in(THEIRS))


_RESEMBLING = {reason: Prepared(query.distinct().limit(MOST_FOUND)) for reason, query in _resembling()}


def namesakes(tx: Tx, person: int, houses: Sequence[tuple[str, str]]) -> list[Found]:
    """Who has the same name in one of these houses (channel, name of the house), and is somebody else so far."""
    theirs = members(person)
    called = set(tx.sql.execute(sa.select(people.c.name).where(people.c.id.in_(theirs))).scalars())
    wanted = sorted({name.strip().casefold() for name in called if " " in name.strip()})  # half a name is many people's
    found: list[Found] = []
    for channel, house in houses if wanted else ():
        rows = tx.sql.execute(
            sa.select(identities.c.person, people.c.name)
            .join(people, people.c.id == identities.c.person)
            .where(identities.c.channel == channel, identities.c.house == house)
            .where(sa.func.lower(people.c.name).in_(wanted), identities.c.person.not_in(theirs))
            .limit(MOST_FOUND)
        )
        found += [Found(row.person, Reason.NAME, house) for row in rows]
    return undecided(tx, person, found)


def undecided(tx: Tx, person: int, found: Sequence[Found]) -> list[Found]:
    """Of whom it was not said yet whether they are this person."""
    if not found:
        return []
    theirs = people_of(tx, person)
    apart = sa.select(unions.c.one, unions.c.other).where(
        unions.c.verdict == Verdict.APART.value,
        unions.c.undone_at.is_(None),
        sa.or_(unions.c.one.in_(theirs), unions.c.other.in_(theirs)),
    )
    out = {one for row in tx.sql.execute(apart) for one in row}
    return [one for one in found if one.person not in out and one.person not in theirs]
