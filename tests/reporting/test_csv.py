"""Pairs as CSV: read back as they were, and nothing in a cell is obeyed."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.detector import compare
from dedup.reporting.csv_pairs import COLUMNS, render_pairs
from dedup.reporting.csv_table import cell, render_csv

TEXT = "Ferry crews on the Tagus began a second week of stoppages on Monday after talks broke down."


def test_a_match_is_a_line_with_the_columns_of_the_schema() -> None:
    match = compare(Article("=wire, 1", TEXT), Article('copy "2"', TEXT))
    heading, line = csv.reader(io.StringIO(render_pairs([match])))
    assert tuple(heading) == COLUMNS
    found = dict(zip(heading, line, strict=True))
    assert (found["a"], found["b"]) == ("'=wire, 1", 'copy "2"')
    assert (found["relation"], found["derived"]) == ("identical", "true")
    assert (found["percent_a"], found["credited_a"]) == ("100.0", "")


def test_no_matches_are_a_heading_alone() -> None:
    assert render_pairs([]) == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1"])
def test_what_a_spreadsheet_would_obey_begins_with_an_apostrophe(text: str) -> None:
    assert cell(text).startswith("'")


def test_numbers_keep_their_sign_and_controls_are_visible() -> None:
    assert cell(-2.5) == "-2.5"
    assert cell("a\x1b[31m\nb") == "a␛[31m b"


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3)))
def test_every_row_is_one_line_that_reads_back_to_its_cells(rows: list[list[str]]) -> None:
    written = render_csv("abc", rows)
    assert list(csv.reader(io.StringIO(written)))[1:] == [[cell(t) for t in row] for row in rows]
    assert written.count("\n") == len(rows) + 1
