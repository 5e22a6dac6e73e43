"""NewsML-G2 and NewsML 1.2, with content written for these tests."""

import pytest
from reading_files import Read

G2 = """<?xml version="1.0" encoding="UTF-8"?>
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:wire:1" version="{version}"
  xml:lang="en">
 <itemMeta>
  <itemClass qcode="ninat:{kind}"/>
  <provider qcode="nprov:XWIRE"><name>Xwire</name></provider>
  <versionCreated>2024-03-15T10:15:00+01:00</versionCreated>
  <pubStatus qcode="stat:{status}"/>
  <link rel="irel:derivedFrom" residref="urn:wire:0"/>
 </itemMeta>
 <contentMeta>
  <creator><name>Ana Prueba</name></creator>
  <infoSource><name>Ywire</name></infoSource>
  <language tag="en-GB"/>
  <headline>Ferries
   stay in port</headline>
  <dateline>PORT LUMEN, Friday</dateline>
  <creditline>Xwire/Ywire</creditline>
 </contentMeta>
 <contentSet>{content}</contentSet>
</newsItem>"""
NITF = """<inlineXML contenttype="application/nitf+xml"><nitf><body><body.head>
<hedline><hl1>Inner headline</hl1></hedline><byline>By Ana Prueba</byline></body.head>
<body.content><p>No ferry left <em>Port Lumen</em>
on Friday.</p><p>The second paragraph.</p></body.content></body></nitf></inlineXML>"""
BODY = "No ferry left Port Lumen on Friday.\n\nThe second paragraph."


def g2(content: str = NITF, kind: str = "text", status: str = "usable", version: int = 3) -> str:
    return G2.format(content=content, kind=kind, status=status, version=version)


def test_a_g2_item_is_read_with_what_it_states(read: Read) -> None:
    [item], errors, notices = read("a.xml", g2())
    article = item.article
    assert (article.id, article.title) == ("urn:wire:1", "Ferries stay in port")
    assert article.text == BODY
    assert (article.source, article.language) == ("Xwire", "en-GB")
    assert article.published == "2024-03-15T10:15:00+01:00"
    assert (item.version, item.derived_from) == ("3", ("urn:wire:0",))
    stated = [(credit.kind, credit.text) for credit in article.credits]
    assert stated == [
        ("dateline", "PORT LUMEN, Friday"),
        ("byline", "Xwire"),
        ("byline", "Ywire"),
        ("byline", "Ana Prueba"),
        ("credit-line", "Xwire/Ywire"),
        ("byline", "By Ana Prueba"),
    ]
    assert article.credits[0].agency == "Xwire"
    assert {credit.span for credit in article.credits} == {(0, 0)}
    assert not errors
    assert not notices


@pytest.mark.parametrize(
    "content",
    [
        '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">'
        "<head><title>x</title></head><body><p>No ferry left Port Lumen on Friday.</p>"
        "<p>The second paragraph.</p></body></html></inlineXML>",
        '<inlineData contenttype="text/html"><![CDATA[<p>No ferry left Port Lumen on Friday.</p>'
        "<p>The second paragraph.</p>]]></inlineData>",
        '<inlineData contenttype="text/plain">No ferry left Port Lumen on Friday.\n\n'
        "The second paragraph.</inlineData>",
        '<remoteContent href="x.jpg"/><inlineData contenttype="image/jpeg" encoding="b64">AAAA'
        "</inlineData>" + NITF,
    ],
)
def test_content_is_read_in_whatever_form_it_stands(read: Read, content: str) -> None:
    [item], _, _ = read("a.xml", g2(content))
    assert item.article.text == BODY


@pytest.mark.parametrize("kind", ["picture", "video", "hologram"])
def test_items_that_are_no_text_are_counted(read: Read, kind: str) -> None:
    items, errors, [notice] = read("a.xml", g2(kind=kind))
    assert not items
    assert not errors
    assert f"a {kind} item" in notice


def test_a_withdrawn_item_is_counted_and_an_empty_one_is_an_error(read: Read) -> None:
    items, errors, notices = read("a.xml", g2(status="canceled"))
    assert (items, errors, "withdrawn" in notices[0]) == ([], [], True)
    items, errors, _ = read("b.xml", g2("<inlineXML/>"))
    assert not items
    assert "'urn:wire:1' has no text" in errors[0]


