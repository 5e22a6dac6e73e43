"""Parquet, Arrow and Feather files made by the test."""

from datetime import datetime
from pathlib import Path

import pytest
from reading_files import Read

from dedup.reading.jsonl import Fields

pyarrow = pytest.importorskip("pyarrow", reason="needs the extra 'parquet'")

COLUMNS = {
    "id": [1, 2, 3],
    "body": ["One text.", None, "Three text."],
    "date": [datetime(2024, 3, day) for day in (15, 16, 17)],
    "unused": ["x" * 100] * 3,
}
FIELDS = Fields(text="body")


def written(path: Path, kind: str) -> str:
    from pyarrow import feather, ipc, parquet

    table = pyarrow.table(COLUMNS)
    if kind == "parquet":
        parquet.write_table(table, path)
    elif kind == "feather":
        feather.write_feather(table, str(path))
    else:
        with ipc.new_stream(str(path), table.schema) as stream:
            stream.write_table(table)
    return str(path)


@pytest.mark.parametrize("kind", ["parquet", "feather", "arrow"])
def test_rows_are_read_and_bad_ones_named(tmp_path: Path, read_all, kind: str) -> None:
    path = written(tmp_path / f"a.{kind}", kind)
    items, [error], _ = read_all([path], fields=FIELDS)
    assert [(item.article.id, item.article.text) for item in items] == [
        ("1", "One text."),
        ("3", "Three text."),
    ]
    assert items[0].article.published == "2024-03-15T00:00:00"
    assert error.startswith(f"{path}:row 2: no field 'body'")
    items, [error], _ = read_all([path])
    assert not items
    assert "no column 'text'" in error


def test_a_wrong_suffix_does_not_matter(tmp_path: Path, read_all) -> None:
    path = written(tmp_path / "a.csv", "parquet")
    items, _, [notice] = read_all([path], fields=FIELDS)
    assert len(items) == 2
    assert "its content is parquet" in notice


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather"])
@pytest.mark.parametrize("content", [b"", b"no table at all", b"PAR1 PAR1", b"ARROW1\0\0" * 9])
def test_what_is_no_table_is_one_error(read: Read, name: str, content: bytes) -> None:
    items, [error], _ = read(name, content)
    assert not items
    assert "cannot be read as a table" in error


def test_a_damaged_table_never_ends_the_process(tmp_path: Path, read_all) -> None:
    for kind in ("parquet", "feather"):
        raw = Path(written(tmp_path / f"whole.{kind}", kind)).read_bytes()
        broken = tmp_path / f"broken.{kind}"
        for at in range(0, len(raw), 7):
            broken.write_bytes(raw[:at] + b"\xff\xff" + raw[at + 2 :])
            read_all([str(broken)], fields=FIELDS)
