"""Reading a message: what its words say, and what those like it were about."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from core.phrases import phrase
from core.routing.clusters import Alike
from core.routing.learning import mind as minds
from core.routing.learning.encoders import Matrix, encode, helps
from core.routing.learning.likening import alike
from core.routing.learning.mind import Mind
from core.routing.minds import LOOKED_AT, MOOD, PRODUCT, SCOPE, TOPIC, URGENCY, Asked, Grown, Read, Taught, mark_of
from core.routing.reader import understand
from core.routing.reasons import LONGEST, FoundField, Reason
from core.routing.taxonomy import Taxonomy, sentences
from core.routing.triage import folded
from core.routing.understood import Mood, Understood

_ANGRY, _ANNOYED = 0.7, 0.4
_FORGIVEN = 0.75
"""How much of an anger is left with each message that follows."""
_SAID: Mapping[str, float] = {"angry": 0.9, "annoyed": 0.55, "calm": 0.02}
_SURE = 0.6
"""From this chance on, it concerns as many as it is like that it does, whatever the words say."""
_HARDLY = 0.1
"""Below this chance words that say whom it concerns are not believed."""
_HASTE, _NO_HASTE = 1.2, 2.5
"""How much words count (as logarithms of a chance) that say how urgent it is, or that it is not."""
_PIECES, _NAMED = 12, 3
"""In how many pieces a text is looked at, and how many of them are shown as reasons."""
_SENTENCES = 6
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
_WORD = re.compile(r"\S+")

_held: dict[int, Mind] = {}
_begun: dict[str, Mind] = {}


def hold(version: int, kept: bytes) -> None:
    """Have what was learnt at hand, instead of what was before."""
    _held.clear()
    _held[version] = minds.unpacked(kept)


def learn(taxonomy: Taxonomy, taught: Sequence[Taught], encoders: Sequence[str]) -> Grown:
    """Learn anew from the seeds and from these."""
    found, quality = minds.grown([*_seeds(taxonomy), *_known(taxonomy, taught)], encoders)
    return Grown(found.packed(), quality)


def read(asked: Asked) -> Read | None:
    """Read a conversation. None: what was learnt is not at hand."""
    if asked.version is not None and asked.version not in _held:
        return None
    known = _held[asked.version] if asked.version is not None else _unlearnt(asked.taxonomy, asked.encoders)
    reading = _Reading(asked, known)
    return reading.whole()


def _unlearnt(taxonomy: Taxonomy, encoders: tuple[str, ...]) -> Mind:
    """What seeds alone say: made once, and again when they change."""
    mark = mark_of(taxonomy, encoders)
    if mark not in _begun:
        _begun.clear()
        _begun[mark] = minds.grown(_seeds(taxonomy), encoders)[0]
    return _begun[mark]


def _seeds(taxonomy: Taxonomy) -> list[Taught]:
    return minds.seeded({TOPIC: {topic.name: topic.seeds for topic in taxonomy.topics}, **sentences()})


def _known(taxonomy: Taxonomy, taught: Sequence[Taught]) -> Iterator[Taught]:
    """Examples without what the desk does not know any more."""
    for one in taught:
        answers = {q: said for q, said in one.answers.items() if q != TOPIC or taxonomy.topic(said) is not None}
        if answers:
            yield one._replace(answers=answers)


class _Reading:
    """A conversation being read."""

    def __init__(self, asked: Asked, known: Mind):
        self.asked, self.known = asked, known
        self.text = asked.text[:LOOKED_AT]
        self.words = f"{asked.subject}\n{self.text}".strip()
        self.has_words = any(map(str.isalpha, self.words))
        self.lexical = self._words_of(self.text, asked.subject, asked.prior)
        self.language = self.lexical.language or asked.prior
        self.raw = encode([self.words], asked.encoders)
        self.row = known.rows(self.raw, [self.words], [self.language])[0]
        self.answers = known.answers(self.row) if self.has_words else {}
        self.taught = dict(asked.same) or self._alike()

    def _words_of(self, text: str, subject: str, prior: str | None) -> Understood:
        own = self.asked.taxonomy
        return understand(text, subject, prior=prior, patterns=own.fields, swears=own.swears)

    def whole(self) -> Read:
        topic, sure, reasons = self._topic()
        found = replace(
            self.lexical,
            topic=topic,
            topic_confidence=round(sure, 3),
            product=self._product(topic),
            **self._scope(),
            **self._urgency(),
        )
        return Read(self._with_mood(self._followed(found)), reasons, minds.as_raw(self.raw[0]), self._company())

    def _company(self) -> tuple[Alike, ...]:
        """The tickets that say the same."""
        if not self.asked.others or not self.has_words:
            return ()
        return alike(self.words, self.raw[0], self.language, self.asked.others, self.known.space)

    def _alike(self) -> dict[str, str]:
        """What is right of a message that says the same and was corrected since something was learnt last."""
        fresh = self.asked.fresh
        if not fresh or not self.has_words:
            return {}
        raw = minds.read_raw(fresh, self.asked.encoders)
        rows = self.known.rows(raw, [one.text for one in fresh], [one.language for one in fresh])
        place = minds.likest(self.row, rows)
        return dict(fresh[place].answers) if place is not None else {}

    def _topic(self) -> tuple[str | None, float, tuple[Reason, ...]]:
        taxonomy = self.asked.taxonomy
        if (said := taxonomy.topic(self.taught.get(TOPIC))) is not None:
            return said.name, 1.0, (Reason(CORRECTED, ""),)
        answer = self.answers.get(TOPIC)
        if answer is None or taxonomy.topic(answer.said) is None:
            return None, 0.0, ()
        if answer.sure < taxonomy.sure:
            return None, answer.sure, ()
        return answer.said, answer.sure, self._weighed(TOPIC, answer.said)

    def _product(self, topic: str | None) -> str | None:
        """The one that agents said, that is named, that the topic is about, or that those like it were about."""
        taxonomy = self.asked.taxonomy
        if said := self.taught.get(PRODUCT):
            return said
        words = folded(self.words)
        named = [one for one in taxonomy.products if _names(folded(one), words)]
        if named:
            return max(named, key=len)
        known = taxonomy.topic(topic)
        if known is not None and known.product:
            return known.product
        answer = self.answers.get(PRODUCT)
        return answer.said if answer and answer.sure >= taxonomy.sure and answer.said in taxonomy.products else None

    def _urgency(self) -> dict[str, Any]:
        """As agents said; else what the words say and what it is like, together. Who writes that there is no hurry is
        believed, and so is who writes that there is.
        """
        if (said := self.taught.get(URGENCY)) is not None:
            return {"urgency": int(said), "urgency_reasons": (Reason(CORRECTED, ""), *self.lexical.urgency_reasons)}
        chances = self._chances(URGENCY)
        if not chances:
            return {}
        by_words, reasons = self.lexical.urgency, self.lexical.urgency_reasons
        leaning = _HASTE if by_words else _NO_HASTE if reasons else 0.0
        weighed = {said: math.log(max(chance, 1e-6)) for said, chance in chances.items()}
        weighed[str(by_words)] = weighed.get(str(by_words), math.log(1e-6)) + leaning
        likeliest = max(weighed, key=weighed.__getitem__)
        if int(likeliest) == by_words:
            return {}
        kept = reasons if int(likeliest) > by_words else ()
        return {"urgency": int(likeliest), "urgency_reasons": (*self._weighed(URGENCY, likeliest), *kept)}

    def _scope(self) -> dict[str, Any]:
        """Whom it concerns: by the words, and where they say less than what it is like, by that."""
        chances = self._chances(SCOPE)
        if not chances:
            return {}
        likeliest = max(chances, key=chances.__getitem__, default="one")
        by_words = self.lexical.scope
        if chances.get(by_words, 1.0) >= _HARDLY and (likeliest == by_words or chances[likeliest] < _SURE):
            return {}
        if likeliest == by_words:
            return {}
        reasons = self._weighed(SCOPE, likeliest) if likeliest != "one" else ()
        return {"scope": likeliest, "scope_reasons": reasons}

    def _chances(self, question: str) -> dict[str, float]:
        """What it is like, by a question; nothing where no encoder knows the language: n-grams do not carry so far."""
        if question not in self.known.heads or not self.has_words or not self._is_heard(self.language):
            return {}
        head = self.known.heads[question]
        return dict(zip(head.classes, head.chances(self.row[None, :])[0].tolist(), strict=True))

    def _is_heard(self, language: str | None) -> bool:
        return any(helps(one, language) for one in self.asked.encoders)

    def _followed(self, found: Understood) -> Understood:
        """With what the requester wrote since: what is urgent stays so, and what they name is kept."""
        for text in self.asked.later:
            more = self._words_of(text[:LOOKED_AT], "", self.language)
            if more.urgency > found.urgency:
                found = replace(found, urgency=more.urgency, urgency_reasons=more.urgency_reasons)
            if _SCOPES.index(more.scope) > _SCOPES.index(found.scope):
                found = replace(found, scope=more.scope, scope_reasons=more.scope_reasons)
            found = replace(found, fields=_joined(found.fields, more.fields), faults=(*found.faults, *more.faults))
        return found

    def _with_mood(self, found: Understood) -> Understood:
        if (said := self.taught.get(MOOD)) is not None and not self.asked.later:
            return replace(found, mood=_mood(_SAID.get(said, 0.0)), anger=_SAID.get(said, 0.0), mood_reasons=())
        anger, reasons = self._anger(self.words, self.row, self.lexical, self.language)
        for text in self.asked.later:
            lexical = self._words_of(text[:LOOKED_AT], "", self.language)
            language = lexical.language or self.language
            row = self.known.rows(encode([text], self.asked.encoders), [text], [language])[0]
            then, why = self._anger(text, row, lexical, language)
            anger *= _FORGIVEN
            if then >= anger:
                anger, reasons = then, why
        mood = _mood(anger)
        return replace(found, anger=round(anger, 3), mood=mood, mood_reasons=reasons if mood != "calm" else ())

    def _anger(
        self, text: str, row: Matrix, lexical: Understood, language: str | None
    ) -> tuple[float, tuple[Reason, ...]]:
        """How angry one message is: by what it says, and by how like it, or a sentence of it, is to what angry people
        write. Between facts one sentence is enough.
        """
        if not self._is_heard(language) or not any(map(str.isalpha, text)) or MOOD not in self.known.heads:
            return lexical.anger, lexical.mood_reasons
        rows = [row, *self.known.rows_of_parts(_sentences(text), language)]
        chance = max(map(self.known.chance_of_anger, rows))
        reasons = lexical.mood_reasons
        if chance >= _ANNOYED:
            reasons = (*reasons, Reason(phrase("it reads like messages of people who are angry"), ""))
        return 1 - (1 - lexical.anger) * (1 - chance), reasons

    def _weighed(self, question: str, said: str) -> tuple[Reason, ...]:
        """The words that weighed most: those that by themselves would be taken for it."""
        if not self.asked.reasons:
            return ()
        words, rows = self._pieces
        if len(words) < 2:
            return (Reason(TYPICAL, _short(self.words)),)
        head = self.known.heads[question]
        lead = _lead(head.scores(rows), head.classes.index(said))
        best = sorted(int(n) for n in np.argsort(-lead)[:_NAMED] if lead[n] > 0)
        named = " … ".join(words[n] for n in best)
        return (Reason(TYPICAL, _short(named)),) if named else ()

    @cached_property
    def _pieces(self) -> tuple[list[str], Matrix]:
        """The pieces of the text, and what each of them is like: made once for all questions."""
        words = [self.words[start:end].strip() for start, end in _cut(self.words, _PIECES)]
        return words, self.known.rows_of_parts(words if len(words) > 1 else [], self.language)


CORRECTED = phrase("an agent said so of a message that says the same")
TYPICAL = phrase("these words are typical of it")
_SCOPES = ("one", "many", "everyone")


def _sentences(text: str) -> list[str]:
    """Its first sentences, where there are several."""
    found = [one.strip() for one in _SENTENCE.split(text[:1_500]) if len(one.strip()) > 3]
    return found[:_SENTENCES] if len(found) > 1 else []


def _mood(anger: float) -> Mood:
    return "angry" if anger >= _ANGRY else "annoyed" if anger >= _ANNOYED else "calm"


def _lead(scores: Any, place: int) -> Any:
    """How far one class is before the best of the others."""
    others = scores.copy()
    others[:, place] = -np.inf
    return scores[:, place] - others.max(axis=1)


def _cut(text: str, most: int) -> list[tuple[int, int]]:
    """Where words stand, in pieces that are few enough to be left out one after the other."""
    words = [one.span() for one in _WORD.finditer(text[:600])]
    if len(text) > 12 * max(len(words), 1):  # written without blanks, mostly
        size = max(3, -(-min(len(text), 600) // most))
        return [(start, min(start + size, len(text))) for start in range(0, min(len(text), 600), size)]
    many = -(-len(words) // most)
    parts = [words[at : at + many] for at in range(0, len(words), many)] if words else []
    return [(part[0][0], part[-1][1]) for part in parts]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _names(name: str, words: str) -> bool:
    """Whether a text names it: as a word of its own, where its script has such."""
    place = words.find(name)
    while place >= 0:
        before, after = words[place - 1 : place], words[place + len(name) : place + len(name) + 1]
        if not (_joins(before, name[:1]) or _joins(after, name[-1:])):
            return True
        place = words.find(name, place + 1)
    return False


def _joins(sign: str, beside: str) -> bool:
    return sign.isascii() and beside.isascii() and sign.isalnum() and beside.isalnum()


def _joined(fields: tuple[FoundField, ...], more: tuple[FoundField, ...]) -> tuple[FoundField, ...]:
    known = [(one.name, one.value) for one in fields]
    return (*fields, *(one for one in more if (one.name, one.value) not in known))
