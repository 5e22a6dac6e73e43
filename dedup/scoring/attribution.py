"""Which outlet published a text, and which ones it names: who takes a story over says from whom."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from dedup.article import Article
from dedup.text.agencies import find_agencies
from dedup.text.annotate import AnnotatedText
from dedup.text.words import find_words

# A name that ends as newspapers, stations and news sites do; Spanish ones are recognised by the
# noun before them. One word alone ("The Times") is left out: it is too often something else.
_OUTLET = re.compile(
    r"\b(?:(?!(?:The|A)\s)[A-Z][\w&’'-]{0,30}\s){1,3}"
    r"(?:News|Times|Post|Mail|Mirror|Sun|Star|Guardian|Telegraph|Journal|Herald|Tribune|Express|"
    r"Gazette|Chronicle|Observer|Standard|Magazine|Online|Insider|Today|Dispatch|Globe)\b"
    r"|\b(?:diario|periódico|rotativo|revista|cadena)\s[«“\"]?(?:[A-ZÁÉÍÓÚÑ]\w+)(?:\s[A-Z]\w+)?"
    r"|\b(?!www\.)[A-Za-z][A-Za-z0-9-]{1,40}\.(?:com|co\.uk|org|net|tv|ie|es|mx|ar)\b"
)
_NOUNS = ("diario ", "periodico ", "rotativo ", "revista ", "cadena ")
_LONGEST = 5
"""Words an outlet's name may have in a text."""
_SHORTEST, _SHORT = 3, 5
"""Letters an outlet's name must have to be looked for; with fewer than five ("CNN", "BBC") it
counts where it is written in capitals, for it may be a common word."""
_SECOND_LEVEL = {"co", "com", "org", "net", "gov", "ac", "edu"}
_HEAD = 100
"""Characters within which a name in brackets is that of the text's own outlet."""
_ASIDE = re.compile(r"\(.*?\)")


def outlets(text: AnnotatedText) -> set[str]:
    """Return the outlets that a text names, folded, other than the one that it says it is of.

    That one is in brackets at the text's head, or in an e-mail address.
    """
    found = set()
    for match in _OUTLET.finditer(text.article.text):
        before = text.article.text[max(match.start() - 1, 0) : match.start()]
        if before in ("@", ".") or (before == "(" and match.start() < _HEAD):
            continue
        at = int(text.words.starts.searchsorted(match.start()))
        if at < len(text.words):
            name = find_words(match.group()).folded
            for noun in _NOUNS:
                name = name.removeprefix(noun)
            found.add(name)
    return found


def outlet_known(article: Article) -> bool:
    """Say whether it is known who published an article."""
    return article.outlet is not None


def same_outlet(a: Article, b: Article) -> bool:
    """Say whether two articles are known to be of one outlet."""
    return a.outlet is not None and a.outlet == b.outlet


@lru_cache(maxsize=4096)
def publishing_agencies(source: str | None) -> frozenset[str]:
    """Return the agency that a source is, if it is one: "Associated Press" is AP."""
    return frozenset(hit.agency.name for hit in find_agencies(source or ""))


def names_outlet(text: AnnotatedText, other: AnnotatedText) -> bool:
    """Say whether the body of a text names the outlet that published the other one."""
    names = outlet_names(other.article) - outlet_names(text.article)
    if not names:
        return False
    starts, ends = text.words.starts.tolist(), text.words.ends.tolist()
    words = text.words.texts()
    for at, word in enumerate(words):
        if not text.body[at] or not any(name.startswith(word) for name in names):
            continue
        for length in range(1, _LONGEST + 1):
            name = "".join(words[at : at + length])
            if name in names and _as_a_name(
                text.article.text[starts[at] : ends[min(at + length, len(words)) - 1]], name
            ):
                return True
    return False


def outlet_names(article: Article) -> set[str]:
    """Return the names of an article's outlet, from its source and its address, as one word each.

    "dailymail" for dailymail.co.uk/news, "cnn" for edition.cnn.com, "theisland" for The Island.
    """
    source = article.source or ""
    is_address = "." in source and " " not in source.strip()
    own = [_host_name(source) if is_address else _ASIDE.sub("", source), _host_name(article.url)]
    names = {find_words(name).folded.replace(" ", "") for name in own}
    return {name for name in names if len(name) >= _SHORTEST}


def _host_name(address: str | None) -> str:
    """Return the part of an address's host that an outlet is called by."""
    address = address or ""
    try:
        host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""
    parts = host.split(".")[:-1] or [host]
    if len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
        parts.pop()
    return parts[-1]


def _as_a_name(written: str, name: str) -> bool:
    """Say whether words are written as a name: begun with capitals, or all in capitals if short."""
    if len(name) < _SHORT:
        return written == written.upper()
    return not any(word[0].islower() for word in (written.split()[0], written.split()[-1]))
