"""The parts that pages are made of: notes above them, fields with what is wrong with them, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from babel.numbers import format_decimal
from markupsafe import Markup

from core.phrases import Phrase, phrase
from core.tickets.model import Attachment
from gateways.pages.form import LONGEST_TEXT, MOST_FILES
from gateways.pages.looks import NOTHING, Tongue, join

Wrong = Mapping[str, Phrase]
"""What is wrong with fields, by their names; "" stands for the whole form."""

Control = Callable[[str, Markup], Markup]
"""What makes a control, from its name and the attributes that tie hint and complaint to it."""

SOMETHING_WRONG = phrase("Not sent yet")
NO_WORDS = phrase("Please write something, or choose a file.")
TOO_LONG = phrase(
    "This is too long: {most} characters is what we can take. Please send the rest as a file.", most=LONGEST_TEXT
)


def note(said: Tongue, words: Phrase) -> Markup:
    """What has just been done."""
    return Markup('<div class="note" role="status"><p>{}</p></div>').format(said.say(words))


def complaint(said: Tongue, wrong: Wrong) -> Markup:
    """What keeps a form from being taken, with a way to each field; nothing where nothing does."""
    if not wrong:
        return NOTHING
    each = [
        Markup('<p><a href="#{}">{}</a></p>').format(name, said.say(words))
        if name
        else Markup("<p>{}</p>").format(said.say(words))
        for name, words in wrong.items()
    ]
    return Markup('<div class="note bad" role="alert">{}</div>').format(join(each))


def field(said: Tongue, name: str, label: Phrase, control: Control, wrong: Wrong, hint: Phrase | None = None) -> Markup:
    """A labelled control, with its hint and what is wrong with it."""
    told = [
        *([Markup('<p class="hint" id="{}-hint">{}</p>').format(name, said.say(hint))] if hint else []),
        *(
            [Markup('<p class="wrong" id="{}-wrong">{}</p>').format(name, said.say(wrong[name]))]
            if name in wrong
            else []
        ),
    ]
    ids = [*([f"{name}-hint"] if hint else []), *([f"{name}-wrong"] if name in wrong else [])]
    about = Markup(' aria-describedby="{}"').format(" ".join(ids)) if ids else NOTHING
    if name in wrong:
        about += Markup(' aria-invalid="true"')
    return Markup('<div class="field"><label for="{name}">{label}</label>{told}{control}</div>').format(
        name=name, label=said.say(label), told=join(told), control=control(name, about)
    )


def text_area(value: str) -> Control:
    """For many words; `value` is what stands in it."""

    def made(name: str, about: Markup) -> Markup:
        form = Markup('<textarea id="{0}" name="{0}" maxlength="{1}" dir="auto"{2}>\n{3}</textarea>')
        return form.format(name, LONGEST_TEXT, about, value)

    return made


def file_input(name: str, about: Markup) -> Markup:
    """For files."""
    return Markup('<input id="{0}" name="{0}" type="file" multiple{1}>').format(name, about)


def files_hint(largest: int) -> Phrase:
    """How much of them is taken at once."""
    return phrase("Up to {count} files, {size} MB in all.", count=MOST_FILES, size=largest // 1_000_000)


def file_list(said: Tongue, attached: Sequence[Attachment], where: str | None) -> Markup:
    """Files by name and size; to be had below `where`, if there is such an address."""
    if not attached:
        return NOTHING
    items: list[Markup] = []
    for position, one in enumerate(attached):
        inside = Markup("<bdi>{}</bdi> <small>{}</small>").format(one.name or "?", size(said, one.size))
        if where is None:
            items.append(Markup("<li><span>{}</span></li>").format(inside))
        else:
            items.append(Markup('<li><a href="{}/{}" download>{}</a></li>').format(where, position, inside))
    return Markup('<ul class="files">{}</ul>').format(join(items))


def size(said: Tongue, count: int) -> str:
    """Bytes as people say them."""
    for unit, large in (("MB", 1_000_000), ("kB", 1000)):
        if count >= large:
            shown = format_decimal(
                round(count / large, 1 if count < 10 * large else 0), locale=said.locale.replace("-", "_")
            )
            return f"{shown}\u00a0{unit}"
    return f"{count}\u00a0B"


def hidden(**values: str) -> Markup:
    return join([Markup('<input type="hidden" name="{}" value="{}">').format(*pair) for pair in values.items()])
