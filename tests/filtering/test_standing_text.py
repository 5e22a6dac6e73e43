"""What other stories hold too is no reason to drop a record, nor even to compare it."""

import random
from datetime import date, timedelta

import pytest
from streams import edited, prose

from dedup.article import Article
from dedup.detector import Detector
from dedup.filtering.batch import Incoming
from dedup.filtering.comparing import Comparer
from dedup.filtering.deciding import Filter
from dedup.filtering.expression import parse_rule
from dedup.filtering.options import FilterOptions
from dedup.filtering.state import state_of
from dedup.sketch.parameters import DEFAULT_PARAMETERS

PROMPT = prose(random.Random(99), 140)  # long enough to be derived where nobody else has it
EVERYTHING = FilterOptions(drop=parse_rule("containment>=2"))


def published(day: int) -> str:
    return str(date(2020, 1, 1) + timedelta(days=day))


def page(number: int, text: str | None = None, prompt: str = PROMPT) -> Article:
    """One of several stories that come weeks apart, each in another outlet, with one prompt."""
    story = prose(random.Random(number), 200) if text is None else text
    source, day = f"outlet{number}.example", published(20 * number)
    text = f"{story} End{number}.\n\n{prompt}"  # or two may share a shingle of story and prompt
    return Article(f"page{number}", text, source=source, published=day)


class Listing(Comparer):
    """Lists the pairs it is to compare, by id."""

    def __init__(self) -> None:
        super().__init__(DEFAULT_PARAMETERS)
        self.pairs: list[tuple[str, str]] = []

    def start(self, tasks):
        self.pairs += [(one.id, task.article.id) for task in tasks for one in task.known]
        return super().start(tasks)


def deciding_among(known: list[Article], options=None) -> tuple[Filter, Listing]:
    detector, comparer = Detector(), Listing()
    detector.add(known)
    library = detector.library
    return Filter(library, state_of(library), comparer, options), comparer


def decide(deciding: Filter, articles: list[Article]):
    return deciding.decide(deciding.begin(map(Incoming, articles)))


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_records_with_one_prompt_are_not_compared_and_none_is_dropped_for_it(batch) -> None:
    deciding, comparer = deciding_among([page(number) for number in range(4)])
    records = [page(number) for number in range(4, 44)]
    found = []
    for first in range(0, len(records), batch):
        found += decide(deciding, records[first : first + batch])
    assert all(one.kept and not one.derived and one.match is None for one in found)
    # Of 780 pairs some share a fingerprint more, chosen by what follows the prompt by chance.
    assert len(comparer.pairs) < 10


def test_a_rule_on_containment_brings_pairs_with_nothing_but_standing_text_back() -> None:
    known, new = [page(number) for number in range(8)], page(8)
    (left_out,) = decide(deciding_among(known)[0], [new])
    assert left_out.to_dict()["containment"] == 0
    deciding, comparer = deciding_among(known, EVERYTHING)
    (found,) = decide(deciding, [new])
    assert len(comparer.pairs) == 8
    assert found.to_dict()["containment"] > 0.1
    assert not found.derived


@pytest.mark.parametrize("batch", [1, 50])
def test_a_wire_story_in_fifty_outlets_is_kept_once_prompts_or_not(batch) -> None:
    rng = random.Random("wire")
    wire = prose(rng, 220)
    copies = [
        Article(
            f"copy{number}",
            f"{edited(rng, wire, 0.02)}\n\n{PROMPT}",
            source=f"paper{number}.example",
            published=published(200 + number // 25),
        )
        for number in range(50)
    ]
    deciding, _ = deciding_among([page(number) for number in range(6)])
    found = []
    for first in range(0, len(copies), batch):
        found += decide(deciding, copies[first : first + batch])
    assert [one.kept for one in found] == [True] + 49 * [False]
    assert {one.group for one in found} == {"copy0"}


def test_the_first_records_of_an_empty_index_are_decided_as_pairs_by_themselves() -> None:
    first, second = page(0), page(1)
    found = decide(deciding_among([])[0], [first, second])[1]
    alone = Detector().compare(first, second)
    assert found.match is not None
    assert (found.match.relation, found.match.score) == (alone.relation, alone.score)


def test_what_is_learnt_later_changes_no_decision_that_was_given() -> None:
    deciding, _ = deciding_among([page(0)])
    (before,) = decide(deciding, [page(1)])
    assert before.derived  # nobody else is known to hold the prompt
    decide(deciding, [page(number, prompt=PROMPT + f" Rano{number}.") for number in range(2, 9)])
    (again,) = decide(deciding, [page(1)])
    assert again.to_dict() == before.to_dict()


def test_a_holder_that_is_not_kept_counts_for_nothing_in_its_batch() -> None:
    story = prose(random.Random("story"), 200)
    known = [Article("bare", story), *(page(number) for number in range(3))]
    # With the copy, three others would hold what is shared with each of the known ones.
    copy, new = page(5, text=story), page(6)
    singly, _ = deciding_among(known)
    together, comparer = deciding_among(known)
    expected = [one for record in (copy, new) for one in decide(singly, [record])]
    found = decide(together, [copy, new])
    assert [one.to_dict() for one in found] == [one.to_dict() for one in expected]
    assert [one.kept for one in found] == [False, False]
    assert sorted(pair for pair in comparer.pairs if pair[1] == "page6") == [
        ("page0", "page6"), ("page1", "page6"), ("page2", "page6"),
    ]  # fmt: skip
