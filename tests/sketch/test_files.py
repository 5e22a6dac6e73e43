"""Files of sketches describe themselves, come back as they were, and are refused when damaged."""

import json
import stat

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.sketch.files import SketchFileError, load, save
from dedup.sketch.parameters import ParameterMismatch, SketchParameters
from dedup.sketch.sketches import Sketches, sketch

TEXTS = ["a wire story of more than five words", "", "two words", "中国 and six more words here é"]
IDS = ["wire/1", "", "naïve \ud800", "x" * 300]
FORMATS = pytest.mark.parametrize("ending", [".npz", ".jsonl"])


def assert_same(one: Sketches, other: Sketches) -> None:
    for name in Sketches.__slots__:
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours.dtype == theirs.dtype, name
        np.testing.assert_array_equal(ours, theirs, err_msg=name)


@FORMATS
@pytest.mark.parametrize("count", [0, 1, 4])
@pytest.mark.parametrize("parameters", [SketchParameters(), SketchParameters(3, 7, 2, window=2)])
def test_what_was_saved_is_loaded(tmp_path, ending, count, parameters) -> None:
    made = sketch(TEXTS[:count], parameters)
    save(tmp_path / f"sketches{ending}", IDS[:count], made, parameters)
    stored = load(tmp_path / f"sketches{ending}", parameters)
    assert stored.ids == IDS[:count]
    assert stored.parameters == parameters
    assert_same(stored.sketches, made)
    assert [path.name for path in tmp_path.iterdir()] == [f"sketches{ending}"]


def test_an_npz_is_read_without_this_package_and_without_pickle(tmp_path) -> None:
    save(tmp_path / "s.npz", IDS, sketch(TEXTS), SketchParameters())
    with np.load(tmp_path / "s.npz", allow_pickle=False) as archive:
        assert archive["ids"].tolist() == IDS
        assert archive["signatures"].shape == (4, 128)
        assert archive["signatures"].dtype == np.uint32
        assert json.loads(str(archive["params"])) == SketchParameters().to_dict()


def test_a_jsonl_begins_with_its_schema_and_parameters(tmp_path) -> None:
    save(tmp_path / "s.jsonl", IDS, sketch(TEXTS), SketchParameters())
    header, first, *_ = map(json.loads, (tmp_path / "s.jsonl").read_text().splitlines())
    assert header == {
        "schema": "dedup.sketch/1",
        "params": SketchParameters().to_dict(),
        "count": 4,
    }
    assert list(first) == ["id", "words", "text_hash", "signature", "fingerprints"]


@FORMATS
def test_other_parameters_are_refused_by_name(tmp_path, ending) -> None:
    path = tmp_path / f"s{ending}"
    save(path, IDS, sketch(TEXTS), SketchParameters())
    with pytest.raises(ParameterMismatch, match=r"s\.\w+ was .*k is 5, not 4; seed is 1, not 2"):
        load(path, SketchParameters(k=4, seed=2))


@FORMATS
def test_sketches_of_word_rules_v1_are_refused_with_what_to_do(tmp_path, ending) -> None:
    path = tmp_path / f"s{ending}"
    save(path, IDS, sketch(TEXTS), SketchParameters(words="v1"))
    told = rf"s\{ending}: .* word rules v1, .* has v2; sketch its texts again with: dedup sketch"
    with pytest.raises(ParameterMismatch, match=told):
        load(path)


