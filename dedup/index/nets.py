"""Nets: what it takes for two articles to become candidates of each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dedup.article import DedupError

EARLIEST = 16
"""How many articles an over-full key brings together where it is used at all: the earliest."""


@dataclass(frozen=True, slots=True)
class Nets:
    """How articles are brought together, and what bounds the work.

    A signature is cut into ``bands`` bands of ``rows`` rows. Two articles are candidates if they
    have at least ``minimum_bands`` bands in common, or ``minimum_fingerprints`` fingerprints, or
    ``minimum_evidence`` of both together; a minimum of None asks for nothing of its kind, and a net
    that no minimum asks for is not kept.

    A band or fingerprint held by more than ``cap`` different texts is over-full and brings nothing
    together: it is furniture, and following it would cost time in the square of the articles. Where
    more than half of an article's bands (or of its fingerprints) are over-full, though, the article
    itself belongs to a flood of near-copies, and its over-full ones bring it together with the
    earliest `EARLIEST` texts that hold them. An article has at most ``limit`` candidates, those
    with most evidence. Whatever was cut is counted.

    The defaults are those of ``benchmarks/candidates.py`` and ``benchmarks/completeness.py``: with
    fingerprints of window 12, evidence of 4 finds 99% of the pairs labelled by reading, on average
    over eight seeds of the permutations, at 8 candidates an article, which either net alone does
    with 11 to 17. Two fingerprints suffice too, because then no run of 28 words without a repeated
    shingle is missed (`dedup.sketch.fingerprints`): of all pairs that brute force calls derived in
    a set of reports of one event, this brings 98.7% together instead of 87%.

    Raises
    ------
    ValueError
        If a number is out of range, or every minimum is None.
    """

    bands: int = 128
    rows: int = 1
    minimum_bands: int | None = None
    minimum_fingerprints: int | None = 2
    minimum_evidence: int | None = 4
    cap: int = 500
    limit: int = 1000

    def __post_init__(self) -> None:
        for name in ("bands", "rows", "cap", "limit"):
            _check_positive(name, getattr(self, name))
        minima = (self.minimum_bands, self.minimum_fingerprints, self.minimum_evidence)
        names = ("minimum_bands", "minimum_fingerprints", "minimum_evidence")
        for name, minimum in zip(names, minima, strict=True):
            if minimum is not None:
                _check_positive(name, minimum)
        if all(minimum is None for minimum in minima):
            raise ValueError("nets without any minimum bring everything together; give one")

    @property
    def uses_bands(self) -> bool:
        """Whether any minimum counts bands."""
        return self.minimum_bands is not None or self.minimum_evidence is not None

    @property
    def uses_fingerprints(self) -> bool:
        """Whether any minimum counts fingerprints."""
        return self.minimum_fingerprints is not None or self.minimum_evidence is not None

    def check_fits(self, num_perm: int) -> None:
        """Refuse bands that do not fit into signatures of ``num_perm`` values.

        Raises
        ------
        DedupError
            Saying what would fit.
        """
        if self.uses_bands and self.bands * self.rows > num_perm:
            raise DedupError(
                f"{self.bands} bands of {self.rows} rows need signatures of "
                f"{self.bands * self.rows} values, not {num_perm}; "
                "take fewer bands, or more permutations"
            )

    def catch(
        self, bands: npt.NDArray[np.int32], fingerprints: npt.NDArray[np.int32]
    ) -> npt.NDArray[np.bool_]:
        """Return which pairs are candidates, bool[n], by what they have in common, int32[n]."""
        caught = np.zeros(len(bands), np.bool_)
        if self.minimum_bands is not None:
            caught |= bands >= self.minimum_bands
        if self.minimum_fingerprints is not None:
            caught |= fingerprints >= self.minimum_fingerprints
        if self.minimum_evidence is not None:
            caught |= bands + fingerprints >= self.minimum_evidence
        return caught


def _check_positive(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a positive integer, not {value!r}")
