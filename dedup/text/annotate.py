"""An article's words under their masks: quotation, headline, furniture, credit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import Article, Credit, Span
from dedup.text.credits import find_credits, stated_credits
from dedup.text.furniture import headline_and_furniture
from dedup.text.hashing import PLAIN, Hashes, Reader, Stems
from dedup.text.lines import Line, joined_lines, lines
from dedup.text.quotations import quotations
from dedup.text.statements import statements
from dedup.text.words import Words

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """An article's words and what each of them is; the masks are bool[words].

    ``hashes`` and ``stems`` uint64[words] are those of `dedup.text.hashing.hash_words`.
    ``furniture`` are the words of the page, ``credit`` those that credit an agency, ``body`` those
    that are neither, nor headline; ``narrative`` in the vocabulary is ``body & ~quoted``.
    ``headline`` holds the folded words of the article's title, else of the line of the text that
    reads as one; it is empty where there is neither. ``credits`` are those of the text and those
    the file itself states; ``paragraphs`` are the text's, in order.
    """

    article: Article
    words: Words
    hashes: Hashes
    stems: Stems
    quoted: Mask
    furniture: Mask
    credit: Mask
    body: Mask
    headline: str
    credits: tuple[Credit, ...]
    paragraphs: list[Line]


def annotate(
    article: Article,
    found_credits: Sequence[Credit] | None = None,
    reader: Reader = PLAIN,
) -> AnnotatedText:
    """Find an article's words and masks.

    Where the masks would leave no body (a lone headline, a list), all words but credits are body.
    ``found_credits`` are those of the text, where they are at hand.
    """
    words = reader.find(article.text)
    hashes, stems = reader.hash(words)
    rows = lines(article.text)
    paragraphs = joined_lines(article.text, rows)
    if found_credits is None:
        found_credits = find_credits(article.text, rows)
    head, page_text = headline_and_furniture(article.text, article.title, paragraphs)
    credit = _mask(words, [credit.span for credit in found_credits])
    stated = _mask(words, statements(article.text, paragraphs))
    furniture = _mask(words, page_text) & ~stated
    body = ~credit & ~furniture
    if head is not None:
        body &= ~_mask(words, [head])
    if not body.any():
        body, furniture, head = ~credit, np.zeros(len(words), np.bool_), None
    if not body.any():
        body, credit = np.ones(len(words), np.bool_), furniture
    return AnnotatedText(
        article,
        words,
        hashes,
        stems,
        quoted=_mask(words, quotations(article.text, paragraphs)) | stated,
        furniture=furniture,
        credit=credit,
        body=body,
        headline=reader.find(article.title or (article.text[slice(*head)] if head else "")).folded,
        credits=(*stated_credits(article.credits), *found_credits),
        paragraphs=paragraphs,
    )


def _mask(words: Words, spans: Iterable[Span]) -> Mask:
    """Mark the words that stand in any of the spans."""
    mask = np.zeros(len(words), np.bool_)
    edges = [edge for span in spans for edge in span]
    bounds = words.starts.searchsorted(edges).tolist() if edges else []
    for first, last in zip(bounds[::2], bounds[1::2], strict=True):
        mask[first:last] = True
    return mask
