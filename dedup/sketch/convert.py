"""To and from datasketch's own objects; importing datasketch takes 0.65 s, so it waits for use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xxhash

from dedup.sketch.parameters import (
    DEFAULT_PARAMETERS,
    ParameterMismatch,
    SketchParameters,
    check_supported,
)
from dedup.sketch.permutations import permutations

if TYPE_CHECKING:
    from datasketch import MinHash

_PROBES = (b"", b"a shingle of five words", bytes(range(64)))


def to_datasketch(
    row: npt.NDArray[np.uint32],
    parameters: SketchParameters = DEFAULT_PARAMETERS,
    *,
    lean: bool = False,
) -> MinHash:
    """Return one signature as a ``datasketch.MinHash``, or as a ``LeanMinHash``.

    A MinHash can be updated with more shingles and merged; a LeanMinHash is smaller and is what
    datasketch stores.

    Raises
    ------
    ParameterMismatch
        If the row is not uint32[num_perm], or datasketch does not know the parameters' scheme.
    """
    check_supported(parameters)
    if row.shape != (parameters.num_perm,) or row.dtype != np.uint32:
        raise ParameterMismatch(
            f"a signature is uint32[{parameters.num_perm}], not {row.dtype}{list(row.shape)}; "
            "give one row and the parameters it was made with"
        )
    from datasketch import LeanMinHash, MinHash

    # A copy: datasketch may keep the array it is given, and rows share one.
    if lean:
        return LeanMinHash(seed=parameters.seed, hashvalues=row.copy(), scheme=parameters.scheme)
    return MinHash(
        seed=parameters.seed,
        hashfunc=xxhash.xxh32_intdigest,
        hashvalues=row.copy(),
        permutations=permutations(parameters.num_perm, parameters.seed),
        scheme=parameters.scheme,
    )


def from_datasketch(
    minhash: MinHash, parameters: SketchParameters = DEFAULT_PARAMETERS
) -> npt.NDArray[np.uint32]:
    """Return the signature in a ``datasketch.MinHash`` or ``LeanMinHash``, uint32[num_perm].

    What a MinHash tells of itself is checked: its scheme, seed and number of permutations, and, of
    one that is not lean, its permutations and its hash function, by what it returns. *What it was
    updated with cannot be known*: only shingles of k words by the word rules of ``parameters``
    (`dedup.sketch.shingles.shingles` yields them) can be compared with signatures of ours. Neither
    can the hash function of a LeanMinHash. A MinHash made by datasketch before version 2 has
    the scheme "legacy" and cannot be converted: its texts must be sketched again.

    Raises
    ------
    ParameterMismatch
        Naming what differs and what to do.
    """
    check_supported(parameters)
    for name, found, expected in (
        # Unpickled from before version 2, it may lack the attribute.
        ("scheme", getattr(minhash, "scheme", "legacy"), parameters.scheme),
        ("seed", minhash.seed, parameters.seed),
        ("num_perm", len(minhash), parameters.num_perm),
    ):
        if found != expected:
            raise ParameterMismatch(
                f"this MinHash has {name} {found!r}, not {expected!r}; "
                f"make it again with {name}={expected!r}"
            )
    drawn = getattr(minhash, "permutations", None)
    expected_permutations = permutations(parameters.num_perm, parameters.seed)
    if drawn is not None and not np.array_equal(drawn, expected_permutations):
        raise ParameterMismatch(
            f"this MinHash has permutations of its own, not those of seed {parameters.seed}; "
            "make it again without the argument permutations"
        )
    function = getattr(minhash, "hashfunc", None)
    if function is not None and not _is_xxh32(function):
        raise ParameterMismatch(
            "this MinHash was made with another hash function; "
            "make it again with hashfunc=xxhash.xxh32_intdigest"
        )
    return np.array(minhash.hashvalues, np.uint32)


def _is_xxh32(function: Any) -> bool:  # noqa: ANN401 - a function of anyone's
    try:
        return all(function(probe) == xxhash.xxh32_intdigest(probe) for probe in _PROBES)
    except Exception:  # noqa: BLE001, RUF100 - whatever a foreign function raises, it is another
        return False
