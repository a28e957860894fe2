"""The same timers in APScheduler 3 with its SQL store: what figures of ours are compared with."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

AT_ONCE = 1000
_FAR = timedelta(days=2)

_fired: list[float] = []
_all = threading.Event()
_wanted = 0


def fire(due: float) -> None:
    """What each of its timers does: say how late it is."""
    _fired.append(time.time() - due)
    if len(_fired) >= _wanted:
        _all.set()


class Scheduled:
    """Its store, driven as its scheduler drives it."""

    def __init__(self, url: str):
        self.url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine = sa.create_engine(self.url)
        self._store = SQLAlchemyJobStore(engine=self.engine, tablename="theirs")
        self._scheduler = BackgroundScheduler({"apscheduler.timezone": "UTC"}, jobstores={"default": self._store})
        self._scheduler.start(paused=True)
        self._there = 0

    def close(self) -> None:
        self._scheduler.shutdown(wait=True)
        self.engine.dispose()

    def hold(self, many: int, times: int) -> float:
        """Have so many timers, each moved so often; microseconds for each time.

        They are written as its store writes them, but a thousand in a transaction: one by one it would take an hour.
        """
        table = self._store.jobs_t
        with self.engine.begin() as sql:
            sql.execute(table.delete())
        begin = datetime.now(UTC) + _FAR
        model = self._scheduler.add_job(fire, "date", run_date=begin, args=[0.0], id="model")
        state: dict[str, Any] = {**model.__getstate__()}
        model.remove()
        rows = [self._row(state, n, begin + timedelta(seconds=n % 86_400)) for n in range(many)]
        for place in range(0, many, AT_ONCE):
            with self.engine.begin() as sql:
                sql.execute(table.insert(), rows[place : place + AT_ONCE])
        moves = table.update().where(table.c.id == sa.bindparam("one"))
        moves = moves.values(next_run_time=sa.bindparam("at"), job_state=sa.bindparam("state"))
        began = time.perf_counter()
        for again in range(times):
            for place in range(0, many, AT_ONCE):
                with self.engine.begin() as sql:
                    sql.execute(moves, [self._moved(row, again) for row in rows[place : place + AT_ONCE]])
        return (time.perf_counter() - began) / (times * many) * 1e6

    def _row(self, state: dict[str, Any], n: int, at: datetime) -> dict[str, Any]:
        said = {**state, "id": f"timer{n}", "next_run_time": at}
        return {
            "id": said["id"],
            "next_run_time": at.timestamp(),
            "job_state": pickle.dumps(said, self._store.pickle_protocol),
        }

    @staticmethod
    def _moved(row: dict[str, Any], days: int) -> dict[str, Any]:
        return {"one": row["id"], "at": row["next_run_time"] + days * 86_400, "state": row["job_state"]}

    def tick(self) -> float:
        """Milliseconds of what its scheduler asks on waking: what is due, and when something is."""
        began = time.perf_counter()
        due = self._store.get_due_jobs(datetime.now(UTC))
        self._store.get_next_run_time()
        span = 1000 * (time.perf_counter() - began)
        assert due == []
        return span

    def fired(self, offsets: Sequence[float], within: float) -> list[float]:
        """Seconds by which each timer fired too late, sorted, once all have. `offsets`: seconds between them."""
        global _wanted
        _fired.clear()
        _all.clear()
        _wanted = len(offsets)
        far = datetime.now(UTC) + _FAR
        with self.engine.begin() as sql:
            sql.execute(self._store.jobs_t.delete())
        began = time.perf_counter()
        for n, _ in enumerate(offsets):
            self._scheduler.add_job(fire, "date", run_date=far, args=[0.0], id=f"due{n}", misfire_grace_time=None)
        took = time.perf_counter() - began
        begin = datetime.now(UTC) + timedelta(seconds=1 + 2 * took)
        for n, offset in enumerate(offsets):  # they are there; now they get their times
            due = begin + timedelta(seconds=offset)
            self._scheduler.modify_job(f"due{n}", next_run_time=due, args=[due.timestamp()])
        self._scheduler.resume()
        _all.wait(within + 2 * took + 600)
        self._scheduler.pause()
        return sorted(_fired)
