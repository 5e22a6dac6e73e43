"""The parameters a sketch was made with; they travel with every stored signature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dedup.article import DedupError


class ParameterMismatch(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """Two sets of sketches cannot be compared, because they were made differently."""


@dataclass(frozen=True, slots=True)
class SketchParameters:
    """How texts are sketched.

    ``k`` words make a shingle; ``num_perm`` permutations drawn from ``seed`` make a signature, by
    datasketch's permutation ``scheme`` over the shingles' ``hash``; ``words`` is the version of
    the word rules; ``window`` is the winnowing window of the fingerprints, in shingles.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    k: int = 5
    num_perm: int = 128
    seed: int = 1
    scheme: str = "affine32"
    hash: str = "xxh32"
    words: str = "v2"
    window: int = 12

    def __post_init__(self) -> None:
        for name, low, high in (
            ("k", 1, 2**31 - 1),
            ("num_perm", 1, 2**20),
            ("seed", 0, 2**32 - 1),
            ("window", 1, 2**31 - 1),
        ):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise ValueError(f"{name} must be an integer, not {value!r}")
            if not low <= value <= high:
                raise ValueError(f"{name} must be between {low} and {high}, not {value}")
        for name in ("scheme", "hash", "words"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be a string, not {getattr(self, name)!r}")

    def to_dict(self) -> dict[str, int | str]:
        """Return the parameters as a plain dictionary."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the parameters as one line of JSON, always the same for the same parameters."""
        return json.dumps(self.to_dict(), sort_keys=True)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> SketchParameters:
        """Return the parameters of a dictionary.

        Raises
        ------
        ParameterMismatch
            If a parameter is missing, unknown or out of range: a sketch whose parameters are not
            all known cannot be compared with another.
        """
        names = {field.name for field in fields(cls)}
        missing, unknown = names - set(values), set(values) - names
        if missing or unknown:
            wrong = [f"without {name}" for name in sorted(missing)]
            wrong += [f"with an unknown {name}" for name in sorted(unknown)]
            raise ParameterMismatch(
                f"sketch parameters {', '.join(wrong)}; make the sketches again with this version"
            )
        try:
            return cls(**values)
        except ValueError as error:
            raise ParameterMismatch(
                f"sketch parameters: {error}; make the sketches again with this version"
            ) from error

    @classmethod
    def from_json(cls, line: str) -> SketchParameters:
        """Return the parameters `to_json` wrote.

        Raises
        ------
        ParameterMismatch
            If the line is not a JSON object of all the parameters.
        """
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ParameterMismatch(
                f"sketch parameters are not JSON ({error}); make the sketches again"
            ) from error
        if not isinstance(values, dict):
            raise ParameterMismatch("sketch parameters are not an object; make the sketches again")
        return cls.from_dict(values)


DEFAULT_PARAMETERS = SketchParameters()


def check_parameters(found: SketchParameters, expected: SketchParameters, where: str) -> None:
    """Refuse sketches that were made with other parameters than the ones expected.

    Raises
    ------
    ParameterMismatch
        Naming ``where`` the sketches stand, each parameter that differs, and what to do.
    """
    differing = [
        f"{field.name} is {getattr(found, field.name)!r}, not {getattr(expected, field.name)!r}"
        for field in fields(SketchParameters)
        if getattr(found, field.name) != getattr(expected, field.name)
    ]
    if differing:
        raise ParameterMismatch(
            f"{where} was sketched with other parameters: {'; '.join(differing)}. "
            "Sketch its texts again with the parameters expected, or ask for the ones it has."
        )


def check_words(parameters: SketchParameters, where: str, advice: str) -> None:
    """Refuse stored sketches whose words were found by word rules of another version.

    Raises
    ------
    ParameterMismatch
        Naming ``where`` they are, both versions, and the ``advice``.
    """
    ours = DEFAULT_PARAMETERS.words
    if parameters.words != ours:
        raise ParameterMismatch(
            f"{where} was made by word rules {parameters.words}, and this version has {ours}; "
            f"{advice}, or use the version that made it"
        )


def check_supported(parameters: SketchParameters) -> None:
    """Refuse to make sketches by a scheme, hash or word rules that this version does not have.

    Raises
    ------
    ParameterMismatch
        Naming what is not supported and what is.
    """
    for name in ("scheme", "hash", "words"):
        asked, ours = getattr(parameters, name), getattr(DEFAULT_PARAMETERS, name)
        if asked != ours:
            raise ParameterMismatch(
                f"this version makes sketches with {name} {ours!r} only, not {asked!r}; "
                f"use {ours!r}, or the version that made the others"
            )
