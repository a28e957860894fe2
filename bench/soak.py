"""The long forms of the tests: `python -m bench.soak` runs them all and writes docs/soak-YYYY-MM-DD.md.

`python -m bench.soak kills --kills 200 --messages 2000` kills a desk of real processes over and over, with each runner
on its database, and holds what came of it against the laws of the ledger. `takeover`, `reaction` and `memory` measure.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.core.escalation.year import Simulation
from tests.databases import fresh_database, postgres_server
from tests.engine.assigning import Rush
from tests.engine.killing import Campaign, campaign
from tests.engine.site import ALL_HANDS, ROOT, Site, mail, site_at
from tests.gateways.web import killing as doors_killed
from tests.running import running

RUNNERS = {"embedded": "embedded, SQLite", "distributed": "distributed, PostgreSQL"}

Lines = list[str]
Part = Callable[[argparse.Namespace, str], Coroutine[Any, Any, Lines]]


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    parts = PARTS if options.part == "all" else {options.part: PARTS[options.part]}
    whole: Lines = []
    broken = False
    with postgres_server() as server:
        whole += _head(server, sys.argv[1:] if arguments is None else list(arguments))
        for name, part in parts.items():
            print(f"{name}: {part.__doc__}", flush=True)
            lines = asyncio.run(part(options, server))
            print("\n".join(lines), flush=True)
            whole += [f"\n## {part.__doc__}\n", *lines]
            broken = broken or any("BROKEN" in line for line in lines)
    path = ROOT / "docs" / f"soak-{datetime.now(UTC):%Y-%m-%d}.md"
    path.write_text("\n".join(whole) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
    return int(broken)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", nargs="?", choices=("all", *PARTS), default="all")
    parser.add_argument("--kills", type=int, default=200, help="of processes, for each runner")
    parser.add_argument("--messages", type=int, default=2000, help="mails fed over all kills")
    parser.add_argument("--door-kills", type=int, default=50, help="of the whole desk, while its doors are used")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=2000, help="of a simulated year")
    parser.add_argument("--workers", type=int, default=50, help="agents who work on one queue at once")
    parser.add_argument("--tickets", type=int, default=10_000, help="that they are given")
    parser.add_argument("--times", type=int, default=5, help="take-overs measured")
    return parser


@contextmanager
def _site(server: str, runner: str) -> Generator[Site]:
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        if runner == "embedded":
            with site_at(f"sqlite:///{folder}/desk.db", Path(folder), runner) as site:
                yield site
        else:
            with fresh_database(server) as url, site_at(url, Path(folder), runner) as site:
                yield site


# The parts


async def kills(options: argparse.Namespace, server: str) -> Lines:
    """Killed over and over"""
    done: list[Campaign] = []
    for runner in RUNNERS:
        with _site(server, runner) as site:
            done.append(await campaign(site, options.kills, options.messages, options.seed))
        print(f"{runner}: {len(done[-1].kills)} kills in {done[-1].seconds:.0f} s", flush=True)
    rows: dict[str, Callable[[Campaign], object]] = {
        "processes killed with SIGKILL": lambda c: len(c.kills),
        "in a transaction that had written and was not committed": lambda c: c.in_transaction,
        "in any open transaction": lambda c: c.in_any_transaction,
        "in a call to the outside": lambda c: c.in_call,
        "**in a written transaction or a call**": lambda c: f"**{c.inside}** ({c.inside / len(c.kills):.0%})",
        "mails acknowledged": lambda c: c.mails,
        "agents' acts acknowledged": lambda c: c.acts,
        "fed again, since the acknowledgement was cut off": lambda c: c.fed_again,
        "**lost**": lambda c: f"**{c.lost}**",
        "**doubled**": lambda c: f"**{c.doubled}**",
        "messages to be sent": lambda c: c.sends,
        "sent again, since the first call was in flight at a kill": lambda c: c.repeated,
        "laws broken": lambda c: len(c.broken),
        "tracebacks in the processes' logs": lambda c: c.tracebacks,
        "seconds": lambda c: round(c.seconds),
    }
    lines = [*_table([RUNNERS[c.runner] for c in done], {name: [of(c) for c in done] for name, of in rows.items()})]
    lines += [f"\nBROKEN ({c.runner}): {law}" for c in done for law in c.broken]
    return [*lines, "", _LAWS]


_LAWS = """The laws: what was acknowledged is kept; a kept mail is one message of a ticket, a kept act one answer; each
sender's mails are heard in order; no job is left or given up; every message is sent and its delivery recorded once;
first sends keep the order of their lane; only what was in flight at a kill is sent again, and is known to be uncertain;
every ticket is what its events fold to; every card shows how its ticket stands. A kill counts as inside by counters in
a file mapped into the killed process's memory; the commit itself is counted as outside: the share is a lower bound."""


