"""The page of one pair: both texts side by side, what was copied linked and coloured alike."""

from __future__ import annotations

from dedup.article import Article
from dedup.reporting.html.marks import find_marks
from dedup.reporting.html.page import render
from dedup.reporting.html.view import view_pair
from dedup.scoring.match import Match


def render_pair_page(match: Match, a: Article, b: Article) -> str:
    """Write the page of a pair; ``a`` and ``b`` are the articles of the match's sides.

    It reads without scripts too; they link the passages of one side with those of the other.
    """
    view = view_pair(match, a, b, find_marks(a), find_marks(b))
    names = " and ".join(side.name for side in view.sides)
    return render("pair_page.html.j2", names, ("pair.js",), pair=view)
