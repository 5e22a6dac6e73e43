"""Which of some words a text holds, and where, by the hashes or the keys of its words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.text.bitmap import Bitmap
from dedup.text.hashing import Hashes, hash_words, word_keys
from dedup.text.words import find_words

_BITS = 14


class Vocabulary:
    """Words that are looked for in texts.

    Parameters
    ----------
    words
        The words, with spaces between.
    stems
        Whether all words with their stems are meant; a text is then asked about by the `word_keys`.
    """

    def __init__(self, words: str, *, stems: bool = False) -> None:
        found = find_words(words)
        hashes = word_keys(*hash_words(found)) if stems else hash_words(found)[0]
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._words = [found.texts()[number] for number in order]
        self._likely = Bitmap(hashes, _BITS)

    def places(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        """Return the numbers of the words of a text that are looked for, ascending."""
        return self._find(hashes)[0]

    def held(self, hashes: Hashes) -> set[str]:
        """Return the words a text holds, folded."""
        held = np.zeros(len(self._words), np.bool_)
        held[self._find(hashes)[1]] = True
        return {self._words[which] for which in held.nonzero()[0].tolist()}

    def _find(self, hashes: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        places = self._likely.places(hashes)
        likely = hashes[places]
        at = np.minimum(self._hashes.searchsorted(likely), len(self._hashes) - 1)
        same = self._hashes[at] == likely
        return places[same], at[same]
