"""Audit rows and totals: what counts for which story, outlet, credit and time."""

import csv
import io
import json
from typing import Any

import pytest

from dedup.article import Article
from dedup.detector import Detector
from dedup.reporting.audit import Row, Wire, audit_json, audit_rows, find_stories, outlet_totals
from dedup.reporting.audit_tables import COLUMNS, after_text, render_audit, render_audit_csv
from dedup.reporting.pickup import outlet_of, pickup_time

BODY = (
    "Ferry crews on the Tagus began a second week of stoppages on Monday after talks with the "
    "operator broke down over the weekend, leaving forty thousand commuters without a crossing at "
    "the busiest hours of the day.\n\nThe company said that it had offered a rise of three percent "
    "spread over two years and would not go further, and the union answered that it would wait.\n"
)
APPLES = (
    "Growers in the northern valleys expect the best apple harvest in a decade after a mild "
    "spring, the regional cooperative said on Thursday, and prices at the orchard gate have "
    "already fallen by a fifth compared with those of last autumn.\n"
)
WIRE = Article(
    "ferry", f"Ferry strike goes on\n\nLisbon, Mar 14 (EFE).- {BODY}", published="2024-03-14T08:00Z"
)
UPDATE = Article(
    "ferry-2",
    WIRE.text.replace("forty thousand", "fifty thousand").replace("three percent", "four percent"),
    published="2024-03-14T12:00Z",
)
OTHER = Article("apples", f"Seville, Mar 14 (EFE).- {APPLES}", published="2024-03-14")


def rows_of(*incoming: Article, wire: tuple[Article, ...] = (WIRE, UPDATE, OTHER)) -> list[Row]:
    detector = Detector()
    detector.add(wire)
    checked = list(zip(incoming, detector.check_all(incoming), strict=True))
    story_of = find_stories(wire, detector.scan(), detector.__contains__)
    articles = {article.id: article for article in wire}
    return audit_rows(checked, Wire(articles, story_of, {"ferry-2": "2"}))


def copy(text: str = BODY, **known: Any) -> Article:
    return Article(**{"id": "paper/copy.txt", "text": text, **known})


def test_a_row_says_what_was_used_and_how() -> None:
    (row,) = rows_of(copy(published="2024-03-14T10:30:00+00:00", source="The Paper"))
    assert (row.story, row.wire, row.version, row.incoming) == (
        "ferry", "ferry", None, "paper/copy.txt",
    )  # fmt: skip
    assert (row.relation, row.changes, row.headline) == ("identical", 0, "unknown")
    assert row.words == len(BODY.split())
    assert (row.story_percent, row.narrative_percent) == (100.0, 100.0)
    assert (row.hours, row.hours_by, row.outlet) == (2.5, "time", "The Paper")
    assert (row.credited, row.credit) == (False, None)


def test_the_wire_is_the_source_whatever_the_pair_by_itself_would_say() -> None:
    first = copy(f"{BODY}\nFirst published by the Ferry Post.\n", published="2024-03-12")
    (row,) = rows_of(first)
    assert (row.direction, row.match.direction, row.to_dict()["direction"]) == ("a->b",) * 3
    assert row.match.earlier == "b"


def test_the_version_that_was_used_is_found_and_the_other_is_listed() -> None:
    (row,) = rows_of(copy(UPDATE.text.partition(".- ")[2]))
    assert (row.story, row.wire, row.version) == ("ferry", "ferry-2", "2")
    assert [(other.story, other.wire) for other in row.also] == [("ferry", "ferry")]


def test_a_re_issue_of_one_id_is_a_version_of_its_story_whatever_its_text() -> None:
    stories = find_stories([Article("x#v2", "b"), Article("y#v2", "c")], [], {"x"}.__contains__)
    assert stories == {"x#v2": "x", "y#v2": "y#v2"}


def test_an_article_counts_for_one_story_only() -> None:
    (row,) = rows_of(copy(f"{BODY}\n{APPLES}"))
    assert {other.story for other in row.also} - {row.story}
    assert sum(total.words for total in outlet_totals([row])) == row.words


def test_what_is_not_derived_has_no_row() -> None:
    assert rows_of(copy("The mayor opened a new library with a long speech on Friday.")) == []


@pytest.mark.parametrize(
    ("text", "kind", "others"),
    [
        (f"Lisbon, Mar 14 (EFE).- {BODY}", "dateline", ()),
        (f"{BODY}\nSource: EFE\n", "credit-line", ()),
        (f"{BODY}\nSource: Reuters\n", None, ("Reuters",)),
        (BODY, None, ()),
    ],
)
def test_the_credit_is_the_wires_agency_or_none(text: str, kind: str | None, others: Any) -> None:
    (row,) = rows_of(copy(text), wire=(WIRE,))
    assert (row.credit.kind if row.credit else None) == kind
    assert row.credited == (kind is not None)
    assert row.other_agencies == others


