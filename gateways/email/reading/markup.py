"""What HTML says as plain text, with what mail programs quote in it marked as quoted."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import unquote

from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError, iterwalk
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from gateways.email.parts.charsets import clean
from gateways.email.reading.reply_text import CUT, QUOTED

MOST = 2 * 1024 * 1024  # characters that are read
DEEPEST = 200  # nesting that the converter bears; it calls itself for every level
MOST_WORK = 200_000_000  # characters that the converter copies: it does so with a line for every piece it adds to it
MOST_CROSSED = 8_000_000  # lines times cells: a high cell makes every one beside it as high
MOST_PADDED = 50_000_000  # characters that tables may take; beyond, their cells are laid out one below the other
MOST_ELEMENTS = 25_000  # what it lays out in about a second; beyond either limit a page loses its tags, not its words

_DECLARATION = re.compile(r"(?:\s*<\?xml[^>]*>?)*", re.IGNORECASE)
_DROPPED = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAKING = re.compile(r"</?(?:p|div|br|tr|li|h\d|table|blockquote|hr)\b[^<>]*>", re.IGNORECASE)
_REFERENCE = re.compile(r"&#(?:[xX][0-9A-Fa-f]{1,8}|[0-9]{1,9});?")
_TAG = re.compile(r"<[^<>]*>")
_KNOWN, _MAYBE, _END = "\ufdd3", "\ufdd4", "\ufdd5"  # marks while the text is made, each on a line of its own
_PICTURE = "\ufdd6"  # around the number of a picture that the page shows, among what is said
_PICTURES = re.compile(f"{_PICTURE}(\\d{{1,5}}){_PICTURE}")
_MARKS = re.compile(f"[{_KNOWN}{_MAYBE}{_END}{QUOTED}{CUT}]")
_BORDER = re.compile(r"border-top\s*:\s*(?:solid\s+)?#(?:e1e1e1|b5c4df)", re.IGNORECASE)

# Elements that hold nothing but a quotation, by class, name and type.
_QUOTING_CLASSES = {
    "yahoo_quoted",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "moz-forward-container",
    "ms-outlook-mobile-reference-message",
}
_CELLS = {"td", "th"}
_TABLED = ("table", "tr", "td", "th")
_BLOCKS = {"p", "div", "br", "tr", "td", "th", "li", "table", "blockquote", "hr", "pre", "h1", "h2", "h3", "h4"}
_QUOTING_NAMES = {"quote", "messageReplySection"}  # GMX and web.de; Spark
# Elements from which on all is quoted, to the end of the mail: Outlook, Hotmail, Zimbra, NetEase.
_CUTTING_IDS = re.compile(
    r"(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|zwchr|isReplyContent|OLK_SRC_BODY_SECTION"
    r"|mail-editor-reference-message-container)"
)


_SIGNED_BY = re.compile(r"gmail_signature|moz-signature|(?:x_)*ms-outlook-mobile-signature|protonmail_signature_block")
_SIGNED_AS = re.compile(r"(?:x_)*(?:signature|ms-outlook-mobile-signature|applemailsignature)", re.IGNORECASE)


class Converted(NamedTuple):
    """HTML as text; `marked` is the same for `reply_text`, which finds the quotations by marks that no mail has.

    `pictures` are the ids of those that it shows, where they are asked for.
    """

    text: str
    marked: str
    pictures: tuple[str, ...] = ()

    def pictures_in(self, marked: str) -> list[str]:
        """The ids of those pictures that stand in a part of the marked text, but not in a program's signature."""
        return [self.pictures[int(number)] for number in _PICTURES.findall(marked)]


def to_text(markup: str) -> str:
    """The words of an HTML mail, with lists and tables laid out; what is hidden stays out. Never raises."""
    return convert(markup).text


def convert(markup: str, with_pictures: bool = False) -> Converted:
    """The words of an HTML mail, plain and with quotations marked; with marks for its pictures, too, where these are
    asked for. Never raises.
    """
    markup = clean(markup[:MOST])
    if declared := _DECLARATION.match(markup):
        markup = markup[declared.end() :]
    if "&#" in markup:
        markup = _REFERENCE.sub(_character, markup)
    tree = _tree(markup)
    if tree is None:
        text = _tidy(clean(_without_tags(markup)))
        return Converted(text, text)
    pictures = _mark_pictures(tree) if with_pictures else ()
    found = _mark(tree)
    for rule in list(tree.iter("hr")):
        rule.tag, rule.text = "div", "-" * 20
    for raised in tree.iter("sup"):  # 10 to the 6th is not 106, nor a price with raised cents a hundred times as high
        if (raised.text or "").strip().isdigit():
            raised.text = "^" + (raised.text or "").strip()
    text = Inscriptis(tree, ParserConfig(css=CSS_PROFILES["strict"])).get_text()
    if not found:
        text = _tidy(text)
        return Converted(text, text, pictures)
    return Converted(_tidy(_MARKS.sub("", text)), _tidy(_as_quotations(text)), pictures)


def _character(reference: re.Match[str]) -> str:
    """A character by its number: those of Windows-1252 as they are meant, and none that no text may hold."""
    return escape(clean(unescape(reference[0])))


