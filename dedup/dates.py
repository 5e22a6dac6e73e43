"""When articles were published: one reading of a date, one comparison, one order.

A date is the time it can mean: "2017-11" the whole month, "2017-11-05" the whole day, a time of
day that instant. What states no time zone is read as UTC. Compared with what states one, it may be
any clock on earth, from UTC+14 to UTC-12, so that nobody is called earlier for want of a zone.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

Date = str | datetime | None
"""A date as articles have it: ISO 8601, whole or partial, or a datetime."""

UNDATED = "~"
"""What `order` returns for articles without a date: it comes after every digit."""

_SECOND = 1_000_000
_HOUR = 3_600 * _SECOND
_DAY = 24 * _HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_1 = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_EASTERNMOST, _WESTERNMOST = 14 * _HOUR, 12 * _HOUR

_MONTH = re.compile(r"(\d{4})(?:-(\d\d))?")


@dataclass(frozen=True, slots=True)
class Published:
    """The first and the last microsecond that a date can mean, since 1970, in UTC.

    ``zoned`` says that it states a time zone.
    """

    first: int
    last: int
    zoned: bool

    @property
    def timed(self) -> bool:
        """Whether the time of day is known."""
        return self.first == self.last

    @property
    def day(self) -> int | None:
        """The number of the day in UTC, since 1970; None for a month or a year."""
        day = self.first // _DAY
        return day if self.last // _DAY == day else None


def read(published: Date) -> Published | None:
    """Read a date; None if it is none."""
    if isinstance(published, datetime):
        return _instant(published)
    return _read(published) if published else None


def earlier(a: Date, b: Date) -> str | None:
    """Say which was published earlier: ``a``, ``b``, or ``same`` where the dates mean the same.

    None where a date is unknown, or where they overlap: a day and an hour of it.
    """
    of_a, of_b = read(a), read(b)
    if of_a is None or of_b is None:
        return None
    if of_a == of_b:
        return "same"
    if of_a.zoned != of_b.zoned:
        of_a, of_b = _anywhere(of_a), _anywhere(of_b)
    if of_a.last < of_b.first:
        return "a"
    return "b" if of_b.last < of_a.first else None


def hours_between(a: Date, b: Date) -> tuple[float | None, str | None]:
    """Return the hours from one date to another, and whether they are by ``time`` or by ``day``.

    By time where both state a time of day and either both a zone or neither; else 24 for each day.
    """
    of_a, of_b = read(a), read(b)
    if of_a is None or of_b is None or of_a.day is None or of_b.day is None:
        return None, None
    if of_a.timed and of_b.timed and of_a.zoned == of_b.zoned:
        return (of_b.first - of_a.first) / _HOUR, "time"
    return 24.0 * (of_b.day - of_a.day), "day"


def order(published: Date) -> str:
    """Return what sorts dates by their first moment, then by their last; no date comes last.

    It is text, so that the tables of an archive can be sorted by it as well.
    """
    found = read(published)
    if found is None:
        return UNDATED
    return f"{found.first - _YEAR_1 + _DAY:018d} {found.last - _YEAR_1 + _DAY:018d}"


def first_second(published: Date) -> int | None:
    """Return the first second that a date can mean, since 1970; None if it is none."""
    found = read(published)
    return None if found is None else found.first // _SECOND


def last_second(published: Date) -> int | None:
    """Return the last second that a date can mean, since 1970; None if it is none."""
    found = read(published)
    return None if found is None else found.last // _SECOND


@lru_cache(1024)
def _read(published: str) -> Published | None:
    """Read a date; those of one day's news are few."""
    text = published.strip()
    try:
        if month := _MONTH.fullmatch(text):
            first, last = int(month[2] or 1), int(month[2] or 12)
            year = int(month[1])
            return _days(date(year, first, 1), date(year, last, monthrange(year, last)[1]))
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return _instant(datetime.fromisoformat(text))
    except ValueError:
        return None
    return _days(day, day)


def _days(first: date, last: date) -> Published:
    since_1970 = _EPOCH.toordinal()
    return Published(
        (first.toordinal() - since_1970) * _DAY,
        (last.toordinal() - since_1970 + 1) * _DAY - 1,
        zoned=False,
    )


def _instant(time: datetime) -> Published:
    zoned = time.tzinfo is not None
    at = time if zoned else time.replace(tzinfo=UTC)
    moment = (at - _EPOCH) // timedelta(microseconds=1)
    return Published(moment, moment, zoned)


def _anywhere(found: Published) -> Published:
    """Return the time a date without a zone can mean anywhere on earth."""
    if found.zoned:
        return found
    return Published(found.first - _EASTERNMOST, found.last + _WESTERNMOST, zoned=False)