@pytest.mark.parametrize(
    ("known", "outlet"),
    [
        ({"source": " El  País ", "url": "https://x.example/1"}, "El País"),
        ({"source": "www.elpais.example"}, "elpais.example"),
        ({"url": "https://www.elpais.example:8080/a"}, "elpais.example"),
        ({"url": "http://[broken"}, "in/paper"),
        ({}, "in/paper"),
        ({"id": "42"}, "unknown"),
    ],
)
def test_an_outlet_is_the_source_else_the_domain_else_the_folder(
    known: dict[str, str], outlet: str
) -> None:
    assert outlet_of(Article(**{"id": "in/paper/1.txt", "text": "", **known})) == outlet


@pytest.mark.parametrize(
    ("wire", "incoming", "hours"),
    [
        ("2024-03-14T08:00:00Z", "2024-03-14T11:15:00+01:00", (2.25, "time")),
        ("2024-03-14T08:00", "2024-03-14T07:00", (-1.0, "time")),
        ("2024-03-14T23:00:00Z", "2024-03-15", (24.0, "day")),
        ("2024-03-14", "2024-03-14T09:00:00Z", (0.0, "day")),
        ("2024-03-14T08:00", "2024-03-14T09:00:00Z", (0.0, "day")),
        ("2024-03", "2024-03-15", (None, None)),
        (None, "2024-03-15", (None, None)),
    ],
)
def test_hours_to_pickup_are_by_time_or_by_day_or_unknown(
    wire: str | None, incoming: str | None, hours: Any
) -> None:
    assert pickup_time(copy(published=wire), copy(published=incoming)) == hours


def test_totals_of_an_outlet() -> None:
    first = copy(id="a", source="P", published="2024-03-14T10:00Z")
    second = copy(id="b", source="P", text=f"{BODY}\nSource: EFE\n", published="2024-03-14T14:00Z")
    third = copy(id="c", source="P", text=APPLES)
    (total,) = outlet_totals(rows_of(first, second, third))
    words = 2 * len(BODY.split()) + len(APPLES.split())
    assert total.to_dict() == {
        "outlet": "P", "stories": 2, "articles": 3, "words": words, "credited": 1,
        "uncredited": 2, "median_hours": 4.0, "hours_by": "time",
    }  # fmt: skip


def test_json_has_rows_with_their_evidence_and_totals() -> None:
    rows = rows_of(copy(f"Lisbon (EFE).- {BODY}"))
    written = json.loads(json.dumps(audit_json(rows, outlet_totals(rows), [])))
    assert list(written) == ["schema", "rows", "outlets", "errors"]
    assert written["schema"] == "dedup.audit/1"
    (row,) = written["rows"]
    span = row["spans"][0]
    assert WIRE.text[slice(*span["a"])].startswith("Ferry crews")
    assert BODY.startswith(f"Lisbon (EFE).- {BODY}"[slice(*span["b"])][:40])
    assert row["credit"]["kind"] == "dateline"
    assert "match" not in row


def test_csv_reads_back_and_is_no_formula() -> None:
    evil = copy(id="=cmd|' /C calc'!A0", source="@x\x1b[31m", published="2024-03-14T07:00Z")
    heading, line = csv.reader(io.StringIO(render_audit_csv(rows_of(evil))))
    found = dict(zip(heading, line, strict=True))
    assert tuple(heading) == COLUMNS
    assert found["incoming"] == "'=cmd|' /C calc'!A0"
    assert found["outlet"] == "'@x␛[31m"
    assert float(found["hours"]) == -1.0
    assert (found["credited"], found["credit_kind"]) == ("false", "")


@pytest.mark.parametrize("width", [40, 80, 120, 1000])
def test_text_keeps_to_the_width_and_to_the_facts(width: int) -> None:
    rows = rows_of(copy(published="2024-03-14T10:30Z"), copy(UPDATE.text, id="other/x.txt"))
    text = render_audit(rows, outlet_totals(rows), wire=3, incoming=2, width=width)
    assert all(len(line) <= max(width, 66) for line in text.splitlines())
    flat = " ".join(text.split())
    for fact in ("ferry (EFE)", "1 of them names no agency of ours", "+2.5 h", "100%", "dateline"):
        assert fact in flat


def test_nothing_found_is_one_sentence() -> None:
    said = render_audit([], [], wire=3, incoming=1, width=80)
    assert said == "No use of our copy was found (3 wire articles, 1 incoming article)."


def test_times_are_said_as_a_person_says_them() -> None:
    said = [after_text(hours, "time") for hours in (None, 0.5, -1.5, 60.0)]
    assert said == ["", "+30 min", "-1.5 h", "+2 days"]
    assert [after_text(hours, "day") for hours in (0.0, 24.0)] == ["same day", "+1 day"]
