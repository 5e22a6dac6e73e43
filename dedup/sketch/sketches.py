"""Sketches of many texts at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from dedup.article import DedupError
from dedup.sketch.choice import Spending
from dedup.sketch.parameters import DEFAULT_PARAMETERS, SketchParameters, check_supported
from dedup.sketch.permutations import permutations
from dedup.sketch.reference import sketch_text

Way = Literal["auto", "numpy", "kernel"]

_spending = Spending()  # decides how fast results come, never what they are


class KernelMissing(DedupError):  # noqa: N818 - it names what is wrong, not the mechanism
    """The kernel was asked for and cannot be loaded."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketches:
    """The sketches of n texts, in their order.

    ``signatures`` uint32[n, num_perm]; ``text_hashes`` uint64[n], XXH64 of the folded words joined
    by one space (texts without words share one hash, which says nothing); ``word_counts`` int32[n];
    ``fingerprints`` uint32[total], those of text i ascending and each once in
    ``fingerprints[fingerprint_offsets[i]:fingerprint_offsets[i + 1]]``; ``fingerprint_offsets``
    int64[n + 1].
    """

    signatures: npt.NDArray[np.uint32]
    text_hashes: npt.NDArray[np.uint64]
    word_counts: npt.NDArray[np.int32]
    fingerprints: npt.NDArray[np.uint32]
    fingerprint_offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.text_hashes)

    def fingerprints_of(self, number: int) -> npt.NDArray[np.uint32]:
        """Return the fingerprints of one text, uint32[m]."""
        number = range(len(self))[number]
        start, end = self.fingerprint_offsets[number : number + 2]
        return self.fingerprints[start:end]


def concatenate(parts: Sequence[Sketches]) -> Sketches:
    """Put the sketches of consecutive texts together; at least one part."""
    lengths = np.concatenate([np.diff(part.fingerprint_offsets) for part in parts])
    return Sketches(
        np.concatenate([part.signatures for part in parts]),
        np.concatenate([part.text_hashes for part in parts]),
        np.concatenate([part.word_counts for part in parts]),
        np.concatenate([part.fingerprints for part in parts]),
        offsets_of(lengths),
    )


def offsets_of(lengths: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return where ranges of these lengths begin, one behind the other, and where they end."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def sketch(
    texts: Iterable[str],
    parameters: SketchParameters = DEFAULT_PARAMETERS,
    threads: int | None = None,
    path: Way = "auto",
) -> Sketches:
    """Sketch texts.

    Parameters
    ----------
    texts : iterable of str
        The texts as read.
    parameters : SketchParameters
        How to sketch them.
    threads : int, optional
        Threads of the kernel, all processors unless told. The result does not depend on it.
    path : {"auto", "numpy", "kernel"}
        Which of the two implementations to use; they give the same bytes. "auto" takes the kernel
        when these texts, and those the process sketched before without it, pay for loading it.

    Raises
    ------
    ParameterMismatch
        If the parameters ask for a scheme, hash or word rules this version does not have.
    KernelMissing
        If path is "kernel" and numba cannot be imported.
    TypeError
        If texts is a single string, or holds something else than strings.
    ValueError
        If path is none of the three, or threads is not positive.
    """
    check_supported(parameters)
    if path not in get_args(Way):
        raise ValueError(f"path must be one of {', '.join(get_args(Way))}, not {path!r}")
    if threads is not None and threads < 1:
        raise ValueError(f"threads must be at least 1, not {threads}")
    texts = _list(texts)
    if path == "kernel":
        return _sketch_kernel(texts, parameters, threads)
    if path == "auto" and _spending.kernel_pays(sum(map(len, texts))):
        with suppress(KernelMissing):
            return _sketch_kernel(texts, parameters, threads)
    return _sketch_numpy(texts, parameters)


def expect(size: int) -> None:
    """Take note that so many bytes of text are coming, in however small batches."""
    _spending.expect(size)


def _list(texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str):
        raise TypeError("texts must be several strings, not one; put it in a list")
    texts = list(texts)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"text {number} must be a string, not {type(text).__name__}")
    return texts


def _sketch_kernel(texts: list[str], parameters: SketchParameters, threads: int | None) -> Sketches:
    try:
        from dedup.sketch.batches import sketch_texts
    except ImportError as error:
        raise KernelMissing(
            f"the kernel needs numba, which cannot be imported ({error}); "
            'install it with: pip install "dedup-wire[fast]"'
        ) from error
    return sketch_texts(texts, parameters, threads)


def _sketch_numpy(texts: list[str], parameters: SketchParameters) -> Sketches:
    drawn = permutations(parameters.num_perm, parameters.seed)
    rows = [sketch_text(text, parameters.k, drawn, parameters.window) for text in texts]
    none = np.empty((0, parameters.num_perm), np.uint32)
    return Sketches(
        np.array([row.signature for row in rows]) if rows else none,
        np.array([row.text_hash for row in rows], np.uint64),
        np.array([row.word_count for row in rows], np.int32),
        np.concatenate([np.empty(0, np.uint32), *(row.fingerprints for row in rows)]),
        offsets_of([len(row.fingerprints) for row in rows]),
    )
