"""A connection to an IMAP server: every answer within its time, and nothing asked for that the server cannot do."""

from __future__ import annotations

import contextlib
import imaplib
import select
import socket
import ssl
import threading
import time
from collections.abc import Generator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError, ProtocolError

from core.phrases import DeskError, Phrase, phrase
from gateways.email.imap.account import USUAL, Account, Times
from gateways.email.oauth import ProviderAway, TokenRefused

KEYWORD = "$Desk"
_LONGEST_REASON = 200
_PASSING = ("[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[LIMIT]")  # RFC 5530: refused now, not for good

# What a server that says nonsense makes of the parser; of a line it makes a number, of a length all our memory.
_NONSENSE = (
    *(ProtocolError, ValueError, TypeError, IndexError, KeyError, AttributeError, AssertionError),
    *(MemoryError, OverflowError),
)


class LineLost(DeskError):
    """The server cannot be reached, hung up, was silent for too long, or says what is no IMAP."""


class LoginRefused(DeskError):
    """The server does not let us in."""


class No(DeskError):
    """The server understood, and does not do it."""


class Opened(NamedTuple):
    """A folder as it was opened."""

    uidvalidity: int
    uidnext: int  # 0 where the server does not say
    keeps_keyword: bool


class Size(NamedTuple):
    """What a server says of a mail without giving it. `size` is a guess (Exchange is wrong by a factor of three)."""

    size: int
    came_at: datetime | None


