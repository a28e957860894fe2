"""What programs of East Asia write beside the standards of their charsets, and codecs leave as it is."""

from __future__ import annotations

import re

_FILLER = "\u3164"
_IN_PARTS = re.compile(  # consonant, vowel, and a consonant or nothing, as they can follow each other in a syllable
    _FILLER
    + "[\u3131\u3132\u3134\u3137-\u3139\u3141-\u3143\u3145-\u314e]"
    + "[\u314f-\u3163]"
    + f"[\u3131-\u3137\u3139-\u3142\u3144-\u3148\u314a-\u314e{_FILLER}]"
)


def put_together(text: str) -> str:
    """Korean text with its syllables whole: EUC-KR has letters for 2,350 of 11,172, and writes the others as a filler
    and three parts (KS X 1001, annex 3), as Python does, too. Windows-949 has letters for all, and reads four of them.
    """
    if _FILLER not in text:
        return text
    return _IN_PARTS.sub(lambda parts: parts[0].encode("euc_kr").decode("euc_kr"), text)


def from_jis(data: bytes) -> str:
    """ISO-2022-JP with the signs that Japanese programs put in beside the standard (①, ㈱): by way of Shift JIS."""
    out, two, kana = bytearray(), False, False
    for piece in re.split(rb"(\x1b\$\(?[@B]|\x1b\([BJIH])", data):
        if piece.startswith(b"\x1b"):
            two, kana = piece[1:2] == b"$", piece == b"\x1b(I"
        elif kana:
            out += bytes(byte | 0x80 for byte in piece)
        elif not two:
            out += piece
        else:
            for first, second in zip(piece[::2], piece[1::2], strict=False):
                lead = ((first - 0x21) >> 1) + 0x81
                out.append((lead + 0x40 if lead > 0x9F else lead) & 0xFF)
                out.append((second + 0x7E if first % 2 == 0 else second + 0x1F + (second >= 0x60)) & 0xFF)
    return out.decode("cp932", "replace")
