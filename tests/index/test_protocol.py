"""What every index must do; a backend is tested by being listed in index_backends.py."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from index_backends import BACKENDS, PARAMETERS, Make, nets, random_texts, texts

from dedup.article import DedupError
from dedup.index.nets import EARLIEST, Nets
from dedup.index.protocol import Candidates, Holders, Index
from dedup.index.reference import ReferenceIndex
from dedup.sketch.sketches import Sketches, sketch

EMPTY = [0xFFFFFFFF] * 8
ANY_BAND = Nets(bands=8, minimum_bands=1, minimum_evidence=None, minimum_fingerprints=None)

backends = st.sampled_from(sorted(BACKENDS))


@pytest.fixture(params=BACKENDS)
def make(request: pytest.FixtureRequest) -> Make:
    return BACKENDS[request.param]


def listed(found: Candidates) -> list[list[tuple[int, int, int, bool]]]:
    columns = (found.rows, found.bands, found.fingerprints, found.identical)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    return [rows[found.of(query)] for query in range(len(found))]


def paired(index: Index) -> list[tuple[int, int, int, int, bool]]:
    return [
        pair
        for block in index.pairs()
        for pair in zip(
            *(
                column.tolist()
                for column in (
                    block.earlier,
                    block.later,
                    block.bands,
                    block.fingerprints,
                    block.identical,
                )
            ),
            strict=True,
        )
    ]


def held_by(found: Holders) -> list[list[int]]:
    return [found.rows[start:end].tolist() for start, end in pairwise(found.offsets.tolist())]


def cut_of(sketches: Sketches, numbers: list[int]) -> Sketches:
    """Some of the sketches."""
    prints = [sketches.fingerprints_of(number) for number in numbers]
    return Sketches(
        sketches.signatures[numbers],
        sketches.text_hashes[numbers],
        sketches.word_counts[numbers],
        np.concatenate([np.empty(0, np.uint32), *prints]),
        np.cumsum([0, *map(len, prints)]),
    )


def test_an_empty_index_answers(make: Make) -> None:
    index = make()
    asked = texts((5, [1] * 8, {1, 2}))
    assert (len(index), index.distinct) == (0, 0)
    assert listed(index.candidates(asked)) == [[]]
    assert index.find(asked).tolist() == [-1]
    assert paired(index) == []
    assert index.remove([0, 7, -1]) == 0
    nothing = cut_of(asked, [])
    assert index.add(nothing).tolist() == []
    assert len(index.candidates(nothing)) == 0
    assert index.signatures([]).shape == (0, 8)


def test_rows_ascend_and_are_never_given_twice(make: Make) -> None:
    index = make()
    one = texts((5, [1] * 8, {1}))
    assert index.add(one).tolist() == [0]
    assert index.add(texts((6, [2] * 8, set()), (7, [3] * 8, set()))).tolist() == [1, 2]
    assert index.remove([2, 2, 99]) == 1
    assert index.add(one).tolist() == [3]
    assert (len(index), index.distinct) == (3, 2)


def test_either_net_suffices_and_both_are_counted(make: Make) -> None:
    index = make(Nets(bands=8, minimum_bands=3, minimum_fingerprints=2, minimum_evidence=None))
    index.add(
        texts(
            (2, [1, 1, 1, 9, 9, 9, 9, 9], set()),
            (3, [1, 1, 8, 8, 8, 8, 8, 8], {4}),
            (4, [7] * 8, {4, 5}),
            (5, [1, 1, 1, 6, 6, 6, 6, 6], {4, 5, 6}),
        )
    )
    found = index.candidates(texts((9, [1] * 8, {4, 5, 6})))
    assert listed(found) == [[(3, 3, 3, False), (0, 3, 0, False), (2, 0, 2, False)]]


def test_evidence_of_both_nets_adds_up(make: Make) -> None:
    index = make(Nets(bands=8, minimum_evidence=4, minimum_fingerprints=None))
    index.add(texts((2, [1, 1, 1, 9, 9, 9, 9, 9], {4}), (3, [1, 1, 1, 9, 9, 9, 9, 9], set())))
    assert listed(index.candidates(texts((9, [1] * 8, {4})))) == [[(0, 3, 1, False)]]


def test_texts_without_a_shingle_are_found_by_their_words_alone(make: Make) -> None:
    index = make(ANY_BAND)
    short, other = (2, EMPTY, set()), (3, EMPTY, set())
    index.add(texts(short, other, short))
    assert listed(index.candidates(texts(short, other, (4, EMPTY, set())))) == [
        [(0, 0, 0, True)],
        [(1, 0, 0, True)],
        [],
    ]
    assert index.find(texts(short, (4, EMPTY, set()))).tolist() == [0, -1]
    assert paired(index) == [(0, 2, 0, 0, True)]


def test_texts_without_words_match_nothing(make: Make) -> None:
    index = make(ANY_BAND)
    nothing = (0, EMPTY, set())
    index.add(texts(nothing, nothing))
    assert (len(index), index.distinct) == (2, 2)
    assert index.find(texts(nothing)).tolist() == [-1]
    assert listed(index.candidates(texts(nothing))) == [[]]
    assert paired(index) == []
    assert index.remove([0]) == 1
    assert len(index) == 1


def test_real_texts_meet(make: Make) -> None:
    del make  # parameters of their own
    story = " ".join(f"word{number}" for number in range(80))
    from dedup.index.memory import MemoryIndex

    index = MemoryIndex()
    index.add(sketch([story, "Too short.", "", "Nothing to do with the other one at all, ever."]))
    found = index.candidates(sketch([story + " and more", "too short", "", "!?"]))
    assert [found.rows[found.of(query)].tolist() for query in range(4)] == [[0], [1], [], []]


def test_each_copy_is_linked_to_the_earliest_only(make: Make) -> None:
    index = make(ANY_BAND)
    copy, near = (2, [1] * 8, {1, 2}), (3, [1] * 7 + [2], {1})
    index.add(texts(copy, near, copy, copy))
    assert sorted(paired(index)) == [
        (0, 1, 7, 0, False),
        (0, 2, 8, 0, True),
        (0, 3, 8, 0, True),
    ]
    assert listed(index.candidates(texts(near))) == [[(1, 8, 0, True), (0, 7, 0, False)]]


def test_the_next_copy_takes_the_place_of_a_removed_one(make: Make) -> None:
    index = make(ANY_BAND)
    copy, near = (2, [1] * 8, {1, 2}), (3, [1] * 7 + [2], {1})
    index.add(texts(copy, near, copy, copy))
    index.remove([0])
    assert index.find(texts(copy)).tolist() == [2]
    assert sorted(paired(index)) == [(1, 2, 7, 0, False), (2, 3, 8, 0, True)]
    index.remove([3, 2])
    assert listed(index.candidates(texts(copy))) == [[(1, 7, 0, False)]]


def test_an_over_full_key_brings_nothing_together_and_is_counted(make: Make) -> None:
    index = make(
        Nets(bands=8, minimum_bands=1, minimum_evidence=None, minimum_fingerprints=None, cap=3)
    )
    index.add(texts(*((number, [1, *[number] * 7], set()) for number in range(2, 6))))
    found = index.candidates(texts((99, [1, 5, 50, 50, 50, 50, 50, 50], set())))
    assert listed(found) == [[(3, 1, 0, False)]]
    assert found.keys_cut.tolist() == [1]
    assert [block.keys_cut for block in index.pairs() if block.keys_cut] != []
    assert paired(index) == []


def test_removed_rows_do_not_fill_a_key(make: Make) -> None:
    index = make(
        Nets(bands=8, minimum_bands=1, minimum_evidence=None, minimum_fingerprints=None, cap=3)
    )
    index.add(texts(*((number, [1, *[number] * 7], set()) for number in range(2, 6))))
    asked = texts((99, [1, 50, 50, 50, 50, 50, 50, 50], set()))
    assert listed(index.candidates(asked)) == [[]]
    index.remove([1])
    assert listed(index.candidates(asked)) == [[(row, 1, 0, False) for row in (0, 2, 3)]]
    assert len(paired(index)) == 3


def test_an_article_of_a_flood_still_meets_the_earliest(make: Make) -> None:
    index = make(
        Nets(bands=8, minimum_bands=4, minimum_evidence=None, minimum_fingerprints=None, cap=70)
    )
    index.add(texts(*((number, [1] * 7 + [number], set()) for number in range(2, 82))))
    found = index.candidates(texts((99, [1] * 7 + [99], set())))
    assert found.rows.tolist() == list(range(EARLIEST))
    assert found.keys_cut.tolist() == [7]
    last = [earlier for earlier, later, *_ in paired(index) if later == 79]
    assert sorted(last) == list(range(EARLIEST))


def test_the_limit_keeps_those_with_most_evidence_and_counts_the_others(make: Make) -> None:
    index = make(
        Nets(bands=8, minimum_bands=1, minimum_evidence=None, minimum_fingerprints=None, limit=2)
    )
    index.add(
        texts(*((number, [1] * number + [9] * (8 - number), set()) for number in (2, 4, 3, 4)))
    )
    found = index.candidates(texts((99, [1] * 8, set())))
    assert found.rows.tolist() == [1, 2]
    assert found.rows_cut.tolist() == [1]


def test_signatures_come_back(make: Make) -> None:
    index = make()
    index.add(texts((2, [1] * 8, set()), (3, [2] * 8, set()), (2, [1] * 8, set())))
    index.remove([0])
    assert index.signatures([2, 1]).tolist() == [[1] * 8, [2] * 8]
    for row in (0, 3, -1):
        with pytest.raises(KeyError):
            index.signatures([row])


def test_signatures_of_another_width_are_refused() -> None:
    index = BACKENDS["memory"]()
    with pytest.raises(DedupError, match="128 values do not fit into an index of 8"):
        index.add(sketch(["some text"]))
    with pytest.raises(DedupError, match="need signatures of 16 values"):
        BACKENDS["memory"](Nets(bands=16))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(2, 60), nets)
def test_an_index_answers_as_the_reference(seed: int, count: int, values: int, nets: Nets) -> None:
    rng = np.random.default_rng(seed)
    stored, asked = (random_texts(rng, size, values, 50) for size in (count, 9))
    gone = rng.integers(0, count, count // 3)
    expected = BACKENDS["reference"](nets)
    expected.add(stored)
    expected.remove(gone)
    for name in BACKENDS:
        index = BACKENDS[name](nets)
        index.add(stored)
        index.remove(gone)
        ours, theirs = index.candidates(asked), expected.candidates(asked)
        assert listed(ours) == listed(theirs)
        assert ours.keys_cut.tolist() == theirs.keys_cut.tolist()
        assert ours.rows_cut.tolist() == theirs.rows_cut.tolist()
        assert index.find(asked).tolist() == expected.find(asked).tolist()
        assert (len(index), index.distinct) == (len(expected), expected.distinct)
        assert index.signatures([]).shape == (0, 8)
        assert sorted(paired(index)) == sorted(paired(expected))


@settings(deadline=None, max_examples=40)
@given(backends, st.integers(0, 2**32), nets, st.data())
def test_neither_batches_nor_what_was_removed_change_an_answer(
    backend: str, seed: int, nets: Nets, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    stored, asked, passing = (random_texts(rng, size, 20, 60) for size in (30, 7, 12))
    plain = BACKENDS[backend](nets)
    plain.add(stored)
    index = BACKENDS[backend](nets)
    place: dict[int, int] = {}
    cuts = sorted({0, 30, *data.draw(st.lists(st.integers(0, 30), max_size=4))})
    for start, end in pairwise(cuts):
        guests = index.add(passing)
        numbers = list(range(start, end))
        rows = index.add(cut_of(stored, numbers)).tolist()
        place |= dict(zip(rows, numbers, strict=True))
        if data.draw(st.booleans()):
            index.candidates(asked)
        if data.draw(st.booleans()):
            list(index.pairs())
        assert index.remove(rng.permutation(guests)) == len(passing)
    ours = [
        [(place[row], *evidence) for row, *evidence in found]
        for found in listed(index.candidates(asked))
    ]
    assert ours == [[tuple(found) for found in query] for query in listed(plain.candidates(asked))]
    one_by_one = [listed(index.candidates(cut_of(asked, [n])))[0] for n in range(len(asked))]
    assert one_by_one == listed(index.candidates(asked))
    kept = sorted((place[a], place[b], *rest) for a, b, *rest in paired(index))
    assert kept == sorted(paired(plain))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(2, 60), nets)
def test_pairs_are_the_candidates_among_the_earlier_rows(
    seed: int, values: int, nets: Nets
) -> None:
    nets = Nets(**{**_fields(nets), "limit": 1000})
    stored = random_texts(np.random.default_rng(seed), 60, values, 60)
    for name in BACKENDS:
        index = BACKENDS[name](nets)
        index.add(stored)
        found = listed(index.candidates(stored))
        first = index.find(stored)
        expected = {
            (row, later, *evidence)
            for later, query in enumerate(found)
            for row, *evidence in query
            if row < later and first[later] in (-1, later, row)
        }
        pairs = paired(index)
        assert len(pairs) == len(set(pairs))
        assert set(pairs) == expected
        assert pairs == paired(index)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(2, 60), st.sampled_from([(8, 1), (4, 2), (2, 3), (2, 4)]))
def test_the_bands_are_those_of_datasketch(seed: int, values: int, params: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    stored, asked = (random_texts(rng, size, values, 60) for size in (40, 9))
    nets = Nets(
        *params, minimum_bands=1, minimum_evidence=None, minimum_fingerprints=None, cap=10**6
    )
    reference = ReferenceIndex(PARAMETERS, nets)
    reference.add(stored)
    for name in BACKENDS:
        index = BACKENDS[name](nets)
        index.add(stored)
        found = index.candidates(asked)
        banded = [{row for row, bands, *_ in query if bands} for query in listed(found)]
        assert banded == reference.band_candidates(asked)


def test_of_the_holders_of_a_fingerprint_the_earliest_are_named_in_order(make: Make) -> None:
    index = make()
    keys = np.array([7, 5, 7, 6], np.uint32)
    assert held_by(index.earliest_holders(keys, 2)) == [[], [], [], []]
    index.add(texts(*((number, [number] * 8, {7, number}) for number in range(2, 7))))
    assert held_by(index.earliest_holders(keys, 2)) == [[0, 1], [3], [0, 1], [4]]
    assert held_by(index.earliest_holders(keys, 9)) == [[0, 1, 2, 3, 4], [3], [0, 1, 2, 3, 4], [4]]
    assert held_by(index.earliest_holders(np.empty(0, np.uint32), 2)) == []


def test_a_text_holds_a_fingerprint_once_by_its_first_row_that_is_left(make: Make) -> None:
    index = make()
    copy, other = (2, [1] * 8, {7}), (3, [2] * 8, {7})
    index.add(texts(copy, other, copy, copy))
    key = np.array([7], np.uint32)
    assert held_by(index.earliest_holders(key, 9)) == [[0, 1]]
    index.remove([0])  # its next copy comes later than the other text
    assert held_by(index.earliest_holders(key, 9)) == [[1, 2]]
    assert held_by(index.earliest_holders(key, 1)) == [[1]]
    index.remove([1])
    assert held_by(index.earliest_holders(key, 9)) == [[2]]
    index.remove([2, 3])
    assert held_by(index.earliest_holders(key, 9)) == [[]]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.integers(2, 30), st.integers(1, 5), nets, st.data())
def test_the_earliest_holders_are_those_of_the_reference(
    seed: int, values: int, most: int, nets: Nets, data: st.DataObject
) -> None:
    """Whatever was added together, asked in between, and removed again."""
    rng = np.random.default_rng(seed)
    stored = random_texts(rng, 60, values, 50)
    cuts = sorted({0, 60, *data.draw(st.lists(st.integers(0, 60), max_size=5))})
    expected = BACKENDS["reference"](nets)
    indexes = [make(nets) for name, make in BACKENDS.items() if name != "reference"]
    for start, end in pairwise(cuts):
        part = cut_of(stored, list(range(start, end)))
        gone = rng.integers(0, end, int(rng.integers(0, 5)))
        asked = rng.integers(0, 4 * values, int(rng.choice([0, 3, 200]))).astype(np.uint32)
        for index in (expected, *indexes):
            index.add(part)
            index.remove(gone)
        wanted = held_by(expected.earliest_holders(asked, most))
        for index in indexes:
            assert held_by(index.earliest_holders(asked, most)) == wanted


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_many_queries_at_once_are_answered_as_one_by_one(make: Make, rows: int) -> None:
    rng = np.random.default_rng(rows)
    index = make(
        Nets(
            bands=2,
            rows=rows,
            minimum_bands=1,
            minimum_fingerprints=None,
            minimum_evidence=2,
            cap=20,
        )
    )
    index.add(random_texts(rng, 40, 12, 60))
    index.remove(range(0, 40, 5))
    asked = random_texts(rng, 400, 12, 80)
    at_once = listed(index.candidates(asked))
    one_by_one = [listed(index.candidates(cut_of(asked, [n])))[0] for n in range(0, 400, 20)]
    assert at_once[::20] == one_by_one


def _fields(nets: Nets) -> dict[str, int | None]:
    return {name: getattr(nets, name) for name in Nets.__slots__}
