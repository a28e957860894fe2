"""What the doctor says of the Slack rooms that customers are in."""

from __future__ import annotations

from pathlib import Path

from core.desk.opening import open_desk
from core.rulebook import parse_toml
from core.settings import Settings
from core.templates.locales import translate
from deskbell.customers_rooms import look
from gateways.slack.wire import Slack
from sandbox import Sandbox
from tests.world import RULEBOOK

ROOMS = """
[[customers_rooms]]
room = "acme-help"
queue = "support"

[[customers_rooms]]
room = "general"
queue = "billing"
opens = "asked"

[[customers_rooms]]
room = "nowhere"
queue = "billing"
"""


async def test_the_doctor_says_where_customers_are_heard_and_what_that_leads_to(
    sqlite_url: str, tmp_path: Path
) -> None:
    desk = open_desk(sqlite_url, tmp_path)
    await desk.apply.soon(parse_toml(RULEBOOK + ROOMS), "test")
    desk.db.close()
    settings = Settings(_env_file=None, database_url=sqlite_url, var=tmp_path)  # pyright: ignore[reportCallIssue]
    async with Sandbox(tiers=False, shares_a_room=True) as box:
        slack = Slack(box.bot_token, box.slack_api_url)
        found = [(mark, translate(said)) for mark, said in await look(settings, slack, "deskbell")]
        await slack.close()
    assert found == [
        ("good", "What customers say in #acme-help opens tickets in Support. Another organisation shares the channel."),
        (
            "good",
            "Customers in #general are asked whether to open a ticket, which waits in Billing. The channel is our "
            "workspace's alone.",
        ),
        (
            "bad",
            "Customers are not heard in #nowhere: the desk is not there, or there is no such channel. Type there: "
            "/invite @deskbell",
        ),
    ]
