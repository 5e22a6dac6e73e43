"""Figures and initials in another notation."""

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Article, compare, signatures, words
from dedup.scoring.prepared import prepare
from dedup.scoring.spans import find_spans

POINT = "It was up 1.4 in all. "
COMMA = "It was up 1,4 in all. "
UNKNOWN = "It was up in all, once. "


def equal(one: str, other: str, sign_a: str = UNKNOWN, sign_b: str = UNKNOWN) -> bool:
    """Whether two notations are equal words in texts that show the decimal signs given."""
    around = "the ferry company has counted in this year on the northern pier {} so far it said"
    sides = [
        prepare(Article("x", sign + around.format(notation)), 5)
        for sign, notation in ((sign_a, one), (sign_b, other))
    ]
    alignment = find_spans(*sides)
    first = len(words(sign_a + around.split("{}")[0]))
    last = len(sides[0].text.words) - 4
    return bool(alignment.copied_a[first:last].all())


@pytest.mark.parametrize(
    ("one", "other", "sign_a", "sign_b"),
    [
        ("12,480", "12480", POINT, POINT),
        ("12.480", "12480", COMMA, POINT),
        ("12.480", "12,480", COMMA, POINT),
        ("12\u00a0480", "12480", UNKNOWN, UNKNOWN),
        ("12,480", "12480", POINT, UNKNOWN),
        ("2,300,000", "2.3 million", UNKNOWN, UNKNOWN),
        ("2,300,000", "2.3m", UNKNOWN, UNKNOWN),
        ("2.300.000", "2,3 millones", UNKNOWN, UNKNOWN),
        ("14,650 million", "14.65bn", POINT, UNKNOWN),
        ("2.300 mil millones", "2,3 billones", COMMA, UNKNOWN),
        ("12,34,567", "1,234,567", UNKNOWN, UNKNOWN),
        ("3 crore", "30 million", UNKNOWN, UNKNOWN),
        ("1.4 percent", "1.4%", UNKNOWN, UNKNOWN),
        ("1.4 per cent", "1.4 %", UNKNOWN, UNKNOWN),
        ("1,4 por ciento", "1.4%", UNKNOWN, UNKNOWN),
        ("5 percent", "5%", UNKNOWN, UNKNOWN),
        ("12,480", "12,480", UNKNOWN, POINT),
        ("12,480", "12,480", UNKNOWN, UNKNOWN),
        ("U.N.", "UN", UNKNOWN, UNKNOWN),
        ("U. N.", "U.N.", UNKNOWN, UNKNOWN),
        ("EE. UU.", "EEUU", UNKNOWN, UNKNOWN),
        ("EE UU", "EE.UU.", UNKNOWN, UNKNOWN),
        ("p.m.", "pm", UNKNOWN, UNKNOWN),
    ],
)
def test_equal_values_in_another_notation_are_equal(
    one: str, other: str, sign_a: str, sign_b: str
) -> None:
    assert equal(one, other, sign_a, sign_b)
    assert equal(other, one, sign_b, sign_a)


@pytest.mark.parametrize(
    ("one", "other", "sign_a", "sign_b"),
    [
        ("31", "13", UNKNOWN, UNKNOWN),
        ("1.4", "14", UNKNOWN, UNKNOWN),
        ("2,300", "2.300", UNKNOWN, UNKNOWN),
        ("2,300", "2300", UNKNOWN, UNKNOWN),
        ("2,300", "2.300", POINT, POINT),
        ("12,480", "12480", POINT + COMMA, UNKNOWN),
        ("12,480", "12480", COMMA, COMMA),
        ("2.3 million", "2.3 billion", UNKNOWN, UNKNOWN),
        ("2.3", "2.3 million", UNKNOWN, UNKNOWN),
        ("5%", "5", UNKNOWN, UNKNOWN),
        ("12.11.2026", "12112026", POINT, POINT),
        ("v1.2", "12", UNKNOWN, UNKNOWN),
        ("plan B. A", "plan BA", UNKNOWN, UNKNOWN),
    ],
)
def test_what_is_different_stays_different(one: str, other: str, sign_a: str, sign_b: str) -> None:
    assert not equal(one, other, sign_a, sign_b)
    assert not equal(other, one, sign_b, sign_a)


@given(st.integers(0, 10**13), st.integers(0, 10**13), st.integers(0, 3), st.randoms())
def test_figures_are_equal_exactly_where_their_values_are(
    value: int, another: int, places: int, rng: random.Random
) -> None:
    def written(number: int, sign: str) -> str:
        whole, fraction = divmod(number, 10**places)
        grouped = f"{whole:,}" if rng.random() < 0.5 else str(whole)
        text = f"{grouped}.{fraction:0{places}}" if places else grouped
        return text if sign == "." else text.translate(str.maketrans(",.", ".,"))

    for number in (value, another):
        same = Fraction(value, 10**places) == Fraction(number, 10**places)
        assert equal(written(value, "."), written(number, ","), POINT, COMMA) == same


def test_the_words_of_a_figure_are_counted_on_each_side() -> None:
    a = "The ferry company has counted 2,300,000 passengers on the northern pier so far this year."
    b = "The ferry company has counted 2.3m passengers on the northern pier so far this year."
    match = compare(a, b)
    assert (match.a.words, match.b.words) == (17, 16)
    assert (match.overlap.percent_a, match.overlap.percent_b) == (100, 100)
    (span,) = match.spans
    assert (span.a, span.b) == ((0, len(a) - 1), (0, len(b) - 1))
    assert (span.words, span.changes) == (16, ())


def test_words_and_signatures_keep_the_notation() -> None:
    a, b = "The ferry company counted 12,480 cars", "The ferry company counted 12480 cars"
    assert [word.text for word in words(a)][-3:] == ["12", "480", "cars"]
    assert (signatures([a]) != signatures([b])).any()


@given(st.text(st.sampled_from("12 0.,%mkU.N.EE\u00a0ไท漢a\n"), max_size=60))
def test_units_are_the_words_in_order(text: str) -> None:
    prepared = prepare(Article("x", text), 5)
    units = prepared.units
    assert units.firsts[0] == 0
    assert units.firsts[-1] == len(prepared.text.words)
    assert (units.firsts[1:] > units.firsts[:-1]).all()
    assert len(units.numbers) == len(units.firsts) - 1 == len(units.sizes) - 1
    assert (units.sizes[1:] > units.sizes[:-1]).all()
    for number, first, last in zip(units.numbers, units.firsts, units.firsts[1:], strict=False):
        assert prepared.text.body[first:last].all() == (number >= 0)
