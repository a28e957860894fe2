"""A DNS server on loopback, with the names that a test gives it; some of them it never answers for."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


@dataclass
class Names:
    """What it knows: (name, kind) to what stands there, written as in a zone's file. The root is always known."""

    known: dict[tuple[str, str], list[str]] = field(default_factory=dict[tuple[str, str], list[str]])
    silent: set[str] = field(default_factory=set[str])  # domains that are never answered for, with all below them
    broken: set[str] = field(default_factory=set[str])  # whose servers say that they failed
    deaf: bool = False  # nothing is answered at all
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    address: tuple[str, int] = ("127.0.0.1", 0)

    def text(self, name: str, *texts: str | bytes) -> None:
        """TXT records, each in pieces as DNS needs it."""
        said = [one if isinstance(one, str) else one.decode() for one in texts]
        self.known[name.lower(), "TXT"] = [
            " ".join(
                '"' + one[at : at + 200].replace("\\", "\\\\").replace('"', '\\"') + '"'
                for at in range(0, len(one), 200)
            )
            for one in said
        ]

    def put(self, name: str, kind: str, *records: str) -> None:
        self.known[name.lower(), kind] = list(records)

    def answer(self, wire: bytes) -> bytes | None:
        question = dns.message.from_wire(wire)
        [asked] = question.question
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.asked.append((name, kind))
        if self.deaf or self._is_among(self.silent, name):
            return None
        answer = dns.message.make_response(question, recursion_available=True)
        if self._is_among(self.broken, name):
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name in (".", "@", ""):
            answer.answer.append(dns.rrset.from_text(".", 60, "IN", "NS", "a.root-servers.example."))
        elif alias := self.known.get((name, "CNAME")):
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "CNAME", *alias))
            there = alias[0].rstrip(".").lower()
            answer.answer.append(dns.rrset.from_text(alias[0], 60, "IN", kind, *self.known[there, kind]))
        elif records := self.known.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *records))
        elif not any(known == name for known, _ in self.known):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer.to_wire()

    def _is_among(self, domains: set[str], name: str) -> bool:
        return any(f".{name}".endswith(f".{domain}") for domain in domains)


@contextmanager
def name_server() -> Generator[Names]:
    """The server, as long as a test needs it."""
    names = Names()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.05)
        names.address = line.getsockname()
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    wire, peer = line.recvfrom(4096)
                except TimeoutError:
                    continue
                if (answer := names.answer(wire)) is not None:
                    line.sendto(answer, peer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield names
        finally:
            over.set()
            thread.join()