class Line:
    """One connection. For one thread; `cut` may come from any other."""

    def __init__(self, account: Account, times: Times = USUAL):
        self.account, self.times = account, times
        self._deadline: float | None = None
        self._raw: socket.socket | None = None
        self._lock = threading.Lock()
        self._is_cut = False
        self._client: Any = None
        self._able: frozenset[str] = frozenset()

    # Its life

    def connect(self) -> None:
        """Connect and log in. Raises LineLost, LoginRefused."""
        self._client = self._connect()
        self._secure()
        self._log_in()
        with self._asking(self.times.command):
            self._able = frozenset(word.decode("ascii", "replace").upper() for word in self._client.capabilities())

    def _connect(self) -> Any:
        account, times = self.account, self.times
        timeout: Any = SocketTimeout(times.connect.total_seconds(), times.read.total_seconds())
        try:
            client: Any = IMAPClient(
                account.host,
                port=account.port,
                ssl=account.tls == "tls",
                ssl_context=self._context() if account.tls == "tls" else None,
                timeout=timeout,
            )
        except (OSError, IMAPClientError, *_NONSENSE) as error:
            raise LineLost(_unreachable(account, error)) from error
        client.normalise_times = False
        self._raw = sock = client.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return client

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.account.ca_file)

    def _secure(self) -> None:
        """From clear text to TLS, or not at all: a server that does not offer it gets no password."""
        if self.account.tls != "starttls":
            return
        try:
            with self._asking(self.times.command):
                self._client.starttls(self._context())
                self._raw = self._client.socket()
        except No as error:
            raise LineLost(
                phrase("{host} offers no TLS; nothing secret is said to it in clear.", host=self.account.host)
            ) from error

    def _log_in(self) -> None:
        account = self.account
        try:
            if account.token is None:
                with self._asking(self.times.command):
                    self._client.login(account.user, account.password or "")
            else:
                self._show_token(_token(account, refused=False))
        except No as error:
            if account.token is None or _is_passing(error):
                raise _refused(account, error) from error
            try:
                self._show_token(_token(account, refused=True))
            except No as again:
                raise _refused(account, again) from again

    def _show_token(self, token: str) -> None:
        """XOAUTH2, or OAUTHBEARER (RFC 7628) where only that is offered. Raises No."""
        account = self.account
        with self._asking(self.times.command):
            bearer = self._client.has_capability("AUTH=OAUTHBEARER") and not self._client.has_capability("AUTH=XOAUTH2")
            if bearer:
                first = (
                    f"n,a={_saslname(account.user)},\1host={account.host}\1port={account.port}\1auth=Bearer {token}\1\1"
                )
                then = b"\1"
            else:
                first, then = f"user={account.user}\1auth=Bearer {token}\1\1", b""
            answers = iter([first.encode()])
            # What the server says in between is why it refuses; it waits for an answer before it says NO.
            self._client.sasl_login("OAUTHBEARER" if bearer else "XOAUTH2", lambda _: next(answers, then))

    def close(self) -> None:
        """Hang up, politely where the server still listens."""
        if self._client is None:
            return
        if not self._is_cut:
            with contextlib.suppress(LineLost, No), self._asking(timedelta(seconds=2)):
                self._client.socket().settimeout(2)
                self._client.logout()
        self.cut()
        with contextlib.suppress(OSError, *_NONSENSE):
            self._client.shutdown()

    def cut(self) -> None:
        """Hang up at once: whoever waits for an answer gets LineLost."""
        with self._lock:
            self._is_cut = True
            if self._raw is not None:
                # Of a TLS socket, too, the bare one: the other thread is in the middle of its reading.
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(self._raw, socket.SHUT_RDWR)

    def is_overdue(self) -> bool:
        """Whether an answer is waited for, and should have been there."""
        deadline = self._deadline
        return deadline is not None and time.monotonic() > deadline

    def can(self, capability: str) -> bool:
        return capability in self._able

    # What is asked

    def open(self, folder: str) -> Opened:
        """Open a folder to read and mark. Raises No where it is gone."""
        with self._asking(self.times.command):
            said = self._client.select_folder(folder)
            self._client._imap.untagged_responses.pop("EXISTS", None)  # of what is there now
            flags = said.get(b"PERMANENTFLAGS", ())
            keeps = any(flag in (b"\\*", KEYWORD.encode()) for flag in flags)
            return Opened(int(said[b"UIDVALIDITY"]), int(said.get(b"UIDNEXT") or 0), keeps)

    def has_heard(self) -> bool:
        """Whether the server has said since `open` that mails came: it says so once, with whatever it answers."""
        return "EXISTS" in self._client._imap.untagged_responses

    def examine(self, folder: str) -> None:
        """Open a folder without changing anything in it. Raises No where it is gone."""
        with self._asking(self.times.command):
            self._client.select_folder(folder, readonly=True)

    def folders(self) -> list[str]:
        """The folders that there are."""
        with self._asking(self.times.command):
            return [str(name) for _, _, name in self._client.list_folders()]

    def numbers_behind(self, uid: int) -> list[int]:
        """The mails with higher numbers, in order. `n:*` names the last one even where its number is lower."""
        with self._asking(self.times.command):
            return sorted(int(n) for n in self._client.search(["UID", f"{uid + 1}:*"]) if n > uid)

    def are_there(self, uids: Sequence[int]) -> list[int]:
        """Those of these numbers that the folder has."""
        with self._asking(self.times.command):
            found = {int(n) for n in self._client.search(["UID", ",".join(map(str, uids))])}
        return [uid for uid in uids if uid in found]

    def sizes(self, uids: Sequence[int]) -> dict[int, Size]:
        """How large mails are, and when they came. What the server says nothing of is not in it."""
        with self._asking(self.times.command):
            said = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
            return {
                uid: Size(int(one.get(b"RFC822.SIZE", 0)), _aware(one.get(b"INTERNALDATE")))
                for uid, one in said.items()
            }

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Mails as they are, unseen. What the server does not give is not in it."""
        return self._pieces(uids, "BODY.PEEK[]", b"BODY[]")

    def head(self, uid: int) -> bytes | None:
        """A mail's headers."""
        return self._pieces([uid], "BODY.PEEK[HEADER]", b"BODY[HEADER]").get(uid)

    def _pieces(self, uids: Sequence[int], asked: str, named: bytes) -> dict[int, bytes]:
        with self._asking(self.times.bodies):
            said = self._client.fetch(uids, [asked])
            return {uid: one[named] for uid, one in said.items() if isinstance(one.get(named), bytes)}

    def flag(self, uids: Sequence[int], keyword: bool) -> None:
        """Mark as seen, and as ours where the folder keeps such marks."""
        self._store(uids, ["\\Seen", KEYWORD] if keyword else ["\\Seen"])

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Into another folder; made where it is missing. Never by a bare EXPUNGE, which takes others' mails along."""
        try:
            self._move(uids, folder)
        except No as no:
            if "[TRYCREATE]" not in str(no).upper():
                raise
            with self._asking(self.times.command):
                self._client.create_folder(folder)
            self._move(uids, folder)

    def _move(self, uids: Sequence[int], folder: str) -> None:
        if self.can("MOVE"):
            with self._asking(self.times.command):
                self._client.move(uids, folder)
            return
        with self._asking(self.times.command):
            self._client.copy(uids, folder)
        self.delete(uids)

    def delete(self, uids: Sequence[int]) -> None:
        """These and no others, for good. Needs UIDPLUS."""
        self._store(uids, ["\\Deleted"])
        with self._asking(self.times.command):
            self._client.uid_expunge(uids)

    def _store(self, uids: Sequence[int], flags: Sequence[str]) -> None:
        with self._asking(self.times.command):
            self._client.add_flags(uids, flags, silent=True)

    def idle(self, span: timedelta) -> None:
        """Wait until the server has something to say, or for `span` (RFC 2177)."""
        with self._asking(span + self.times.command):
            self._begin_idle()
            if not self.has_heard():
                self._wait(span)
            self._client.idle_done()

    def _begin_idle(self) -> None:
        """Some servers tell news before they say that we may listen; imapclient takes that for a refusal."""
        imap = self._client._imap
        tag = self._client._idle_tag = imap._command("IDLE")
        while imap._get_response() is not None:  # what it is stays in untagged_responses
            if (said := imap.tagged_commands[tag]) is not None:
                imap.tagged_commands.pop(tag)
                raise IMAPClientError(f"IDLE: {said[0]} {said[1]}")

    def _wait(self, span: timedelta) -> None:
        if self._has_more():
            return
        poller = select.poll()
        poller.register(self._client.socket(), select.POLLIN)
        poller.poll(span.total_seconds() * 1000)

    def _has_more(self) -> bool:
        """Whether what the server said came together with its last answer, so that the socket shows nothing."""
        sock = self._client.socket()
        imap = self._client._imap
        file = getattr(imap, "_file", None) or imap.file
        sock.setblocking(False)
        try:
            return bool(file.peek(1))
        except ssl.SSLWantReadError:
            return False
        finally:
            sock.settimeout(self.times.read.total_seconds())

    @contextlib.contextmanager
    def _asking(self, span: timedelta) -> Generator[None]:
        """Ask, and say in three words what went wrong: lost, refused, or ours."""
        self._deadline = time.monotonic() + span.total_seconds()
        try:
            if self._is_cut:
                raise ConnectionAbortedError("we hung up")
            yield
        except CapabilityError as error:
            raise _no(error) from error
        except (IMAPClientAbortError, imaplib.IMAP4.readonly, OSError) as error:
            raise LineLost(_unreachable(self.account, error)) from error
        except _NONSENSE as error:
            self.cut()  # where its next answer begins, nobody knows
            raise LineLost(_unreachable(self.account, error)) from error
        except (LoginError, IMAPClientError) as error:
            raise _no(error) from error
        finally:
            self._deadline = None