def test_a_message_holds_many_items_and_others_are_counted(read: Read) -> None:
    inner = g2().removeprefix('<?xml version="1.0" encoding="UTF-8"?>')
    message = (
        "<newsMessage><header><sent>x</sent></header><itemSet>"
        + inner
        + "<packageItem guid='p'/>"
        + inner.replace("urn:wire:1", "urn:wire:2")
        + "</itemSet></newsMessage>"
    )
    items, errors, [notice] = read("m.xml", message)
    assert [item.article.id for item in items] == ["urn:wire:1", "urn:wire:2"]
    assert not errors
    assert "packageItem" in notice


def test_a_later_version_of_an_item_gets_an_id_of_its_own(read: Read, tmp_path, read_all) -> None:
    (tmp_path / "1.xml").write_text(g2(version=1))
    (tmp_path / "2.xml").write_text(g2(version=2))
    (tmp_path / "3.xml").write_text(g2(version=2))
    items, [error], _ = read_all([str(tmp_path)])
    assert [item.article.id for item in items] == ["urn:wire:1", "urn:wire:1#v2"]
    assert "already read" in error


V1 = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE NewsML SYSTEM "http://www.iptc.org/NewsML/DTD/NewsML_1.2.dtd">
<NewsML Version="1.2">
 <NewsEnvelope><SentFrom><Party FormalName="Agencia Xw"/></SentFrom>
  <DateAndTime>20240315T101500Z</DateAndTime></NewsEnvelope>
 <NewsItem>
  <Identification><NewsIdentifier><ProviderId>xw.example</ProviderId>
   <NewsItemId>77</NewsItemId><RevisionId>2</RevisionId>
   <PublicIdentifier>urn:newsml:xw.example:77:2</PublicIdentifier></NewsIdentifier></Identification>
  <NewsManagement><ThisRevisionCreated>20240315T111500+0100</ThisRevisionCreated>
   <Status FormalName="Usable"/>
   <DerivedFrom NewsItem="urn:newsml:xw.example:76:1"/></NewsManagement>
  <NewsComponent><NewsLines><HeadLine>Los barcos no salen</HeadLine>
   <ByLine>Ana Prueba</ByLine><DateLine>Puerto Luz</DateLine><CreditLine>Xw</CreditLine></NewsLines>
   <DescriptiveMetadata><Language FormalName="es"/></DescriptiveMetadata>
   <NewsComponent><Role FormalName="Caption"/><ContentItem><DataContent>El pie.</DataContent>
    </ContentItem></NewsComponent>
   <NewsComponent><Role FormalName="Main"/><ContentItem><MimeType FormalName="text/xml"/>
    <DataContent>{content}</DataContent></ContentItem></NewsComponent>
  </NewsComponent>
 </NewsItem>
</NewsML>"""


def test_a_newsml_1_item_is_read_with_what_it_states(read: Read) -> None:
    content = "<p>Ningún barco salió.</p><p>El segundo párrafo.</p>"
    [item], errors, _ = read("a.xml", V1.format(content=content).encode("latin-1"))
    article = item.article
    assert article.text == "Ningún barco salió.\n\nEl segundo párrafo."
    assert (article.id, article.title) == ("urn:newsml:xw.example:77:2", "Los barcos no salen")
    assert (article.source, article.language) == ("Agencia Xw", "es")
    assert article.published == "2024-03-15T11:15:00+01:00"
    assert (item.version, item.derived_from) == ("2", ("urn:newsml:xw.example:76:1",))
    assert [(credit.kind, credit.text) for credit in article.credits] == [
        ("dateline", "Puerto Luz"),
        ("byline", "Agencia Xw"),
        ("byline", "Ana Prueba"),
        ("credit-line", "Xw"),
    ]
    assert not errors


def test_a_newsml_1_photo_is_counted(read: Read) -> None:
    photo = V1.replace(
        "<NewsComponent><NewsLines>", '<NewsComponent><Role FormalName="Photo"/><NewsLines>'
    )
    items, errors, [notice] = read("a.xml", photo.format(content=""))
    assert (items, errors, "a photo item" in notice) == ([], [], True)
