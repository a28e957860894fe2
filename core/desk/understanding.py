"""Use cases of what is understood of tickets: what is to be read, what came of it, what agents say instead, and what
is learnt from that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from core.desk.gathering import GatheringTickets
from core.desk.house import Change
from core.effects import learn
from core.phrases import NotFound, Phrase, Refused, phrase
from core.routing import triage
from core.routing.minds import (
    MOOD,
    MOST,
    MOST_FRESH,
    PRODUCT,
    TOPIC,
    URGENCY,
    Asked,
    Grown,
    Read,
    Taught,
    likeness,
    mark_of,
)
from core.routing.suggesting import suggested
from core.routing.taxonomy import Taxonomy
from core.routing.understood import Understood
from core.storage import ledger, messages, people, signals, tickets, told_fields
from core.storage.database import Tx, question, use_case
from core.storage.signals import Mind, Signals
from core.storage.troubles import Trouble
from core.tickets import events as e
from core.tickets.model import By

_LATER = 5
"""Of what a requester wrote since their first words, the newest that are read again."""
_KEPT = 20
"""Versions of what was learnt that one can go back to."""
_SHOWN = 5
_DROP, _OF = 0.05, 20
"""By so much fewer right answers, of so many examples at least, what was learnt newly is not put in force."""
_MOOD_AT = "mood_at"
_MOODS = ("calm", "annoyed", "angry")


class ToRead(NamedTuple):
    """A conversation to be read, the last message of it, and what tells whether its first words came before."""

    asked: Asked
    upto: int
    likeness: str


class ToLearn(NamedTuple):
    """Everything that there is to learn from, and up to which example that is."""

    taxonomy: Taxonomy
    taught: tuple[Taught, ...]
    upto: int
    mark: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is understood of a ticket as it counts: what agents said is so, whatever was understood."""

    found: Understood
    topic_reasons: tuple[Any, ...] = ()
    corrected: Mapping[str, Any] | None = None


class Learning(NamedTuple):
    """What was learnt: the version in force, and the newest ones. `waits`: a newer one is not in force."""

    standing: Mind | None
    newest: Sequence[Mind]
    names: Mapping[str, str]

    @property
    def waits(self) -> bool:
        return bool(self.standing and self.newest and self.newest[0].version != self.standing.version)


