"""WARC archives made by the test."""

import gzip
import io
from pathlib import Path

import pytest
from test_page import PARAGRAPHS, page

warcio = pytest.importorskip("warcio", reason="needs the extra 'html'")
pytest.importorskip("trafilatura", reason="needs the extra 'html'")

PAGE = page().encode()
Record = tuple[str, bytes, dict[str, str]]


def archive(path: Path, records: list[Record], *, packed: bool = True) -> str:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=packed)
        writer.write_record(writer.create_warcinfo_record("a", {"software": "test"}))
        for address, body, headers in records:
            given = {"Content-Type": "text/html; charset=utf-8"} | headers
            status = given.pop("status", "200 OK")
            http = StatusAndHeaders(status, [*given.items()], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    address, "response", payload=io.BytesIO(body), http_headers=http
                )
            )
    return str(path)


def test_pages_are_read_and_other_responses_counted(tmp_path: Path, read_all) -> None:
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE)
    path = archive(
        tmp_path / "a.warc.gz",
        [
            ("http://hh.example/1", PAGE, {}),
            ("http://hh.example/2", gzip.compress(PAGE), {"Content-Encoding": "gzip"}),
            ("http://hh.example/3", PAGE, {"Content-Encoding": "gzip"}),
            ("http://hh.example/4", chunked, {"Transfer-Encoding": "chunked"}),
            ("http://hh.example/5", PAGE, {"status": "404 Not Found"}),
            ("http://hh.example/6", b"\xff\xd8", {"Content-Type": "image/jpeg"}),
            ("http://hh.example/7", page(paragraphs=[]).encode(), {}),
            ("http://hh.example/1", PAGE, {}),
        ],
    )
    items, errors, notices = read_all([path])
    ids = [item.article.id for item in items]
    assert ids[:4] == [f"http://hh.example/{number}" for number in (1, 2, 3, 4)]
    assert ids[4].startswith("http://hh.example/1 20")
    assert {item.article.text for item in items} == {"\n\n".join(PARAGRAPHS)}
    assert items[1].article.url == "http://hh.example/2"
    assert not errors
    assert len(notices) == 2
    assert any(
        "and 1 more: passed over: a response in the archive that is no page" in n for n in notices
    )


def test_the_charset_the_server_declares_is_used(tmp_path: Path, read_all) -> None:
    raw = PAGE.decode().replace('<meta charset="utf-8">', "").encode("cp1252")
    headers = {"Content-Type": "text/html; charset=ISO-8859-1"}
    [item], _, _ = read_all([archive(tmp_path / "a.warc", [("http://a.example", raw, headers)])])
    assert "señor Álvarez" in item.article.text


def test_bombs_in_an_archive_are_counted_and_the_rest_is_read(tmp_path: Path, read_all) -> None:
    bomb = b"<p>" * 20_000_000
    records: list[Record] = [
        ("http://hh.example/1", bomb, {}),
        ("http://hh.example/2", gzip.compress(bomb), {"Content-Encoding": "gzip"}),
        ("http://hh.example/3", PAGE, {}),
    ]
    [item], errors, [notice] = read_all([archive(tmp_path / "a.warc.gz", records)])
    assert item.article.id == "http://hh.example/3"
    assert not errors
    assert "larger than 16 MB" in notice


@pytest.mark.parametrize("packed", [True, False])
def test_what_comes_before_the_end_of_a_cut_archive_is_kept(
    tmp_path: Path, read_all, packed: bool
) -> None:
    records: list[Record] = [(f"http://hh.example/{number}", PAGE, {}) for number in range(5)]
    path = Path(archive(tmp_path / "a.warc", records, packed=packed))
    path.write_bytes(path.read_bytes()[: -len(path.read_bytes()) // 10])
    items, errors, _ = read_all([str(path)])
    assert [item.article.id[-1] for item in items] == ["0", "1", "2", "3"]
    assert "cut off" in errors[-1]


def test_text_records_are_read_as_they_are(tmp_path: Path, read_all) -> None:
    text = "No ferry left Port Lumen."
    head = (
        f"WARC-Type: conversion\r\nWARC-Target-URI: http://a.example\r\nContent-Length: {len(text)}"
    )
    path = tmp_path / "a.wet"
    path.write_bytes(
        f"WARC/1.0\r\n{head}\r\nContent-Type: text/plain\r\n\r\n{text}\r\n\r\n".encode()
    )
    [item], errors, _ = read_all([str(path)])
    assert (item.article.id, item.article.text) == ("http://a.example", text)
    assert not errors


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_archive_is_one_error(tmp_path: Path, read_all, content: bytes) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(content)
    items, errors, _ = read_all([str(path)])
    assert not items
    assert len(errors) == 1
    assert errors[0].startswith(str(path))
