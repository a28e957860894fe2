"""A real Postfix for tests: an instance with a folder and ports of its own, on loopback, that is thrown away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.patience import PATIENCE
from tests.ports import free_port

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.between.example
mydestination = local.example
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
smtpd_reject_unlisted_recipient = no
smtpd_recipient_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
disable_dns_lookups = yes
smtp_tls_security_level = none
smtpd_tls_security_level = none
default_transport = error:5.1.2 there is no other server here
transport_maps = {kind}:{folder}/transport
minimal_backoff_time = 5s
queue_run_delay = 5s
biff = no
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def why_no_postfix() -> str | None:
    """Why Postfix cannot run here; None where it can. Its master starts as root and hands everything to others."""
    if _binary() is None:
        return "Postfix is not installed (Debian: apt-get install postfix)"
    return None if os.geteuid() == 0 else "Postfix starts only as root"


def _binary() -> str | None:
    return shutil.which("postfix", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass
class Postfix:
    """A server that takes mail at `port` from this machine, and hands it on as its transport table says."""

    folder: Path
    port: int

    @property
    def log(self) -> str:
        log = self.folder / "log" / "mail.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def ask(self, command: str) -> subprocess.CompletedProcess[str]:
        """What its own program says to a command."""
        binary = _binary()
        assert binary is not None
        return subprocess.run(
            [binary, "-c", str(self.folder / "etc"), command],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )


@contextmanager
def postfix_server(
    transport: Mapping[str, str], port: int = 0, more: str = "", kind: str = "texthash"
) -> Generator[Postfix]:
    """A server of our own, at a free port unless one is named.

    `transport`: domains and addresses, and how their mail goes on (`smtp:[127.0.0.1]:2525`). Whoever is at
    local.example is unknown. `more` is added to its configuration; `kind` is the
    table's.
    """
    with (
        tempfile.TemporaryDirectory(prefix="deskbell-mx-", ignore_cleanup_errors=True) as name,
        _open_to_its_user(),
    ):
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("etc", "queue", "data", "log"):
            (folder / part).mkdir()
        shutil.chown(folder / "data", "postfix", "postfix")
        port = port or free_port()
        (folder / "etc" / "main.cf").write_text(_MAIN.format(folder=folder, kind=kind) + more + "\n")
        (folder / "etc" / "master.cf").write_text(_MASTER.format(port=port))
        (folder / "transport").write_text("".join(f"{whom} {how}\n" for whom, how in transport.items()))
        server = Postfix(folder, port)
        started = server.ask("start")
        try:
            _until_it_greets(server, started)
            yield server
        finally:
            server.ask("stop")


@contextmanager
def _open_to_its_user() -> Generator[None]:
    """What we make is for Postfix's own user to read: a command that ran in this process may have closed it to all."""
    usual = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(usual)


def _until_it_greets(server: Postfix, started: subprocess.CompletedProcess[str]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as line:
                if line.recv(10).startswith(b"220"):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"Postfix does not greet: {started.stdout}{started.stderr}{server.log}")
