"""What `dedup` is measured against: thresholds on similarity, and other tools for near-duplicates.

As verdicts: one threshold on containment or Jaccard, and whether datasketch's LSH brings a pair
together. Their thresholds are the best ones for the very pairs they are measured on, which
flatters them: they are what a user could reach who had labelled his pairs.

As programs: datasketch, rensa and gaoya, each used as its documentation advises, with 128
permutations of 5-word shingles, lower case, cut at white space (they fold less than our word
rules do). All but datasketch are of the extra ``bench``; one that is missing is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import util
from typing import Any

from dedup.bench.gold import Pair
from dedup.bench.metrics import f1
from dedup.scoring.match import Match
from dedup.sketch.parameters import DEFAULT_PARAMETERS
from dedup.sketch.signatures import signatures

NUM_PERM = DEFAULT_PARAMETERS.num_perm
SHINGLE = DEFAULT_PARAMETERS.k
USUAL_THRESHOLD = 0.5
"""The LSH threshold most people start from."""
BANDS, ROWS = 25, 5
"""What datasketch makes of it for 128 permutations; the others are told the same."""

LSH_THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

INSTALL = "pip install 'dedup-wire[bench]'"

Found = set[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a baseline says of each pair at the ``threshold`` at which it does best."""

    name: str
    threshold: float
    derived: list[bool]
    settings: dict[str, Any] = field(default_factory=dict)


def best_thresholds(pairs: Sequence[Pair], matches: Sequence[Match]) -> list[Answers]:
    """Return the answers of each baseline at its best threshold on these pairs."""
    expected = [pair.label.derived for pair in pairs]
    contained = [
        max(match.overlap.containment_a or 0.0, match.overlap.containment_b or 0.0)
        for match in matches
    ]
    alike = [match.overlap.jaccard or 0.0 for match in matches]
    tried = [
        [_from_threshold("containment", contained, at / 100) for at in range(1, 100)],
        [_from_threshold("Jaccard", alike, at / 100) for at in range(1, 100)],
        _lsh(pairs),
    ]
    return [max(answers, key=lambda a: f1(expected, a.derived) or 0.0) for answers in tried]


def _from_threshold(name: str, values: Sequence[float], threshold: float) -> Answers:
    return Answers(name, threshold, [value >= threshold for value in values])


def _lsh(pairs: Sequence[Pair]) -> list[Answers]:
    """Ask datasketch's LSH; whether it brings two together does not depend on other articles."""
    from datasketch import MinHash, MinHashLSH

    articles = list(dict.fromkeys(article for pair in pairs for article in (pair.a, pair.b)))
    rows = signatures([article.text for article in articles], num_perm=NUM_PERM)
    minhashes = {
        article: MinHash(NUM_PERM, hashvalues=row, scheme=DEFAULT_PARAMETERS.scheme)
        for article, row in zip(articles, rows, strict=True)
    }
    answers = []
    for threshold in LSH_THRESHOLDS:
        lsh = MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
        for article, minhash in minhashes.items():
            lsh.insert(article, minhash)
        met = {pair.a: set(lsh.query(minhashes[pair.a])) for pair in pairs}
        derived = [pair.b in met[pair.a] for pair in pairs]
        settings = {"bands": lsh.b, "rows": lsh.r}
        answers.append(Answers("datasketch MinHashLSH", threshold, derived, settings))
    return answers


# As programs ----------------------------------------------------------------------------------


def installed(tool: str) -> bool:
    """Tell whether a tool can be imported."""
    return util.find_spec(tool) is not None


def shingles(text: str) -> list[bytes]:
    """Return shingles as a user of these tools makes them, in the fastest way found."""
    words = text.lower().encode("utf-8", "surrogatepass").split()
    return list(map(b" ".join, zip(*(words[i:] for i in range(SHINGLE)), strict=False)))


def datasketch_sketches(texts: Sequence[str]) -> list[Any]:
    """Make datasketch's MinHashes in bulk, by the hash and scheme that are fastest."""
    import xxhash
    from datasketch import MinHash

    made: list[Any] = MinHash.bulk(
        map(shingles, texts),
        num_perm=NUM_PERM,
        scheme="affine32",
        hashfunc=xxhash.xxh32_intdigest,
    )
    return made


def datasketch_join(minhashes: Sequence[Any], bands: int = BANDS, rows: int = ROWS) -> Found:
    """Return the pairs datasketch's LSH brings together, (earlier, later)."""
    from datasketch import MinHashLSH

    return set(_join(minhashes, MinHashLSH(num_perm=NUM_PERM, params=(bands, rows))))


def rensa_sketches(texts: Sequence[str]) -> list[Any]:
    """Make rensa's RMinHashes."""
    from rensa import RMinHash

    made = []
    for text in texts:
        minhash = RMinHash(num_perm=NUM_PERM, seed=1)
        minhash.update(shingles(text))
        made.append(minhash)
    return made


def rensa_join(minhashes: Sequence[Any]) -> Found:
    """Return the pairs rensa's LSH brings together; its bands must divide the permutations."""
    from rensa import RMinHashLSH

    return set(_join(minhashes, RMinHashLSH(USUAL_THRESHOLD, NUM_PERM, num_bands=32)))


def _join(minhashes: Sequence[Any], lsh: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401
    for later, minhash in enumerate(minhashes):
        for earlier in lsh.query(minhash):
            yield earlier, later
        lsh.insert(later, minhash)


def gaoya_pairs(texts: Sequence[str]) -> Found:
    """Return the pairs gaoya finds; it sketches and indexes in one step, on all processors."""
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(
        hash_size=32,
        jaccard_threshold=USUAL_THRESHOLD,
        num_bands=BANDS,
        band_size=ROWS,
        analyzer="word",
        lowercase=True,
        ngram_range=(SHINGLE, SHINGLE),
    )
    index.par_bulk_insert_docs(list(range(len(texts))), list(texts))
    answers = index.par_bulk_query(list(texts))
    return {(e, later) for later, found in enumerate(answers) for e in found if e < later}


TOOLS: dict[str, tuple[str, Callable[[Sequence[str]], Found]]] = {
    "datasketch": ("datasketch", lambda texts: datasketch_join(datasketch_sketches(texts))),
    f"datasketch, {NUM_PERM} bands of one row": (
        "datasketch",
        lambda texts: datasketch_join(datasketch_sketches(texts), NUM_PERM, 1),
    ),
    "rensa": ("rensa", lambda texts: rensa_join(rensa_sketches(texts))),
    "gaoya": ("gaoya", gaoya_pairs),
}
"""The module each needs, and how it gets from texts to the pairs it brings together.

With `BANDS` of `ROWS` unless its name says otherwise; bands of one row are what rewrites need.
"""