def _aware(at: datetime | None) -> datetime | None:
    return at if at is not None and at.tzinfo is not None else None


def _saslname(user: str) -> str:
    return user.replace("=", "=3D").replace(",", "=2C")


def _is_passing(error: DeskError) -> bool:
    return any(word in str(error).upper() for word in _PASSING)


def _refused(account: Account, error: No) -> DeskError:
    said = phrase(
        "{host} does not let us into the mailbox {name} as {user}: {reason}",
        host=account.host,
        name=account.name,
        user=account.user,
        reason=error.phrase.values["said"],
    )
    return LineLost(said) if _is_passing(error) else LoginRefused(said)


def _unreachable(account: Account, error: BaseException) -> Phrase:
    return phrase(
        "The mailbox {name} on {host}:{port} cannot be read: {reason}",
        name=account.name,
        host=account.host,
        port=account.port,
        reason=_short(error),
    )


def _no(error: BaseException) -> No:
    return No(phrase("The mail server says: {said}", said=_short(error)))


def _short(error: BaseException) -> str:
    """What a server said: one line, of bounded length."""
    said = error.args[0] if error.args and isinstance(error.args[0], bytes) else str(error)
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return (line or type(error).__name__)[:_LONGEST_REASON]


def _token(account: Account, *, refused: bool) -> str:
    """An access token. Raises LoginRefused where the provider gives none, LineLost where it cannot be asked."""
    assert account.token is not None
    try:
        return account.token(refused)
    except TokenRefused as no:
        raise LoginRefused(no.phrase) from no
    except ProviderAway as away:
        raise LineLost(away.phrase) from away
