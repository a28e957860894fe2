"""Text in PGP's armour: what is signed in clear is read as what it says, what is encrypted is known as such."""

from __future__ import annotations

_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE, _END = "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----"
_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"


def is_armoured(text: str) -> bool:
    return "-----BEGIN PGP " in text


def is_encrypted(text: str) -> bool:
    """Whether the text holds something that only its addressee can read."""
    return text.startswith(_ENCRYPTED) or f"\n{_ENCRYPTED}" in text


def without_signatures(text: str) -> str:
    """The text without the armour of what is signed in it (RFC 9580 §7); what stands around it stays.

    Armour that is not whole stays as it is, and so does what somebody quotes: its lines begin otherwise.
    """
    lines = text.split("\n")
    out: list[str] = []
    at = 0
    ends = _ends(lines)
    while at < len(lines):
        signature, end = ends.get(at, (0, 0))
        if not end:
            out.append(lines[at])
            at += 1
            continue
        begin = at + 1
        while begin < signature and lines[begin].strip():  # `Hash: SHA256`
            begin += 1
        out += [line.removeprefix("- ") for line in lines[begin + 1 : signature]]
        at = end + 1
    return "\n".join(out)


def _ends(lines: list[str]) -> dict[int, tuple[int, int]]:
    """Of every signed text the line it begins at: where its signature begins and ends."""
    found: dict[int, tuple[int, int]] = {}
    begin = signature = -1
    for at, line in enumerate(lines):
        if not line.startswith("-----"):
            continue
        mark = line.rstrip()
        if mark == _BEGIN:
            begin, signature = at, -1
        elif mark == _SIGNATURE and begin >= 0:
            signature = at
        elif mark == _END and signature > begin >= 0:
            found[begin] = signature, at
            begin = signature = -1
    return found
