"""Which candidates a record may be compared with: not its own history, and within its window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from dedup.filtering.sequence import Candidate

Copies = Callable[[int], Iterable[int]]
"""Returns the references of everything with the same words as one of them, the oldest first."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a record is compared with.

    ``own`` are the references of other versions of its id, ``series`` those of its series;
    ``dated`` is its date, ``within`` how far another's may be from it, both in seconds.
    """

    own: Collection[int]
    series: Collection[int]
    dated: int
    within: float | None
    date_of: Callable[[int], int | None]

    def allows(self, ref: int) -> bool:
        """Say whether a record is compared with something that is no version of its story."""
        if ref in self.own or ref in self.series:
            return False
        return self._near(ref)

    def is_version(self, ref: int) -> bool:
        """Say whether something is an earlier version of the record's story, by its series."""
        return ref in self.series and ref not in self.own and self._near(ref)

    def _near(self, ref: int) -> bool:
        if self.within is None:
            return True
        dated = self.date_of(ref)
        return dated is None or abs(dated - self.dated) <= self.within


@dataclass(frozen=True, slots=True)
class Chosen:
    """The candidates to compare: ``others`` and, of the record's series, ``versions``.

    Each best first. ``cut`` counts those that were too many.
    """

    others: Sequence[Candidate]
    versions: Sequence[Candidate]
    cut: int


def choose(
    candidates: Sequence[Candidate], restriction: Restriction, copies: Copies, most: int
) -> Chosen:
    """Choose the candidates to compare, those with most in common.

    A candidate stands for all texts with the same words; where it is not allowed itself, the oldest
    of them that is takes its place.
    """
    others, cut = _allowed(candidates, restriction.allows, copies, most)
    versions: list[Candidate] = []
    if restriction.series:
        versions, _ = _allowed(candidates, restriction.is_version, copies, most)
    return Chosen(others, versions, cut)


def _allowed(
    candidates: Sequence[Candidate], allowed: Callable[[int], bool], copies: Copies, most: int
) -> tuple[list[Candidate], int]:
    """Return the first candidates that are allowed, and how many are left behind them."""
    chosen: list[Candidate] = []
    for number, candidate in enumerate(candidates):
        if len(chosen) == most:
            return chosen, len(candidates) - number
        if allowed(candidate.ref):
            chosen.append(candidate)
        else:
            refs = (ref for ref in copies(candidate.ref) if allowed(ref))
            chosen += [candidate._replace(ref=ref) for ref in islice(refs, 1)]
    return chosen, 0
