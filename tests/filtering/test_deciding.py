import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import prose, stream

from dedup.article import Article
from dedup.detector import Detector
from dedup.filtering.batch import Incoming
from dedup.filtering.comparing import Comparer
from dedup.filtering.deciding import Filter
from dedup.filtering.expression import parse_rule
from dedup.filtering.options import FilterOptions, Prefer
from dedup.filtering.processes import Processes
from dedup.filtering.state import committed, state_of
from dedup.filtering.workers import Workers
from dedup.index.disk.library import DiskLibrary
from dedup.index.nets import Nets
from dedup.sketch.parameters import DEFAULT_PARAMETERS

STORY = prose(random.Random(1), 160)
OTHER = prose(random.Random(2), 160)
BRIEF = " ".join(STORY.split()[:60])

options = st.builds(
    FilterOptions,
    drop=st.sampled_from(
        [None, parse_rule("narrative_percent>=80"), parse_rule("relation=identical")]
    ),
    prefer=st.sampled_from([None, *Prefer]),
    within=st.sampled_from([None, timedelta(days=10)]),
    compared=st.sampled_from([1, 2, 32]),
)
nets = st.builds(
    Nets, cap=st.sampled_from([1, 2, 3, 5, 10, 20, 500]), limit=st.sampled_from([1, 3, 1000])
)


def decisions(detector: Detector, articles, options=None, batch=256):
    return [d.to_dict() for d in detector.filter(articles, options, batch=batch)]


def deciding_in(detector: Detector, options=None, comparer=None) -> Filter:
    library = detector.library
    return Filter(library, state_of(library), comparer or Comparer(DEFAULT_PARAMETERS), options)


def one(detector: Detector, article: Article, options=None):
    (decision,) = detector.filter([article], options)
    return decision


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), options, nets, st.integers(2, 60), st.integers(2, 300))
def test_decisions_are_those_of_a_run_one_by_one(seed, options, nets, count, batch) -> None:
    rng = random.Random(seed)
    known, articles = stream(rng, 5), stream(rng, count)
    known = list({a.id: replace(a, id=f"k{a.id}") for a in known}.values())
    singly, together = Detector(nets=nets), Detector(nets=nets)
    singly.add(known)
    together.add(known)
    expected = [found for a in articles for found in decisions(singly, [a], options, 1)]
    assert decisions(together, articles, options, batch) == expected


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), options, nets)
def test_an_index_on_disk_decides_as_one_in_memory(tmp_path_factory, seed, options, nets) -> None:
    articles = stream(random.Random(seed), 40)
    path = tmp_path_factory.mktemp("index") / "index"
    DiskLibrary.create(path, nets=nets).close()
    found = []
    for half in (articles[:17], articles[17:]):
        with Detector.open(path) as detector:
            found += decisions(detector, half, options, 7)
    assert found == decisions(Detector(nets=nets), articles, options)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), options, nets, st.integers(2, 80), st.integers(1, 40), st.booleans())
def test_series_and_uneven_batches_change_no_decision(
    tmp_path_factory, seed, options, nets, count, most, on_disk
) -> None:
    rng = random.Random(seed)
    records = [
        Incoming(article, rng.choice([None, None, None, "s", "t"]))
        for article in stream(rng, count)
    ]
    parts = []
    while records:
        size = rng.randint(1, most)
        parts.append(records[:size])
        records = records[size:]
    if on_disk:
        path = tmp_path_factory.mktemp("index") / "index"
        DiskLibrary.create(path, nets=nets).close()
        detector = Detector.open(path)
    else:
        detector = Detector(nets=nets)
    singly = Detector(nets=nets)
    with detector:
        alone, together = deciding_in(singly, options), deciding_in(detector, options)
        for part in parts:
            expected = [one for record in part for one in alone.decide(alone.begin([record]))]
            with committed(detector.library):
                found = together.decide(together.begin(part))
            assert [one.to_dict() for one in found] == [one.to_dict() for one in expected]


def test_a_series_keeps_its_group_though_its_first_record_comes_again() -> None:
    deciding = deciding_in(Detector())
    third = prose(random.Random(9), 160)
    records = [
        Incoming(Article("x", STORY), "s"),
        Incoming(Article("y", OTHER), "t"),
        Incoming(Article("z", OTHER + " Rano."), "s"),
        Incoming(Article("x", third), "s"),
    ]
    groups = []
    for part in (records[:2], records[2:]):
        groups += [one.group for one in deciding.decide(deciding.begin(part))]
    assert groups == ["x", "y", "y", "x"]


def test_workers_decide_as_one_process_does() -> None:
    articles = stream(random.Random(7), 200)
    with Processes(2) as processes:
        workers = Workers(DEFAULT_PARAMETERS, processes)
        workers.digest([article.text for article in articles])()
        assert all(worker.ready(30) for worker in workers._workers)
        deciding = deciding_in(Detector(), comparer=workers)
        records = list(map(Incoming, articles))
        begun = [deciding.begin(records[first : first + 64]) for first in range(0, 200, 64)]
        found = [one for part in begun for one in deciding.decide(part)]
    assert [d.to_dict() for d in found] == decisions(Detector(), articles)


def test_what_check_calls_derived_is_not_kept_and_the_match_is_the_best() -> None:
    articles = [a for a in stream(random.Random(3), 80, 60, 200) if a.text != "..."]
    articles = list({a.id: replace(a, published=None) for a in articles}.values())
    filtering, known = Detector(), Detector()
    for article in articles:
        decision = one(filtering, article)
        matches = known.check(article)
        best = max((m.score for m in matches), default=None)
        assert decision.derived == bool(matches)
        if decision.match is not None and matches:
            assert decision.match.score == pytest.approx(best, abs=0.1)
        if decision.kept:
            known.add([article])