async def takeover(options: argparse.Namespace, server: str) -> Lines:
    """A worker killed for good in the middle of calls, another one alive"""
    took: list[float] = []
    for _ in range(options.times):
        with _site(server, "distributed") as site:
            dead = await site.start("dead", hands=ALL_HANDS, pause=3600)
            for sender in range(4):
                await dead.ask(**mail(sender))
            await site.until(lambda site=site: len(site.outside("send")) == 4)
            heir = await site.start("heir", hands=ALL_HANDS, pause=0)
            await asyncio.sleep(random.uniform(0, 4))
            dead.kill()
            killed_at = time.monotonic()
            await site.until_all_is_done()
            took.append(max(call.at for call in site.outside("send") if call.pid == heir.pid) - killed_at)
    said = ", ".join(f"{seconds:.1f}" for seconds in sorted(took))
    broken = "" if max(took) <= 10 else " BROKEN: longer than 10 s"
    return [f"Seconds from the kill to the last of its four calls being made by the other worker: {said}.{broken}"]


async def reaction(options: argparse.Namespace, server: str) -> Lines:
    """From a mail kept to the first call it leads to, on an idle desk; and what idleness costs"""
    columns: list[list[object]] = []
    for runner in RUNNERS:
        with _site(server, runner) as site:
            door, *_ = await site.staff(pause=0)
            waits: list[float] = []
            for n in range(100):
                await asyncio.sleep(random.uniform(0.02, 0.2))
                kept = await door.ask(**mail(n))
                await site.until(lambda n=n, site=site: len(site.outside("send")) == n + 1)
                waits.append(1000 * (site.outside("send")[-1].at - kept["at"]))
            await asyncio.sleep(1)
            each = [psutil.Process(process.pid) for process in site.processes]
            before, began = [sum(p.cpu_times()[:2]) for p in each], time.monotonic()
            await asyncio.sleep(20)
            used = [sum(p.cpu_times()[:2]) - was for p, was in zip(each, before, strict=True)]
            share = [f"{one / (time.monotonic() - began):.2%}" for one in used]
        percentiles = statistics.quantiles(waits, n=20)
        columns.append(
            [*(f"{ms:.0f} ms" for ms in (statistics.median(waits), percentiles[-1], max(waits))), " ".join(share)]
        )
    names = ("median", "95 of 100 within", "longest of 100", "CPU of a core while idle, each process")
    return _table(list(RUNNERS.values()), {name: [c[n] for c in columns] for n, name in enumerate(names)})


async def memory(options: argparse.Namespace, server: str) -> Lines:
    """Memory of the busiest process as it works"""
    columns: list[list[object]] = []
    quarter = options.messages // 4
    for runner in RUNNERS:
        with _site(server, runner) as site:
            door, *others = await site.staff(pause=0)
            sizes: list[object] = []
            for n in range(4):
                gate = asyncio.Semaphore(6)

                async def feed(sender: int, gate: asyncio.Semaphore = gate, door: object = door) -> None:
                    async with gate:
                        await door.ask(**mail(sender))  # pyright: ignore[reportAttributeAccessIssue]

                await asyncio.gather(*(feed(n * quarter + sender) for sender in range(quarter)))
                await site.until_all_is_done(patience=300)
                most = max(psutil.Process(process.pid).memory_info().rss for process in (door, *others))
                sizes.append(f"{most / 2**20:.0f} MiB")
            columns.append(sizes)
    return _table(
        list(RUNNERS.values()), {f"after {(n + 1) * quarter} mails": [c[n] for c in columns] for n in range(4)}
    )


