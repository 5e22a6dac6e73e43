"""The NumPy path is the specification; the kernel gives the same bytes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xxhash
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.sketch import sketches as sketches_module
from dedup.sketch.choice import KERNEL, Spending, needed_size
from dedup.sketch.parameters import ParameterMismatch, SketchParameters
from dedup.sketch.shingles import shingles
from dedup.sketch.signatures import signatures
from dedup.sketch.sketches import KernelMissing, Sketches, sketch
from dedup.text.word_loop import MOST_LETTERS
from dedup.text.words import SEVERAL, word_table


@pytest.fixture(scope="session")
def kernel():
    pytest.importorskip("numba", reason="the kernel needs numba (pip install dedup-wire[fast])")
    from dedup.sketch import kernel

    return kernel


def assert_same(one: Sketches, other: Sketches) -> None:
    for name in Sketches.__slots__:
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours.dtype == theirs.dtype, name
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


ANY_CHARACTER = st.characters()  # lone surrogates included
TRICKY = st.sampled_from(
    "aZ09 _-.'’“\n\u00ad\u0301éßİıŁȺ\ud83d\ude00中のアｱไк\U0001d400\U0002284a\uffff"
    "각가한\u1100\u1112\u1161\u1175\u11a7\u11a8\u11c2\u1113ㄱㅏﬃ½ⅷೋّﷲ"
)
WORDS = st.sampled_from(["the", "a", "wire", "President", "ab’c", "中国", "é", "x" * 70, "y" * 300])
SPACES = st.sampled_from([" ", ", ", "\n\n", " — ", ". “", "”", "'", " ' ", "\u0301 "])
ANY_TEXT = st.one_of(
    st.text(ANY_CHARACTER, max_size=200),
    st.text(TRICKY, max_size=300),
    st.text(st.one_of(TRICKY, ANY_CHARACTER), min_size=50, max_size=200),
    st.lists(st.one_of(WORDS, SPACES), max_size=200).map("".join),
    st.lists(st.tuples(WORDS, SPACES).map("".join), max_size=100).map("".join),
    st.builds(str.__mul__, st.text(TRICKY, min_size=1, max_size=8), st.integers(1, 400)),
)
PARAMETERS = st.builds(
    SketchParameters,
    k=st.one_of(st.just(5), st.integers(1, 40)),
    num_perm=st.sampled_from([128, 1, 63, 64, 65, 256]),
    seed=st.integers(0, 2**32 - 1),
    window=st.one_of(st.just(16), st.integers(1, 60)),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(ANY_TEXT, max_size=5), PARAMETERS)
def test_the_kernel_gives_the_same_bytes(kernel, texts, parameters) -> None:
    reference = sketch(texts, parameters, path="numpy")
    assert_same(sketch(texts, parameters, path="kernel"), reference)
    for text, row in zip(texts, reference.signatures, strict=True):
        theirs = MinHash(
            num_perm=parameters.num_perm,
            seed=parameters.seed,
            scheme="affine32",
            hashfunc=xxhash.xxh32_intdigest,
        )
        theirs.update_batch(shingles(text, parameters.k))
        np.testing.assert_array_equal(row, theirs.hashvalues)


def test_every_code_point_is_folded_alike(kernel) -> None:
    texts = [
        "".join(f"ab{chr(code)}c {chr(code)} " for code in range(start, start + 4096))
        for start in range(0, 0x110000, 4096)
    ]
    parameters = SketchParameters(k=1, num_perm=1)
    assert_same(sketch(texts, parameters, path="kernel"), sketch(texts, parameters, path="numpy"))


def test_no_character_grows_beyond_the_scratch_space() -> None:
    """The kernel gives folded text three times the bytes of the text; two of them are a word."""
    table = word_table()
    for code in range(0x110000):
        entry = int(table[int(table[code >> 8]) + (code & 255)])
        kind, letter = entry & 3, entry >> 2 or code
        if kind < 2:
            continue
        letters = [letter]
        if letter >= SEVERAL:
            place = letter - SEVERAL
            letters = table[place + 1 : place + 1 + int(table[place])].tolist()
        size = len(chr(code).encode("utf-8", "surrogatepass"))
        assert len("".join(map(chr, letters)).encode()) + 2 * (kind == 3) <= 3 * size
        assert len(letters) <= MOST_LETTERS
        assert size >= 2 or kind != 3  # so a word takes two bytes, a space included


@pytest.mark.parametrize("path", ["numpy", "kernel"])
@pytest.mark.parametrize(
    ("text", "words", "fingerprints"),
    [
        ("", 0, 0),
        ("word", 1, 0),
        (" — ’ … \u0301", 0, 0),
        ("one two three four", 4, 0),
        ("one two three four five", 5, 1),
        ("word " * 2_000_000, 2_000_000, 1),
        ("x" * 10_000_000, 1, 0),
        (("x" * 1_000_000 + " ") * 10, 10, 1),
    ],
)
def test_odd_texts_are_sketched(request, path, text, words, fingerprints) -> None:
    if path == "kernel":
        request.getfixturevalue("kernel")
    made = sketch([text], path=path)
    assert made.word_counts.tolist() == [words]
    assert len(made.fingerprints_of(0)) == fingerprints


def test_threads_do_not_change_the_result(kernel, monkeypatch) -> None:
    from dedup.sketch import batches

    monkeypatch.setattr(batches, "_BATCH", 1000)
    texts = [f"text {i} of many words " * (i % 50) for i in range(500)]
    one = sketch(texts, threads=1, path="kernel")
    assert_same(one, sketch(texts, path="numpy"))
    for threads in (2, 7, None):
        assert_same(one, sketch(texts, threads=threads, path="kernel"))


def test_a_text_has_the_same_sketch_alone_and_among_others() -> None:
    texts = ["a b c d e f g", "", "h i j k l m n o p"]
    whole = sketch(texts, path="numpy")
    assert len(whole) == 3
    for number, text in enumerate(texts):
        alone = sketch([text], path="numpy")
        np.testing.assert_array_equal(alone.signatures[0], whole.signatures[number])
        np.testing.assert_array_equal(alone.fingerprints, whole.fingerprints_of(number))
    np.testing.assert_array_equal(whole.fingerprints_of(-1), whole.fingerprints_of(2))


@given(st.lists(ANY_TEXT, max_size=4), st.integers(0, 3))
def test_a_utf8_column_is_sketched_like_its_texts(kernel, texts, skipped) -> None:
    from dedup.sketch.batches import sketch_utf8

    parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.cumsum([skipped, *map(len, parts)])
    made = sketch_utf8(b"abc"[:skipped] + b"".join(parts), offsets, SketchParameters())
    assert_same(made, sketch(texts, path="numpy"))


@given(st.binary(max_size=300))
def test_bytes_that_are_not_utf8_do_no_harm(kernel, data) -> None:
    from dedup.sketch.batches import sketch_utf8

    made = sketch_utf8(data, np.array([0, len(data)]), SketchParameters(k=1))
    if data.isascii():
        assert_same(made, sketch([data.decode()], SketchParameters(k=1), path="numpy"))


@pytest.mark.parametrize("offsets", [[], [0, 4], [-1, 2], [0, 2, 1]])
def test_offsets_outside_the_buffer_are_refused(kernel, offsets) -> None:
    from dedup.sketch.batches import sketch_utf8

    with pytest.raises(ValueError, match="offsets must rise"):
        sketch_utf8(b"abc", np.array(offsets, np.int64), SketchParameters())


def test_what_is_not_supported_is_refused() -> None:
    with pytest.raises(ParameterMismatch, match=r"scheme 'affine32' only, not 'legacy'"):
        sketch(["a"], SketchParameters(scheme="legacy"))
    with pytest.raises(ValueError, match="path must be one of auto, numpy, kernel, not 'rust'"):
        sketch(["a"], path="rust")
    with pytest.raises(ValueError, match="threads must be at least 1"):
        sketch(["a"], threads=0)


def test_without_numba_the_numpy_path_answers(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "dedup.sketch.batches", None)
    monkeypatch.setattr(sketches_module._spending, "kernel_pays", lambda size: True)
    assert signatures(["one two three four five"]).shape == (1, 128)
    with pytest.raises(KernelMissing, match="dedup-wire"):
        sketch(["a"], path="kernel")


def test_the_kernel_is_loaded_when_the_batches_pay_for_it(monkeypatch, tmp_path) -> None:
    pytest.importorskip("numba", reason="there is no choice without numba")
    monkeypatch.delitem(sys.modules, KERNEL, raising=False)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    compiling = needed_size()
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "kernel.sketch_buffer-1.py311.nbi").touch()
    loading = needed_size()
    assert loading < compiling
    spending = Spending()
    assert not spending.kernel_pays(int(loading) - 1)
    assert spending.kernel_pays(1)
    monkeypatch.setattr("dedup.sketch.choice.util.find_spec", lambda name: None)
    assert needed_size() == float("inf")


def test_with_nowhere_to_cache_the_kernel_still_compiles(kernel, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    code = (
        "from dedup.sketch.sketches import sketch\n"
        "from dedup.sketch.kernel import sketch_buffer\n"
        "made = sketch(['one two three four five'], path='kernel')\n"
        "print(made.word_counts[0], sketch_buffer.stats.cache_path)"
    )
    # Only the place the user names is left to numba, and it cannot be made.
    environment = {
        "NUMBA_CACHE_DIR": str(blocked / "below"),
        "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "5 None", done.stderr


def test_the_kernel_names_the_code_it_was_cached_with(kernel) -> None:
    """Numba compiles again when the kernel's own file changes, not when one it imports does."""
    from dedup.sketch import folding, vectors
    from dedup.text import word_loop

    for part, named in (
        (vectors, kernel.VECTORS),
        (folding, kernel.FOLDING),
        (word_loop, kernel.WORD_LOOP),
    ):
        digest = hashlib.sha256(Path(part.__file__).read_bytes()).hexdigest()[:8]
        assert digest == named, "write this digest into kernel.py"


def test_small_batches_import_nothing_heavy() -> None:
    code = (
        "import sys\nfrom dedup.sketch.sketches import sketch\nsketch(['a b c d e f'])\n"
        "print([m for m in ('numba', 'scipy', 'datasketch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
