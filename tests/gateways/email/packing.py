"""Mails packed as Outlook does it, small enough to be read: what test_rich unpacks."""

import struct

# What Microsoft's description of the compression gives as its examples (MS-OXRTFCP §3).
HELLO_PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)
HELLO = rb"{\rtf1\ansi\ansicpg1252\pard hello world}" + b"\r\n"
RING_PACKED = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
RING = rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def attribute(level: int, name: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*pairs: tuple[int, str | bytes | int]) -> bytes:
    """MAPI properties: names and values; text becomes UTF-16, bytes stay bytes, numbers are long."""
    out = struct.pack("<I", len(pairs))
    for name, value in pairs:
        if isinstance(value, int):
            out += struct.pack("<HHI", 3, name, value)
            continue
        kind, data = (0x1F, (value + "\0").encode("utf-16-le")) if isinstance(value, str) else (0x102, value)
        out += struct.pack("<HHII", kind, name, 1, len(data)) + data + b"\0" * (-len(data) % 4)
    return out


def file(content: bytes, *named: tuple[int, str | bytes | int], title: bytes = b"") -> bytes:
    """The attributes of a file."""
    out = attribute(2, 0x00069002, b"\0" * 14) + (attribute(2, 0x00018010, title + b"\0") if title else b"")
    out += attribute(2, 0x0006800F, content) if content else b""
    return out + (attribute(2, 0x00069005, properties(*named)) if named else b"")


def tnef(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


def message(*said: tuple[int, str | bytes | int]) -> bytes:
    return attribute(1, 0x00069003, properties(*said))


def rich(text: bytes) -> bytes:
    """Rich text that says it is compressed, and is not."""
    return struct.pack("<III", len(text) + 12, len(text), 0x414C454D) + b"\0\0\0\0" + text
