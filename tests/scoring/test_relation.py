"""The rules of the verdict, on measured quantities and on the texts of the fixtures."""

import json
import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.article import Article
from dedup.detector import compare
from dedup.scoring.evidence import Evidence
from dedup.scoring.match import DERIVED, Match
from dedup.scoring.relation import judge, rules

FIXTURES = Path(__file__).parents[2] / "fixtures"
GOLD = [json.loads(line) for line in (FIXTURES / "gold.jsonl").open(encoding="utf-8")]

NOTHING = Evidence(plain=0, copied=0, longest=0, quoted=0, standing=0, most=0, least=0, body=0)
LIFTED = replace(NOTHING, plain=20, copied=60, longest=30, most=25, least=12, body=12, fuller=20)
SAME = replace(
    NOTHING, plain=130, copied=400, longest=400, most=100, least=100, body=100, fuller=100
)


@cache
def match(a: str, b: str) -> Match:
    return compare(
        *(Article(path, (FIXTURES / path).read_text(encoding="utf-8")) for path in (a, b))
    )


def relation(evidence: Evidence, **changed: float) -> str:
    return judge(replace(evidence, **changed)).relation


def test_the_same_words_are_identical_even_with_a_line_of_page_text_left_over() -> None:
    assert relation(SAME) == "identical"
    assert relation(SAME, body=98, least=98) == "identical"
    assert relation(SAME, plain=1, copied=3, longest=3) == "identical"


def test_moved_edited_or_repeated_passages_are_not_identical() -> None:
    assert relation(SAME, body=98, least=98, moved=True) == "near-duplicate"
    assert relation(SAME, edited=True) == "near-duplicate"
    assert relation(SAME, repeated=20) == "near-duplicate"


def test_words_changed_on_both_sides_are_not_identical() -> None:
    assert relation(SAME, body=98, fuller=98, most=98, least=98) == "near-duplicate"


def test_by_the_share_of_both_sides_or_of_one_it_is_near_duplicate_rewrite_or_partial() -> None:
    assert relation(LIFTED, most=95, least=90, body=90, fuller=95) == "near-duplicate"
    assert relation(LIFTED, most=95, least=20, body=20, fuller=95) == "rewrite"
    assert relation(LIFTED, most=60, fuller=60) == "rewrite"
    assert relation(LIFTED) == "partial"


def test_a_line_among_quotations_is_not_most_of_the_text() -> None:
    assert relation(LIFTED, quoted=90, most=83, least=76, body=16, fuller=23) == "partial"


def test_many_words_are_derived_whatever_their_share() -> None:
    """265 words running in a report of 5,000 are no stock phrase."""
    assert relation(LIFTED, plain=80, copied=265, longest=265, most=5, least=5) == "partial"


def test_fewer_plain_words_are_enough_the_more_of_one_side_they_are() -> None:
    brief = replace(NOTHING, plain=8, copied=28, longest=20, most=90, least=6, body=6, fuller=88)
    assert relation(brief) == "rewrite"
    assert relation(brief, most=60) not in DERIVED
    assert relation(brief, plain=4) not in DERIVED


def test_fewer_plain_words_are_enough_where_sentence_follows_sentence() -> None:
    retold = replace(NOTHING, plain=9, copied=40, longest=9, sentences=7, reworded=65, most=12)
    assert relation(retold) == "rewrite"
    assert "65% of one text follows the other, in its order" in judge(retold).reasons
    assert relation(retold, sentences=2) not in DERIVED
    assert relation(retold, reworded=40) not in DERIVED


def test_most_of_one_text_retold_sentence_by_sentence_is_a_rewrite_without_common_words() -> None:
    assert relation(NOTHING, sentences=6, reworded=75) == "rewrite"
    assert relation(NOTHING, sentences=3, reworded=75) not in DERIVED
    assert relation(NOTHING, sentences=6, reworded=50) not in DERIVED


def test_one_passage_far_down_in_texts_that_begin_differently_is_boilerplate() -> None:
    background = replace(LIFTED, longest=60, single=100, place=70, lead=10)
    assert relation(background) == "boilerplate"
    assert relation(background, lead=60) == "partial"
    assert relation(background, place=5) == "partial"
    assert relation(background, single=60) == "partial"
    assert relation(background, quoted=30) == "partial"