class Understanding(GatheringTickets):
    """What is understood, and learnt."""

    @question
    def to_understand(self, tx: Tx, number: int, encoders: tuple[str, ...]) -> ToRead | None:
        """What the requester wrote, to be read. None where there is nothing any more."""
        ticket, words = tickets.look(tx, number)
        said = messages.said_by_requester(tx, number, _LATER)
        if not said:
            return None
        first, *later = said
        text = first.reply_text or first.text
        taxonomy = self.book_in(tx).taxonomy
        like = likeness(text, words.subject)
        standing = self._standing(tx, mark_of(taxonomy, encoders))
        asked = Asked(
            text=text,
            subject=words.subject if not text.startswith(words.subject.removesuffix(" …")) else "",
            taxonomy=taxonomy,
            encoders=encoders,
            later=tuple(one.reply_text or one.text for one in later if one.nature.is_of_people),
            prior=ticket.language,
            version=standing.version if standing else None,
            fresh=tuple(signals.taught(tx, standing.upto if standing else 0, MOST_FRESH)),
            same=signals.same(tx, like),
            others=self.company_of(tx, ticket) if signals.of(tx, number) is None else (),
        )
        return ToRead(asked, said[-1].id, like)

    @question
    def mind(self, tx: Tx, version: int) -> bytes:
        """A version of what was learnt, as it is kept. Raises NotFound."""
        kept = signals.mind(tx, version)
        if kept is None:
            raise NotFound(phrase("There is no version {version} of what was learnt any more.", version=version))
        return kept

    @use_case
    def now_understood(self, tx: Tx, number: int, to_read: ToRead, read: Read) -> None:
        """What was understood of a ticket. Where something newer is known already, nothing changes."""
        with self.changing(tx, number) as change:
            before = signals.of(tx, number)
            if before is not None and before.message > to_read.upto:
                return
            signals.keep(tx, number, to_read.upto, read, to_read.likeness, to_read.asked.version)
            known = signals.of(tx, number)
            assert known is not None
            found = as_it_counts(known).found
            event = e.Understood(
                at=tx.now,
                message=to_read.upto,
                language=found.language,
                urgency=found.urgency,
                mood=found.mood,
                scope=found.scope,
                topic=found.topic,
                product=found.product,
                raised=self._raised(tx, change, known),
            )
            if before is None or _facts(before) != _facts(known) or event.raised is not None:
                change.happen([event])
        book = self.book_in(tx)
        if book.rules or book.gives:  # who fits may depend on what is known now
            self.retriage.step(number, _as_facts(found))(tx)
        if before is None:  # after the rules: where it is now says what an incident is
            self.look_for_company(tx, change.ticket, read.alike)
        if to_read.asked.version is None and to_read.asked.fresh:  # the taxonomy is another one by now
            ledger.add(tx, [learn()])

    @use_case
    def not_understood(self, tx: Tx, number: int, to_read: ToRead, why: Phrase) -> None:
        """It could not be read, and why: agents see that, and look themselves."""
        known = signals.of(tx, number)
        found = known.found if known else Understood(language=to_read.asked.prior)
        self.now_understood.step(number, to_read, Read(replace(found, faults=(why,))))(tx)

    @question
    def known_of(self, tx: Tx, number: int) -> Known | None:
        """What is understood of a ticket; None: nothing yet."""
        known = signals.of(tx, number)
        return as_it_counts(known) if known else None

    @use_case
    def correct(self, tx: Tx, number: int, answers: Mapping[str, Any], by: By) -> None:
        """An agent says how it is: topic, product, urgency, mood, fields. What is as it was says nothing.

        Raises Refused for what the desk does not know.
        """
        self._check(tx, answers)
        if not self.begin_act(tx, by):
            return
        with self.changing(tx, number) as change:
            known = signals.of(tx, number) or self._blank(tx, change)
            found = as_it_counts(known).found
            new = {q: said for q, said in answers.items() if said != _said(found, q)}
            if not new:
                return
            at = {_MOOD_AT: known.message} if MOOD in new else {}
            fields: dict[str, str] = {**known.corrected.get("fields", {}), **new.get("fields", {})}
            self._told_fields(tx, number, new.get("fields", {}))
            signals.correct(tx, number, {**known.corrected, **new, **at, "fields": fields})
            lessons = {q: str(said) for q, said in new.items() if q in (TOPIC, PRODUCT, URGENCY, MOOD) and said}
            if lessons:
                signals.teach(tx, number, known, lessons, by.agent)
            said = {q: new.get(q) for q in (TOPIC, PRODUCT, MOOD)}
            urgency = int(new[URGENCY]) if URGENCY in new else None
            change.happen([e.Corrected(at=tx.now, by=by.agent, urgency=urgency, **said)])

    def _told_fields(self, tx: Tx, number: int, fields: Mapping[str, str]) -> None:
        """What agents gave fields by hand. Where several have one shape, supervisors hear of the pattern that finds it,
        once.
        """
        for name, value in fields.items():
            before = told_fields.values(tx, name)
            told_fields.tell(tx, number, name, value)
            pattern = suggested(told_fields.values(tx, name))
            own = self.book_in(tx).taxonomy.field(name)
            if pattern is None or pattern == suggested(before) or (own is not None and own.pattern == pattern):
                continue
            example = f"[[fields]] name = \"{name}\" pattern = '{pattern}'"
            said = phrase(
                "Agents gave the field “{name}” by hand several times, and one pattern finds all of it. If the desk is "
                "to read it by itself, put this into the rulebook, each on a line of its own: {example}",
                name=name,
                example=example,
            )
            self.alarm(tx, Trouble(said))

    # Learning

    @question
    def to_learn(self, tx: Tx, encoders: tuple[str, ...]) -> ToLearn:
        """The desk's topics, and everything that agents said."""
        taxonomy = self.book_in(tx).taxonomy
        taught = tuple(signals.taught(tx, 0, MOST))
        return ToLearn(taxonomy, taught, signals.last_example(tx), mark_of(taxonomy, encoders))

    @use_case
    def learnt(self, tx: Tx, what: ToLearn, grown: Grown) -> int:
        """Keep what was learnt, and read messages with it: unless it is worse than what there is, or somebody went
        back to an earlier version. Its version.
        """
        standing, before = signals.in_force(tx), signals.newest(tx, 1)
        row = {"mark": what.mark, "examples": len(what.taught), "upto": what.upto}
        version = signals.keep_mind(tx, {**row, "kept": grown.kept, "quality": dict(grown.quality)})
        is_newest = standing is None or not before or standing.version == before[0].version
        is_worse = standing is not None and standing.mark == what.mark and _drops(standing.quality, grown.quality)
        is_kept_back = standing is not None and standing.chosen_by is not None and not is_newest
        if standing is None or standing.mark != what.mark or not (is_worse or is_kept_back):
            signals.choose(tx, version, None)
        elif is_worse and is_newest:
            self.alarm(tx, Trouble(_WORSE))
        wanted = [one.version for one in signals.newest(tx, _KEPT)]
        signals.forget_minds(tx, [*wanted, *([standing.version] if standing else [])])
        return version

    @question
    def learning(self, tx: Tx) -> Learning:
        """What was learnt, as supervisors see it."""
        return Learning(signals.in_force(tx), signals.newest(tx, _SHOWN), people.names(tx))

    @use_case
    def choose_mind(self, tx: Tx, version: int, by: By) -> None:
        """Read messages with this version from now on. Raises NotFound."""
        if signals.mind(tx, version) is None:
            raise NotFound(phrase("There is no version {version} of what was learnt any more.", version=version))
        if self.begin_act(tx, by):
            signals.choose(tx, version, by.agent)

    # How it is done

    def _standing(self, tx: Tx, mark: str) -> Mind | None:
        """What was learnt, where that was for the topics and encoders of now."""
        standing = signals.in_force(tx)
        return standing if standing is not None and standing.mark == mark else None

    def _raised(self, tx: Tx, change: Change, known: Signals) -> int | None:
        """What the urgency becomes by words alone: never less, and nothing where a rule or an agent has decided."""
        policy = self.book_in(tx).signals
        wanted = min(known.found.urgency, policy.raise_to)
        if not policy.raise_urgency or wanted <= change.ticket.urgency or URGENCY in known.corrected:
            return None
        return None if self._rule_decides(tx, change) else wanted

    def _rule_decides(self, tx: Tx, change: Change) -> bool:
        """Whether a rule says how urgent it is."""
        first = messages.first_words(tx, change.ticket.number)
        book = self.book_in(tx)
        sender = people.address_of(tx, change.ticket.requester, change.ticket.thread.channel)
        text = (first.reply_text or first.text) if first else ""
        facts = triage.Facts(door=change.ticket.door, sender=sender, subject=change.words.subject, text=text)
        decision = triage.triage(facts, book.rules)
        return any(rule.name == decision.rule and rule.then.urgency is not None for rule in book.rules)

    def _blank(self, tx: Tx, change: Change) -> Signals:
        """What there is of a ticket that was not read yet."""
        first = messages.first_words(tx, change.ticket.number)
        text = (first.reply_text or first.text) if first else ""
        found = Understood(language=change.ticket.language, urgency=change.ticket.urgency)
        like = likeness(text, change.words.subject)
        signals.keep(tx, change.ticket.number, 0, Read(found), like, None)
        return Signals(0, found, (), {}, like)

    def _check(self, tx: Tx, answers: Mapping[str, Any]) -> None:
        book = self.book_in(tx)
        known: dict[str, Sequence[str]] = {
            TOPIC: [one.name for one in book.taxonomy.topics],
            PRODUCT: [*book.taxonomy.products, ""],
            URGENCY: ["0", "1", "2", "3"],
            MOOD: _MOODS,
        }
        for question_of, said in answers.items():
            if question_of in known and str(said) not in known[question_of]:
                raise Refused(
                    phrase("“{said}” is not known to the desk any more. Open the window again.", said=str(said)[:80])
                )


