"""The outside of the full circle: customers with real mail programs, and the servers between them and the desk."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.dovecot import PASSWORD, Dovecot, dovecot_binary, dovecot_server
from tests.e2e.play import Play
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.postfix import Postfix, postfix_server, why_no_postfix
from tests.running import running, soon

CARLA = "carla@customer.example"
CERTIFICATE = Path(__file__).parents[1] / "gateways" / "email" / "localhost.pem"
PROGRAMS = {"swaks": "swaks", "s-nail": "s-nail", "mutt": "mutt"}
_ROWS, _COLUMNS = 24, 120


def why_not() -> str | None:
    """What is missing here for the full circle; None where nothing is."""
    missing = why_no_postfix()
    if missing is None and (dovecot_binary() is None or not Path("/usr/lib/dovecot/lmtp").exists()):
        missing = "Dovecot is not installed (Debian: apt-get install dovecot-imapd dovecot-lmtpd)"
    for program, package in PROGRAMS.items():
        if missing is None and shutil.which(program) is None:
            missing = f"{program} is not installed (Debian: apt-get install {package})"
    return missing


class Circle:
    """A desk with a mail server before and behind it, and a customer's mailbox there."""

    def __init__(self, play: Play, postfix: Postfix, dovecot: Dovecot, submission: int):
        self.play, self.postfix, self.dovecot, self.submission = play, postfix, dovecot, submission

    async def writes(self, subject: str, text: str, sender: str = CARLA, to: str = "support@desk.example") -> None:
        """A customer writes by swaks."""
        await self._runs(
            *("swaks", "--server", "127.0.0.1", "--port", str(self.postfix.port), "--helo", "home.example"),
            *("--from", sender, "--to", to, "--header", f"Subject: {subject}", "--body", text),
        )

    async def hands_in(self, subject: str, text: str, *, password: str = PASSWORD) -> None:
        """A machine of ours logs in and hands in a mail, by swaks."""
        await self._runs(
            *("swaks", "--server", "localhost", "--port", str(self.submission), "--tls", "--helo", "printer.example"),
            *("--auth", "PLAIN", "--auth-user", "printer", "--auth-password", password, "--body", text),
            *("--from", "printer@firm.example", "--to", "support@desk.example", "--header", f"Subject: {subject}"),
        )

    async def answers(self, words: str, text: str) -> None:
        """Carla answers the mail that says this: s-nail reads it by IMAP, and quotes it in its answer."""
        number = await self.finds(words)
        settings = {
            "v15-compat": "yes",
            "from": f"Carla Beck <{CARLA}>",
            "mta": f"smtp://127.0.0.1:{self.postfix.port}",
            "smtp-auth": "none",
            "hostname": "customer.example",
            "DEAD": "/dev/null",
            "record": "/dev/null",
            "reply-to-honour": "yes",
            "quote": "yes",
        }
        said = [word for name, value in settings.items() for word in ("-S", f"{name}={value}")]
        box = f"imap://{CARLA.replace('@', '%40')}:{PASSWORD}@127.0.0.1:{self.dovecot.port}/INBOX"
        script = f"reply {number}\n{text}\n~.\nxit\n"
        await self._runs("s-nail", "-n", "-#", "-~", *said, "-S", "sendwait", "-f", box, stdin=script)

    async def finds(self, words: str) -> int:
        """The place of the mail that says this in Carla's mailbox, as soon as it is there."""

        def look() -> int | None:
            return next((n for n, mail in enumerate(self.mailbox(), 1) if words in text_of(mail)), None)

        return await soon(look, f"a mail with “{words}”\n{self.postfix.log}\n{self.play.desk.said()}")

    async def gets(self, words: str) -> EmailMessage:
        """The mail that says this."""
        number = await self.finds(words)
        return self.mailbox()[number - 1]

    def mailbox(self) -> list[EmailMessage]:
        """Carla's mails, read by IMAP."""
        with self.dovecot.client(CARLA) as client:
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
        raws: list[Any] = [said[b"BODY[]"] for _, said in sorted(found.items())]
        return [message_from_bytes(raw, policy=policy.default) for raw in raws]

    def in_mutt(self) -> list[str]:
        """Carla's mailbox as Mutt shows it by threads, a line a mail."""
        box = self.play.desk.folder / "mutt.mbox"
        mails = self.mailbox()
        box.write_bytes(b"".join(b"From carla Mon Mar  2 09:00:00 2026\n" + bytes(mail) + b"\n" for mail in mails))
        setting = "set folder=~ sort=threads ascii_chars=yes strict_threads=yes index_format='%3C|%s' help=no"
        words = ["mutt", "-n", "-R", "-F", "/dev/null", "-e", setting, "-f", str(box)]

        def listed(screen: list[str]) -> list[str]:
            return [line for line in screen if re.match(r" *\d+\|", line)]

        return listed(screen_of(words, box.parent, lambda screen: len(listed(screen)) == len(mails)))

    async def _runs(self, *words: str, stdin: str | None = None) -> None:
        done = await asyncio.to_thread(
            subprocess.run,
            words,
            input=stdin or "",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(self.play.desk.folder), "LC_ALL": "C.UTF-8"},
        )
        assert done.returncode == 0, (words[0], done.stdout, done.stderr)


