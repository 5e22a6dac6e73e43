"""Find which known article a news text was taken from, how much of it, and with what credit."""

from dedup.article import Article, Credit, DedupError
from dedup.detector import compare
from dedup.scoring.match import Match
from dedup.sketch.shingles import shingles
from dedup.sketch.signatures import signatures
from dedup.text.words import Word, words

__all__ = [
    "Article",
    "Credit",
    "DedupError",
    "Match",
    "Word",
    "compare",
    "shingles",
    "signatures",
    "words",
]
