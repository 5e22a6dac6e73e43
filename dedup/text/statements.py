"""Speech that a text shows without quotation marks: signed posts and dash quotations.

The evidence is in the passage itself: the line a post is signed with, the address of its picture,
the dash that opens a paragraph together with who says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dedup.article import Span
from dedup.text.lines import Line, ends_with_stop

LONGEST_POST = 320
"""Characters of a post, which may have 280, and of the addresses in it."""

_HANDLE = r"\(@[\w.@-]{1,60}\)"
_NAME = r"[^\n()@–—]{1,60}"
_DATE = r"[^\n()@]{0,24}?\b(?:19|20)\d\d(?:\b|年[\d月日 ]{1,8})"
_SIGNATURE = re.compile(
    rf"(?:[-–—―]{{1,2}}\s?{_NAME}{_HANDLE}(?:\s{_DATE}|(?=\s*$))"
    rf"|^{_NAME}{_HANDLE}\s{_DATE}$"
    rf"|\bA (?:post|photo|video) (?:shared|posted) by {_NAME}{_HANDLE}(?: on {_DATE})?)"
)
# As a post is shown: the name, the handle, and after a middle dot how old it is.
_SHOWN = re.compile(rf"^(?:{_NAME}\s)?@\w{{1,30}}\s?·\s?[\w :.,/]{{1,24}}$")
_PICTURE = re.compile(r"(?:https?://)?pic\.twitter\.com/\w+|https?://t\.co/\w+")
_SENTENCE = re.compile(r"[.!?…][\"”’»)\]]*\s+(?=\S)")

_DASHES = "–—―-"
# Verbs of saying, in the languages whose papers print speech after a dash. English ones do not:
# there a dash opens an item of a list. A name or a pronoun must follow.
_SAYS = (
    "sier|seier|forteller|fortalte|skriver|mener|forklarer|legger|understreker|siger|sagde"
    "|fortæller|forklarer|säger|sade|berättar|menar|förklarar|sanoo|sanoi|kertoo|kertoi|toteaa"
    "|totesi|powiedział|powiedziała|mówi|mówił|mówiła|dodał|dodała|dodaje|podkreślił|podkreśliła"
    "|podkreśla|zaznaczył|zaznaczyła|tłumaczy|stwierdził|stwierdziła|ocenił|oceniła|przyznał"
    "|przyznała|wyjaśnił|wyjaśniła|wyjaśnia|pyta|dijo|dice|afirmó|afirma|señaló|señala|explicó"
    "|explica|añadió|añade|aseguró|asegura|agregó|agrega|contó|comentó|comenta|preguntó"
    "|pregunta|respondió|responde|declaró|sostuvo|disse|diz|afirmou|explicou|contou|acrescentou"
    "|dit|dit-il|dit-elle|explique|raconte|affirme|ajoute|assure|confie|déclare|ha detto|dice"
    "|racconta|spiega|сказал|сказала|говорит|заявил|заявила|отметил|отметила|добавил|добавила"
    "|рассказал|рассказала|пояснил|пояснила|сообщил|сообщила|сказав|сказала|каже|зазначив|додав"
    "|mondta|mondja|tette hozzá|közölte|spus|spune|declarat|adăugat|řekl|řekla|uvedl|uvedla|dodal"
    "|dodala|povedal|povedala|sakė|teigė|teica|ütles|dedi|diyor"
)
_ATTRIBUTION = re.compile(
    rf"(?:[,.?!…]?\s?[–—―-]\s?|[,?!…]\s)(?:\w{{1,20}} ){{0,2}}?(?:{_SAYS})\b"
    r"(?=(?: \w{1,20}){0,4} [A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁЄІЇ]|(?: \w{1,6})?(?:[.,:;–—―]|\s[–—―]|$))"
    r"[^.!?:–—―\n]{0,160}"
)
# Spanish sets the dash to the first letter of speech, and to that of what the reporter puts in.
_RAYA = re.compile(r"\s[–—](?=[a-zà-öø-ÿ])[^–—\n]{0,200}")
_GOES_ON = re.compile(r"[.,:;]?\s?[–—―-][.,:;]?\s?(?=\w|[¿¡])")


def statements(text: str, paragraphs: list[Line]) -> list[Span]:
    """Return where a text speaks without quotation marks, sorted and disjoint.

    ``paragraphs`` are the text's.
    """
    posted = "(@" in text or "·" in text or "pic.twitter.com/" in text or "://t.co/" in text
    spans = _posts(paragraphs) if posted else []
    dashed = [line for line in paragraphs if line.text[0] in _DASHES]
    if dashed:
        spans += _dialogue(dashed)
    return joined(spans)


def _posts(paragraphs: list[Line]) -> list[Span]:
    """Return the posts of a text, signatures included."""
    spans: list[Span] = []
    for i, line in enumerate(paragraphs):
        if "@" not in line.text and "/" not in line.text:
            continue
        at = 0
        signed = [match.span() for match in _SIGNATURE.finditer(line.text)]
        signed += [match.span() for match in _SHOWN.finditer(line.text)]
        pictured = [match.span() for match in _PICTURE.finditer(line.text)]
        for start, end in sorted(signed + pictured):
            if start < at:
                continue
            begin = _post_begin(line.text, at, start)
            if begin == start and (start, end) in signed and i and not at:
                before = paragraphs[i - 1]
                if line.text[start] == "@" and i > 1 and _is_name(before.text):
                    spans.append((before.start, before.end))
                    before = paragraphs[i - 2]
                if len(before.text) <= LONGEST_POST and not before.text.endswith(":"):
                    spans.append((before.start, before.end))
            spans.append((line.start + begin, line.start + end))
            at = end
    return spans


def _is_name(text: str) -> bool:
    return re.fullmatch(_NAME, text) is not None and not ends_with_stop(text)


def _post_begin(text: str, at: int, end: int) -> int:
    """Return where the post that ends at ``end`` begins: at ``at``, or at a sentence so near."""
    if not text[at:end].strip():
        return end
    if end - at <= LONGEST_POST:
        return at
    sentence = _SENTENCE.search(text, end - LONGEST_POST, end)
    return sentence.end() if sentence else end


def joined(spans: Iterable[Span]) -> list[Span]:
    """Sort spans and join those that touch."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _dialogue(dashed: list[Line]) -> list[Span]:
    """Return what stands after the dashes that open paragraphs, if anybody is said to say it."""
    spoken = [(line, _attribution(line.text, 1)) for line in dashed]
    dashes = {line.text[0] for line, attribution in spoken if attribution}
    spans: list[Span] = []
    for line, attribution in spoken:
        if line.text[0] not in dashes:
            continue
        at = 0
        while attribution:
            spans.append((line.start + at, line.start + attribution.start()))
            on = _GOES_ON.match(line.text, attribution.end())
            if on is None:
                break
            at = on.end()
            attribution = _attribution(line.text, at)
        else:
            spans.append((line.start + at, line.end))
    return spans


def _attribution(text: str, at: int) -> re.Match[str] | None:
    """Find who says what a paragraph opens with a dash for."""
    found = _ATTRIBUTION.search(text, at)
    glued = text[0] in "–—" and not text[1:2].isspace()
    return (found or _RAYA.search(text, at)) if glued else found
