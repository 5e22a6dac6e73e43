"""``dedup bench robustness``: at which strength of an attack verdict and candidate search break.

Every story is attacked at every strength (`dedup.bench.attacks`); what comes out was derived from
it for certain. Reported are the share of stories still found derived, the share whose original is
still brought together with the attacked text among all the articles given, and the share whose
relation is what the attack should leave it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any

from dedup.article import Article
from dedup.bench.attacks import ATTACKS, Attack, Story, foreign_headline, wrap_in_furniture
from dedup.bench.languages import language_of
from dedup.bench.tables import Cell, Table, percent
from dedup.detector import Detector, compare
from dedup.scoring.match import Match
from dedup.scoring.relation import rules

SCHEMA = "dedup.bench.robustness/1"

HALF = 0.5
"""Below this share of the stories an attack has broken what it attacks."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attacked story; ``kept`` is the share of its words still there."""

    match: Match
    candidate: bool
    kept: float


def measure_robustness(
    articles: Sequence[Article],
    *,
    seed: int = 1,
    most: int = 40,
    attacks: Sequence[Attack] = ATTACKS,
    advance: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Attack articles and judge what comes out; ready for JSON.

    Parameters
    ----------
    articles
        All are searched; at most ``most`` of them, drawn by ``seed``, are attacked.
    attacks
        What is done to them.
    advance
        Called after each strength of each attack.
    """
    detector = Detector()
    detector.add(articles)
    stories = stories_of(articles, seed, most)
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "rules": rules().version,
        "articles": len(articles),
        "stories": len(stories),
        "seed": seed,
        "attacks": {},
    }
    for attack in attacks:
        fit = [s for s in stories if attack.languages is None or s.language in attack.languages]
        points = []
        for strength, label in attack.strengths if fit else ():
            outcomes = [_outcome(story, attack, strength, seed, detector) for story in fit]
            points.append({"strength": round(strength, 4), "label": label, **_point(outcomes)})
            points[-1]["as_expected"] = _share(
                [one.match.relation in attack.expected for one in outcomes]
            )
            advance()
        result["attacks"][attack.name] = {
            "unit": attack.unit,
            "expected": list(attack.expected),
            "breaks_at": {
                "verdict": _breaking(points, "derived"),
                "candidates": _breaking(points, "candidate"),
            },
            "points": points,
        }
    result["false_alarms"] = _false_alarms(stories, seed)
    return result


def stories_of(articles: Sequence[Article], seed: int, most: int) -> list[Story]:
    """Return the articles to attack, each with others beside it."""
    known = [(article, language_of(article)) for article in articles]
    chosen = sorted(Random(seed).sample(range(len(known)), min(most, len(known))))
    return [
        Story(
            article=known[place][0],
            language=known[place][1],
            others=_others(known, place),
            other_headline=foreign_headline(known[place][1], known, place),
        )
        for place in chosen
    ]


def robustness_tables(result: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a result: where each attack breaks what, then the curves."""
    tables = [_summary(result)]
    rows: list[list[Cell]] = [
        [
            name,
            point["label"],
            percent(point["derived"]),
            percent(point["candidate"]),
            percent(point["as_expected"]),
            percent(point["words_kept"]),
            f"{point['score']:.2f}",
        ]
        for name, attack in result["attacks"].items()
        for point in attack["points"]
    ]
    columns = "attack,strength,derived,candidate,relation right,words kept,median score"
    tables.append(Table("Curves", columns.split(","), rows))
    return tables


def _summary(result: Mapping[str, Any]) -> Table:
    def shown(attack: Mapping[str, Any], what: str) -> str:
        broken: str | None = attack["breaks_at"][what]
        return broken or ("no story for it" if not attack["points"] else "never")

    rows = [
        [
            f"{name} ({attack['unit']})" if attack["unit"] else name,
            shown(attack, "verdict"),
            shown(attack, "candidates"),
            *(percent(min((p[key] for p in attack["points"]), default=None)) for key in
              ("derived", "candidate", "as_expected")),
        ]
        for name, attack in result["attacks"].items()
    ]  # fmt: skip
    alarms = result["false_alarms"]
    return Table(
        f"Robustness: {result['stories']} stories attacked, searched for among "
        f"{result['articles']:,} articles (rules {result['rules']})",
        ["attack", "verdict breaks at", "candidates break at", "least derived",
         "least candidates", "least relation right"],
        rows,
        [
            "Breaks: fewer than half of the stories are found derived, or brought together.",
            f"False alarms of two different stories in the same page text: {alarms['derived']} "
            f"of {alarms['pairs']} pairs.",
        ],
    )  # fmt: skip


def _others(known: Sequence[tuple[Article, str]], place: int) -> list[Article]:
    """Return the other articles from a place on, those of the same language first."""
    article, language = known[place]
    around = [*known[place + 1 :], *known[:place]]
    around = [(other, of) for other, of in around if other.text != article.text]
    same = [other for other, of in around if of == language]
    return same or [other for other, _ in around]


def _outcome(
    story: Story, attack: Attack, strength: float, seed: int, detector: Detector
) -> Outcome:
    text = attack.change(story, strength, _random(story, attack, strength, seed))
    attacked = Article(f"{story.article.id} (attacked)", text)
    candidates = detector.candidates(attacked)
    return Outcome(
        match=compare(story.article, attacked),
        candidate=any(name in candidates for name in _same_words(story, detector)),
        kept=_kept(story.text, text),
    )


def _same_words(story: Story, detector: Detector) -> set[str]:
    """Return the ids that stand for a story in the index: of articles alike, the first."""
    found = detector.candidates(story.article)
    return {story.article.id, *found[:1]}


def _random(story: Story, attack: Attack, strength: float, seed: int) -> Random:
    """Return a randomness of the story's own, whichever other stories are attacked."""
    return Random(f"{seed} {story.article.id} {attack.name} {strength}")


def _kept(before: str, after: str) -> float:
    words, left = Counter(before.lower().split()), Counter(after.lower().split())
    return (words & left).total() / max(words.total(), 1)


def _point(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "stories": len(outcomes),
        "derived": _share([one.match.derived for one in outcomes]),
        "candidate": _share([one.candidate for one in outcomes]),
        "relations": dict(Counter(one.match.relation for one in outcomes).most_common()),
        "score": round(median(one.match.score for one in outcomes), 4),
        "words_kept": round(median(one.kept for one in outcomes), 4),
    }


def _share(answers: Sequence[bool]) -> float:
    return round(sum(answers) / len(answers), 4)


def _breaking(points: Sequence[Mapping[str, Any]], what: str) -> str | None:
    """Return the first strength from which on fewer than half hold."""
    return next((point["label"] for point in points if point[what] < HALF), None)


def _false_alarms(stories: Sequence[Story], seed: int) -> dict[str, int]:
    """Put different stories of a language into the same page text; they stay different."""
    derived = [compare(a, b).derived for a, b in _in_one_page(stories, seed)]
    return {"pairs": len(derived), "derived": sum(derived)}


def _in_one_page(stories: Sequence[Story], seed: int) -> Iterator[tuple[Article, Article]]:
    for first, second in pairwise(stories):
        if first.language != second.language or compare(first.article, second.article).derived:
            continue
        pages = []
        for story in (first, second):
            alike = Story(story.article, story.language, first.others, first.other_headline)
            text = wrap_in_furniture(alike, 2.0, Random(f"{seed} {first.article.id}"))
            pages.append(Article(f"{story.article.id} (page)", text))
        yield pages[0], pages[1]
