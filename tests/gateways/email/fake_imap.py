"""An IMAP server for what a real one does not do: it says what it is told, also nonsense, nothing, and good-bye."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from gateways.email.imap.account import Account


class Hangup(Exception):
    """The server ends the connection."""


@dataclass
class FakeImap:
    """A mailbox of mails by UID, and what goes wrong with it. `asked` is every command that came, without its tag."""

    port: int = 0
    capabilities: str = "IMAP4rev1 UIDPLUS MOVE AUTH=XOAUTH2"
    validity: int = 1
    mails: dict[int, bytes] = field(default_factory=dict[int, bytes])
    gone: set[int] = field(default_factory=set[int])
    asked: list[str] = field(default_factory=list[str])
    greeting: bytes = b"* OK hello\r\n"
    refuses_login: bytes | None = None
    tokens: set[str] | None = None  # access tokens that are taken; None: a password will do
    shown: list[str] = field(default_factory=list[str])  # what was said to AUTHENTICATE
    on_body: Callable[[int], bytes | None] | None = None  # what is said for a mail in place of it; None: as usual
    on_command: Callable[[str], bytes | None] | None = None  # the same for a whole command
    before_idle: bytes = b""  # what is said before "+ idling"
    while_idle: bytes = b""  # what is said in one breath with "+ idling"
    connections: int = 0

    def account(self, **more: Any) -> Account:
        usual = Account("fake", "127.0.0.1", self.port, "fake", "support@desk.example", "secret", tls="none")
        return replace(usual, **{"all_of_it": True, "poll": timedelta(milliseconds=100), **more})

    def serve(self, line: socket.socket) -> None:
        self.connections += 1
        with line, line.makefile("rb") as heard, contextlib.suppress(Hangup, OSError):
            line.sendall(self.greeting)
            while command := heard.readline():
                tag, _, rest = command.decode("latin-1").strip().partition(" ")
                self.asked.append(rest)
                answer = self.on_command(rest) if self.on_command else None
                line.sendall(answer.replace(b"TAG", tag.encode()) if answer else self.answer(tag, rest, line, heard))

    def answer(self, tag: str, said: str, line: socket.socket, heard: object) -> bytes:
        verb = said.upper()
        done = f"{tag} OK done\r\n".encode()
        if verb.startswith("CAPABILITY"):
            return f"* CAPABILITY {self.capabilities}\r\n".encode() + done
        if verb.startswith("LOGIN"):
            return f"{tag} ".encode() + self.refuses_login if self.refuses_login else done
        if verb.startswith("AUTHENTICATE"):
            return self._authenticate(tag, line, heard)
        if verb == "IDLE":
            line.sendall(self.before_idle + b"+ idling\r\n" + self.while_idle)
            heard.readline()  # pyright: ignore[reportAttributeAccessIssue]
            return done
        if verb.startswith(("SELECT", "EXAMINE")):
            end = max([0, *self.mails]) + 1
            return (
                f"* {len(self.there)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n* OK [UIDNEXT {end}] x\r\n"
                f"* OK [PERMANENTFLAGS (\\Seen \\*)] x\r\n"
            ).encode() + done
        if found := re.match(r"UID SEARCH UID (\d+):\*", verb):
            # As the RFC has it, "n:*" names the last mail even where its number is lower.
            behind = [uid for uid in self.there if uid >= int(found[1])] or self.there[-1:]
            return f"* SEARCH {' '.join(map(str, behind))}\r\n".encode() + done
        if found := re.match(r"UID SEARCH UID ([\d,]+)", verb):
            wanted = {int(n) for n in found[1].split(",")}
            return f"* SEARCH {' '.join(str(n) for n in self.there if n in wanted)}\r\n".encode() + done
        if found := re.match(r"UID FETCH ([\d,:]+) \((.*)\)", verb):
            return self._fetch(_numbers(found[1], self.there), found[2]) + done
        return done

    @property
    def there(self) -> list[int]:
        return sorted(self.mails.keys() - self.gone)

    def _fetch(self, uids: list[int], what: str) -> bytes:
        said = b""
        for uid in uids:
            seq, raw = self.there.index(uid) + 1, self.mails[uid]
            if "RFC822.SIZE" in what:
                date = b'INTERNALDATE "02-Mar-2026 08:00:00 +0000"'
                said += b"* %d FETCH (UID %d RFC822.SIZE %d %s)\r\n" % (seq, uid, len(raw), date)
                continue
            instead = self.on_body(uid) if self.on_body else None
            said += (
                instead
                if instead is not None
                else b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n"
                % (
                    seq,
                    uid,
                    len(raw),
                    raw,
                )
            )
        return said

    def _authenticate(self, tag: str, line: socket.socket, heard: object) -> bytes:
        line.sendall(b"+ \r\n")
        said = base64.b64decode(heard.readline()).decode()  # pyright: ignore[reportAttributeAccessIssue]
        self.shown.append(said)
        token = said.split("auth=Bearer ")[1].split("\1")[0]
        if self.tokens is not None and token in self.tokens:
            return f"{tag} OK in\r\n".encode()
        line.sendall(b"+ " + base64.b64encode(b'{"status":"401"}') + b"\r\n")
        self.shown.append(base64.b64decode(heard.readline()).decode())  # pyright: ignore[reportAttributeAccessIssue]
        return f"{tag} NO [AUTHENTICATIONFAILED] no\r\n".encode()


def _numbers(said: str, there: list[int]) -> list[int]:
    wanted: set[int] = set()
    for piece in said.split(","):
        first, _, last = piece.partition(":")
        wanted |= set(range(int(first), int(last or first) + 1))
    return [uid for uid in there if uid in wanted]


@contextmanager
def fake_imap(**facts: object) -> Generator[FakeImap]:
    """A fake server on a loopback port."""
    fake = FakeImap(**facts)  # pyright: ignore[reportArgumentType]
    lines: list[socket.socket] = []
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        fake.port = door.getsockname()[1]

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = door.accept()
                    lines.append(line)
                    threads.append(threading.Thread(target=fake.serve, args=(line,), daemon=True))
                    threads[-1].start()

        threads.append(threading.Thread(target=accept, daemon=True))
        threads[0].start()
        try:
            yield fake
        finally:
            door.shutdown(socket.SHUT_RDWR)
            for line in lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(5)
