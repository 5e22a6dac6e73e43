"""The verdicts on all labelled pairs at once, every number of the rules a parameter.

The rules are those of `dedup.index.standing.count_other_stories`, `dedup.scoring.evidence` and
`dedup.scoring.relation`, over columns, because thousands of settings are tried. `differences` says
where they are not the same as the product's; where it names a pair nothing else here is worth
reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from measured import LETTERS, MASKS, Numbers, Seen, Subject

from dedup.index import standing
from dedup.scoring import evidence, prepared, relation
from dedup.scoring.evidence import Evidence
from dedup.scoring.match import DERIVED, NOT_DERIVED
from dedup.scoring.relation import Rules

NEVER = 10_000.0
"""A threshold that nothing reaches: it switches a rule off."""
STANDING = ("own_share", "least_own", "whole", "near", "again", "holders", "own_days")
SHIPPED: dict[str, float] = {
    **dict.fromkeys(MASKS, 1),
    "own_share": standing.OWN_SHARE,
    "least_own": standing.LEAST_OWN,
    "whole": standing.WHOLE,
    "near": standing.NEAR,
    "again": standing.AGAIN,
    "holders": standing.HOLDERS,
    "own_days": 1,
    "letters": prepared.PLAIN_LETTERS,
    "phrase": evidence.PHRASE,
    "passage": evidence.PASSAGE,
    "power": 3,
    **{name: getattr(relation.rules(), name) for name in Rules.__slots__ if name != "version"},
}

RELATIONS = (*DERIVED, *NOT_DERIVED)
Relations = npt.NDArray[np.int8]
"""Places in `RELATIONS`, one a pair; those below ``len(DERIVED)`` are derived."""

_Columns = dict[str, npt.NDArray[Any]]


class Study:
    """Pairs judged with other numbers; what was measured or judged before is remembered."""

    def __init__(self, subjects: Sequence[Subject]) -> None:
        self.subjects = subjects
        self._seen: dict[tuple[float, ...], tuple[list[Seen], _Columns]] = {}
        self._given: dict[tuple[float, ...], Relations] = {}

    def judge(self, numbers: Numbers) -> Relations:
        """Return the relation of each pair."""
        key = tuple(numbers[name] for name in SHIPPED)
        if key not in self._given:
            self._given[key] = decide(self._columns(numbers), numbers)
        return self._given[key]

    def seen(self, numbers: Numbers) -> list[Seen]:
        """Return what was measured of each pair."""
        return self._measured(numbers)[0]

    def standing(self, numbers: Numbers) -> list[npt.NDArray[np.bool_]]:
        """Say of each pair which of the fingerprints in common are standing text."""
        own, least = self._holders, numbers["least_own"]
        elsewhere = (
            (own["own_a"] < np.maximum(least, numbers["own_share"] * own["size_a"]))
            & (own["own_b"] < np.maximum(least, numbers["own_share"] * own["size_b"]))
            & (own["both"] < numbers["whole"] * np.minimum(own["size_a"], own["size_b"]))
        )
        from_a, from_b = own["from_a"], own["from_b"]  # NaN where unknown: never true
        again = (from_a >= numbers["again"]) & (from_b >= numbers["again"])
        near = (from_a < numbers["near"]) | (from_b < numbers["near"])
        elsewhere = np.where(own["theirs"], elsewhere | again, elsewhere & ~near)
        own_days = (from_a >= 1) & (from_b >= 1) & (own["apart"] >= 1)
        alone = own["of_one"] & own_days & bool(numbers["own_days"])
        weight = np.where(alone, numbers["holders"], 1) * elsewhere
        holder, key, ends = self._held
        count = np.bincount(key, weight[holder], ends[-1])
        return np.split(count >= numbers["holders"], ends[:-1])

    @cached_property
    def _holders(self) -> _Columns:
        """What the texts asked have, one after the other for all pairs."""
        holders = [subject.holders for subject in self.subjects]
        sizes = [len(one.both) for one in holders]
        of_text = ("own_a", "own_b", "both", "from_a", "from_b", "theirs", "of_one")
        of_pair = ("size_a", "size_b", "apart")
        return {
            **{name: np.concatenate([getattr(one, name) for one in holders]) for name in of_text},
            **{name: np.repeat([getattr(one, name) for one in holders], sizes) for name in of_pair},
        }

    @cached_property
    def _held(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Which text holds which fingerprint, and where the fingerprints of each pair end."""
        shapes = np.array([subject.holders.holds.shape for subject in self.subjects], np.intp)
        begins = np.concatenate([np.zeros((1, 2), np.intp), shapes.cumsum(axis=0)])
        held = [
            np.argwhere(subject.holders.holds) + begin
            for subject, begin in zip(self.subjects, begins[:-1], strict=True)
        ]
        holder, key = np.concatenate(held).T
        return holder, key, begins[1:, 1]

    def _measured(self, numbers: Numbers) -> tuple[list[Seen], _Columns]:
        key = tuple(numbers[name] for name in (*MASKS, *STANDING))
        if key not in self._seen:
            known = self.standing(numbers)
            if not numbers["standing"]:
                known = [np.zeros_like(one) for one in known]
            seen = [
                subject.measure(numbers, one)
                for subject, one in zip(self.subjects, known, strict=True)
            ]
            self._seen[key] = seen, _in_columns(seen)
        return self._seen[key]

    def _columns(self, numbers: Numbers) -> _Columns:
        """Return the evidence, one array a measure."""
        columns = self._measured(numbers)[1]
        phrase, passage = numbers["phrase"], numbers["passage"]
        plain = columns["plain_of"][LETTERS.index(int(numbers["letters"]))]
        plain = plain * np.clip((columns["words"] - phrase) / (passage - phrase), 0, 1)
        of_side = np.bincount(columns["side"], plain, 2 * len(self.subjects))
        return {
            **columns,
            "plain": of_side.reshape(-1, 2).min(axis=1),
            "apart": columns["apart"] & bool(numbers["apart"]),
        }


