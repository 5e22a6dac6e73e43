"""Which news outlets a text names: whoever took a story over often says from whom."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from dedup.text.annotate import AnnotatedText
from dedup.text.words import find_words

# A name that ends as newspapers, stations and news sites do; Spanish ones are told by the noun
# before them. One word alone ("The Times") is left out: it is too often something else.
_OUTLET = re.compile(
    r"\b(?:[A-Z][\w&’'-]{0,30}\s){1,3}"
    r"(?:News|Times|Post|Mail|Mirror|Sun|Star|Guardian|Telegraph|Journal|Herald|Tribune|Express|"
    r"Gazette|Chronicle|Observer|Standard|Magazine|Online|Insider|Today|Dispatch|Globe)\b"
    r"|\b(?:diario|periódico|rotativo|revista|cadena)\s[«“\"]?(?:[A-ZÁÉÍÓÚÑ]\w+)(?:\s[A-Z]\w+)?"
    r"|\b(?!www\.)[A-Za-z][A-Za-z0-9-]{1,40}\.(?:com|co\.uk|org|net|tv|ie|es|mx|ar)\b"
)
_ARTICLES = ("the ", "a ", "diario ", "periodico ", "rotativo ", "revista ", "cadena ")
_SHORTEST = 5
"""Letters an outlet's own name must have to be looked for in a text."""


def outlets(text: AnnotatedText) -> set[str]:
    """Return the outlets that the body of a text names, folded."""
    found = set()
    for match in _OUTLET.finditer(text.article.text):
        at = int(text.words.starts.searchsorted(match.start()))
        if at < len(text.words):
            name = find_words(match.group()).folded
            for article in _ARTICLES:
                name = name.removeprefix(article)
            found.add(name)
    return found


def names_source(text: AnnotatedText, other: AnnotatedText) -> bool:
    """Say whether a text names the outlet that the other article was published by."""
    own = _label(other)
    if len(own) < _SHORTEST or own == _label(text):
        return False
    words = [word for word, inside in zip(text.words.texts(), text.body, strict=True) if inside]
    return any(
        "".join(words[at : at + length]) == own
        for at, word in enumerate(words)
        if own.startswith(word)
        for length in range(1, 5)
    )


def _label(text: AnnotatedText) -> str:
    """Return an outlet's name as in its address: "dailymail" for dailymail.co.uk/news."""
    address = text.article.source or text.article.url or ""
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    return host.removeprefix("www.").split(".")[0].replace(" ", "").replace("-", "")
