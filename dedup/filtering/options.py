"""What a filter is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from dedup.article import DedupError
from dedup.filtering.expression import DropRule

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")

COMPARED = 32
"""Candidates of a record that are compared, those with most evidence."""


class Prefer(StrEnum):
    """Which member of a group represents it; the first one seen unless told."""

    earliest = "earliest"
    credited = "credited"
    longest = "longest"


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """How a filter decides.

    Attributes
    ----------
    drop
        Says of the fields of a decision whether the record is dropped, that is, not kept. Unless
        given, derived ones are not kept, except for a longer story that merely contains a shorter
        known one. An update of the record's own story and a preferred late arrival are always kept.
        What a record shares with others is compared only if it is more than standing text, unless
        ``drop`` reads ``containment``.
    prefer
        Which member of a group represents it: a late arrival that is preferred is kept and says
        whom it supersedes.
    within
        Records are compared only if their dates (``published``, else arrival) are not further
        apart.
    compared
        How many candidates of a record are compared, those with most in common.
    """

    drop: DropRule | None = None
    prefer: Prefer | None = None
    within: timedelta | None = None
    compared: int = COMPARED

    @property
    def everything(self) -> bool:
        """Whether pairs that share nothing but standing text matter too."""
        return self.drop is not None and "containment" in self.drop.reads


def parse_duration(text: str) -> timedelta:
    """Parse ``30d``, ``12h``, ``90m``, ``45s`` or ``2w``.

    Raises
    ------
    DedupError
        If it is something else, or not more than nothing.
    """
    found = _DURATION.fullmatch(text.strip())
    try:
        duration = timedelta(**{_UNITS[found[2]]: float(found[1])}) if found else timedelta(0)
    except OverflowError:
        duration = timedelta(0)
    if duration <= timedelta(0):
        raise DedupError(f"{text!r} is no duration; write 30d, 12h, 90m, 45s or 2w")
    return duration
