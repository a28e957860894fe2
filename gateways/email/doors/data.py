"""Where a mail ends in the stream that follows DATA, and what its bytes are without the dots (RFC 5321 §4.5.2)."""

from __future__ import annotations

_END = b"\r\n.\r\n"
_STUFFED = b"\r\n."
_NO_LINE_ENDS = bytes(byte for byte in range(256) if byte not in b"\r\n")
_UNSURE = len(_END) - 1  # so many bytes at the end of what has come may turn out to be the beginning of the end mark


class DataReader:
    """Takes the stream in blocks of any size. Nothing but CRLF.CRLF ends a mail: no `\\n.\\n`, no `\\r.\\r`.

    A mail longer than `limit` bytes (as RFC 1870 counts: with line ends, without stuffing dots) is read to its end and
    thrown away on the way, so that memory stays bounded and the next command is found.
    """

    def __init__(self, limit: int):
        self._limit = limit
        self._buffer = bytearray(b"\r\n")  # the line end of the DATA command: a mail may begin with its end
        self._searched = 0
        self._dots = 0
        self._counted = 0
        self.too_big = False

    @property
    def held(self) -> int:
        """Bytes in memory just now."""
        return len(self._buffer)

    def feed(self, block: bytes) -> bytes | None:
        """Take a block; None while the mail goes on, else what came after its end (often nothing)."""
        buffer = self._buffer
        buffer += block
        end = buffer.find(_END, self._searched)
        if end < 0:
            if self.too_big or self._size(len(buffer) - _UNSURE) > self._limit:
                self.give_up()
            self._searched = max(0, len(buffer) - _UNSURE)
            return None
        rest = bytes(buffer[end + len(_END) :])
        del buffer[end + 2 :]
        self.too_big = self.too_big or self._size(len(buffer)) > self._limit
        return rest

    def give_up(self) -> None:
        """Keep nothing of this mail, but go on looking for its end."""
        self.too_big = True
        del self._buffer[: max(0, len(self._buffer) - _UNSURE)]
        self._searched = 0

    def mail(self) -> bytes:
        """The mail, once `feed` has found its end. Empty when it was too big."""
        if self.too_big:
            return b""
        whole = self._buffer.replace(_STUFFED, b"\r\n") if _STUFFED in self._buffer else self._buffer
        with memoryview(whole) as view:
            return bytes(view[2:])

    def _size(self, until: int) -> int:
        """The mail's size in the first `until` bytes. Dots are counted only once it matters, each once."""
        size = until - 2 - self._dots
        if size > self._limit:
            found = self._buffer.count(_STUFFED, self._counted, until)
            self._dots += found
            self._counted = max(self._counted, until - len(_STUFFED) + 1)
            size -= found
        return size


def has_bare_newline(mail: bytes) -> bool:
    """Whether a CR or LF stands alone, which other servers may take for a line end (SMTP smuggling, CVE-2023-51764)."""
    return 2 * mail.count(b"\r\n") != len(mail.translate(None, _NO_LINE_ENDS))  # faster than counting each