def _tree(markup: str) -> HtmlElement | None:
    """The page; None where it is empty, or too deep or long for the converter."""
    try:
        tree = document_fromstring(markup, parser=HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True))
    except (LxmlError, ValueError):
        return None
    depth = count = line = work = longest = lines = cells = within = deepest = 0
    for event, element in iterwalk(tree, events=("start", "end")):
        if event == "end":
            depth -= 1
            line = (0 if element.tag in _BLOCKS else line) + len(element.tail or "")
            work += line
            longest = max(longest, line)
            lines += (element.tail or "").strip().count("\n")
            within -= element.tag == "table"
            continue
        # The converter reads character references once more than the page has them.
        if element.text and "&" in element.text:
            element.text = element.text.replace("&", "&amp;")
        if element.tail and "&" in element.tail:
            element.tail = element.tail.replace("&", "&amp;")
        line = (0 if element.tag in _BLOCKS else line) + len(element.text or "")
        work += line
        longest = max(longest, line)
        lines += (element.tag in _BLOCKS) + (element.text or "").strip().count("\n")
        within += element.tag == "table"
        deepest = max(deepest, within)
        cells += element.tag in _CELLS
        depth, count = depth + 1, count + 1
        if depth > DEEPEST or count > MOST_ELEMENTS or work > MOST_WORK:
            return None
    if cells and (longest * max(lines, cells) * deepest > MOST_PADDED or lines * cells > MOST_CROSSED):
        _unfold_tables(tree)
    return tree


def _unfold_tables(tree: HtmlElement) -> None:
    """Cells one below the other: as columns each would be as wide as the widest and as high as the highest."""
    for element in list(tree.iter(*_TABLED)):
        element.tag = "div"


def _without_tags(markup: str) -> str:
    """The words, by cutting out what looks like a tag."""
    return unescape(_TAG.sub("", _BREAKING.sub("\n", _DROPPED.sub("", markup))))


def _mark(tree: HtmlElement) -> bool:
    """Put marks around what is quoted; whether there is any."""
    found = False
    addressed: set[HtmlElement] | None = None
    for element in list(tree.iter("blockquote", "div", "hr", "span", "section")):
        # Outlook draws a line above the header lines of what it quotes, and has no other mark for it.
        ruled = bool(_BORDER.search(element.get("style") or ""))
        if ruled and addressed is None:
            addressed = _with_an_at_sign(tree)
        if _cuts(element) or (ruled and addressed is not None and element in addressed):
            line = element.makeelement("div")
            line.text = CUT
            element.addprevious(line)
            return True  # the rest is quoted anyway
        mark = _quotation(element)
        if mark:
            _enclose(element, mark)
            found = True
    return found


def _mark_pictures(tree: HtmlElement) -> tuple[str, ...]:
    """Put marks where the page shows pictures that came with the mail, and give their ids. Signatures have none."""
    found: list[str] = []
    signed = {element for element in tree.iter() if element.getparent() is not None and _is_signature(element)}
    for element in list(tree.iter("img")):
        source = (element.get("src") or "").strip()
        if source[:4].lower() == "cid:":
            found.append(unquote(source[4:]).strip("<> "))
            if signed.isdisjoint(element.iterancestors()):
                element.tag, element.text = "span", f"{_PICTURE}{len(found) - 1}{_PICTURE}"
    return tuple(found)


def _is_signature(element: HtmlElement) -> bool:
    named = _SIGNED_AS.fullmatch(element.get("id") or "") or element.get("data-smartmail") == "gmail_signature"
    return bool(named) or any(_SIGNED_BY.fullmatch(name) for name in (element.get("class") or "").split())


def _quotation(element: HtmlElement) -> str:
    """The mark for an element that quotes, or may: indented text is a blockquote too. Empty for others."""
    classes = {name.removeprefix("x_") for name in (element.get("class") or "").split()}
    if not classes.isdisjoint(_QUOTING_CLASSES) or element.get("name") in _QUOTING_NAMES:
        return _KNOWN
    if element.tag != "blockquote":
        return ""
    return _KNOWN if element.get("type") == "cite" or element.get("cite") or "gmail_quote" in classes else _MAYBE


def _cuts(element: HtmlElement) -> bool:
    if _CUTTING_IDS.fullmatch(element.get("id") or ""):
        return True
    return "OutlookMessageHeader" in (element.get("class") or "").split()


def _with_an_at_sign(tree: HtmlElement) -> set[HtmlElement]:
    """The elements with an `@` in their text or in that of an element within; found in one go for all of them."""
    found: set[HtmlElement] = set()
    for element in tree.iter():
        holder = element if "@" in (element.text or "") else None
        while holder is not None and holder not in found:
            found.add(holder)
            holder = holder.getparent()
        holder = element.getparent() if "@" in (element.tail or "") else None
        while holder is not None and holder not in found:
            found.add(holder)
            holder = holder.getparent()
    return found


def _enclose(element: HtmlElement, mark: str) -> None:
    first, last = element.makeelement("div"), element.makeelement("div")
    first.text, last.text = mark, _END
    first.tail, element.text = element.text, None
    element.insert(0, first)
    element.append(last)


def _as_quotations(text: str) -> str:
    """Lines between marks begin with `>`, those of sure quotations with a mark before it."""
    within: list[str] = []
    lines: list[str] = []
    for line in text.split("\n"):
        found = _MARKS.search(line)
        if found is None:
            lines.append(
                f"{QUOTED if _KNOWN in within else ''}{'>' * min(len(within), 9)} {line.strip()}" if within else line
            )
        elif found[0] == CUT:
            lines.append(CUT)
        elif found[0] == _END:
            del within[-1:]
        else:
            within.append(found[0])
    return "\n".join(lines)


def _tidy(text: str) -> str:
    """Without blanks at line ends and runs of empty lines."""
    lines = [line.rstrip() for line in text.replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
