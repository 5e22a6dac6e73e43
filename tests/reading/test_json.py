"""JSON arrays, objects and lines."""

import json

import pytest
from reading_files import Read

from dedup.reading.jsonl import Fields

A = {"id": "a", "text": "First text.", "credit": "Xwire", "date": "2024-03-15"}
B = {"id": "b", "text": "Second text."}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([A, B]),
        json.dumps([A, B], indent=2).replace("\n", "\r\n"),
        json.dumps(A) + "\n" + json.dumps(B, indent=1),
        json.dumps({"meta": {"n": 2}, "articles": [A, B]}),
        "\ufeff" + json.dumps([A, B]),
    ],
)
def test_records_are_read_from_whatever_holds_them(read: Read, content: str) -> None:
    items, errors, _ = read("a.json", content)
    assert [item.article.text for item in items] == ["First text.", "Second text."]
    assert [credit.agency for credit in items[0].article.credits] == ["Xwire"]
    assert not errors


def test_fields_are_selectable_down_a_path(read: Read) -> None:
    record = {"key": "x", "fields": {"body": "The text.", "head": "The title"}}
    fields = Fields(id="key", text="fields.body", title="fields.head")
    for name, content in (("a.json", json.dumps([record])), ("a.jsonl", json.dumps(record))):
        [item], errors, _ = read(name, content, fields=fields)
        assert (item.article.id, item.article.title) == ("x", "The title")
        assert not errors


def test_a_record_that_is_none_is_named_and_the_rest_is_read(read: Read) -> None:
    content = f'[\n{json.dumps(A)},\n{{"id": "x"}},\n7,\n{json.dumps(B)}\n]'
    items, errors, _ = read("a.json", content)
    assert [item.article.id for item in items] == ["a", "b"]
    assert [error.partition("a.json")[2][:3] for error in errors] == [":3:", ":4:"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no records"),
        ("[" * 100_000, "nested too deeply"),
        ('{"id": "a", "text": "b", "c": ' + "[" * 100_000, "nested too deeply"),
        ('{"id": "a" "text"}', "a.json:1: not valid JSON: Expecting ',' delimiter"),
        ('[{"id": "a"', "not valid JSON"),
        (b'{"id": "a", "text": "\xff"}', "not valid utf-8"),
        ('{"id": "a", "text": "b", "n": ' + "9" * 5000 + "}", "not valid JSON"),
    ],
)
def test_what_is_no_json_is_one_clear_error(read: Read, content: str, message: str) -> None:
    items, [error], _ = read("a.json", content)
    assert not items
    assert message in error


def test_an_array_is_read_by_records_none_of_which_may_be_larger_than_allowed(
    read: Read,
) -> None:
    many = json.dumps([{"id": str(n), "text": "word " * 200} for n in range(3000)])  # 3 MB
    items, errors, _ = read("a.json", many, max_bytes=2**20)
    assert (len(items), errors) == (3000, [])
    huge = json.dumps([A, {"id": "huge", "text": "word " * 2**19}])
    items, [error], _ = read("b.json", huge, max_bytes=2**20)
    assert [item.article.id for item in items] == ["a"]
    assert "larger than 1 MB" in error


def test_an_array_named_as_lines_is_read_as_what_it_is(read: Read) -> None:
    items, _, _ = read("a.jsonl", json.dumps([A, B], indent=1))
    assert len(items) == 2
