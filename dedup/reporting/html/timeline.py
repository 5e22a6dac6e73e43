"""Who ran a story when: the members of a cluster on a line of time."""

from __future__ import annotations

from collections.abc import Sequence

from dedup.dates import Date, Published, hours_between, read


def moment(published: Date) -> Published | None:
    """Read when an article was published; None without a date that names a day."""
    found = read(published)
    return found if found and found.day is not None else None


def delay(source: Date, member: Date) -> str:
    """Say how long after the source a member was published; empty where that is not known."""
    hours, by = hours_between(source, member)
    if hours is None:
        return ""
    if by == "time":
        return _minutes(round(hours * 60))
    days = round(hours / 24)
    return "the same day" if not days else _signed(days, f"{abs(days)} day{'s' * (abs(days) > 1)}")


def places(moments: Sequence[Published | None]) -> list[float | None]:
    """Place moments on a line from 0, the first, to 1, the last; None where undated."""
    known = [m.first for m in moments if m]
    if not known or min(known) == max(known):
        return [None] * len(moments)
    first, length = min(known), max(known) - min(known)
    return [round((m.first - first) / length, 4) if m else None for m in moments]


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
