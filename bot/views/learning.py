"""What the desk has learnt from corrections, for supervisors: which version is in use, how good it is, the way back."""

from __future__ import annotations

from typing import Any

from bot.reader import Reader
from bot.views.words import small, when
from core.desk.understanding import Learning
from core.phrases import Phrase, phrase, phrases
from core.storage.signals import Mind
from gateways.slack.wire.blocks import Blocks, button, context, divider, header, label, plain, section
from gateways.slack.wire.text import set_apart

CHOOSE = "choose-mind"
SHOWN = 4


def at_home(learning: Learning, reader: Reader) -> Blocks:
    """Nothing before something was learnt."""
    if learning.standing is None:
        return []
    blocks: Blocks = [divider(), header(reader.say(phrase("What the desk has learnt")))]
    standing = learning.standing
    blocks.append(section(plain(reader.say(_sentence(standing)), 500)))
    used = reader.say(phrase("Version {version}, in use", version=standing.version))
    blocks.append(context(label(used, 100), when(standing.at, reader)))
    if by := standing.chosen_by:
        name = set_apart(learning.names.get(by) or by, 100)
        blocks.append(small(reader.say(phrase("{name} chose this version.", name=name))))
    if learning.waits:
        waits = phrase("What was learnt since is not in use. It will be once you choose the newest version.")
        blocks.append(small(reader.say(waits)))
    others = [one for one in learning.newest if one.version != standing.version][:SHOWN]
    for one in others:
        said = phrase("Version {version}: {quality}", version=one.version, quality=_sentence(one))
        use = button(CHOOSE, reader.say(phrase("Use this one")), one.version)
        blocks.append(section(plain(reader.say(said), 500), use))
    return blocks


def _sentence(mind: Mind) -> Phrase:
    """How good it is, by corrections that it had not seen when it was asked."""
    topic: dict[str, Any] = dict(mind.quality.get("topic") or {})
    learnt = phrases("from {count} correction", "from {count} corrections", mind.examples)
    if not topic.get("of_examples"):
        return phrase("Learnt {learnt}; too few to say how good it is.", learnt=learnt)
    return phrase(
        "Learnt {learnt}: {percent} % of topics right where it had not seen the answer.",
        learnt=learnt,
        percent=round(100 * topic["right"]),
    )
