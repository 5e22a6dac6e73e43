"""The rules of the verdict, on measured quantities and on the texts of the fixtures."""

import json
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

NOTHING = Evidence(copied=0, longest=0, quoted=0, most=0, least=0, body=0)
LIFTED = replace(NOTHING, copied=60, longest=30, most=25, least=12, body=12, fuller=20)


@cache
def match(a: str, b: str) -> Match:
    return compare(
        *(Article(path, (FIXTURES / path).read_text(encoding="utf-8")) for path in (a, b))
    )


def relation(evidence: Evidence) -> str:
    return judge(evidence).relation


def test_the_same_words_are_identical_even_with_a_line_of_page_text_left_over() -> None:
    same = replace(NOTHING, copied=400, longest=400, most=100, least=100, body=100, fuller=100)
    assert relation(same) == "identical"
    assert relation(replace(same, body=98, least=98)) == "identical"


def test_moved_passages_are_not_identical() -> None:
    moved = Evidence(400, 200, 0, 100, 98, 98, fuller=100, moved=True)
    assert relation(moved) == "near-duplicate"


def test_words_changed_on_both_sides_are_not_identical() -> None:
    assert relation(Evidence(400, 200, 0, 98, 98, 98, fuller=98)) == "near-duplicate"


def test_a_piece_of_narrative_is_partial_and_most_of_one_side_a_rewrite() -> None:
    assert relation(LIFTED) == "partial"
    assert relation(replace(LIFTED, most=60, fuller=60)) == "rewrite"


def test_a_line_among_quotations_is_not_most_of_the_text() -> None:
    digest = replace(
        NOTHING, copied=65, longest=65, quoted=90, most=83, least=76, body=16, fuller=23
    )
    assert relation(digest) == "partial"


def test_scattered_phrases_are_no_passage() -> None:
    assert relation(replace(LIFTED, longest=8)) not in DERIVED


def test_a_brief_needs_fewer_words_but_most_of_itself() -> None:
    brief = replace(NOTHING, copied=28, longest=20, most=90, least=6, body=6, fuller=88)
    assert relation(brief) == "rewrite"
    assert relation(replace(brief, most=60)) not in DERIVED


def test_sentences_followed_one_by_one_are_a_rewrite_without_common_words() -> None:
    assert relation(replace(NOTHING, sentences=7, reworded=65)) == "rewrite"
    assert relation(replace(NOTHING, sentences=3, reworded=65)) not in DERIVED


def test_a_template_with_other_figures_is_boilerplate() -> None:
    assert relation(replace(LIFTED, numbers=9)) == "boilerplate"


def test_one_passage_far_down_in_texts_that_begin_differently_is_boilerplate() -> None:
    standing = replace(LIFTED, longest=60, single=100, place=70, lead=10)
    assert relation(standing) == "boilerplate"
    assert relation(replace(standing, lead=60)) == "partial"
    assert relation(replace(standing, place=5)) == "partial"
    assert relation(replace(standing, quoted=30)) == "partial"


def test_quotations_alone_are_shared_quotes() -> None:
    assert relation(replace(NOTHING, quoted=40, copied=6, longest=6)) == "shared-quotes"


def test_every_verdict_gives_its_reason() -> None:
    for evidence in (NOTHING, LIFTED, replace(NOTHING, quoted=40), replace(LIFTED, numbers=9)):
        assert all(reason and "\n" not in reason for reason in judge(evidence).reasons)
    assert "60 words" in judge(LIFTED).reasons[0]


def test_the_rules_have_a_version() -> None:
    assert rules().version


percent = st.floats(0, 100)
evidences = st.builds(
    lambda copied, longest, quoted, most, share, body, sentences, reworded: Evidence(
        copied=copied,
        longest=min(longest, copied),
        quoted=quoted,
        most=most,
        least=most * share / 100,
        body=min(body, 96.0),
        sentences=sentences,
        reworded=reworded,
    ),
    st.integers(0, 500), st.integers(0, 200), st.integers(0, 100), percent, percent, percent,
    st.integers(0, 12), percent,
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
        copied=evidence.copied + words,
        longest=evidence.longest + words,
        most=min(100.0, evidence.most + more),
        least=min(100.0, evidence.least + more),
        reworded=min(100.0, evidence.reworded + more),
    )
    assert judge(greater).score >= judge(evidence).score


DISPUTED = {("wire/portstrike.txt", "incoming/portstrike-shipping-gazette.txt")}
"""Nine of twelve paragraphs: by the share of both sides as near a duplicate as a rewrite."""
MISSED = {("wire/fichaje.txt", "incoming/fichaje-portero-landa.txt")}
"""A formula in which names differ, not figures: taken for a lifted passage."""


@pytest.mark.parametrize("pair", GOLD, ids=lambda pair: f"{pair['a']}-{pair['b']}")
def test_fixtures_have_the_relation_expected(pair: dict[str, str]) -> None:
    found = match(pair["a"], pair["b"])
    if (pair["a"], pair["b"]) in MISSED:
        assert found.relation != pair["relation"], "no longer missed: take it out of MISSED"
        return
    assert found.derived == pair["derived"]
    if (pair["a"], pair["b"]) not in DISPUTED:
        assert found.relation == pair["relation"]


@pytest.mark.parametrize("pair", GOLD[::6], ids=lambda pair: f"{pair['a']}-{pair['b']}")
def test_the_sides_may_be_swapped(pair: dict[str, str]) -> None:
    one, other = match(pair["a"], pair["b"]), match(pair["b"], pair["a"])
    assert one.relation == other.relation
    assert one.score == other.score
    assert {"a->b": "b->a", "b->a": "a->b"}.get(one.direction, one.direction) == other.direction


def test_one_passage_in_different_stories_of_one_outlet_is_its_standing_text() -> None:
    prompt = replace(LIFTED, single=95, place=30, lead=5)
    assert relation(prompt) == "partial"
    assert relation(replace(prompt, one_outlet=True)) == "boilerplate"
    assert relation(replace(prompt, one_outlet=True, lead=50)) == "partial"
