"""The certificate of our doors: read from its files, and read again when they have changed."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from core.phrases import Refused, phrase

log = logging.getLogger(__name__)


class Certificate:
    """What a door proves who it is with. `context` stays the same object; new sessions see a renewed certificate.

    Raises Refused where it cannot be read to begin with. One that cannot be read later, half written perhaps, is tried
    again with the next session, and the one before goes on.
    """

    def __init__(self, chain: Path, key: Path | None = None):
        self.chain, self.key = chain, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._seen: list[tuple[int, int, int]] = []
        try:
            self._load()
        except (OSError, ssl.SSLError) as error:
            said = phrase("The certificate {file} cannot be used: {reason}", file=str(chain), reason=str(error))
            raise Refused(said) from error

    def refresh(self) -> None:
        """Read the files again where they are others than before."""
        try:
            if self._stamps() != self._seen:
                self._load()
        except (OSError, ssl.SSLError) as error:
            log.warning("the certificate %s cannot be read again; the one before is used: %s", self.chain, error)

    def _load(self) -> None:
        stamps = self._stamps()
        fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        fresh.load_cert_chain(self.chain, self.key)  # both or neither: a new chain does not go with an old key
        self.context.load_cert_chain(self.chain, self.key)
        self._seen = stamps

    def _stamps(self) -> list[tuple[int, int, int]]:
        files = [self.chain, *([self.key] if self.key else [])]
        return [(found.st_mtime_ns, found.st_ino, found.st_size) for found in (path.stat() for path in files)]
