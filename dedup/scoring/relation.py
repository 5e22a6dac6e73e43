"""The relation of a verified pair: explicit rules over a few measured quantities.

The rules are read from top to bottom and the first that holds decides; their numbers are data
(``relation.toml``). What counts is the narrative, the body words outside quotations that no other
story holds: two reports of one statement share every quoted word and are not copies.

1. *boilerplate*: the text has nothing to do with either headline: a consent page, a notice.
2. *identical*: both bodies are the same words.
3. *derived*: enough narrative was copied, unless it is a template filled in with other figures, or
   what one outlet repeats weeks later. Enough is counted in plain words, which the event does not
   dictate, and fewer are enough the more of one narrative they are, or the more of it follows the
   other sentence by sentence. Then, by how much: *near-duplicate*, *rewrite*, *partial*.
4. *shared-quotes*: not derived, but quotations are in both.
5. *boilerplate*: not derived, but more in common than chance explains: one passage and what other
   stories hold, or page text. Scattered phrases, which any two reports of one event have in common,
   count only where figures are replaced in them.
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
    identical_fuller: float
    identical_percent: float
    template_figures: float
    template_percent: float
    again_days: float
    again_percent: float
    far_single: float
    far_place: float
    far_lead: float
    copied_plain: float
    reworded_lift: float
    reworded_percent: float
    reworded_sentences: int
    followed_percent: float
    followed_sentences: int
    near_duplicate_percent: float
    near_duplicate_body: float
    rewrite_percent: float
    rewrite_body: float
    rewrite_reworded_percent: float
    quoted_words: int
    boilerplate_words: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A relation with its score, 0–1 and at least 0.5 where derived, and the reasons for it.

    ``kind`` is what the narrative in common turned out to be: ``narrative`` or ``template``.
    """

    relation: str
    score: float
    reasons: tuple[str, ...]
    kind: str = "narrative"


@cache
def rules() -> Rules:
    """Read the rules that come with the package."""
    return Rules(**tomllib.loads(Path(__file__).with_name("relation.toml").read_text("utf-8")))


def judge(evidence: Evidence, limits: Rules | None = None) -> Verdict:
    """Decide the relation, and say why."""
    limits = limits or rules()
    relation, reason = _decide(evidence, limits)
    reasons = [reason]
    template = relation == "boilerplate" and _is_template(evidence, limits)
    if evidence.copied and relation != "identical" and not template:
        reasons.append(
            f"outside quotations, {evidence.most:.0f}% of one text and {evidence.least:.0f}% "
            "of the other are the same words"
        )
    if evidence.standing and "other stories" not in reason:
        reasons.append(f"{evidence.standing} more words in common are in other stories too")
    if relation == "rewrite" and evidence.reworded >= limits.rewrite_reworded_percent:
        reasons.append(f"{evidence.reworded:.0f}% of one text follows the other, in its order")
    return Verdict(
        relation,
        _score(evidence, relation, limits),
        tuple(reasons),
        "template" if template else "narrative",
    )


def strength(evidence: Evidence, limits: Rules) -> float:
    """Return the copied plain words as a multiple of what is enough: derived from 1 on."""
    lift = (min(evidence.most, 100.0) / 100) ** 3
    sentences, percent = evidence.sentences, evidence.reworded
    if sentences >= limits.reworded_sentences and percent >= limits.reworded_percent:
        lift = max(lift, limits.reworded_lift * percent / 100)
    copied = evidence.plain * (1 + lift) / limits.copied_plain
    if sentences >= limits.followed_sentences and percent >= limits.followed_percent:
        copied = max(copied, 1.0)
    return copied


def _decide(evidence: Evidence, limits: Rules) -> tuple[str, str]:
    if evidence.apart:
        return "boilerplate", "the text they share has nothing to do with either headline"
    if (
        evidence.body >= limits.identical_percent
        and evidence.fuller >= limits.identical_fuller
        and not evidence.moved
        and not evidence.edited
        and evidence.repeated <= 100 - limits.identical_percent
    ):
        return "identical", (
            "both texts are the same, word for word"
            if evidence.body == 100
            else f"the texts are the same but for {100 - evidence.body:.1f}% of the longer one"
        )
    if strength(evidence, limits) >= 1:
        own = _is_no_copy(evidence, limits)
        return ("boilerplate", own) if own else _how_much(evidence, limits)
    if evidence.standing >= max(limits.boilerplate_words, evidence.quoted):
        return "boilerplate", "most of the words in common are in other stories too"
    if evidence.quoted >= limits.quoted_words and evidence.quoted > evidence.longest:
        return "shared-quotes", (
            f"{evidence.quoted} words of quotation or statement are in both, "
            "and the reports around them are different"
        )
    figures = evidence.figures >= limits.template_figures
    formula = evidence.copied if figures else evidence.longest
    if formula + evidence.standing >= limits.boilerplate_words:
        return "boilerplate", "what they share is short and formulaic, no passage of the report"
    if evidence.common >= limits.boilerplate_words:
        return "boilerplate", "what they share is text of the page, no passage of the report"
    return "independent", "no more in common than names and stock phrases"


def _is_template(evidence: Evidence, limits: Rules) -> bool:
    """Say whether the words in common are a template filled in with other figures."""
    return evidence.figures >= limits.template_figures and evidence.most < limits.template_percent


def _is_no_copy(evidence: Evidence, limits: Rules) -> str | None:
    """Say why the words in common are no copy of this story, if they are none."""
    if _is_template(evidence, limits):
        return (
            "the words in common are a template with other figures in it "
            f"({evidence.figures:.0f} for every 100 words)"
        )
    apart = evidence.one_outlet and evidence.days >= limits.again_days
    if apart and evidence.most < limits.again_percent:
        return f"what one outlet has in both, {evidence.days:.0f} days apart, is its own text"
    if (
        evidence.single >= limits.far_single
        and evidence.place >= limits.far_place
        and evidence.lead < limits.far_lead
        and evidence.quoted < limits.quoted_words
    ):
        return "one passage far down in both is all they share, and they begin differently"
    return None


def _how_much(evidence: Evidence, limits: Rules) -> tuple[str, str]:
    because = (
        f"{evidence.copied} words outside quotations were copied, "
        f"{evidence.longest} of them in one passage"
    )
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
    """Order results: by how far beyond what is enough they are, or below it.

    0.5 where just enough was copied, 0.67 at twice and 0.33 at half of it. Texts that are all the
    same, however short, and templates keep to their side of 0.5.
    """
    copied = strength(evidence, limits)
    score = copied / (1 + copied)
    return max(score, 0.5) if relation in DERIVED else min(score, 0.49)