@asynccontextmanager
async def circle(folder: Path, *, by_imap: bool) -> AsyncGenerator[Circle]:
    """Mail for the desk goes to its own door by LMTP, or into a mailbox that it reads by IMAP."""
    relay, lmtp = free_port(), free_port()
    async with AsyncExitStack() as stack:
        dovecot = stack.enter_context(dovecot_server(lmtp=lmtp))
        door, submission = free_port(), free_port()
        settings: dict[str, Any] = {
            "RELAY_PORT": str(relay),
            "LMTP_PORT": str(door),
            "SUBMISSION_PORT": str(submission),
            "SUBMISSION_USERS__PRINTER": PASSWORD,
            "SMTP_TLS_CERT": str(CERTIFICATE),
        }
        if by_imap:
            settings |= {
                "IMAP__SUPPORT__HOST": "127.0.0.1",
                "IMAP__SUPPORT__PORT": str(dovecot.port),
                "IMAP__SUPPORT__TLS": "none",
                "IMAP__SUPPORT__USER": "support@desk.example",
                "IMAP__SUPPORT__PASSWORD": PASSWORD,
                "IMAP__SUPPORT__RECIPIENT": "Delivered-To",
            }
        desk = await stack.enter_async_context(running(folder, **settings))
        into = f"lmtp:inet:127.0.0.1:{lmtp}"
        ours = into if by_imap else f"lmtp:inet:127.0.0.1:{door}"
        # What Carla sends is also in her own mailbox.
        sent = f"sender_bcc_maps = inline:{{ {CARLA}={CARLA} }}"
        transport = {"customer.example": into, "desk.example": ours}
        postfix = stack.enter_context(postfix_server(transport, relay, sent))
        yield Circle(Play(desk), postfix, dovecot, submission)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return body.get_content() if body else ""


def screen_of(words: list[str], home: Path, whole: Callable[[list[str]], bool]) -> list[str]:
    """What a program shows on a terminal once that is `whole` and it rests, as lines of text; then it is to quit."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        shown = {"TERM": "vt100", "LC_ALL": "C.UTF-8"}
        os.execvpe(words[0], words, {"PATH": os.environ["PATH"], "HOME": str(home), **shown})
    try:
        said = b""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            ready, _, _ = select.select([terminal], [], [], 0.3)
            if ready:
                said += os.read(terminal, 65536)
            elif whole(_drawn(said.decode("utf-8", "replace"))):
                break
        os.write(terminal, b"q")
        time.sleep(0.2)
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return _drawn(said.decode("utf-8", "replace"))


def _drawn(said: str) -> list[str]:
    """The screen that a vt100 would show: where text was put, and what was erased."""
    screen = [[" "] * _COLUMNS for _ in range(_ROWS)]
    row = column = 0
    for part in re.finditer(r"\x1b\[([\d;?]*)([A-Za-z])|\x1b[()].|\x1b.|([\s\S])", said):
        numbers, command, letter = part.groups()
        args = [int(n) for n in re.findall(r"\d+", numbers or "")]
        if command in ("H", "f"):
            row, column = ((one or 1) - 1 for one in [*args, 1, 1][:2])
        elif command == "K":
            screen[row][column:] = [" "] * (_COLUMNS - column)
        elif command == "J":
            screen[row][column:] = [" "] * (_COLUMNS - column)
            screen[row + 1 :] = [[" "] * _COLUMNS for _ in range(_ROWS - row - 1)]
        elif command in ("A", "B"):
            row = max(0, min(_ROWS - 1, row + (args or [1])[0] * (1 if command == "B" else -1)))
        elif command in ("C", "D"):
            column = max(0, min(_COLUMNS - 1, column + (args or [1])[0] * (1 if command == "C" else -1)))
        elif letter == "\n":
            row = min(_ROWS - 1, row + 1)
        elif letter == "\r":
            column = 0
        elif letter == "\b":
            column = max(0, column - 1)
        elif letter and letter >= " ":
            screen[row][min(column, _COLUMNS - 1)] = letter
            column = min(_COLUMNS - 1, column + 1)
    return ["".join(line).rstrip() for line in screen]
