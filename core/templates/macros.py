"""What we say to customers ready-made: the shipped templates and the desk's own, each in several languages."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

from core.phrases import NotFound, phrase
from core.templates.locales import FOLDER, SOURCE, canonical, negotiate, shipped
from core.templates.render import FOR_AGENTS, NAMES, faults, placeholders


def _tag(written: object) -> object:
    if not isinstance(written, str):
        return written
    known = canonical(written)
    if known is None:
        raise PydanticCustomError("unknown_locale", "not a language tag: {tag}", {"tag": written})
    return known


Language = Annotated[str, BeforeValidator(_tag)]
"""A language tag that CLDR knows, written our way."""

_Words = Annotated[str, StringConstraints(min_length=1)]
ByLanguage = Annotated[Mapping[Language, _Words], AfterValidator(MappingProxyType), PlainSerializer(dict)]
"""One text in several languages; read only."""


def nothing_said() -> ByLanguage:
    """No text in any language."""
    return MappingProxyType({})


IN_CHAT = "-chat"
"""How the name ends of what is written where people chat."""

_IN_LETTERS = (
    "acknowledgement",
    "acknowledgement-promise",
    "acknowledgement-due",
    "reminder",
    "reminder-closing",
    "closing",
)
ANNOUNCEMENTS = (
    *_IN_LETTERS,
    *(f"{name}{IN_CHAT}" for name in _IN_LETTERS),
    "page",
    f"page{IN_CHAT}",
    f"too-large{IN_CHAT}",
    f"too-large-upload{IN_CHAT}",
    f"greeting{IN_CHAT}",
    f"greeting-linked{IN_CHAT}",
    f"which{IN_CHAT}",
    f"rating{IN_CHAT}",
    f"rating-why{IN_CHAT}",
    f"rated{IN_CHAT}",
)
"""What the desk writes by itself. The second of a pair is for when the time it names is known."""

_ALWAYS_KNOWN = frozenset({"number", "desk"})
_KNOWN_HERE = {
    f"{name}{ending}": frozenset({known})
    for name, known in (
        ("acknowledgement-promise", "answer_within"),
        ("acknowledgement-due", "answer_by"),
        ("reminder-closing", "close_after"),
        ("closing", "reopen_within"),
        ("page", "link"),
        ("too-large-upload", "link"),
    )
    for ending in ("", IN_CHAT)
}


class Template(BaseModel):
    """A text that an agent picks, or that the desk sends by itself; titles are for agents, texts for customers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=60)]
    title: ByLanguage = Field(default_factory=nothing_said)
    text: ByLanguage = Field(default_factory=nothing_said)

    @property
    def allowed(self) -> frozenset[str]:
        """The placeholders that it may name."""
        return NAMES if self.name in ANNOUNCEMENTS else FOR_AGENTS

    def faults(self) -> list[tuple[str, str]]:
        """What could never be sent: (language, placeholder as written)."""
        return [(language, bad) for language, text in self.text.items() for bad in faults(text, self.allowed)]

    def unsure(self) -> list[tuple[str, str]]:
        """What could not be sent to everybody: (language, name of a value that is not always known there).

        Where an agent picks a template, the agent sees what is missing; what the desk sends by itself must do without.
        """
        if self.name not in ANNOUNCEMENTS:
            return []
        known = _ALWAYS_KNOWN | _KNOWN_HERE.get(self.name, frozenset())
        return [
            (language, name)
            for language, text in self.text.items()
            for name in sorted((placeholders(text) & NAMES) - known)
        ]


@dataclass(frozen=True, slots=True)
class Picked:
    """A template in the language that was found for it."""

    name: str
    text: str
    language: str
    as_wished: bool  # False: the customer's language was not there, and another is used


@dataclass(frozen=True, slots=True)
class Library:
    """Every template there is. `default` is the desk's own language, used where the customer's is not there."""

    templates: Mapping[str, Template]
    default: str = SOURCE

    @property
    def macros(self) -> tuple[Template, ...]:
        """Those for agents, in their order."""
        return tuple(found for name, found in self.templates.items() if name not in ANNOUNCEMENTS)

    def pick(self, name: str, language: str | None) -> Picked:
        """The template in the customer's language, else in the desk's, else in English, else in what it has.

        Raises NotFound where there is no such template.
        """
        template = self._named(name)
        wished = negotiate(language, among=template.text)
        used = wished or negotiate(self.default, SOURCE, among=template.text) or next(iter(template.text))
        return Picked(name, template.text[used], used, wished is not None)

    def title(self, name: str, locale: str) -> str:
        """The template's title for an agent; its name where it has none."""
        titles = self._named(name).title
        used = negotiate(locale, self.default, SOURCE, among=titles) or next(iter(titles), None)
        return titles[used] if used else name

    def _named(self, name: str) -> Template:
        found = self.templates.get(name)
        if found is None or not found.text:
            raise NotFound(phrase("There is no template “{name}”.", name=name))
        return found


def library(own: Iterable[Template] = (), default: str = SOURCE) -> Library:
    """The shipped templates with the desk's own laid over them: one of the same name replaces, language by language."""
    templates = dict(shipped_templates())
    for template in own:
        under = templates.get(template.name)
        if under is not None:
            template = Template(
                name=template.name, title={**under.title, **template.title}, text={**under.text, **template.text}
            )
        templates[template.name] = template
    return Library(MappingProxyType(templates), default)


@lru_cache(maxsize=1)
def shipped_templates() -> Mapping[str, Template]:
    """The templates of locales/*/templates.toml, by name."""
    titles: dict[str, dict[str, str]] = {}
    texts: dict[str, dict[str, str]] = {}
    for locale in shipped():
        path = FOLDER / locale / "templates.toml"
        for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            texts.setdefault(name, {})[locale] = entry["text"].strip("\n")
            if "title" in entry:
                titles.setdefault(name, {})[locale] = entry["title"]
    return MappingProxyType(
        {name: Template(name=name, title=titles.get(name, {}), text=by_language) for name, by_language in texts.items()}
    )
