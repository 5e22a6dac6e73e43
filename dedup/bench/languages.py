"""The language of an article, to report results by: stated, else by its commonest small words."""

from __future__ import annotations

import re

from dedup.article import Article

UNKNOWN = "unknown"

_SMALL_WORDS = {
    "de": "der die das und ist nicht mit dem den von zu ein eine auf für sich im auch als bei",
    "en": "the of and to in that is was for on with as at by it from are be this his has",
    "es": "el la de los las que y en un una por con para del se su al como más este fue",
    "fr": "le la les des et est que dans un une pour du au sur pas par qui avec ce il sont",
    "it": "il la di che e un una per del della non con gli sono nel alla dei da anche si",
    "nl": "de het een van en in dat is op te voor met niet zijn aan er ook als bij door",
    "pt": "o a os as que e em um uma para com do da dos das não por no na ao mais foi",
}
_WORD_OF = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_LOOKED_AT = 4000
_LEAST = 3


def language_of(article: Article) -> str:
    """Return the stated language (``en`` of ``en-GB``), else a guess, else "unknown"."""
    if article.language:
        return article.language.replace("_", "-").partition("-")[0].lower()
    words = _WORD.findall(article.text[:_LOOKED_AT].lower())
    counts = {
        language: sum(word in small for word in words) for language, small in _WORD_OF.items()
    }
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] >= _LEAST else UNKNOWN
