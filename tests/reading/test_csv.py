"""CSV and its relatives."""

import pytest
from reading_files import Read

from dedup.reading.jsonl import Fields


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_is_read_whatever_parts_its_columns(
    read: Read, delimiter: str, encoding: str
) -> None:
    rows = [["id", "text", "date"], ["1", '"El señor\ndijo ""no""; y, | ya"', "2024-03-15"]]
    content = "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)
    [item], errors, _ = read("a.csv", content)
    assert item.article.text.splitlines() == ["El señor", 'dijo "no"; y, | ya']
    assert (item.article.id, item.article.published) == ("1", "2024-03-15")
    assert not errors


def test_columns_are_selectable_and_their_lack_is_said_once(read: Read) -> None:
    content = "Key,articleBody\n1,One\n2,Two\n"
    items, errors, _ = read("a.csv", content, fields=Fields(id="Key", text="articleBody"))
    assert (len(items), errors) == (2, [])
    items, [error], _ = read("a.csv", content)
    assert not items
    assert "no column 'id'" in error
    assert "'Key', 'articleBody'" in error


def test_a_row_that_does_not_fit_is_named_and_the_rest_is_read(read: Read) -> None:
    items, errors, _ = read("a.csv", "id,text\n1,a,b\n\n2,good\n3\n")
    assert [item.article.id for item in items] == ["2"]
    assert [error.partition("a.csv")[2][:3] for error in errors] == [":2:", ":5:"]


def test_a_quotation_mark_never_closed_does_not_take_up_memory(read: Read) -> None:
    content = 'id,text\n1,"never closed\n' + "2,text\n" * 300_000
    items, [error], _ = read("a.csv", content, max_bytes=2**20)
    assert not items
    assert "larger than 1 MB" in error


def test_a_table_in_utf_16_is_an_error_that_says_what_to_do(read: Read) -> None:
    items, [error], _ = read("a.csv", "id,text\n1,a\n".encode("utf-16"))
    assert not items
    assert "save the table as UTF-8" in error
