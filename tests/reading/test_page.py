"""HTML pages, written for these tests."""

import gzip
import json

import pytest
from reading_files import Read

pytest.importorskip("trafilatura", reason="needs the extra 'html'")

PARAGRAPHS = [
    "No ferry left Port Lumen on Friday morning, after the crews of all three lines voted to stay"
    " ashore until the harbour council hears them.",
    "El señor Álvarez, who speaks for the crews, said the council had known of the vote for two"
    " weeks and had not once asked them to a table.",
    "About four thousand passengers were waiting at noon, most of them on their way to the islands"
    " for the long weekend, the harbour office said.",
]
LINKED_DATA = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "Organization", "@id": "#pub", "name": "Harbour Herald"},
        {
            "@type": ["NewsArticle", "ReportageNewsArticle"],
            "headline": "Ferries stay in port &amp; wait",
            "datePublished": "2024-03-15T10:15:00+0100",
            "author": [{"@type": "Person", "name": "Xwire"}, {"name": "Harbour Herald"}],
            "publisher": {"@id": "#pub"},
            "creditText": "Xwire / Harbour Herald",
            "sourceOrganization": {"@type": "Organization", "name": "Xwire International"},
            "isBasedOn": {"@type": "NewsArticle", "url": "https://xw.example/0"},
            "description": "Crews vote to stay ashore until they are heard.",
        },
    ],
}


def page(
    *,
    head: str = "",
    linked: object = LINKED_DATA,
    paragraphs: list[str] = PARAGRAPHS,
    charset: str = "utf-8",
    after: str = "",
) -> str:
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="{charset}">
<title>Ferries stay in port - Harbour Herald</title>{head}
<script type="application/ld+json">{json.dumps(linked, ensure_ascii=False)}</script></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/news">All the news</a></li></ul></nav>
<main><article><h1>Ferries stay in port &amp; wait</h1>
{"".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)}</article>{after}</main>
<footer><p>Copyright Harbour Herald. All rights reserved. Legal notice and cookies.</p></footer>
</body></html>"""


def test_a_page_is_read_without_its_furniture_and_with_what_it_states(read: Read) -> None:
    head = '<link rel="canonical" href="https://hh.example/1">'
    [item], errors, notices = read("a.html", page(head=head))
    article = item.article
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert article.id.endswith("a.html")
    assert (article.title, article.source) == ("Ferries stay in port & wait", "Harbour Herald")
    assert (article.url, article.language) == ("https://hh.example/1", "en")
    assert article.published == "2024-03-15T10:15:00+01:00"
    assert [(credit.kind, credit.text) for credit in article.credits] == [
        ("byline", "Xwire"),
        ("credit-line", "Xwire / Harbour Herald"),
        ("credit-line", "Xwire International"),
    ]
    assert item.derived_from == ("https://xw.example/0",)
    assert not errors
    assert not notices


def test_meta_tags_speak_where_linked_data_is_silent(read: Read) -> None:
    head = """<meta property="og:title" content="Ferries stay in port &amp; wait | Herald">
    <meta property="og:url" content="https://hh.example/2"><meta name="author" content="EFE">
    <meta property="og:site_name" content="Herald"><meta property="og:type" content="article">
    <meta property="article:published_time" content="2024-03-15T10:15:00Z">"""
    [item], _, _ = read("a.html", page(head=head, linked={"@type": "WebPage"}))
    article = item.article
    assert (article.title, article.source) == ("Ferries stay in port & wait", "Herald")
    assert (article.url, article.published) == ("https://hh.example/2", "2024-03-15T10:15:00+00:00")
    assert [credit.text for credit in article.credits] == ["EFE"]


def stated_body(text: str, **more: object) -> dict[str, object]:
    return {
        "@type": "NewsArticle",
        "headline": "Ferries stay in port & wait",
        "articleBody": text,
    } | more


def test_the_body_a_page_states_settles_where_the_article_ends(read: Read) -> None:
    furniture = "Your subscription is in use on another device, so please sign in here once more."
    paragraphs = [*PARAGRAPHS, "Xwire / EFE", furniture]
    [item], _, _ = read(
        "a.html", page(linked=stated_body(" ".join(PARAGRAPHS)), paragraphs=paragraphs)
    )
    assert item.article.text == "\n\n".join([*PARAGRAPHS, "Xwire / EFE"])


def test_the_body_a_page_states_stands_in_for_one_that_is_not_in_the_markup(read: Read) -> None:
    text = "<p>" + "</p><p>".join(PARAGRAPHS) + "</p>"
    [item], _, _ = read("a.html", page(linked=stated_body(text), paragraphs=[]))
    assert item.article.text == "\n\n".join(PARAGRAPHS)


def test_only_the_beginning_stated_does_not_cut_the_article(read: Read) -> None:
    [item], _, _ = read("a.html", page(linked=stated_body(PARAGRAPHS[0])))
    assert item.article.text == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "cp1252"),
        ("iso-8859-15", "utf-8"),
        ("windows-1252", "utf-8-sig"),
    ],
)
def test_a_charset_is_believed_unless_the_bytes_refute_it(
    read: Read, declared: str, actual: str
) -> None:
    [item], _, _ = read("a.html.gz", gzip.compress(page(charset=declared).encode(actual)))
    assert "señor Álvarez" in item.article.text


def test_a_page_of_two_encodings_is_read_and_this_is_said(read: Read) -> None:
    raw = page().encode().replace("Álvarez".encode(), "Álvarez".encode("cp1252"))
    [item], _, [notice] = read("a.html", raw)
    assert "señor Álvarez" in item.article.text
    assert "not valid utf-8" in notice


def test_a_paywall_stub_is_counted_and_a_free_short_text_is_not(read: Read) -> None:
    stub = {"@type": "NewsArticle", "headline": "Ferries", "isAccessibleForFree": "False"}
    items, errors, [notice] = read("a.html", page(linked=stub, paragraphs=PARAGRAPHS[:1]))
    assert (items, errors, "paywall stub" in notice) == ([], [], True)
    items, _, _ = read("b.html", page(linked=stub, paragraphs=[]))
    assert not items
    free = stub | {"isAccessibleForFree": True}
    assert len(read("c.html", page(linked=free, paragraphs=PARAGRAPHS[:2]))[0]) == 1


@pytest.mark.parametrize(
    "content",
    [
        "<html></html>",
        "<html><body>" + "<div>" * 100_000 + "</body></html>",
        "<html><body>" + "<p>x" * 200_000,
        "<html><body>" + "".join(f"<p><a href=/{n}>Headline number {n}</a></p>" for n in range(99)),
        "<!doctype html>" + "<!--" * 100_000,
        '<html><script type="application/ld+json">' + "[" * 100_000 + "</script>",
        b"<html>" + bytes(range(256)) * 99,
    ],
)
def test_a_page_without_an_article_is_one_clear_error(read: Read, content: str) -> None:
    items, [error], _ = read("a.html", content)
    assert not items
    assert "a.html: " in error


def test_broken_linked_data_does_not_keep_a_page_from_being_read(read: Read) -> None:
    broken = page().replace('"@context"', '"@context').replace("<title>", "\0<title>")
    head = '<meta property="og:type" content="article">'
    [item], _, _ = read("a.html", broken.replace("<title>", f"{head}<title>"))
    assert item.article.text == "\n\n".join(PARAGRAPHS)


def test_a_page_is_no_larger_than_allowed_when_unpacked(read: Read) -> None:
    items, [error], _ = read("a.html.gz", gzip.compress(b"<p>" * 20_000_000))
    assert not items
    assert "larger than 16 MB when unpacked" in error
