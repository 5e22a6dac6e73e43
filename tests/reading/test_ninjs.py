"""ninjs 1 to 3, with content written for these tests."""

import json

import pytest
from reading_files import Read

ONE = {
    "uri": "http://xw.example/1",
    "type": "text",
    "version": "2",
    "versioncreated": "2024-03-15T10:15:00Z",
    "language": "en",
    "byline": "Ana Prueba, Xw",
    "copyrightholder": "Xw",
    "located": "Port Lumen",
    "headline": "Ferries stay",
    "body_text": "No ferry left. The second.",
    "body_xhtml": "<p>No ferry left.</p><p>The second.</p>",
    "associations": {"derivedFrom": {"uri": "http://xw.example/0", "type": "text"}},
}
THREE = {
    "uri": "http://xw.example/1",
    "type": "text",
    "version": "2",
    "versionCreated": "2024-03-15T10:15:00Z",
    "language": "en",
    "by": "Ana Prueba, Xw",
    "copyrightHolder": "Xw",
    "located": "Port Lumen",
    "headlines": [{"role": "main", "value": "Ferries stay"}],
    "bodies": [
        {"role": "text", "contentType": "text/plain", "value": "No ferry left. The second."},
        {"role": "other", "contentType": "application/xml", "value": "<X>"},
        {"role": "html", "contentType": "text/html", "value": "<h1>Ferries stay</h1><p>No ferry"
         " left.</p><p>The second.</p>"},
    ],
    "associations": [{"name": "derivedFrom", "uri": "http://xw.example/0"}],
}  # fmt: skip


@pytest.mark.parametrize("record", [ONE, THREE])
def test_an_item_is_read_with_what_it_states(read: Read, record: dict[str, object]) -> None:
    [item], errors, _ = read("a.json", json.dumps(record))
    article = item.article
    assert article.text == "No ferry left.\n\nThe second."
    assert (article.id, article.title) == ("http://xw.example/1", "Ferries stay")
    assert (article.source, article.language) == ("Xw", "en")
    assert article.published == "2024-03-15T10:15:00+00:00"
    assert (item.version, item.derived_from) == ("2", ("http://xw.example/0",))
    assert [(credit.kind, credit.text) for credit in article.credits] == [
        ("dateline", "Port Lumen"),
        ("byline", "Xw"),
        ("byline", "Ana Prueba, Xw"),
    ]
    assert not errors


def test_a_picture_is_counted_and_an_item_without_body_is_read_by_its_description(
    read: Read,
) -> None:
    items, errors, [notice] = read("a.json", json.dumps(ONE | {"type": "picture"}))
    assert (items, errors, "a picture item of ninjs" in notice) == ([], [], True)
    short = {"uri": "u", "headline": "H", "description_text": "All there is."}
    [item], _, _ = read("b.json", json.dumps(short))
    assert item.article.text == "All there is."
    _, [error], _ = read("c.json", json.dumps({"uri": "u", "headline": "H"}))
    assert "'u' has no text" in error


def test_items_stand_in_arrays_and_lines_too(read: Read) -> None:
    other = ONE | {"uri": "http://xw.example/2"}
    for name, content in (
        ("a.json", json.dumps([ONE, other])),
        ("b.json", json.dumps({"items": [ONE, other]})),
        ("c.jsonl", f"{json.dumps(ONE)}\n{json.dumps(other)}\n"),
    ):
        items, errors, _ = read(name, content)
        assert [item.article.id[-1] for item in items] == ["1", "2"]
        assert not errors
