"""Whether words are nothing but a thank-you, or nothing but a pleasantry."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from core.routing.signals.shipped import primary, table, tags

_SHORT = 300
_QUESTION = re.compile(r"[?？؟՞]")
_FACE = re.compile(r"[:;=]-?(?:\)|d\b)|<3")
_GLAD = frozenset("👍👌🙏😊🙂😀😃😄😁🤗😍🥰❤💚💙💛🧡💜🖤🤍♥✅✔🎉👏🙌💪🤝😉☺🌟⭐🥳🤩💯🫶🌹💐")
_DRESS = dict.fromkeys([0xFE0F, 0xFE0E, 0x200D, 0x2640, 0x2642, *range(0x1F3FB, 0x1F400)])
"""Variation selectors, joiners, skin tones: they change how an emoji looks, not what it says."""
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Thai, Lao, Burmese, Khmer, kana and Han: written without spaces, so each sign stands for itself."""

Words = tuple[str, ...]


class Courtesies(NamedTuple):
    """What people say when all is well, each as its words."""

    enough: frozenset[Words]  # a thank-you by itself
    beside: frozenset[Words]  # may stand beside one
    farewells: frozenset[Words]  # after these comes a name
    greetings: frozenset[Words]  # with which nothing has been said yet


def thanks(text: str, language: str | None = None, names: Iterable[str] = ()) -> bool:
    """Whether it is nothing but a thank-you, an OK or a glad emoji: short, no question, not one word besides.

    Every word must be known as a courtesy in the language and in English, or where the language is not known in any
    we have; or be one of `names`, the customer's and the agent's. When in doubt it is no: a ticket opened once too
    often costs a click, a customer who is not heard costs more.
    """
    if len(text) > _SHORT or _QUESTION.search(text):
        return False
    spoken = primary(language) if language else None
    known = _courtesies("en" if spoken and spoken not in _shipped() else spoken)
    said: list[str] = []
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if line.strip() == "--":  # a signature follows (RFC 3676 §4.3)
            break
        words = _words(line)
        if words is None:
            return False
        farewell = max((one for one in known.farewells if words[-len(one) :] == one), key=len, default=())
        if farewell and _are_names(lines[place + 1 :]):
            said += words[: -len(farewell)]
            break
        said += words
    called = {(word,) for name in names for word in _words(name) or ()}
    return _covers(known.enough, known.beside | known.farewells | called, tuple(said))


def pleasantry(text: str, names: Iterable[str] = ()) -> bool:
    """Whether it is nothing but a greeting, thanks, or emoji, in any language that we have: nothing to look after.

    What is asked, and what has one word or number more, is something. `names` are those who are there.
    """
    if len(text) > _SHORT or _QUESTION.search(text):
        return False
    bare = "".join(" " if unicodedata.category(sign) in _SYMBOLS else sign for sign in _CODE.sub(" ", text))
    words = _words(bare)
    if words is None:
        return False
    known = _courtesies(None)
    called = frozenset((word,) for name in names for word in _words(name) or ())
    said = known.enough | known.beside | known.farewells | known.greetings
    return not words or _covers(said, called, words)


_CODE = re.compile(r":[a-z0-9_+'-]{1,100}:")
"""An emoji by its name, as Slack writes those of a workspace's own."""
_SYMBOLS = ("So", "Sk", "Cf", "Mn", "Me", "Co")


def _words(text: str) -> Words | None:
    """Text as folded words, a glad emoji being one; None where there is anything that courtesies are not made of."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    words = [""]
    for sign in _FACE.sub("🙂", folded.translate(_DRESS)).replace("’", "'"):
        kind = unicodedata.category(sign)
        if sign in _GLAD:
            words += ["🙂", ""]
        elif _UNSPACED.match(sign):
            words += [sign, ""]
        elif kind[0] in "LM" or sign == "'":
            words[-1] += sign
        elif kind[0] in "ZP" or kind == "Cc":
            words.append("")
        else:
            return None
    return tuple(filter(None, (word.strip("'") for word in words)))


def _are_names(lines: Sequence[str]) -> bool:
    """Whether what stands below a farewell looks like a name: few words, none beginning a sentence in small letters."""
    below = [line.strip() for line in lines if line.strip()]
    return sum(len(line.split()) for line in below) <= 6 and not any(line[0].islower() for line in below)


def _covers(enough: frozenset[Words], beside: frozenset[Words], said: Words) -> bool:
    """Whether the words are a row of known ones, at least one of them enough."""
    longest = max((len(phrase) for phrase in enough | beside), default=0)
    reached = {(0, False)}
    for start in range(len(said)):
        for thanked in (False, True):
            if (start, thanked) not in reached:
                continue
            for end in range(start + 1, min(start + longest, len(said)) + 1):
                part = said[start:end]
                if part in enough or part == ("🙂",):
                    reached.add((end, True))
                elif part in beside:
                    reached.add((end, thanked))
    return bool(said) and (len(said), True) in reached


@lru_cache(maxsize=1)
def _shipped() -> frozenset[str]:
    return frozenset(map(primary, tags()))


@lru_cache(maxsize=64)
def _courtesies(language: str | None) -> Courtesies:
    """The courtesies of a language and of English, which people use everywhere; all there are for None."""
    chosen = [table(tag)["thanks"] for tag in tags() if language is None or primary(tag) in (language, "en")]

    def of(kind: str) -> frozenset[Words]:
        return frozenset(words for known in chosen for phrase in known[kind] if (words := _words(phrase)))

    return Courtesies(of("enough"), of("beside"), of("farewells"), of("greetings"))
