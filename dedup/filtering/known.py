"""The articles of a library, those last used kept at hand."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from dedup.article import Article, Credit
from dedup.index.library import Library

_REMEMBERED = 50_000_000
"""Characters of articles that are kept at hand."""


class KnownArticles:
    """Articles by row."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._articles: OrderedDict[int, Article] = OrderedDict()
        self._credits: dict[int, tuple[Credit, ...]] = {}
        self._characters = 0

    def load(self, rows: Iterable[int]) -> None:
        """Have the articles of rows at hand."""
        new = sorted({row for row in rows if row not in self._articles})
        for row, article in zip(new, self._library.articles(new), strict=True):
            self.remember(row, article)

    def remember(
        self, row: int, article: Article, found_credits: tuple[Credit, ...] | None = None
    ) -> None:
        """Keep the article of a row at hand, and the credits found in its text, if they were."""
        self._articles[row] = article
        if found_credits is not None:
            self._credits[row] = found_credits
        self._characters += len(article.text)
        while self._characters > _REMEMBERED and len(self._articles) > 1:
            row, forgotten = self._articles.popitem(last=False)
            self._credits.pop(row, None)
            self._characters -= len(forgotten.text)

    def article(self, row: int) -> Article:
        """Return the article of a row."""
        if row not in self._articles:
            self.load([row])
        self._articles.move_to_end(row)
        return self._articles[row]

    def credits(self, row: int) -> tuple[Credit, ...] | None:
        """Return the credits found in the text of a row, None where they are not at hand."""
        return self._credits.get(row)
