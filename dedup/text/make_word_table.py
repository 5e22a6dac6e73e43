"""Write ``word_table.npy``, the frozen table of word rules v2.

Run it as ``python -m dedup.text.make_word_table``. It must be run with a Python whose Unicode
version is `UNICODE`, so that every machine and every Python folds words alike; the table is
committed.
"""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dedup.text.words import SEVERAL

UNICODE = "14.0.0"
BLOCK = 256

SEPARATES, DROPPED, LETTER, SINGLE = range(4)

APOSTROPHES = "'’‘ʼʻ＇"
TATWEEL = "\u0640"
OWN_FOLDS = {
    "İ": "i", "ı": "i", "ł": "l", "ø": "o", "đ": "d",
    # One letter to a reader, typed by the keyboard: Arabic and alef maksura, Persian, Urdu forms.
    **dict.fromkeys("\u0649\u06cc\u06d2", "\u064a"),  # yeh
    "\u06a9": "\u0643",  # kaf
    **dict.fromkeys("\u06be\u06c1\u06d5", "\u0647"),  # heh
}  # fmt: skip

# DerivedCoreProperties.txt, Default_Ignorable_Code_Point: soft hyphen, zero-width and bidi
# controls, fillers, variation selectors, tags.
DEFAULT_IGNORABLE = [
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]  # fmt: skip

# The scripts written without spaces, by the names of their characters.
SPACELESS = (
    "CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH", "IDEOGRAPHIC", "HANGZHOU NUMERAL",
    "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "HENTAIGANA", "VERTICAL KANA",
    "VERTICAL IDEOGRAPHIC", "THAI", "LAO", "KHMER", "MYANMAR",
)  # fmt: skip


def character_class(char: str) -> int:
    """Return the class of one character by word rules v2."""
    code = ord(char)
    category = unicodedata.category(char)
    if char in APOSTROPHES or char == TATWEEL:
        return DROPPED
    if any(low <= code <= high for low, high in DEFAULT_IGNORABLE):
        return DROPPED
    if category[0] == "M" and unicodedata.combining(char):
        return DROPPED
    if category[0] in "LNM":
        spaceless = unicodedata.name(char, "").startswith(SPACELESS)
        return SINGLE if spaceless else LETTER
    return SEPARATES


def fold(char: str) -> str:
    """Fold a letter: decompose, drop and case-fold until nothing changes.

    It becomes one letter, or several ("ß" is "ss"), or none where all of it is dropped.
    """
    for parts in (_decomposed(char), _case_folded(char)):
        kept = [part for part in parts if character_class(part) != DROPPED]
        kinds = {character_class(part) for part in kept}
        # A letter is not cut in two: "½" has a sign that separates, Burmese "ဦ" two words.
        if parts != char and (kinds <= {LETTER} or (kinds == {SINGLE} and len(kept) == 1)):
            return "".join(map(fold, kept))
    return char


def _decomposed(char: str) -> str:
    # Empty for Hangul syllables, which stay whole: jamo are composed to them.
    decomposition = unicodedata.decomposition(char).split()
    if decomposition and decomposition[0].startswith("<"):
        del decomposition[0]
    return "".join(chr(int(code, 16)) for code in decomposition) or char


def _case_folded(char: str) -> str:
    return OWN_FOLDS.get(char) or char.casefold()


def build() -> npt.NDArray[np.uint32]:
    """Build the two-stage table.

    Returns
    -------
    uint32[n]
        ``table[table[code >> 8] + (code & 255)]`` is ``folded << 2 | class``. ``folded`` is 0 where
        a character folds to itself, which lets most blocks share one copy, and where it folds to
        several letters `SEVERAL` plus the place in the table of their number, which they follow.
    """
    places: dict[bytes, int] = {}
    first_stage = np.zeros(0x110000 // BLOCK, np.uint32)
    stages = [first_stage]

    def place(part: npt.NDArray[np.uint32]) -> int:
        if part.tobytes() not in places:
            places[part.tobytes()] = sum(map(len, stages))
            stages.append(part)
        return places[part.tobytes()]

    def entry(char: str) -> int:
        kind = character_class(char)
        if kind in (SEPARATES, DROPPED):
            return kind
        folded = fold(char)
        if not folded:
            return DROPPED
        if len(folded) > 1:
            letters = np.array([len(folded), *map(ord, folded)], np.uint32)
            return LETTER | (SEVERAL + place(letters)) << 2
        kind = character_class(folded)  # a circled ideograph is a word
        return kind if folded == char else kind | ord(folded) << 2

    for number in range(len(first_stage)):
        codes = range(number * BLOCK, (number + 1) * BLOCK)
        first_stage[number] = place(np.array([entry(chr(code)) for code in codes], np.uint32))
    return np.concatenate(stages)


if __name__ == "__main__":
    if unicodedata.unidata_version != UNICODE:
        sys.exit(f"this Python has Unicode {unicodedata.unidata_version}; run one with {UNICODE}")
    np.save(Path(__file__).with_name("word_table.npy"), build())
