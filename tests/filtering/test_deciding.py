import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streams import edited, prose, stream

from dedup.article import Article
from dedup.detector import Detector
from dedup.filtering.batch import Incoming
from dedup.filtering.comparing import Comparer
from dedup.filtering.deciding import Filter
from dedup.filtering.expression import parse_rule
from dedup.filtering.options import FilterOptions, Prefer
from dedup.filtering.processes import Processes
from dedup.filtering.state import MemoryState, committed, state_of
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


def looking_ahead(deciding: Filter, parts, library):
    """Decide part after part, each looked up while the one before is decided."""
    begun = [deciding.begin(part) for part in parts]
    for number, part in enumerate(begun):

        def meanwhile(following=begun[number + 1 : number + 2]) -> None:
            for one in following:
                deciding.look_ahead(one)

        with committed(library):
            yield deciding.decide(part, meanwhile)


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


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), options, nets, st.integers(2, 80), st.integers(1, 40), st.booleans())
def test_decisions_do_not_depend_on_what_was_looked_up_ahead(
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
    state, state_alone = state_of(detector.library), state_of(singly.library)
    with detector:
        alone = Filter(singly.library, state_alone, Comparer(DEFAULT_PARAMETERS), options)
        ahead = Filter(detector.library, state, Comparer(DEFAULT_PARAMETERS), options)
        for part, found in zip(parts, looking_ahead(ahead, parts, detector.library), strict=True):
            expected = [one for record in part for one in alone.decide(alone.begin([record]))]
            assert [one.to_dict() for one in found] == [one.to_dict() for one in expected]


def test_what_was_not_kept_of_the_batch_before_stands_for_nothing_in_the_next() -> None:
    changed = STORY.replace(STORY.split()[80], "Rano")
    dated = [("known", STORY, "01-01"), ("copy", changed, "01-02"), ("later", changed, "03-01")]
    articles = [Article(name, text, published=f"2020-{date}") for name, text, date in dated]
    articles.append(Article("again", changed + " Tami.", published="2020-03-02"))
    records = list(map(Incoming, articles))
    library = Detector().library
    options = FilterOptions(within=timedelta(days=10))
    deciding = Filter(library, state_of(library), Comparer(DEFAULT_PARAMETERS), options)
    found = [
        decision.to_dict()
        for decisions in looking_ahead(deciding, [records[:2], records[2:]], library)
        for decision in decisions
    ]
    assert [(one["kept"], one["match"]) for one in found] == [
        (True, None), (False, "known"), (True, None), (False, "later"),
    ]  # fmt: skip


def test_a_batch_that_cannot_be_decided_whole_gives_up_what_was_looked_up_beside_it() -> None:
    changed = STORY.replace(STORY.split()[80], "Rano")
    parts = [
        # "later" is not looked up where "copy" stands for its words, and "copy" is not kept.
        [("known", STORY, "01-01"), ("copy", changed, "01-02"), ("later", changed, "03-01"),
         ("other", OTHER, "03-01")],
        [("again", changed + " Tami.", "03-02"), ("copied", OTHER + " Rano.", "03-03")],
    ]  # fmt: skip
    records = [
        [Incoming(Article(name, text, published=f"2020-{date}")) for name, text, date in part]
        for part in parts
    ]
    library = Detector().library
    options = FilterOptions(within=timedelta(days=10))
    deciding = Filter(library, state_of(library), Comparer(DEFAULT_PARAMETERS), options)
    found = [
        decision.to_dict()
        for decisions in looking_ahead(deciding, records, library)
        for decision in decisions
    ]
    assert [(one["kept"], one["match"]) for one in found] == [
        (True, None), (False, "known"), (True, None), (True, None),
        (False, "later"), (False, "other"),
    ]  # fmt: skip


class Listing(Comparer):
    """Lists what is begun to be compared: whether it comes first, and the ids of each record."""

    def __init__(self) -> None:
        super().__init__(DEFAULT_PARAMETERS)
        self.begun: list[tuple[bool, list[tuple[str, list[str]]]]] = []

    def start(self, tasks, *, first=False):
        pairs = [(task.article.id, sorted(known.id for known in task.known)) for task in tasks]
        if pairs:
            self.begun.append((first, pairs))
        return super().start(tasks, first=first)


def test_what_was_begun_beside_the_batch_before_is_neither_compared_nor_read_again() -> None:
    library, comparer, read = Detector().library, Listing(), []
    articles = library.articles
    library.articles = lambda rows: read.extend(rows) or articles(rows)
    deciding = Filter(library, state_of(library), comparer)
    parts = [[("known", STORY), ("other", OTHER)], [("copy", STORY + " Rano.")]]
    parts += [[("late", OTHER + " Tami.")]]
    records = [[Incoming(Article(*one)) for one in part] for part in parts]
    found = [one for some in looking_ahead(deciding, records, library) for one in some]
    assert [one.derived for one in found] == [False, False, True, True]
    assert comparer.begun == [(False, [("copy", ["known"])]), (False, [("late", ["other"])])]
    assert read == []


def test_what_counted_on_a_record_that_is_not_kept_is_begun_anew_at_once() -> None:
    # Four who hold a footer are too many for it to count; of three each is worth comparing.
    rng = random.Random(5)
    footer = prose(rng, 25)
    bodies = [prose(rng, 390) for _ in range(4)]
    texts = {f"a{number}": f"{body} {footer}" for number, body in enumerate(bodies)}
    own = texts.pop("a3")
    texts["copy"] = edited(rng, bodies[0], 0.03) + " " + footer
    parts = [[Incoming(Article(*one)) for one in texts.items()], [Incoming(Article("own", own))]]
    library, comparer = Detector().library, Listing()
    options = FilterOptions(drop=parse_rule("narrative_percent>=80"))
    deciding = Filter(library, state_of(library), comparer, options)
    found = [one for some in looking_ahead(deciding, parts, library) for one in some]
    assert [one.kept for one in found] == [True, True, True, False, True]
    asked = [(first, pair) for first, pairs in comparer.begun for pair in pairs if pair[0] == "own"]
    assert asked == [(True, ("own", ["a0", "a1", "a2"]))]


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_version_of_a_record_of_the_batch_before_is_an_update(tmp_path, on_disk) -> None:
    if on_disk:
        DiskLibrary.create(tmp_path / "index").close()
    with Detector.open(tmp_path / "index") if on_disk else Detector() as detector:
        library = detector.library
        deciding = Filter(library, state_of(library), Comparer(DEFAULT_PARAMETERS))
        parts = [[Incoming(Article("x", text))] for text in (STORY, OTHER)]
        found = [one for some in looking_ahead(deciding, parts, library) for one in some]
    assert [(one.kept, one.update) for one in found] == [(True, False), (True, True)]


def test_a_series_keeps_its_group_though_its_first_record_comes_again() -> None:
    library = Detector().library
    deciding = Filter(library, state_of(library), Comparer(DEFAULT_PARAMETERS))
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
        detector = Detector()
        deciding = Filter(detector.library, MemoryState(detector.library), workers)
        records = list(map(Incoming, articles))
        parts = [records[first : first + 64] for first in range(0, len(records), 64)]
        found = [one for some in looking_ahead(deciding, parts, detector.library) for one in some]
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
    detector = Detector()
    library = detector.library
    deciding = Filter(library, MemoryState(library), Comparer(DEFAULT_PARAMETERS))
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