def _in_columns(seen: Sequence[Seen]) -> _Columns:
    sizes = [size for one in seen for size in (one.of_a, len(one.words) - one.of_a)]
    return {
        "words": np.concatenate([one.words for one in seen]),
        "plain_of": np.concatenate([one.plain for one in seen], axis=1),
        "side": np.repeat(np.arange(len(sizes)), sizes),
        **{
            name: np.array([getattr(one.evidence, name) for one in seen])
            for name in Evidence.__slots__
        },
    }


def decide(seen: _Columns, numbers: Numbers) -> Relations:
    """Decide every relation, as `dedup.scoring.relation.judge` does for one."""
    most, body, fuller = seen["most"], seen["body"], seen["fuller"]
    lift = np.minimum(most / 100, 1) ** numbers["power"] if numbers["power"] < NEVER else 0.0 * most
    follows = (seen["sentences"] >= numbers["reworded_sentences"]) & (
        seen["reworded"] >= numbers["reworded_percent"]
    )
    followed = np.where(follows, numbers["reworded_lift"] * seen["reworded"] / 100, 0)
    enough = seen["plain"] * (1 + np.maximum(lift, followed)) / numbers["copied_plain"] >= 1
    enough |= (seen["sentences"] >= numbers["followed_sentences"]) & (
        seen["reworded"] >= numbers["followed_percent"]
    )
    figures = seen["figures"] >= numbers["template_figures"]
    template = figures & (most < numbers["template_percent"])
    again = seen["one_outlet"] & (seen["days"] >= numbers["again_days"])
    again &= most < numbers["again_percent"]
    far = (seen["single"] >= numbers["far_single"]) & (seen["place"] >= numbers["far_place"])
    far &= (seen["lead"] < numbers["far_lead"]) & (seen["quoted"] < numbers["quoted_words"])
    same = (body >= numbers["identical_percent"]) & (fuller >= numbers["identical_fuller"])
    same &= ~seen["moved"] & ~seen["edited"]
    same &= seen["repeated"] <= 100 - numbers["identical_percent"]
    nearly = (seen["least"] >= numbers["near_duplicate_percent"]) & (
        body >= numbers["near_duplicate_body"]
    )
    rewritten = (most >= numbers["rewrite_percent"]) & (fuller >= numbers["rewrite_body"])
    rewritten |= seen["reworded"] >= numbers["rewrite_reworded_percent"]
    quoted, words = seen["quoted"], numbers["boilerplate_words"]
    formula = np.where(figures, seen["copied"], seen["longest"])
    answers = (
        ("boilerplate", seen["apart"]),
        ("identical", same),
        ("boilerplate", enough & (template | again | far)),
        ("near-duplicate", enough & nearly),
        ("rewrite", enough & rewritten),
        ("partial", enough),
        ("boilerplate", seen["standing"] >= np.maximum(words, quoted)),
        ("shared-quotes", (quoted >= numbers["quoted_words"]) & (quoted > seen["longest"])),
        ("boilerplate", formula + seen["standing"] >= words),
        ("boilerplate", seen["common"] >= words),
    )
    given = relations(["independent"] * len(most))
    for name, holds in reversed(answers):
        given[holds] = RELATIONS.index(name)
    return given


def relations(names: Iterable[str]) -> Relations:
    """Return the places of relations."""
    return np.array([RELATIONS.index(name) for name in names], np.int8)


def differences(study: Study) -> list[str]:
    """Name the pairs of which the copies here say something else than the product."""
    given = [RELATIONS[at] for at in study.judge(SHIPPED).tolist()]
    return [
        f"{subject.label.a} {subject.label.b}: {relation}, not {subject.match.relation}"
        for subject, relation, known in zip(
            study.subjects, given, study.standing(SHIPPED), strict=True
        )
        if relation != subject.match.relation
        or not np.array_equal(known, subject.holders.known_in > 0)
    ]
