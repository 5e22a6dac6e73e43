"""Find which known article a news text was taken from, how much of it, and with what credit."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dedup.article import Article as Article
    from dedup.article import Credit as Credit
    from dedup.article import DedupError as DedupError
    from dedup.detector import Detector as Detector
    from dedup.detector import compare as compare
    from dedup.scoring.clusters import Cluster as Cluster
    from dedup.scoring.match import Match as Match
    from dedup.sketch.shingles import shingles as shingles
    from dedup.sketch.signatures import signatures as signatures
    from dedup.text.words import Word as Word
    from dedup.text.words import words as words

# A name is imported when it is first asked for, so that a command pays only for what it uses.
_HOMES = {
    "Article": "dedup.article",
    "Credit": "dedup.article",
    "DedupError": "dedup.article",
    "Match": "dedup.scoring.match",
    "Word": "dedup.text.words",
    "Cluster": "dedup.scoring.clusters",
    "Detector": "dedup.detector",
    "compare": "dedup.detector",
    "shingles": "dedup.sketch.shingles",
    "signatures": "dedup.sketch.signatures",
    "words": "dedup.text.words",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
