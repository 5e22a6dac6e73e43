"""ninjs 1 to 3 (IPTC): news in JSON."""

from __future__ import annotations

from dedup.article import Article
from dedup.reading.dates import iso_date
from dedup.reading.item import Item, dateline, stated_credits
from dedup.reading.jsonl import Record, Value
from dedup.reading.markup import fragment_text

_MARKS_NAMES = """
    body_text body_xhtml body_html body_html5 bodies headline headlines versioncreated
    versionCreated pubstatus pubStatus representationtype representationType renditions
"""
_MARKS = frozenset(_MARKS_NAMES.split())
_TEXT_TYPES = frozenset({"text", "composite"})
_WITHDRAWN = frozenset({"canceled", "cancelled", "withheld"})
_ORDER = ("xhtml", "html", "html5", "main", "text")
"""Roles of bodies in the order they are preferred: paragraphs are lost in plain text."""


def is_ninjs(record: Record) -> bool:
    """Say whether a JSON object is a ninjs item: a ``uri`` and some property of the standard."""
    return isinstance(record.get("uri"), str) and not _MARKS.isdisjoint(record)


def passed_over(record: Record) -> str | None:
    """Say why an item is not read; None if it is."""
    kind = record.get("type", "text")
    if kind not in _TEXT_TYPES:
        return f"a {kind} item of ninjs, not text"
    if _first(record, "pubstatus", "pubStatus") in _WITHDRAWN:
        return "an item withdrawn by its provider"
    return None


def ninjs_item(record: Record) -> Item:
    """Make an item of a ninjs object; its text is empty where it has none.

    The text is the body, else the description, which is all that some items carry.
    """
    provider = _names(_first(record, "provider", "infosource", "infoSources", "infosources"))
    holder = _string(_first(record, "copyrightholder", "copyrightHolder"))
    source = provider[0] if provider else holder
    by = _string(_first(record, "by", "byline"))
    title = _text(record, "headline", "headlines") or _string(record.get("title")) or ""
    text = _text(record, "body", "bodies") or _text(record, "description", "descriptions")
    article = Article(
        id=record["uri"],
        text=text.removeprefix(title).lstrip() if text.startswith(f"{title}\n") else text,
        title=" ".join(title.split()) or None,
        source=source,
        published=iso_date(_first(record, "versioncreated", "versionCreated"))
        or iso_date(_first(record, "contentcreated", "contentCreated"))
        or iso_date(_first(record, "firstcreated", "firstCreated")),
        url=_string(record.get("url")) or (_web(record["uri"])),
        language=_string(record.get("language")),
        credits=(
            *dateline(_string(record.get("dateline")) or _string(record.get("located")), source),
            *stated_credits(
                [
                    *((name, "byline") for name in provider),
                    (holder, "byline"),
                    (by, "byline"),
                    (_string(_first(record, "creditline", "creditLine")), "credit-line"),
                ]
            ),
        ),
    )
    version = record.get("version")
    return Item(
        article,
        version=str(version) if isinstance(version, str | int) else None,
        derived_from=_derived(record),
    )


def _text(record: Record, single: str, several: str) -> str:
    """Return a text: ``body_*`` of ninjs 1, or the best of the ``bodies`` of ninjs 2 and 3."""
    found: dict[str, str] = {}
    for entry in _list(record.get(several)):
        value, role = _string(entry.get("value")), _string(entry.get("role")) or "main"
        kind = _first(entry, "contenttype", "contentType") or "text/html"
        if value and str(kind).startswith("text/"):
            found.setdefault(role, value)
    for name, value in record.items():
        if name == single or name.startswith(single + "_"):
            role = name.removeprefix(single).removeprefix("_") or "main"
            if value := _string(value):
                found.setdefault(role, value)
    for role in (*_ORDER, *found):
        if role in found and (text := fragment_text(found[role], is_html="html" in role)):
            return text
    return ""


def _derived(record: Record) -> tuple[str, ...]:
    """Return the addresses of items that a property or an association says it was made from."""
    associations = record.get("associations")
    if isinstance(associations, dict):
        entries = [(name, entry) for name, entry in associations.items()]
    else:
        entries = [(entry.get("name"), entry) for entry in _list(associations)]
    found = [
        _string(entry.get("uri"))
        for name, entry in entries
        if isinstance(entry, dict)
        and "derivedfrom" in (str(name).casefold(), str(entry.get("rel")).casefold())
    ]
    stated = _first(record, "derivedfrom", "derivedFrom")
    found.extend(
        _string(entry.get("uri") if isinstance(entry, dict) else entry)
        for entry in (stated if isinstance(stated, list) else [stated])
    )
    return tuple(dict.fromkeys(filter(None, found)))


def _names(value: object) -> list[str]:
    """Return the names in a string, an object or a list of objects."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = [value]
    names = (_string(entry.get("name")) or _string(entry.get("literal")) for entry in _list(value))
    return [name for name in names if name]


def _list(value: object) -> list[Record]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _first(record: Record, *names: str) -> Value:
    return next((record[name] for name in names if name in record), None)


def _string(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _web(uri: str) -> str | None:
    return uri if uri.startswith(("http://", "https://")) else None
