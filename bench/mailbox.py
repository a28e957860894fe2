"""How fast a mailbox is read: mails a second from a Dovecot on this machine, kept and flagged."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bench.corpus import corpus
from bench.figures import Figure
from bench.scale import Scale
from core.desk import Desk
from core.desk.opening import open_desk
from core.rulebook import parse_toml
from core.storage.schema import fetched
from gateways.email.imap.mailboxes import Mailboxes
from tests.databases import fresh_database, postgres_server
from tests.dovecot import Dovecot, dovecot_binary, dovecot_server

RULEBOOK = Path(__file__).parent / "desk.toml"


async def measure(scale: Scale) -> list[Figure]:
    """Nothing where Dovecot is not installed."""
    if dovecot_binary() is None:
        return []
    mails = [mail.raw for mail in corpus(scale.mails)]
    figures: list[Figure] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        server = stack.enter_context(dovecot_server())
        postgres = stack.enter_context(fresh_database(stack.enter_context(postgres_server())))
        for name, url in (("SQLite", f"sqlite:///{folder}/desk.db"), ("PostgreSQL", postgres)):
            rates = [_round(server, folder, url, f"{name}-{n}".lower(), mails) for n in range(scale.rounds)]
            figures.append(Figure("mailbox by IMAP", f"{name}: kept and flagged", "mails/s", rates))
    return figures


def _round(server: Dovecot, folder: Path, url: str, user: str, mails: list[bytes]) -> float:
    """Mails a second, until the last is kept and flagged."""
    tagged = [f"X-Round: {user}\r\n".encode() + mail for mail in mails]
    server.put(user, *tagged)
    desk = open_desk(url, folder)
    try:
        if desk.edition() is None:
            desk.apply(parse_toml(RULEBOOK.read_text(), str(RULEBOOK)), "bench")
        mailboxes = Mailboxes(desk, [server.account(user)], "bench")
        began = time.perf_counter()
        mailboxes.start(alone=True)
        while _done(desk, user) < len(mails):
            if time.perf_counter() - began > 300:
                raise RuntimeError(f"{user}: {_done(desk, user)} of {len(mails)} mails were read")
            time.sleep(0.02)
        took = time.perf_counter() - began
        mailboxes.stop()
    finally:
        desk.db.close()
    return len(mails) / took


def _done(desk: Desk, user: str) -> int:
    query = sa.select(sa.func.count()).where(fetched.c.mailbox == user, fetched.c.fate == 1)
    return desk.db.look(lambda tx: tx.sql.execute(query).scalar_one()).result()
