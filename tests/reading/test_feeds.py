"""RSS and Atom, with content written for these tests."""

from reading_files import Read

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Harbour Herald</title><language>en</language>
<item><title>Ferries &amp;amp; boats</title><link>http://hh.example/1</link>
 <guid isPermaLink="false">hh-1</guid><pubDate>Fri, 15 Mar 2024 10:15:00 +0000</pubDate>
 <dc:creator>Xwire</dc:creator><source url="http://xw.example/feed">Xwire feed</source>
 <media:title>A boat</media:title><media:description>Not this</media:description>
 <description>Short.</description>
 <content:encoded><![CDATA[<p>No ferry left.</p><p>The&nbsp;second.</p>]]></content:encoded></item>
<item><link>http://hh.example/2</link><description>Only&nbsp;this.</description></item>
<item><guid>hh-3</guid><title>Nothing</title></item>
</channel></rss>"""


def test_rss_items_are_read_with_full_content_or_the_description(read: Read) -> None:
    [first, second], [error], _ = read("a.rss", RSS)
    article = first.article
    assert article.text == "No ferry left.\n\nThe second."
    assert (article.id, article.title) == ("hh-1", "Ferries & boats")
    assert (article.source, article.language) == ("Harbour Herald", "en")
    assert (article.url, article.published) == ("http://hh.example/1", "2024-03-15T10:15:00+00:00")
    assert [(credit.kind, credit.text) for credit in article.credits] == [
        ("byline", "Xwire"),
        ("credit-line", "Xwire feed"),
    ]
    assert first.derived_from == ("http://xw.example/feed",)
    assert (second.article.id, second.article.text) == ("http://hh.example/2", "Only\xa0this.")
    assert "item 3: the item 'hh-3' has no text" in error


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Herald</title>
<entry><id>urn:1</id><title type="html">Ferries &lt;b&gt;stay&lt;/b&gt;</title>
 <link rel="edit" href="http://h.example/e"/><link href="http://h.example/1"/>
 <author><name>Ana Prueba</name></author><published>2024-03-15T10:15:00Z</published>
 <updated>2024-03-16T00:00:00Z</updated><summary>Short.</summary>
 <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two.</p></div></content>
</entry></feed>"""


def test_atom_entries_are_read(read: Read) -> None:
    [item], errors, _ = read("a.xml", ATOM)
    article = item.article
    assert (article.id, article.title, article.text) == ("urn:1", "Ferries stay", "One.\n\nTwo.")
    assert (article.url, article.source) == ("http://h.example/1", "Herald")
    assert (article.published, article.language) == ("2024-03-15T10:15:00+00:00", "en")
    assert item.version == "2024-03-16T00:00:00Z"
    assert [credit.text for credit in article.credits] == ["Ana Prueba"]
    assert not errors


def test_items_before_the_place_where_a_feed_breaks_off_are_kept(read: Read) -> None:
    items, [error], _ = read("a.rss", RSS[: RSS.index("<item><guid>hh-3")] + "<item><ti")
    assert len(items) == 2
    assert "a.rss:" in error
    assert "not well-formed XML" in error
