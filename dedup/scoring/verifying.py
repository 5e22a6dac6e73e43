"""Verification: two texts compared word by word, and what that says of them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar

from dedup.article import Article
from dedup.dates import earlier
from dedup.scoring.compiled import ToolChoice
from dedup.scoring.direction import agencies, compare_headlines, credited, direction, is_update
from dedup.scoring.evidence import gather, may_be_derived
from dedup.scoring.match import DERIVED, FoundBy, Match, Side
from dedup.scoring.overlap import measure_overlap
from dedup.scoring.page_text import add_page_text
from dedup.scoring.passages import ShingleHasher, mark_standing, mark_template
from dedup.scoring.prepared import Prepared, common_shingles
from dedup.scoring.relation import judge, rules
from dedup.scoring.spans import Aligner, Alignment, find_spans, interpreted
from dedup.scoring.speech import mark_speech
from dedup.sketch.reference import shingle_hashes
from dedup.text.hashing import Hashes

if TYPE_CHECKING:
    from dedup.index.standing import Standing

LEAST_COMMON = 3
SHINGLES_PER_COMMON = 100
"""Two articles are aligned if they share a shingle, and one more for every so many shingles of the
shorter, up to `LEAST_COMMON`, where all that was compared is wanted ..."""
SHARED = 12
SHARE = 0.04
"""... or so many, or so large a share of the shorter one's, that are not standing text, where only
what is derived is wanted. Of what is derived without this, on three collections, 2% is not with it,
the pairs with least copied; more than half of all pairs are left out."""

NOBODY_ASKED = "nobody else was known to ask whether this is standing text"
"""Reason given with a verdict that standing text could have turned: one of derived."""

T = TypeVar("T")

_REMEMBERED = 8192


def verify(
    side_a: Prepared,
    side_b: Prepared,
    *,
    min_span: int = 0,
    found_by: FoundBy | None = None,
    standing: Standing | None = None,
    aligner: Aligner = interpreted,
) -> Match:
    """Compare two texts, word by word and reach a verdict."""
    alignment = find_spans(side_a, side_b, min_span, aligner)
    match = conclude(side_a, side_b, alignment, found_by, standing)
    return add_page_text(match, side_a, side_b, min_span, aligner)


def conclude(
    side_a: Prepared,
    side_b: Prepared,
    alignment: Alignment,
    found_by: FoundBy | None = None,
    standing: Standing | None = None,
    hasher: ShingleHasher = shingle_hashes,
) -> Match:
    """Reach a verdict on an aligned pair; ``standing`` says what other stories hold of it."""
    a, b = side_a.text, side_b.text
    alignment = mark_speech(side_a, side_b, alignment)
    if standing is not None:
        alignment = mark_standing(side_a, side_b, alignment, standing, hasher)
    overlap = measure_overlap(side_a, side_b, alignment)
    verdict = judge(gather(side_a, side_b, alignment, overlap))
    if verdict.kind == "template":
        alignment = mark_template(side_a, side_b, alignment)
        overlap = measure_overlap(side_a, side_b, alignment)
    derived = verdict.relation in DERIVED
    reasons = verdict.reasons
    if derived and (standing is None or standing.alone):
        reasons += (NOBODY_ASKED,)
    elsewhere = standing is not None and standing.held_elsewhere
    towards = direction(a, b, overlap, elsewhere=elsewhere) if derived else "unknown"
    credited_a, credited_b = credited(agencies(a), agencies(b), towards)
    return Match(
        a=Side(a.article.id, len(a.words), a.credits),
        b=Side(b.article.id, len(b.words), b.credits),
        relation=verdict.relation,
        score=verdict.score,
        direction=towards,
        update=derived and is_update(a, b),
        headline=compare_headlines(a, b),
        credited_a=credited_a,
        credited_b=credited_b,
        overlap=overlap,
        spans=alignment.spans,
        reasons=reasons,
        rules=rules().version,
        found_by=found_by,
        earlier=earlier(a.article.published, b.article.published),
    )


def share_enough(shingles_a: Hashes, shingles_b: Hashes) -> bool:
    """Say whether two articles share shingles enough to be worth aligning."""
    fewest = min(len(shingles_a), len(shingles_b))
    least = min(fewest // SHINGLES_PER_COMMON + 1, LEAST_COMMON) if fewest else 0
    return common_shingles(shingles_a, shingles_b) >= least


def worth_aligning(
    shingles_a: Hashes, shingles_b: Hashes, standing: Standing | None, *, everything: bool = False
) -> bool:
    """Say whether two articles share shingles enough that are not standing text.

    Which shingles are standing is known of the fingerprints among them, a sample.
    """
    if everything:
        return share_enough(shingles_a, shingles_b)
    share = 1.0
    if standing is not None and len(standing.keys):
        share -= float((standing.known_in > 0).mean())
    fewest = min(len(shingles_a), len(shingles_b))
    return common_shingles(shingles_a, shingles_b) * share >= min(SHARED, SHARE * fewest)


class Verifier:
    """Verifies pair after pair; what an article needs for it is made once and remembered."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._choice = ToolChoice()
        self._shingles: OrderedDict[Article, Hashes] = OrderedDict()
        self._prepared: OrderedDict[Article, Prepared] = OrderedDict()

    def expect(self, pairs: int) -> None:
        """Take note that so many pairs are coming; where that pays, load what is compiled."""
        self._choice.expect(pairs)

    def verify(
        self,
        a: Article,
        b: Article,
        found_by: FoundBy | None,
        standing: Standing | None = None,
        *,
        derived_only: bool = False,
    ) -> Match | None:
        """Compare two articles; None if they share too few shingles to be worth aligning.

        With ``derived_only`` also None, cheaply, where what is aligned cannot make them derived;
        and page text is looked for only where they are.
        """
        shingles_a, shingles_b = self._shingles_of(a), self._shingles_of(b)
        if not worth_aligning(shingles_a, shingles_b, standing, everything=not derived_only):
            return None
        side_a, side_b = self._prepare(a), self._prepare(b)
        aligner = self._choice.tools.align
        alignment = find_spans(side_a, side_b, aligner=aligner)
        if derived_only and not may_be_derived(side_a, side_b, alignment):
            return None
        hasher = self._choice.tools.hash_shingles
        match = conclude(side_a, side_b, alignment, found_by, standing, hasher)
        if derived_only and not match.derived:
            return match
        return add_page_text(match, side_a, side_b, 0, aligner)

    def _shingles_of(self, article: Article) -> Hashes:
        known = self._shingles.get(article)
        if known is None:
            known = self._choice.tools.shingles_of(article, self._k)
            _remember(self._shingles, article, known)
        return known

    def _prepare(self, article: Article) -> Prepared:
        known = self._prepared.get(article)
        if known is None:
            known = self._choice.tools.prepare(article, self._k, self._shingles_of(article))
            _remember(self._prepared, article, known)
        return known


def _remember(memory: OrderedDict[Article, T], article: Article, value: T) -> None:
    memory[article] = value
    if len(memory) > _REMEMBERED:
        memory.popitem(last=False)
