"""The relation of a verified pair: explicit rules over a few measured quantities.

The rules are read from top to bottom and the first that holds decides; their numbers are data
(``relation.toml``). What counts is the narrative, the body words outside quotations: two reports
of one statement share every quoted word and are not copies.

1. *identical*: both bodies are the same words.
2. *boilerplate*: a template filled in with other numbers, or one standing passage far down in two
   texts that begin differently.
3. *derived*: enough narrative was copied, or it is a brief and most of it was, or its sentences
   follow the other side's in other words. Then, by how much: *near-duplicate*, *rewrite*,
   *partial*.
4. *shared-quotes*: not derived, but quotations stand in both.
5. *boilerplate*: not derived, but more words in common than chance explains.
6. *independent*.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dedup.scoring.evidence import Evidence
from dedup.scoring.match import DERIVED


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of the rules; see ``relation.toml`` for their meaning and units."""

    version: str
    identical_percent: float
    identical_fuller: float
    template_numbers: float
    standing_single: float
    standing_place: float
    standing_lead: float
    standing_place_own: float
    standing_lead_own: float
    copied_words: int
    copied_percent: float
    copied_longest: int
    brief_words: int
    brief_percent: float
    reworded_sentences: int
    reworded_percent: float
    reworded_fewer: int
    reworded_words: int
    near_duplicate_percent: float
    near_duplicate_body: float
    rewrite_percent: float
    rewrite_body: float
    rewrite_reworded_percent: float
    quoted_words: int
    boilerplate_words: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A relation with its score, 0–1 and at least 0.5 where derived, and the reasons for it."""

    relation: str
    score: float
    reasons: tuple[str, ...]


@cache
def rules() -> Rules:
    """Read the rules that come with the package."""
    return Rules(**tomllib.loads(Path(__file__).with_name("relation.toml").read_text("utf-8")))


def judge(evidence: Evidence, limits: Rules | None = None) -> Verdict:
    """Decide the relation, and say why."""
    limits = limits or rules()
    relation, reason = _decide(evidence, limits)
    reasons = [reason]
    if evidence.copied and relation != "identical":
        reasons.append(
            f"outside quotations, {evidence.most:.0f}% of one text and {evidence.least:.0f}% "
            "of the other are the same words"
        )
    followed = evidence.reworded >= limits.rewrite_reworded_percent
    if relation == "rewrite" and followed and "follow" not in reason:
        reasons.append(f"{evidence.reworded:.0f}% of one text follows the other, in its order")
    return Verdict(relation, _score(evidence, relation, limits), tuple(reasons))


def _decide(evidence: Evidence, limits: Rules) -> tuple[str, str]:
    if (
        evidence.body >= limits.identical_percent
        and evidence.fuller >= limits.identical_fuller
        and not evidence.moved
        and evidence.repeated <= 100 - limits.identical_percent
    ):
        return "identical", (
            "both texts are the same, word for word"
            if evidence.body == 100
            else f"the texts are the same but for {100 - evidence.body:.1f}% of the longer one"
        )
    because = _derived(evidence, limits)
    if because:
        standing = _standing(evidence, limits)
        if standing:
            return "boilerplate", standing
        return _how_much(evidence, limits, because)
    if evidence.quoted >= limits.quoted_words and evidence.quoted > evidence.longest:
        return "shared-quotes", (
            f"{evidence.quoted} words of quotation or statement stand in both, "
            "and the reports around them are different"
        )
    if evidence.copied >= limits.boilerplate_words:
        return "boilerplate", "what they share is short and formulaic, no passage of the report"
    return "independent", "no more in common than names and stock phrases"


def _standing(evidence: Evidence, limits: Rules) -> str | None:
    """Say why the words in common are not about the same story, if they are not."""
    if evidence.numbers >= limits.template_numbers:
        return (
            "the words in common are a template with other figures in it "
            f"({evidence.numbers:.0f} for every 100 words)"
        )
    far_down = evidence.place >= limits.standing_place and evidence.lead < limits.standing_lead
    own_line = (
        evidence.one_outlet
        and evidence.place >= limits.standing_place_own
        and evidence.lead < limits.standing_lead_own
    )
    if (
        (far_down or own_line)
        and evidence.single >= limits.standing_single
        and evidence.quoted < limits.quoted_words
    ):
        return (
            "one passage far down in both is all they share, and they begin differently: "
            "standing background, not this story"
            if far_down
            else "two different stories of one outlet share one passage: its standing text"
        )
    return None


def _derived(evidence: Evidence, limits: Rules) -> str | None:
    """Say why one text was taken from the other, if it was."""
    if (
        evidence.copied >= limits.copied_words
        and evidence.most >= limits.copied_percent
        and evidence.longest >= limits.copied_longest
    ):
        return (
            f"{evidence.copied} words outside quotations were copied, "
            f"{evidence.longest} of them in one passage"
        )
    if evidence.copied >= limits.brief_words and evidence.most >= limits.brief_percent:
        return f"{evidence.most:.0f}% of a short text stands in the other"
    few = evidence.copied < limits.reworded_words
    if (
        evidence.sentences >= (limits.reworded_sentences if few else limits.reworded_fewer)
        and evidence.reworded >= limits.reworded_percent
    ):
        return (
            f"{evidence.sentences} sentences follow the other side's one by one, mostly in other "
            f"words, {evidence.reworded:.0f}% of one text"
        )
    return None


def _how_much(evidence: Evidence, limits: Rules, because: str) -> tuple[str, str]:
    if (
        evidence.least >= limits.near_duplicate_percent
        and evidence.body >= limits.near_duplicate_body
    ):
        return (
            "near-duplicate",
            f"{evidence.least:.0f}% or more of both texts, outside quotations, is the same",
        )
    if (
        evidence.most >= limits.rewrite_percent and evidence.fuller >= limits.rewrite_body
    ) or evidence.reworded >= limits.rewrite_reworded_percent:
        return "rewrite", because
    return "partial", f"{because}; most of either text is its own"


def _score(evidence: Evidence, relation: str, limits: Rules) -> float:
    """Order results: by the share taken where derived, by how near to it where not."""
    if relation in DERIVED:
        most = max(evidence.most, evidence.body, evidence.reworded)
        return 0.5 + 0.5 * min(0.75 * most + 0.25 * evidence.least, 100.0) / 100
    words = min(evidence.copied / limits.copied_words, 1.0)
    share = min(evidence.most / limits.copied_percent, 1.0)
    return 0.49 * max(words * share, 0.5 * min(evidence.reworded, 100.0) / 100)