def test_names_and_figures_in_common_are_no_copy() -> None:
    assert relation(NOTHING, copied=10, longest=10, most=10) == "independent"
    assert relation(NOTHING, copied=40, longest=20, plain=4, most=10) == "boilerplate"


def test_scattered_phrases_are_boilerplate_only_where_figures_are_replaced_in_them() -> None:
    scattered = replace(NOTHING, copied=40, longest=8, plain=4, most=10)
    assert relation(scattered) == "independent"
    assert relation(scattered, figures=9) == "boilerplate"


def test_page_text_in_common_is_boilerplate() -> None:
    assert relation(NOTHING, common=60) == "boilerplate"
    assert "text of the page" in judge(replace(NOTHING, common=60)).reasons[0]
    assert relation(NOTHING, common=60, quoted=40) == "shared-quotes"
    rng = random.Random(3)
    footer = "\n\n".join(f"Read more: {' '.join(prose(rng, 9))}" for _ in range(4))
    one, other = (f"{' '.join(prose(rng, 80)).capitalize()}.\n\n{footer}" for _ in range(2))
    assert compare(one, other).relation == "boilerplate"


def test_a_template_with_other_figures_is_boilerplate() -> None:
    filled_in = replace(LIFTED, figures=9)
    assert (judge(filled_in).relation, judge(filled_in).kind) == ("boilerplate", "template")
    assert judge(LIFTED).kind == "narrative"


def test_an_update_with_new_figures_is_derived() -> None:
    update = replace(LIFTED, figures=9, most=90, least=85, body=85, fuller=90)
    assert (judge(update).relation, judge(update).kind) == ("near-duplicate", "narrative")


def test_what_one_outlet_has_in_both_weeks_apart_is_its_own_text() -> None:
    again = replace(LIFTED, one_outlet=True, days=30)
    assert relation(again) == "boilerplate"
    assert "30 days apart" in judge(again).reasons[0]
    assert relation(again, days=2) == "partial"
    assert relation(again, one_outlet=False) == "partial"
    assert relation(again, most=60, fuller=60) == "rewrite"


def test_nothing_but_standing_text_in_common_is_boilerplate() -> None:
    background = replace(NOTHING, standing=60)
    assert relation(background) == "boilerplate"
    assert judge(background).reasons == ("most of the words in common are in other stories too",)
    assert relation(background, quoted=80) == "shared-quotes"


def test_standing_text_beside_what_was_copied_is_named_in_the_reasons() -> None:
    assert judge(replace(LIFTED, standing=60)).relation == "partial"
    assert any(
        "60 more words in common are in other stories too" in reason
        for reason in judge(replace(LIFTED, standing=60)).reasons
    )


def test_a_text_with_nothing_to_do_with_either_headline_is_boilerplate() -> None:
    assert relation(SAME, apart=True) == "boilerplate"
    assert "either headline" in judge(replace(SAME, apart=True)).reasons[0]


def test_quotations_alone_are_shared_quotes() -> None:
    assert relation(NOTHING, quoted=40, copied=6, longest=6) == "shared-quotes"


def test_every_verdict_gives_its_reason() -> None:
    for evidence in (NOTHING, LIFTED, replace(NOTHING, quoted=40), replace(LIFTED, figures=9)):
        assert all(reason and "\n" not in reason for reason in judge(evidence).reasons)
    assert "60 words" in judge(LIFTED).reasons[0]


def test_the_rules_have_a_version() -> None:
    assert rules().version


def prose(rng: random.Random, count: int) -> list[str]:
    return ["".join(rng.choices("bcdfglmnprstvaeiou", k=rng.randint(5, 9))) for _ in range(count)]


def test_scattered_phrases_are_no_passage() -> None:
    rng = random.Random(1)
    phrases = [prose(rng, 5) for _ in range(10)]
    together = [word for phrase in phrases for word in phrase]

    def among_own(parts: list[list[str]]) -> str:
        return " ".join(" ".join([*prose(rng, 30), *part]) for part in parts)

    scattered = compare(among_own(phrases), among_own(rng.sample(phrases, len(phrases))))
    assert sum(span.words for span in scattered.spans) == len(together)
    assert not scattered.derived
    assert compare(among_own([together]), among_own([together])).derived


