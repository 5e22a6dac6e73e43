"""Write ``word_table.npy``, the frozen table behind word rules v1.

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

UNICODE = "14.0.0"
BLOCK = 256

SEPARATES, DROPPED, LETTER, SINGLE = range(4)

APOSTROPHES = "'’‘ʼʻ＇"
TATWEEL = "\u0640"
OWN_FOLDS = {"İ": "i", "ı": "i", "ł": "l", "ø": "o", "đ": "d"}

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
    """Return the class of one character by word rules v1."""
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
    """Fold one letter to one code point: decompose and case-fold until nothing changes."""
    while True:
        folded = _case_fold(_first_decomposed(char))
        if folded == char:
            return char
        char = folded


def _first_decomposed(char: str) -> str:
    decomposition = unicodedata.decomposition(char)  # empty for Hangul syllables, which stay whole
    if not decomposition:
        return char
    kind, *rest = decomposition.split() if decomposition[0] == "<" else ["", *decomposition.split()]
    return chr(int(rest[0], 16)) if not kind or len(rest) == 1 else char


def _case_fold(char: str) -> str:
    if char in OWN_FOLDS:
        return OWN_FOLDS[char]
    # str.casefold is full case folding; where that is longer than a character, simple case
    # folding is the lower case or nothing.
    return next((c for c in (char.casefold(), char.lower()) if len(c) == 1), char)


def build() -> npt.NDArray[np.uint32]:
    """Build the two-stage table.

    Returns
    -------
    uint32[0x1100 + blocks * 256]
        ``table[table[code >> 8] + (code & 255)]`` is ``folded << 2 | class``; ``folded`` is 0
        where a character folds to itself, which lets most blocks share one copy.
    """
    blocks: dict[bytes, int] = {}
    first_stage = np.zeros(0x110000 // BLOCK, np.uint32)
    stages = [first_stage]
    size = len(first_stage)
    for number in range(len(first_stage)):
        block = np.array([_entry(number * BLOCK + i) for i in range(BLOCK)], np.uint32)
        if block.tobytes() not in blocks:
            blocks[block.tobytes()] = size
            stages.append(block)
            size += BLOCK
        first_stage[number] = blocks[block.tobytes()]
    return np.concatenate(stages)


def _entry(code: int) -> int:
    char = chr(code)
    kind = character_class(char)
    if kind in (SEPARATES, DROPPED):
        return kind
    folded = fold(char)
    kind = character_class(folded)  # a circled ideograph is a word, a spacing sound mark is dropped
    return kind if folded == char or kind == DROPPED else kind | ord(folded) << 2


if __name__ == "__main__":
    if unicodedata.unidata_version != UNICODE:
        sys.exit(f"this Python has Unicode {unicodedata.unidata_version}; run one with {UNICODE}")
    np.save(Path(__file__).with_name("word_table.npy"), build())