def as_it_counts(known: Signals) -> Known:
    """What was understood, with what agents said instead."""
    said = known.corrected
    changes: dict[str, Any] = {q: said[q] or None for q in (TOPIC, PRODUCT) if q in said}
    if TOPIC in said:
        changes["topic_confidence"] = 1.0
    if URGENCY in said:
        changes |= {"urgency": int(said[URGENCY]), "urgency_reasons": ()}
    if MOOD in said and said.get(_MOOD_AT) == known.message:  # what was written since may be angrier
        changes |= {"mood": said[MOOD], "mood_reasons": ()}
    return Known(replace(known.found, **changes), () if TOPIC in said else known.topic_reasons, said)


def _said(found: Understood, question_of: str) -> Any:
    said = getattr(found, question_of, None)
    return str(said) if question_of == URGENCY else (said or "") if question_of == PRODUCT else said


def _as_facts(found: Understood) -> triage.Facts:
    """What rules may ask for."""
    fields: dict[str, list[str]] = {}
    for one in found.fields:
        value = one.value if isinstance(one.value, str) else f"{one.value['value']} {one.value['currency']}"
        fields.setdefault(one.name, []).append(value)
    return triage.Facts(
        language=found.language,
        urgency=found.urgency or None,
        mood=found.mood,
        anger=found.anger,
        scope=found.scope,
        topic=found.topic,
        product=found.product,
        fields=fields,
    )


def _facts(known: Signals) -> tuple[Any, ...]:
    now = as_it_counts(known).found
    return now.language, now.urgency, now.mood, now.scope, now.topic, now.product, now.faults, now.fields


def _drops(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether fewer topics are right than before, of examples enough to say."""
    old: dict[str, Any] = before.get(TOPIC) or {}
    new: dict[str, Any] = after.get(TOPIC) or {}
    if not (old.get("of_examples") and new.get("of_examples") and min(old["of"], new["of"]) >= _OF):
        return False
    return new["right"] < old["right"] - _DROP


_WORSE = phrase(
    "What was learnt from the last corrections is worse than what was known before, so messages are read as before. "
    "Have a look at your Home: corrections that contradict each other, or topics that are hard to tell apart?"
)
