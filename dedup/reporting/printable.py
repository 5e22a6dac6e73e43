"""Text from outside made safe and visible before it reaches a terminal."""

from __future__ import annotations

import re

# C0 and C1 controls, DEL, bidirectional controls, lone surrogates; line ends are handled apart.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Replace what a terminal would obey or choke on: controls by their pictures, others by �.

    >>> printable("a\x1b[31m\tb")
    'a␛[31m b'
    """
    return _UNPRINTABLE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code in (0x09, 0x0A, 0x0B, 0x0C, 0x0D):
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