def test_names_and_figures_are_no_plain_words() -> None:
    rng = random.Random(2)
    words = prose(rng, 30)
    names = [word.capitalize() if number % 2 else "1234" for number, word in enumerate(words)]

    def reported(passage: list[str]) -> str:
        return f"{' '.join(prose(rng, 80))} said {' '.join(passage)} {' '.join(prose(rng, 80))}."

    assert compare(reported(words), reported(words)).derived
    assert not compare(reported(names), reported(names)).derived


percent = st.floats(0, 100)
evidences = st.builds(
    lambda plain, copied, longest, quoted, standing, most, share, body, sentences, reworded, rest: (
        Evidence(
            plain=min(plain, copied),
            copied=copied,
            longest=min(longest, copied),
            quoted=quoted,
            standing=standing,
            most=most,
            least=most * share / 100,
            body=min(body, 96.0),
            fuller=most,
            sentences=sentences,
            reworded=reworded,
            **rest,
        )
    ),
    st.floats(0, 60), st.integers(0, 500), st.integers(0, 200), st.integers(0, 100),
    st.integers(0, 100), percent, percent, percent, st.integers(0, 12), percent,
    st.fixed_dictionaries({
        "figures": st.floats(0, 12), "one_outlet": st.booleans(), "days": st.floats(0, 60),
        "apart": st.booleans(), "moved": st.booleans(), "edited": st.booleans(),
    }),
)  # fmt: skip


@given(evidences)
def test_the_score_is_at_least_a_half_exactly_where_derived(evidence: Evidence) -> None:
    verdict = judge(evidence)
    assert 0 <= verdict.score <= 1
    assert (verdict.score >= 0.5) == (verdict.relation in DERIVED)


@settings(max_examples=300)
@given(evidences, st.integers(0, 50), st.floats(0, 20))
def test_more_evidence_never_lowers_the_score(evidence: Evidence, words: int, more: float) -> None:
    greater = replace(
        evidence,
        plain=evidence.plain + words,
        copied=evidence.copied + words,
        longest=evidence.longest + words,
        most=min(100.0, evidence.most + more),
        least=min(100.0, evidence.least + more),
        sentences=evidence.sentences + 1,
        reworded=min(100.0, evidence.reworded + more),
    )
    assert judge(greater).score >= judge(evidence).score


DISPUTED = {("wire/portstrike.txt", "incoming/portstrike-shipping-gazette.txt")}
"""Nine of twelve paragraphs: by the share of both sides as near a duplicate as a rewrite."""
MISSED = {
    ("wire/fichaje.txt", "incoming/fichaje-portero-landa.txt"),
    ("wire/etapa-ciclismo.txt", "incoming/ciclismo-quinta-etapa-sevilla.txt"),
}
"""Formulas in which names differ, not figures: taken for a lifted passage, for loose phrases."""


@pytest.mark.parametrize("pair", GOLD, ids=lambda pair: f"{pair['a']}-{pair['b']}")
def test_fixtures_have_the_relation_expected(pair: dict[str, str]) -> None:
    found = match(pair["a"], pair["b"])
    if (pair["a"], pair["b"]) in MISSED:
        assert found.relation != pair["relation"], "no longer missed: take it out of MISSED"
        return
    assert found.derived == pair["derived"]
    if (pair["a"], pair["b"]) not in DISPUTED:
        assert found.relation == pair["relation"]


def test_ninety_of_the_ninety_three_have_it() -> None:
    right = sum(match(pair["a"], pair["b"]).relation == pair["relation"] for pair in GOLD)
    assert (right >= 90, len(GOLD)) == (True, 93)


@pytest.mark.parametrize("pair", GOLD[::6], ids=lambda pair: f"{pair['a']}-{pair['b']}")
def test_the_sides_may_be_swapped(pair: dict[str, str]) -> None:
    one, other = match(pair["a"], pair["b"]), match(pair["b"], pair["a"])
    assert one.relation == other.relation
    assert one.score == other.score
    assert {"a->b": "b->a", "b->a": "a->b"}.get(one.direction, one.direction) == other.direction
