"""How much of a word a character is, in the scripts written without spaces.

Word rules make each such character a word, so a minimum counted in words would be met by one long
name. Here ``n`` characters count as a word: the mean length of a word, rounded up, because the
words that two unrelated reports share (names, titles, institutions) are the longer ones.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.text.hashing import letters, word_bounds
from dedup.text.words import Words

Sizes = npt.NDArray[np.float32]

CHARACTERS = {"Han": 2, "kana": 2, "Thai": 4, "Lao": 4, "Khmer": 5, "Myanmar": 5}
"""Characters of a word.

Mean length of the words of the Universal Declaration of Human Rights as ICU 78 segments them,
counted after folding, which drops most tone marks: Han 1.67 in Chinese and 1.77 in Japanese, kana
1.57, Thai 3.54, Lao 3.87, Khmer 4.65, Myanmar 4.02. The segmented Chinese news of the second
bakeoff (T. Emerson, 2005) has 1.54 to 1.71. The same declaration has, for each word of English,
1.5 characters in Chinese, 1.8 in Japanese, 4.6, 5.0, 5.1 and 6.4 in the others.
"""

_BLOCKS = [
    (0x0E00, "Thai"), (0x0E80, "Lao"), (0x0F00, ""), (0x1000, "Myanmar"), (0x10A0, ""),
    (0x1780, "Khmer"), (0x1800, ""), (0x3005, "Han"), (0x3008, ""), (0x3021, "Han"), (0x3030, ""),
    (0x3031, "kana"), (0x3036, ""), (0x3038, "Han"), (0x303C, ""), (0x3041, "kana"), (0x3100, ""),
    (0x31F0, "kana"), (0x3200, ""), (0x3400, "Han"), (0x4DC0, ""), (0x4E00, "Han"), (0xA000, ""),
    (0xA9E0, "Myanmar"), (0xAA00, ""), (0xAA60, "Myanmar"), (0xAA80, ""), (0xF900, "Han"),
    (0xFB00, ""), (0x1AFF0, "kana"), (0x1B170, ""), (0x1D372, "Han"), (0x1D377, ""),
    (0x20000, "Han"), (0x32000, ""),
]  # fmt: skip
"""From which code point on characters are of which script; "" is written with spaces."""

_FIRST = np.array([first for first, _ in _BLOCKS], np.uint32)
_SIZE = np.array([1.0] + [1 / CHARACTERS[s] if s else 1.0 for _, s in _BLOCKS], np.float32)


def word_sizes(words: Words) -> Sizes:
    """Return how much of a word each word is: 1, or less for a character of these scripts.

    Returns
    -------
    float32[words]
        Their sum over some words is what a minimum counted in words is compared with.
    """
    codes = letters(words.folded)
    if not len(codes) or codes.max() < _FIRST[0]:
        return np.ones(len(words), np.float32)
    starts, _ = word_bounds(codes)
    sizes: Sizes = _SIZE[_FIRST.searchsorted(codes[starts], side="right")]
    return sizes
