"""Directories of mixed files, gzip, formats by content, and libraries that are missing."""

import gzip
import io
import json
import sys
from pathlib import Path

import pytest
from reading_files import Read

from dedup.reading.formats import FORMATS, reader_of
from dedup.reading.opening import open_source
from dedup.reading.plain import ReadError

RECORD = json.dumps({"id": "r", "text": "A record."})
NITF = "<nitf><body><body.content><p>An item.</p></body.content></body></nitf>"


def test_a_directory_of_mixed_files_is_read_and_the_rest_counted(tmp_path: Path, read_all) -> None:
    for name, content in {
        "a.txt": "A text.",
        "b.jsonl": RECORD,
        "c.json": RECORD.replace('"r"', '"c"'),
        "d.csv": "id,text\nd,A row.\n",
        "e.xml": NITF,
        "f.JPG": "x",
        "g.bin": "x",
        ".hidden.txt": "x",
    }.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "h.txt.gz").write_bytes(gzip.compress(b"A packed text."))
    items, errors, [notice] = read_all([str(tmp_path)])
    assert [item.article.text for item in items] == [
        "A text.",
        "A record.",
        "A record.",
        "A row.",
        "An item.",
        "A packed text.",
    ]
    assert not errors
    assert "2 files passed over" in notice


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.txt", NITF, "An item."),
        ("a.html", NITF, "An item."),
        ("a.json", NITF, "An item."),
        ("a.html", "Just a text.", "Just a text."),
        ("a.xml", RECORD, "A record."),
    ],
)
def test_content_is_believed_before_a_wrong_suffix_and_this_is_said(
    read: Read, name: str, content: str, text: str
) -> None:
    [item], errors, [notice] = read(name, content)
    assert item.article.text == text
    assert not errors
    assert "its content is" in notice


def test_a_format_can_be_forced(read: Read) -> None:
    [item], _, notices = read("a.html", NITF, input_format="text")
    assert item.article.text == NITF
    assert not notices
    [item], _, _ = read("a", RECORD, input_format="jsonl")
    assert item.article.id == "r"


def test_every_format_has_a_reader() -> None:
    assert all(callable(reader_of(name)) for name in FORMATS)


def test_a_truncated_gzip_keeps_what_came_before_and_says_so(read: Read) -> None:
    lines = "\n".join(json.dumps({"id": str(n), "text": f"Text {n**9}."}) for n in range(5000))
    items, errors, _ = read("a.jsonl.gz", gzip.compress(lines.encode())[:-2000])
    assert len(items) > 1000
    assert "cut off" in errors[-1]
    items, [error], _ = read("a.txt.gz", gzip.compress(lines.encode())[:-2000])
    assert not items
    assert "cut off" in error


@pytest.mark.parametrize(
    "content", [b"\x1f\x8b", b"\x1f\x8b\x08garbage", gzip.compress(b"x", mtime=0)[:-4] + b"....."]
)
def test_damaged_gzip_is_one_error(read: Read, content: bytes) -> None:
    items, [error], _ = read("a.txt.gz", content)
    assert not items
    assert "a.txt.gz: " in error


@pytest.mark.parametrize("name", ["a.txt.gz", "a.jsonl.gz", "a.json.gz", "a.csv.gz", "a.xml.gz"])
def test_a_decompression_bomb_is_unpacked_no_further_than_allowed(read: Read, name: str) -> None:
    start = {"csv": b'id,text\n1,"', "json": b'["', "xml": b"<nitf>"}.get(name.split(".")[1], b"")
    bomb = gzip.compress(start + b"a" * 40_000_000)
    items, errors, _ = read(name, bomb, max_bytes=2**20)
    assert not items
    assert any("larger than 1 MB" in error for error in errors)


def test_several_gzip_members_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(
        gzip.compress(b"one ") + b"\0" * 5 + gzip.compress(b"") + gzip.compress(b"two")
    )
    with open_source(str(path)) as source:
        assert source.read_all(100) == b"one two"
    with open_source(str(path)) as source, pytest.raises(ReadError, match="larger"):
        source.read_all(5)


@pytest.mark.parametrize(
    ("library", "name", "content", "extra"),
    [
        ("trafilatura", "a.html", b"<html><body><p>x</p></body></html>", "html"),
        ("lxml", "a.html", b"<html><body><p>x</p></body></html>", "html"),
        ("warcio.archiveiterator", "a.warc", b"WARC/1.0\r\n", "html"),
        ("pyarrow", "a.parquet", b"PAR1", "parquet"),
        ("pyarrow", "a.arrow", b"ARROW1", "parquet"),
    ],
)
def test_a_missing_library_is_said_once_with_what_to_install(
    tmp_path: Path, read_all, monkeypatch, library: str, name: str, content: bytes, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    for number in range(3):
        (tmp_path / f"{number}{name}").write_bytes(content)
    (tmp_path / "z.txt").write_text("A text.")
    items, [error], [notice] = read_all([str(tmp_path)])
    assert [item.article.text for item in items] == ["A text."]
    assert f"pip install '.[{extra}]'" in error
    assert "and 1 more" in notice


def test_standard_input_is_read_in_any_format(monkeypatch, tmp_path: Path, read_all) -> None:
    path = tmp_path / "in"
    for content in (NITF.encode(), gzip.compress(NITF.encode())):
        path.write_bytes(content)
        with path.open("rb") as file:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
            [item], errors, _ = read_all(["-"])
        assert (item.article.text, item.article.id) == ("An item.", "-")
        assert not errors
