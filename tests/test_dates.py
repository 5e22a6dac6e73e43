"""Publication times: what a date can mean, which is earlier, in what order."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import Article
from dedup.dates import Date, earlier, first_second, hours_between, last_second, order, read
from dedup.scoring.clusters import publication_order

ZONES = st.none() | st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2030, 12, 31)).flatmap(
    lambda time: ZONES.map(lambda zone: time.replace(tzinfo=zone))
)
DATES = st.one_of(
    TIMES,
    TIMES.map(datetime.isoformat),
    TIMES.map(lambda time: time.strftime("%Y-%m-%d")),
    TIMES.map(lambda time: time.strftime("%Y-%m")),
    TIMES.map(lambda time: time.strftime("%Y")),
    st.sampled_from([None, "", "soon", "2024-13", "0000"]),
)


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("date", "first", "last"),
    [
        ("2017", "2017-01-01T00:00:00", "2017-12-31T23:59:59"),
        ("2017-11", "2017-11-01T00:00:00", "2017-11-30T23:59:59"),
        ("2016-02 ", "2016-02-01T00:00:00", "2016-02-29T23:59:59"),
        ("2017-11-05", "2017-11-05T00:00:00", "2017-11-05T23:59:59"),
        ("20171105", "2017-11-05T00:00:00", "2017-11-05T23:59:59"),
        ("2017-11-05T10:15", "2017-11-05T10:15:00", "2017-11-05T10:15:00"),
        ("2017-11-05 10:15:00.9+02:00", "2017-11-05T08:15:00", "2017-11-05T08:15:00"),
    ],
)
def test_a_partial_date_is_the_whole_of_what_it_names(date: str, first: str, last: str) -> None:
    assert (first_second(date), last_second(date)) == (seconds(first), seconds(last))


@pytest.mark.parametrize("date", [None, "", "soon", "2024-13", "2024-02-30", "0000", "10:15"])
def test_what_is_no_date_is_unknown(date: Date) -> None:
    assert read(date) is None
    assert earlier(date, "2024") is earlier("2024", date) is None


@pytest.mark.parametrize("date", ["0001", "9999", "9999-12", "9999-12-31"])
def test_the_first_and_the_last_year_have_bounds(date: str) -> None:
    found = read(date)
    assert found is not None and found.first < found.last
    assert len(order(date)) == len(order("2024"))


@pytest.mark.parametrize(
    ("a", "b", "first"),
    [
        ("2024-01-02T01:00+00:00", "2024-01-01T23:00-05:00", "a"),
        ("2024-01-01T23:00+00:00", "2024-01-01T18:00-05:00", "same"),
        ("2017-11", "2017-12-01", "a"),
        ("2017-11", "2017-11-05", None),
        ("2017-11-05", "2017-11-05", "same"),
        ("2017-11-05", "20171105", "same"),
        ("2017-11-05", "2017-11-05T08:00", None),
        ("2017-11-05T07:59", "2017-11-05T08:00", "a"),
    ],
)
def test_earlier_is_said_of_instants_and_not_of_dates_that_overlap(
    a: str, b: str, first: str | None
) -> None:
    assert earlier(a, b) == first
    assert earlier(b, a) == {"a": "b", "b": "a"}.get(first or "", first)


def test_a_time_without_zone_is_earlier_than_one_with_a_zone_only_if_it_is_anywhere() -> None:
    assert earlier("2024-03-14T08:00", "2024-03-14T09:00Z") is None
    assert earlier("2024-03-14T08:00", "2024-03-14T20:00Z") is None
    assert earlier("2024-03-14T08:00", "2024-03-14T20:01Z") == "a"
    assert earlier("2024-03-14", "2024-03-15T01:00Z") is None
    assert earlier("2024-03-14", "2024-03-16T01:00Z") == "a"


@given(DATES, DATES)
def test_the_earlier_of_two_comes_first_in_the_order_and_the_undated_last(a: Date, b: Date) -> None:
    first = earlier(a, b)
    assert first == {"a": "b", "b": "a"}.get(earlier(b, a) or "", earlier(b, a))
    if first == "a":
        assert order(a) < order(b)
    elif first == "same":
        assert order(a) == order(b)
    if read(a) and read(b) is None:
        assert order(a) < order(b)


@given(TIMES, DATES)
def test_a_time_is_read_alike_as_a_datetime_and_as_its_text(time: datetime, other: Date) -> None:
    assert read(time) == read(time.isoformat())
    assert hours_between(time, other) == hours_between(time.isoformat(), other)


def test_articles_are_ordered_by_instant_then_id_and_the_undated_are_last() -> None:
    articles = [
        Article("e", ""),
        Article("d", "", published="2024-01-01T23:00-05:00"),
        Article("c", "", published="2024-01-02T01:00+00:00"),
        Article("a", "", published="2024-01"),
        Article("b", "", published="2024-01-01"),
    ]
    assert [a.id for a in sorted(articles, key=publication_order)] == ["b", "a", "c", "d", "e"]
