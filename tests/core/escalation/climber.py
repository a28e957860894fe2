"""A process that looks at ladders and tells people until it is killed: what it does outside is a line in a log."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

from core.desk.opening import open_desk, wall_clock
from core.engine.cron import Cron
from core.engine.drain import Drainer
from core.engine.embedded import Embedded
from core.engine.hands import Hand, Record
from core.pacing import RATES, Rate
from core.storage.ledger import Lease

LEASE = 0.6


async def work(url: str, folder: Path, ahead: timedelta) -> None:
    RATES["slack-post"] = Rate(timedelta(milliseconds=1), 1000)
    desk = open_desk(url, folder, clock=lambda: wall_clock() + ahead)
    log = os.open(folder / "told", os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    async def tell(lease: Lease) -> Record | None:
        id = lease.facts["ping"]
        pinged = await desk.pinged.soon(id)
        if pinged is None:
            return None
        if not await desk.begin_ping.soon(id, "slack"):
            return None
        os.write(log, f"{id} {int(lease.uncertain)}\n".encode())
        await asyncio.sleep(0.01)
        return desk.ping_sent.step(id, "slack", lease.uncertain)

    drainer = Drainer(desk, {"ping": Hand(tell, at_once=2)}, f"climber:{os.getpid()}", LEASE)
    await Embedded(desk, drainer, Cron(desk, {})).start()
    print("works", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), timedelta(seconds=float(sys.argv[3]))))
