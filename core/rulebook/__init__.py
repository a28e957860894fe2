"""Everything decisions read (queues, agents, rules, promises, templates) as one frozen value, and ways in and out."""

from core.rulebook.changes import Change, diff
from core.rulebook.kinds import duration, written_duration
from core.rulebook.model import Agent, CustomersRoom, Desk, Mailbox, Mode, Opening, Organisation, Queue, Role, Rulebook
from core.rulebook.problems import Problem, RulebookError, make
from core.rulebook.stored import from_json, to_json
from core.rulebook.toml import Checked, check_toml, parse_toml, to_toml, warnings

__all__ = [
    "Agent",
    "Change",
    "Checked",
    "CustomersRoom",
    "Desk",
    "Mailbox",
    "Mode",
    "Opening",
    "Organisation",
    "Problem",
    "Queue",
    "Role",
    "Rulebook",
    "RulebookError",
    "check_toml",
    "diff",
    "duration",
    "from_json",
    "make",
    "parse_toml",
    "to_json",
    "to_toml",
    "warnings",
    "written_duration",
]