async def doors(options: argparse.Namespace, server: str) -> Lines:
    """The web API and the pages, killed while they are used"""
    done: list[doors_killed.Campaign] = []
    for runner in RUNNERS:
        commands = ("run",) if runner == "embedded" else ("serve web", "serve work", "serve mail", "serve bot")
        with tempfile.TemporaryDirectory(prefix="soak-") as folder, ExitStack() as stack:
            url = None if runner == "embedded" else stack.enter_context(fresh_database(server))
            async with running(Path(folder), url, commands, WEB_URL="https://help.example") as desk:
                done.append(await doors_killed.campaign(desk, options.door_kills, options.seed))
    rows: dict[str, Callable[[doors_killed.Campaign], object]] = {
        "times that all its processes were killed with SIGKILL": lambda c: c.kills,
        "requests that had begun and got no answer": lambda c: c.cut,
        "messages brought by the API, acknowledged": lambda c: c.brought,
        "answers written on pages, acknowledged": lambda c: c.posted,
        "**lost**": lambda c: f"**{len(c.lost)}**",
        "**doubled**": lambda c: f"**{len(c.doubled)}**",
        "conversations heard out of order": lambda c: len(c.out_of_order),
        "files that are not whole": lambda c: len(c.broken_files),
        "seconds": lambda c: round(c.seconds),
    }
    broken = [runner for c, runner in zip(done, RUNNERS, strict=True) if c.faults]
    lines = _table(list(RUNNERS.values()), {name: [of(c) for c in done] for name, of in rows.items()})
    return [*lines, *(f"\nBROKEN ({runner})" for runner in broken)]


async def year(options: argparse.Namespace, server: str) -> Lines:
    """A year simulated: ladders under absences, outages, kills and clocks that are set back"""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        began = time.monotonic()
        simulated = Simulation(f"sqlite:///{folder}/desk.db", Path(folder), options.cases, options.seed)
        done = await asyncio.to_thread(simulated.run)
        seconds = time.monotonic() - began
    rows: dict[str, list[object]] = {
        "tickets": [done.tickets],
        "tasks of tickets that were split": [done.tasks],
        "steps of ladders": [done.steps],
        "of them late, after an outage": [done.late],
        "people told": [done.pings],
        "told perhaps twice, and said so": [done.repeated],
        "transactions dropped, calls cut off": [done.kills],
        "outages": [done.outages],
        "**missed, doubled, early or astray, as the auditor finds**": [f"**{len(done.found)}**"],
        "doubled, counted by hand": [done.twice],
        "early, counted by hand": [done.early],
        "tickets unlike their history": [len(done.unlike)],
        "seconds": [round(seconds)],
    }
    return _table(["embedded, SQLite"], rows)


async def assigning(options: argparse.Namespace, server: str) -> Lines:
    """Many agents at once on one queue: what the desk gives, what they take, put back and close"""
    with fresh_database(server) as url, tempfile.TemporaryDirectory(prefix="soak-") as folder:
        found = await asyncio.to_thread(
            Rush(url, Path(folder), options.workers, options.tickets, seed=options.seed).run
        )
    rows: dict[str, object] = {
        "agents, each a thread, over five desks": found.workers,
        "tickets": found.tickets,
        "times that the desk gave one": found.given,
        "times that an agent took one": found.by_hand,
        "**given or taken while somebody had it**": f"**{len(found.doubled)}**",
        "left open": found.left,
        "times that the database hung up and was asked again": found.down,
        "longest that somebody had room while a ticket waited": f"{found.idle:.1f} s",
        "seconds": round(found.seconds),
    }
    lines = _table(["distributed, PostgreSQL"], {name: [value] for name, value in rows.items()})
    broken = [*found.failed, *(["a double assignment"] if found.doubled else [])]
    broken += ["somebody was idle for longer than 5 s"] if found.idle > 5 else []
    return [*lines, *(f"\nBROKEN: {said}" for said in broken)]


PARTS: dict[str, Part] = {
    "assigning": assigning,
    "kills": kills,
    "doors": doors,
    "takeover": takeover,
    "reaction": reaction,
    "memory": memory,
    "year": year,
}


# What is written


def _head(server: str, arguments: list[str]) -> Lines:
    with psycopg.connect(f"{server}/postgres") as admin:
        version = admin.execute("show server_version").fetchone()
    command = " ".join(["python -m bench.soak", *arguments])
    return [
        f"# Soak, {datetime.now(UTC):%Y-%m-%d}",
        "",
        f"`{command}` on {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, load before "
        f"{os.getloadavg()[0]:.1f}; Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"PostgreSQL {version[0] if version else '?'}; both fully durable.",
    ]


def _table(heads: Sequence[str], rows: dict[str, list[object]]) -> Lines:
    return [
        "| |" + "".join(f" {head} |" for head in heads),
        "|---|" + "---|" * len(heads),
        *(f"| {name} |" + "".join(f" {value} |" for value in values) for name, values in rows.items()),
    ]


if __name__ == "__main__":
    sys.exit(main())
