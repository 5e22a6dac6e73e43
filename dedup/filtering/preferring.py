"""Which member of a group represents it."""

from __future__ import annotations

from dedup.article import Article, Credit
from dedup.dates import earlier, read
from dedup.filtering.options import Prefer
from dedup.scoring.direction import SOURCE_KINDS
from dedup.text.credits import find_credits
from dedup.text.words import find_words


def preferred(
    prefer: Prefer, article: Article, stated: tuple[Credit, ...], representative: Article
) -> bool:
    """Say whether an article, with these credits, is to take its representative's place."""
    if prefer is Prefer.longest:
        return len(find_words(article.text)) > len(find_words(representative.text))
    if prefer is Prefer.credited:
        others = (*representative.credits, *find_credits(representative.text))
        return _credited(stated) > _credited(others)
    return _earlier(article, representative)


def _credited(stated: tuple[Credit, ...]) -> int:
    """Rank: the agency's own marks (dateline, sign-off), an outlet's credit to it, none."""
    if any(credit.kind in SOURCE_KINDS for credit in stated):
        return 2
    return 1 if stated else 0


def _earlier(article: Article, other: Article) -> bool:
    """Say whether an article was certainly published first; whatever is undated was last."""
    if read(article.published) is None:
        return False
    return read(other.published) is None or earlier(article.published, other.published) == "a"
