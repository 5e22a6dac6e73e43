"""Which of some words a text holds, and where, by the hashes of its words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.text.hashing import Hashes, hash_words
from dedup.text.words import find_words


class Vocabulary:
    """Words that are looked for in texts.

    Parameters
    ----------
    words
        The words, with spaces between.
    """

    def __init__(self, words: str) -> None:
        found = find_words(words)
        hashes, _ = hash_words(found)
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        self._words = [found.texts()[number] for number in order]

    def places(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        """Return the numbers of the words of a text that are looked for, ascending."""
        return self._find(hashes)[0]

    def held(self, hashes: Hashes) -> set[str]:
        """Return the words a text holds, folded."""
        return {self._words[which] for which in self._find(hashes)[1].tolist()}

    def _find(self, hashes: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        at = self._hashes.searchsorted(hashes)
        at[at == len(self._hashes)] = 0
        places = (self._hashes[at] == hashes).nonzero()[0]
        return places, at[places]
