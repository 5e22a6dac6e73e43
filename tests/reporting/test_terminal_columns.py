"""A match in two columns (golden, at a fixed width)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from dedup.article import Article
from dedup.detector import compare
from dedup.reporting.terminal_columns import render_columns

WIRE = Article(
    "wire/ferry.txt",
    "Ferry strike goes on\n\nLisbon, Mar 14 (EFE).- Ferry crews on the Tagus began a second week "
    "of stoppages on Monday after talks with the operator broke down over the weekend, leaving "
    "forty thousand commuters without a crossing at the busiest hours of the day.\n\nThe company "
    "said on Sunday that it had offered a rise of three percent spread over two years.\n",
)
COPY = Article(
    "in/copy.txt",
    WIRE.text.partition(".- ")[2]
    .replace("broke down", "collapsed")
    .replace(" on Sunday", "")
    .replace("a rise", "a generous rise"),
)
PASSAGE = """\
wire/ferry.txt (likely source)                    │ in/copy.txt (taken from it)
──────────────────────────────────────────────────┼──────────────────────────────────────────────────
Passage 1: 51 words (45-350)                      │ (0-303)
Ferry crews on the                                │ Ferry crews on the
··· 10 words ···                                  │ ··· 10 words ···
talks with the operator [-broke down-] over the   │ talks with the operator {+collapsed+} over the
weekend, leaving                                  │ weekend, leaving
··· 12 words ···                                  │ ··· 12 words ···
day.                                              │ day.
The company said [-on Sunday-] that it had        │ The company said that it had offered a
offered a rise of three percent spread over two   │ {+generous+} rise of three percent spread over
years                                             │ two years"""


def drawn(width: int = 101, **changes: object) -> str:
    return render_columns(compare(WIRE, COPY), WIRE, COPY, width=width, context=4, **changes)


def test_passages_stand_level_with_changes_marked_on_their_side() -> None:
    assert PASSAGE in drawn()


def test_the_sentences_come_first_and_the_reasons_last() -> None:
    first, *_, last = drawn().split("\n\n")
    assert first.startswith("in/copy.txt is ")
    assert last.startswith("- ")


def test_the_source_is_at_the_left_whichever_side_it_is() -> None:
    swapped = render_columns(compare(COPY, WIRE), COPY, WIRE, width=101, context=4)
    assert PASSAGE.splitlines()[0] in swapped
    assert "[-broke down-]" in swapped


def test_colour_adds_nothing_but_colour() -> None:
    painted = drawn(paint=lambda text, role: f"\x1b[{role}m{text}\x1b[0m")
    assert "\x1b[cutm[-broke down-]\x1b[0m" in painted
    assert "\x1b[addedm{+collapsed+}\x1b[0m" in painted
    for role in ("cut", "added", "heading", "dim", "0"):
        painted = painted.replace(f"\x1b[{role}m", "")
    assert painted.splitlines()[1:] == drawn().splitlines()[1:]


def test_controls_in_an_article_do_not_reach_the_terminal() -> None:
    evil = Article("e\x1b[2J", COPY.text.replace("crossing", "\x1b]0;owned\x07crossing"))
    assert not set("\x1b\x07") & set(render_columns(compare(WIRE, evil), WIRE, evil, width=101))


@pytest.mark.parametrize("context", [0, 1, 100])
def test_no_context_shows_changes_alone_and_much_shows_everything(context: int) -> None:
    text = render_columns(compare(WIRE, COPY), WIRE, COPY, width=120, context=context)
    assert "[-broke down-]" in text
    assert ("···" in text) == (context < 100)


WORDS = st.lists(
    st.sampled_from(["ferry", "水路は閉鎖", "crews", "a" * 90, "é\u0301t", "“no”\n\n", "x-y"])
)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, WORDS, st.integers(40, 140))
def test_no_line_is_wider_than_the_terminal(
    start: list[str], left: list[str], right: list[str], width: int
) -> None:
    shared = " ".join([*start, "one two three four five six seven eight nine ten"])
    a = Article("a", f"{shared} {' '.join(left)} and so it ends")
    b = Article("b", f"{shared} {' '.join(right)} and so it ends")
    match = compare(a, b)
    text = render_columns(match, a, b, width=width)
    if match.spans:
        _, columns, *_ = text.split("\n\n")
        assert all(cell_len(line) <= width for line in columns.splitlines())
