"""An article's words under their masks: quotation, headline, furniture, credit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import Article, Credit, Span
from dedup.text.credits import find_credits
from dedup.text.furniture import furniture
from dedup.text.headline import headline
from dedup.text.quotations import quotations
from dedup.text.words import Words, find_words

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """An article's words and what each of them is; the masks are bool[words].

    ``body`` are the words that are not furniture, headline or credit; ``narrative`` in the
    vocabulary is ``body & ~quoted``. ``headline`` is where the headline stands in the text, None
    where it has none. ``credits`` are those of the text and those the file itself states.
    """

    article: Article
    words: Words
    quoted: Mask
    body: Mask
    headline: Span | None
    credits: tuple[Credit, ...]

    @property
    def headline_text(self) -> str | None:
        """The headline: the article's title, else the line of the text that reads as one."""
        if self.article.title:
            return self.article.title
        if self.headline is None:
            return None
        return self.article.text[self.headline[0] : self.headline[1]]


def annotate(article: Article) -> AnnotatedText:
    """Find an article's words and masks.

    Where the masks would leave no body (a lone headline, a list), all words but credits are body.
    """
    words = find_words(article.text)
    found_credits = find_credits(article.text)
    head = headline(article.text, article.title)
    credit = _mask(words, [credit.span for credit in found_credits])
    body = ~credit & ~_mask(words, furniture(article.text, article.title))
    if head is not None:
        body &= ~_mask(words, [head])
    if not body.any():
        body, head = ~credit, None
    if not body.any():
        body = np.ones(len(words), np.bool_)
    quoted = _mask(words, quotations(article.text))
    return AnnotatedText(article, words, quoted, body, head, (*article.credits, *found_credits))


def _mask(words: Words, spans: Iterable[Span]) -> Mask:
    """Mark the words that stand in any of the spans."""
    mask = np.zeros(len(words), np.bool_)
    for start, end in spans:
        first, last = np.searchsorted(words.starts, (start, end))
        mask[first:last] = True
    return mask