def test_a_copy_is_not_kept_and_belongs_to_the_group_of_what_it_copies() -> None:
    detector = Detector()
    first, copy = one(detector, Article("x", STORY)), one(detector, Article("y", STORY + " Rano."))
    assert (first.kept, first.group, first.to_dict()["match"]) == (True, "x", None)
    assert first.to_dict()["percent"] == 0.0
    assert (copy.kept, copy.derived, copy.group) == (False, True, "x")
    assert copy.match is not None
    assert (copy.match.a.id, copy.match.b.id) == ("x", "y")
    assert copy.to_dict()["match"] == "x"
    assert copy.to_dict()["narrative_percent"] > 95
    assert len(detector) == 1


def test_the_fields_are_those_of_the_output_schema() -> None:
    found = one(Detector(), Article("x", f"Madrid, 3 ene (EFE).- {STORY}")).to_dict()
    assert list(found) == [
        "kept", "derived", "relation", "match", "group", "percent", "narrative_percent",
        "containment", "extent", "direction", "credited", "credits",
    ]  # fmt: skip
    assert [credit["agency"] for credit in found["credits"]] == ["EFE"]


def test_a_long_story_that_contains_a_known_brief_is_kept_and_found_again() -> None:
    detector = Detector()
    one(detector, Article("brief", BRIEF))
    long = one(detector, Article("long", f"{BRIEF} {OTHER} {prose(random.Random(4), 200)}"))
    assert (long.kept, long.derived, long.group) == (True, True, "brief")
    assert one(detector, Article("copy", OTHER)).to_dict()["match"] == "long"


def test_an_id_seen_before_gets_its_old_decision_and_its_new_text_is_a_version() -> None:
    detector = Detector()
    one(detector, Article("x", STORY))
    copy = one(detector, Article("y", STORY)).to_dict()
    assert one(detector, Article("y", STORY)).to_dict() == copy
    assert one(detector, Article("x", STORY)).kept
    version = one(detector, Article("x", STORY + " Tami lono rata."))
    assert (version.kept, version.derived, version.update) == (True, False, True)
    assert version.group == "x"
    assert one(detector, Article("z", STORY + " Tami lono rata.")).to_dict()["match"] == "x"


def test_an_article_that_was_added_before_is_not_matched_with_itself() -> None:
    detector = Detector()
    detector.add([Article("x", STORY)])
    decision = one(detector, Article("x", STORY))
    assert (decision.kept, decision.derived, decision.update) == (True, False, False)
    assert len(detector) == 1


def test_versions_of_a_series_are_updates_and_are_kept() -> None:
    deciding = deciding_in(Detector())
    records = [
        Incoming(Article("x", STORY), "s"),
        Incoming(Article("y", STORY + " Rano tami."), "s"),
        Incoming(Article("z", STORY), "other"),
        Incoming(Article("v", OTHER), "s"),
    ]
    first, update, copy, changed = deciding.decide(deciding.begin(records))
    assert (first.update, first.kept) == (False, True)
    assert (update.update, update.kept, update.group) == (True, True, "x")
    assert update.to_dict()["match"] == "x"
    assert (copy.update, copy.kept) == (False, False)
    assert (changed.update, changed.kept, changed.group) == (True, True, "x")


def test_within_a_window_a_copy_is_found_though_an_older_one_is_outside() -> None:
    options = FilterOptions(within=timedelta(days=30))
    detector = Detector()
    old = Article("old", STORY, published="2020-01-01")
    later = Article("later", STORY, published="2020-03-01")
    copy = Article("copy", STORY, published="2020-03-05")
    assert one(detector, old, options).kept
    assert one(detector, later, options).kept
    assert one(detector, copy, options).to_dict()["match"] == "later"


@pytest.mark.parametrize(
    ("prefer", "better"),
    [
        (Prefer.earliest, Article("wire", STORY, published="2020-01-01")),
        (Prefer.credited, Article("wire", f"Madrid, 3 ene (EFE).- {STORY}")),
        (Prefer.longest, Article("wire", f"{STORY} {BRIEF[::-1]}")),
    ],
)
def test_a_preferred_late_arrival_is_kept_and_supersedes(prefer, better) -> None:
    options = FilterOptions(prefer=prefer)
    detector = Detector()
    copy = Article("copy", STORY, published="2020-01-02")
    one(detector, copy, options)
    wire = one(detector, better, options)
    assert (wire.kept, wire.derived, wire.group, wire.supersedes) == (True, True, "copy", "copy")
    again = one(detector, replace(better, id="again"), options)
    assert (again.kept, again.supersedes, again.group) == (False, None, "copy")


def test_a_rule_decides_what_is_dropped() -> None:
    options = FilterOptions(drop=parse_rule("relation=identical"))
    detector = Detector()
    one(detector, Article("x", STORY), options)
    half = one(detector, Article("y", " ".join(STORY.split()[:100]) + " " + OTHER), options)
    assert (half.kept, half.derived) == (True, True)
    assert not one(detector, Article("z", STORY), options).kept


def test_removed_and_expired_articles_are_forgotten_with_their_decisions(tmp_path: Path) -> None:
    from dedup.filtering.state import state_of

    DiskLibrary.create(tmp_path / "index").close()
    with Detector.open(tmp_path / "index") as detector:
        one(detector, Article("x", STORY))
        assert not one(detector, Article("y", STORY)).kept
        detector.remove(["x"])
        state_of(detector.library).forget(ids=["x", "y"])
        assert one(detector, Article("y", STORY)).kept
