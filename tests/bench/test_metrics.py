"""Quality measures: what they count, and their intervals."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.bench.metrics import (
    THREE_WAY,
    accuracy,
    bootstrap,
    components,
    confusion,
    detection,
    f1,
    macro_f1,
    ratio_interval,
    three_way,
)
from dedup.scoring.match import DERIVED, NOT_DERIVED


def test_precision_recall_and_f1_count_hits_among_found_and_among_there() -> None:
    found = detection([True, True, True, False], [True, False, False, True])
    assert found.precision == 1 / 2
    assert found.recall == 1 / 3
    assert found.f1 == pytest.approx(2 / 5)


def test_nothing_to_count_is_none_not_a_perfect_score() -> None:
    assert detection([], []).f1 is None
    assert detection([False], [False]).precision is None
    assert accuracy([], []) is None
    assert macro_f1([], []) is None
    assert bootstrap(accuracy, [], []) is None


def test_macro_f1_weighs_a_rare_class_like_a_frequent_one() -> None:
    expected = ["a"] * 9 + ["b"]
    assert macro_f1(expected, ["a"] * 10) == pytest.approx((18 / 19 + 0) / 2)
    assert macro_f1(expected, expected) == 1


def test_a_class_that_was_only_given_counts_as_wrong() -> None:
    assert macro_f1(["a", "a"], ["a", "b"]) == pytest.approx((2 / 3 + 0) / 2)


def test_confusion_has_expected_first() -> None:
    assert confusion(["a", "a", "b"], ["a", "b", "b"]) == {"a": {"a": 1, "b": 1}, "b": {"b": 1}}


def test_three_way_covers_every_relation_and_keeps_derived_apart() -> None:
    assert set(THREE_WAY) == {*DERIVED, *NOT_DERIVED}
    assert all(THREE_WAY[relation] == "non-derived" for relation in NOT_DERIVED)
    assert set(three_way(DERIVED)) == {"wholly", "partial"}


def test_the_interval_holds_the_value_and_is_the_same_every_time() -> None:
    expected = ["a", "b"] * 30
    given = ["a", "b"] * 20 + ["a", "a"] * 10
    low, high = bootstrap(accuracy, expected, given, resamples=300) or (0, 0)
    assert low < (accuracy(expected, given) or 0) < high
    assert bootstrap(accuracy, expected, given, resamples=300) == (low, high)


def test_groups_that_answer_alike_make_the_interval_wider() -> None:
    expected = [True] * 40
    given = [True] * 20 + [False] * 20
    groups = [i // 10 for i in range(40)]
    alone = bootstrap(f1, expected, given, resamples=500) or (0, 0)
    together = bootstrap(f1, expected, given, groups=groups, resamples=500) or (0, 0)
    assert together[1] - together[0] > alone[1] - alone[0]


def test_pairs_that_share_an_article_share_a_component() -> None:
    assert components([("1", "2"), ("3", "4"), ("2", "5"), ("6", "3"), ("7", "8")]) == [
        0,
        1,
        0,
        1,
        2,
    ]


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 expected answers but 1 given"):
        accuracy(["a", "b"], ["a"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), max_size=30))
def test_the_interval_of_a_ratio_is_what_the_bootstrap_of_the_measure_gives(items) -> None:
    expected, answers, groups = (
        (list(of) for of in zip(*items, strict=True)) if items else ([],) * 3
    )
    drawn = bootstrap(f1, expected, answers, groups=groups, resamples=50)
    tops = [2.0 * (e and a) for e, a in zip(expected, answers, strict=True)]
    bottoms = [float(e) + a for e, a in zip(expected, answers, strict=True)]
    assert ratio_interval(tops, bottoms, groups, resamples=50) == (
        drawn if drawn is None else pytest.approx(drawn)
    )
