"""NITF, and XML that does harm, with content written for these tests."""

import pytest
from reading_files import Read

NITF = """<?xml version="1.0" encoding="{encoding}"?>
<!DOCTYPE nitf SYSTEM "nitf-3-2.dtd"{subset}>
<nitf baselang="es"><head><title>Otro</title><docdata><doc-id id-string="n-1" regsrc="XW"/>
<date.issue norm="20240315T101500+0100"/><du-key key="k" version="4"/></docdata></head>
<body><body.head><hedline><hl1>El puerto cierra</hl1><hl2>Dos</hl2></hedline>
<byline>ap/xy</byline><distributor>Agencia Xw</distributor>
<dateline><location>Puerto Luz</location><story.date norm="20240315"/></dateline></body.head>
<body.content><p>El se&ntilde;or dijo&nbsp;no.</p><hl2>Después</h{two}>
<media media-type="image"><media-caption>Un barco</media-caption></media>
<table><tr><td>A</td><td>1</td></tr><tr><td>B</td><td>2</td></tr></table></body.content>
<body.end><tagline>Agencia Xw</tagline></body.end></body></nitf>"""


def nitf(encoding: str = "utf-8", subset: str = "", two: str = "l2") -> bytes:
    return NITF.format(encoding=encoding, subset=subset, two=two).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_a_nitf_item_is_read_with_what_it_states(read: Read, encoding: str) -> None:
    [item], errors, _ = read("a.xml", nitf(encoding))
    article = item.article
    assert article.text == "El señor dijo no.\n\nDespués\n\nA 1\nB 2\n\nAgencia Xw"
    assert (article.id, article.title, item.version) == ("n-1", "El puerto cierra", "4")
    assert (article.source, article.language) == ("Agencia Xw", "es")
    assert article.published == "2024-03-15T10:15:00+01:00"
    assert [(credit.kind, credit.text) for credit in article.credits] == [
        ("dateline", "Puerto Luz"),
        ("byline", "Agencia Xw"),
        ("byline", "ap/xy"),
    ]
    assert not errors


def test_undeclared_bytes_of_another_encoding_are_read(read: Read) -> None:
    text = b"<p>El se\xf1or y el ni\xc3\xb1o</p>"
    [item], _, _ = read(
        "a.xml", b"<nitf><body><body.content>%s</body.content></body></nitf>" % text
    )
    assert item.article.text == "El señor y el niño"


@pytest.mark.parametrize(
    "subset",
    [
        ' [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]',
        ' [<!ENTITY a SYSTEM "file:///etc/hostname">]',
        ' [<!ENTITY % a SYSTEM "http://xw.example/a.dtd"> %a;]',
    ],
)
def test_entities_are_never_expanded_or_fetched(read: Read, subset: str) -> None:
    items, [error], _ = read("a.xml", nitf(subset=subset))
    assert not items
    assert "a.xml:2: declares the entity 'a'" in error


def test_deep_and_crowded_and_broken_xml_is_one_error_that_names_the_line(read: Read) -> None:
    for content, message in (
        ("<nitf>" + "<p>" * 100_000, "nested deeper than 250"),
        ("<nitf>" + "<p/>" * 300_000, "more than 250,000 elements"),
        (nitf(two="l3").decode(), "a.xml:8: not well-formed XML: mismatched tag"),
        ("<urlset><url/></urlset>", "root element <urlset> is none of NewsML"),
        ("<nitf><body/></nitf>", "has no text"),
    ):
        items, [error], _ = read("a.xml", content)
        assert not items
        assert message in error


def test_an_item_is_no_larger_than_allowed(read: Read) -> None:
    items, [error], _ = read("a.xml", "<nitf>" + "a" * 3_000_000, max_bytes=2**20)
    assert not items
    assert "larger than 1 MB; raise --max-size" in error