@FORMATS
def test_a_file_cut_short_is_refused_by_name(tmp_path, ending) -> None:
    path = tmp_path / f"s{ending}"
    save(path, IDS, sketch(TEXTS), SketchParameters())
    whole = path.read_bytes()
    lines = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")][:-1]
    sizes = [0, 1, 10, len(whole) // 2, len(whole) - 30]
    for size in sizes + lines if ending == ".jsonl" else sizes:
        path.write_bytes(whole[:size])
        with pytest.raises(SketchFileError, match=rf"s\{ending} is damaged.*dedup sketch"):
            load(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
@FORMATS
def test_damage_is_never_another_error(tmp_path, ending, data) -> None:
    path = tmp_path / f"s{ending}"
    save(path, IDS, sketch(TEXTS), SketchParameters(num_perm=128))
    damaged = bytearray(path.read_bytes())
    for _ in range(3):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(damaged)
    try:
        load(path)
    except (SketchFileError, ParameterMismatch) as error:
        assert str(path) in str(error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": None}, "without ids"),
        ({"ids": np.array(["a", "b"])}, "damaged"),
        ({"ids": np.array([{"a": 1}] * 4, object)}, "damaged"),
        ({"signatures": np.zeros((4, 127), np.uint32)}, "signatures"),
        ({"signatures": np.zeros((4, 128), np.float32)}, "signatures is float32"),
        ({"fingerprint_offsets": np.array([0, 9, 1, 2, 2])}, "fingerprint_offsets"),
        ({"params": np.array(5)}, "params"),
    ],
)
def test_foreign_arrays_are_refused(tmp_path, change, message) -> None:
    save(tmp_path / "s.npz", IDS, sketch(TEXTS), SketchParameters())
    with np.load(tmp_path / "s.npz") as archive:
        arrays = {**archive, **change}
    np.savez(tmp_path / "s.npz", **{k: v for k, v in arrays.items() if v is not None})
    with pytest.raises(SketchFileError, match=message):
        load(tmp_path / "s.npz")


@pytest.mark.parametrize("params", ['{"k": 5}', "[]", "not json", '{"k": 5, "shape": 3}'])
def test_unknown_parameters_are_refused(tmp_path, params) -> None:
    save(tmp_path / "s.npz", IDS, sketch(TEXTS), SketchParameters())
    with np.load(tmp_path / "s.npz") as archive:
        arrays = {**archive, "params": np.array(params)}
    np.savez(tmp_path / "s.npz", **arrays)
    with pytest.raises(ParameterMismatch, match=r"s\.npz: sketch parameters"):
        load(tmp_path / "s.npz")


def test_a_line_that_is_wrong_is_named(tmp_path) -> None:
    path = tmp_path / "s.jsonl"
    save(path, IDS, sketch(TEXTS), SketchParameters())
    lines = path.read_text().splitlines()
    for wrong in ("{", "[]", "{}", lines[1].replace('"words": 8', '"words": "8"')):
        path.write_text("\n".join([lines[0], lines[1], wrong, *lines[3:]]) + "\n")
        with pytest.raises(SketchFileError, match="line 3"):
            load(path)


def test_names_and_ids_that_cannot_be_stored_are_refused(tmp_path) -> None:
    made = sketch(["a"])
    with pytest.raises(SketchFileError, match=r"must end in \.npz or \.jsonl"):
        save(tmp_path / "s.csv", ["a"], made, SketchParameters())
    with pytest.raises(SketchFileError, match="ends in a NUL"):
        save(tmp_path / "s.npz", ["a\0"], made, SketchParameters())
    save(tmp_path / "s.jsonl", ["a\0"], made, SketchParameters())
    assert load(tmp_path / "s.jsonl").ids == ["a\0"]
    with pytest.raises(SketchFileError, match=r"cannot be written .*name a place"):
        save(tmp_path / "missing" / "s.npz", ["a"], made, SketchParameters())
    with pytest.raises(SketchFileError, match="cannot be read"):
        load(tmp_path / "missing.npz")
    with pytest.raises(ValueError, match="do not fit"):
        save(tmp_path / "s.npz", ["a", "b"], made, SketchParameters())


def test_a_failed_save_leaves_the_old_file(tmp_path) -> None:
    path = tmp_path / "s.npz"
    save(path, ["a"], sketch(["a"]), SketchParameters())
    with pytest.raises(SketchFileError):
        save(path, ["b\0"], sketch(["b"]), SketchParameters())
    assert load(path).ids == ["a"]
    assert list(tmp_path.iterdir()) == [path]
    (tmp_path / "plain").touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)
