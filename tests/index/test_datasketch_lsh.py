"""What others keep in datasketch's LSH, and what they can be given."""

import random

import pytest
import redis
from datasketch import MinHash, MinHashLSH
from redis_servers import MISSING, SERVER, common_server

from dedup.article import Article, DedupError
from dedup.detector import Detector
from dedup.index.datasketch_lsh import export_lsh, import_lsh
from dedup.index.library import MemoryLibrary
from dedup.sketch.convert import to_datasketch
from dedup.sketch.parameters import ParameterMismatch

STORE = {
    f"a{number}": " ".join(random.Random(number).choices("abcdefghijklmnop", k=80))
    for number in range(40)
}


def lsh_on_redis(name: str, **options: object) -> MinHashLSH:
    config = {"type": "redis", "basename": name.encode(), "redis": {"port": common_server().port}}
    return MinHashLSH(params=(64, 2), num_perm=128, storage_config=config, **options)


@pytest.mark.skipif(SERVER is None, reason=MISSING)
def test_what_is_exported_is_found_there_and_comes_back() -> None:
    name = common_server().new_url()
    detector = Detector()
    detector.add(Article(*pair) for pair in STORE.items())
    lsh = lsh_on_redis(name, prepickle=False)
    assert export_lsh(detector.library, lsh) == 40
    minhash = to_datasketch(detector.library.index.signatures([7])[0])
    again = lsh_on_redis(name, prepickle=False)
    assert b"a7" in again.query(minhash)
    taken = Detector()
    texts = {**STORE}
    del texts["a9"]
    assert (
        import_lsh(again, taken.library, lambda ids: {i: texts[i] for i in ids if i in texts}) == 39
    )
    assert "a9" not in taken
    assert import_lsh(again, taken.library, lambda ids: [STORE[i] for i in ids]) == 1
    assert import_lsh(again, taken.library, lambda ids: []) == 0
    for one in ("a7", "a9"):
        (found,) = taken.check(Article("copy", STORE[one]))
        assert found.a.id == one
    with pytest.raises(DedupError, match="is not empty; give a new one"):
        export_lsh(detector.library, again)


@pytest.mark.skipif(SERVER is None, reason=MISSING)
def test_pickled_keys_are_not_read() -> None:
    with pytest.raises(DedupError, match="pickles from a server are not read"):
        import_lsh(lsh_on_redis("pickled"), MemoryLibrary(), lambda ids: [])
    assert isinstance(common_server().client(), redis.Redis)


def test_signatures_that_are_not_those_of_the_texts_are_refused() -> None:
    lsh = MinHashLSH(params=(64, 2), num_perm=128)
    minhash = MinHash(num_perm=128, scheme="affine32")
    minhash.update(b"made another way")
    lsh.insert("a1", minhash)
    with pytest.raises(ParameterMismatch, match="of 'a1' is not that of its text"):
        import_lsh(lsh, MemoryLibrary(), lambda ids: STORE)
    with pytest.raises(ParameterMismatch, match="signatures of 64 values, the index of 128"):
        export_lsh(MemoryLibrary(), MinHashLSH(num_perm=64))
    with pytest.raises(DedupError, match="hashes its bands"):
        export_lsh(MemoryLibrary(), MinHashLSH(hashfunc=lambda band: band))
