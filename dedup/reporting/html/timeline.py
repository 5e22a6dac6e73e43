"""Who ran a story when: the members of a cluster on a line of time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from dedup.article import Article

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Moment:
    """When an article was published: its day, and its time of day where that is known."""

    day: date
    time: datetime | None

    @property
    def order(self) -> datetime:
        """The moment as one instant; without a time of day the day's beginning, in UTC."""
        time = self.time or datetime(self.day.year, self.day.month, self.day.day)
        return time if time.tzinfo else time.replace(tzinfo=UTC)


def moment(article: Article) -> Moment | None:
    """Read when an article was published; None without a date that names a day."""
    published = article.published
    if isinstance(published, datetime):
        return Moment(published.date(), published)
    text = (published or "").strip()
    try:
        if _DAY.fullmatch(text):
            return Moment(date.fromisoformat(text), None)
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Moment(time.date(), time)


def delay(source: Moment | None, member: Moment | None) -> str:
    """Say how long after the source a member was published; empty where that is not known."""
    if source is None or member is None:
        return ""
    if source.time and member.time and _comparable(source.time, member.time):
        return _minutes(round((member.time - source.time).total_seconds() / 60))
    days = (member.day - source.day).days
    return "the same day" if not days else _signed(days, f"{abs(days)} day{'s' * (abs(days) > 1)}")


def places(moments: Sequence[Moment | None]) -> list[float | None]:
    """Place moments on a line from 0, the first, to 1, the last; None where undated."""
    known = [m.order for m in moments if m]
    if not known or min(known) == max(known):
        return [None] * len(moments)
    first, length = min(known), max(known) - min(known)
    return [round((m.order - first) / length, 4) if m else None for m in moments]


def _comparable(one: datetime, other: datetime) -> bool:
    return (one.tzinfo is None) == (other.tzinfo is None)


def _minutes(minutes: int) -> str:
    size = abs(minutes)
    if size < 60:
        return _signed(minutes, f"{size} min") if size else "at the same time"
    if size < 48 * 60:
        hours, rest = divmod(size, 60)
        return _signed(minutes, f"{hours} h {rest} min" if rest else f"{hours} h")
    return _signed(minutes, f"{round(size / 1440)} days")


def _signed(value: int, text: str) -> str:
    return f"{'+' if value > 0 else '−'}{text}"
