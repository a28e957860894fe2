"""A process that reads one mailbox and stands still for ever at a point that it is told: there it is killed."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.desk import Desk
from core.desk.opening import wall_clock
from core.storage.database import Database
from gateways.email.imap import line as imap_line
from gateways.email.imap.account import Account, Times
from gateways.email.imap.mailboxes import Mailboxes, Reader

TIMES = Times(lease=timedelta(seconds=1), first_pause=timedelta(milliseconds=50))


def main(told: dict[str, Any]) -> None:
    marker = Path(told["marker"])
    left = told["after"]

    def reached(point: str) -> None:
        nonlocal left
        if point != told["point"]:
            return
        left -= 1
        if left == 0:
            marker.write_text(str(os.getpid()))
            time.sleep(600)

    class Copying(imap_line.Line):
        """Says where it is between two commands of one move."""

        def delete(self, uids: Any) -> None:
            reached("copied")
            super().delete(uids)

        def flag(self, uids: Any, keyword: bool) -> None:
            super().flag(uids, keyword)
            reached("flagged")

    said = told["account"]
    kinds = {"folders": tuple(said["folders"]), "hold": frozenset(said["hold"]), "poll": timedelta(seconds=1)}
    account = Account(**{**said, **kinds})
    db = Database(told["url"], wall_clock, Path(told["var"]) / "blobs")
    desk = Desk(db, undo_for=timedelta(0))
    times = replace(TIMES, lease=timedelta(seconds=told["lease"]))
    mailboxes = Mailboxes(desk, [account], told["owner"], times)
    mailboxes.readers = [Reader(desk, account, told["owner"], times, reached, Copying)]
    mailboxes.start(alone=False)
    time.sleep(600)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
