"""To and from `datasketch.MinHashLSH`, in dictionaries or on Redis.

Its storage on Redis takes 45 KB an article with our bands and a round trip for each band
(``benchmarks/redis_index.py``), so an index is not kept there; but what others keep there can be
taken over, and what an index holds can be given to programs that ask there.

Make the LSH with ``prepickle=False`` and bytes as keys: what is pickled on a server is run by
whoever reads it, so such keys are not read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from dedup.article import Article, DedupError
from dedup.index.library import Library, Texts
from dedup.sketch.parameters import ParameterMismatch
from dedup.sketch.sketches import sketch

if TYPE_CHECKING:
    from datasketch import MinHashLSH

_AT_ONCE = 256


def export_lsh(library: Library, lsh: MinHashLSH) -> int:
    """Insert the articles of a library, by their ids in UTF-8, and return how many.

    Raises
    ------
    DedupError
        If the LSH has something in it already (of signatures made another way nothing would tell),
        or its keys are pickled.
    ParameterMismatch
        If its signatures have another length.
    """
    from dedup.sketch.convert import to_datasketch

    parameters = library.index.parameters
    _check(lsh, parameters.num_perm)
    if not lsh.is_empty():
        raise DedupError("the MinHashLSH is not empty; give a new one")
    exported = 0
    rows = library.rows()
    with lsh.insertion_session() as session:
        while part := list(islice(rows, _AT_ONCE)):
            signatures = library.index.signatures(part)
            for article, signature in zip(library.articles(part), signatures, strict=True):
                key = article.id.encode("utf-8", "surrogatepass")
                minhash = to_datasketch(signature, parameters)
                session.insert(key, minhash, check_duplication=False)
            exported += len(part)
    return exported


def import_lsh(lsh: MinHashLSH, library: Library, texts: Texts) -> int:
    """Add the articles of an LSH that a library does not have, and return how many.

    An LSH knows neither texts nor fingerprints; they are made from the texts. Articles without a
    text are left out.

    Parameters
    ----------
    lsh
        Where ids come from; its signatures must be those of the texts.
    library
        Takes the articles.
    texts
        Returns texts for ids, as a mapping or in their order.

    Raises
    ------
    DedupError
        If its keys are pickled or no UTF-8, or its bands are hashed.
    ParameterMismatch
        If its signatures are not ours: of another length, or made with another hash, ``k`` or other
        words.
    """
    parameters = library.index.parameters
    _check(lsh, parameters.num_perm)
    added = 0
    for keys in _batches(lsh):
        new = [one for one in keys if library.row_of(one) is None]
        given = texts(new) if new else {}
        found = given if isinstance(given, Mapping) else dict(zip(new, given, strict=True))
        articles = [Article(one, text) for one in new if (text := found.get(one)) is not None]
        sketches = sketch([article.text for article in articles], parameters)
        for article, signature in zip(articles, sketches.signatures, strict=True):
            bands = [signature[start:end].astype(">u4").tobytes() for start, end in lsh.hashranges]
            if list(lsh.keys.get(keys[article.id])) != bands:
                raise ParameterMismatch(
                    f"the MinHashLSH's signature of {article.id!r} is not that of its text: it was "
                    "made of another text, or with another hash, k, seed or words; add the texts "
                    "themselves"
                )
        if articles:
            added += len(library.add(articles, sketches))
    return added


def _check(lsh: MinHashLSH, num_perm: int) -> None:
    if lsh.prepickle:
        raise DedupError(
            "the MinHashLSH pickles its keys, and pickles from a server are not read here; "
            "make it with prepickle=False"
        )
    if lsh.hashfunc is not None:
        raise DedupError("the MinHashLSH hashes its bands; make it without hashfunc")
    if lsh.h != num_perm:
        raise ParameterMismatch(
            f"the MinHashLSH has signatures of {lsh.h} values, the index of {num_perm}; "
            "make one like the other"
        )


def _batches(lsh: MinHashLSH) -> Iterator[dict[str, Any]]:
    """Yield ids with their keys."""
    keys = iter(lsh.keys.keys())
    while part := list(islice(keys, _AT_ONCE)):
        try:
            yield {key.decode() if isinstance(key, bytes) else str(key): key for key in part}
        except UnicodeDecodeError as error:
            raise DedupError("the MinHashLSH has keys that are not UTF-8") from error
