"""A real IMAP server for tests: Dovecot on a loopback port, with a folder of its own that is thrown away."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from gateways.email.imap.account import Account
from tests.patience import PATIENCE
from tests.ports import free_port

PASSWORD = "sesame"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
protocols = imap
ssl = {ssl}
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mail_fsync = never
mail_max_userip_connections = 200
auth_failure_delay = 0
{users}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{more}
"""


_LMTP = """
protocols = imap lmtp
postmaster_address = postmaster@between.example
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


def dovecot_binary() -> str | None:
    """Where the server's program is, or None where it is not installed."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    return found if found and Path("/usr/lib/dovecot/imap").exists() else None


@dataclass
class Dovecot:
    """A server. Every name is a user, with the same password and an empty INBOX."""

    folder: Path
    port: int
    lmtp: int = 0  # the port that takes mail for its users, where it was asked for

    def account(self, user: str, **more: Any) -> Account:
        usual = Account(
            user, "127.0.0.1", self.port, user, "support@desk.example", PASSWORD, tls="none", all_of_it=True
        )
        return replace(usual, **more)

    @contextmanager
    def client(self, user: str, folder: str = "INBOX") -> Generator[IMAPClient]:
        """A person's mail program."""
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False, timeout=PATIENCE)
        try:
            client.login(user, PASSWORD)
            client.select_folder(folder)
            yield client
        finally:
            client.shutdown()

    def put(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """Mails come in."""
        with self.client(user) as client:
            for mail in mails:
                client.append(folder, mail)

    def has(self, user: str, folder: str = "INBOX") -> dict[int, Any]:
        """The mails of a folder, with their flags."""
        with self.client(user, folder) as client:
            return {uid: said[b"FLAGS"] for uid, said in client.fetch(client.search(), ["FLAGS"]).items()}

    def renumber(self, user: str) -> None:
        """As after a restored backup: the INBOX has another UIDVALIDITY, its mails other numbers."""
        home = self.folder / "mail" / user
        time.sleep(1.1)  # a validity is a second
        for path in [*home.glob("dovecot*")]:
            path.unlink()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")


@contextmanager
def dovecot_server(more: str = "", imaps: int = 0, lmtp: int = 0) -> Generator[Dovecot]:
    """A server of our own; `more` is added to its configuration, `imaps` is a port for TLS, `lmtp` one for delivery."""
    if lmtp:
        more += _LMTP.format(port=lmtp)
    binary = dovecot_binary()
    assert binary is not None
    with tempfile.TemporaryDirectory(prefix="deskbell-imap-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        port = free_port()
        root = os.geteuid() == 0
        me = getpass.getuser()
        mail = folder / "mail"
        mail.mkdir()
        if root:
            shutil.chown(mail, "dovecot", "dovecot")
        config = folder / "dovecot.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder,
                port=port,
                password=PASSWORD,
                uid="dovecot" if root else os.getuid(),
                gid="dovecot" if root else os.getgid(),
                users="" if root else f"default_internal_user = {me}\ndefault_login_user = {me}",
                imaps=imaps,
                ssl="yes" if imaps else "no",
                more=more,
            )
        )
        with (folder / "out").open("wb") as out:
            process = subprocess.Popen([binary, "-F", "-c", str(config)], stdout=out, stderr=out)
        server = Dovecot(folder, port, lmtp)
        try:
            _until_it_greets(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def _until_it_greets(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError((server.folder / "out").read_text())
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
                if line.recv(10).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("Dovecot does not greet")


def letter(number: int, *, body: str = "My order has not arrived.", **more: str) -> bytes:
    """A mail like those that lie in mailboxes."""
    headers = {
        "Return-Path": "<carla@example.com>",
        "Received": f"from mail.example.com by mx.desk.example; Mon, 2 Mar 2026 08:00:{number % 60:02d} +0000",
        "From": "Carla Beck <carla@example.com>",
        "To": "support@desk.example",
        "Subject": f"Order {number}",
        "Date": "Mon, 2 Mar 2026 08:00:00 +0000",
        "Message-ID": f"<letter-{number}@example.com>",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return (
        "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value).encode()
        + f"\r\n{body}\r\n".encode()
    )


def letters(numbers: Iterable[int]) -> list[bytes]:
    return [letter(number) for number in numbers]
