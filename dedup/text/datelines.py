"""Datelines: place, date and agency at the head of wire copy, in the ways agencies write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from dedup.article import Span
from dedup.text.agencies import Hit

_CLOSING_MARK = {"(": ")", "[": "]", "/": "/"}
_REACH = 110
"""Characters before the agency's mark in which place and date are looked for."""

_MONTHS = (
    "jan ene gen janv janvier january enero gennaio janeiro januar januari",
    "feb fév févr fev february febrero febbraio février fevereiro februar februari",
    "mar mär march marzo mars março märz maart mrt",
    "apr abr avr april abril aprile avril",
    "may mayo mai maio mag maggio mei",
    "jun june junio giu giugno juin junho juni",
    "jul july julio lug luglio juil juillet julho juli",
    "aug ago august agosto août aoû augustus",
    "sep sept set september septiembre setiembre settembre septembre setembro",
    "oct okt ott out october octubre ottobre octobre outubro oktober",
    "nov november noviembre novembre novembro",
    "dec dic dez déc des december diciembre dicembre décembre dezembro dezember desember",
)
_MONTH = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}
_NAMES = "|".join(sorted(_MONTH, key=len, reverse=True))
_DATE = re.compile(
    rf"(?:\b(?P<month_first>{_NAMES})\b\.?\s(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"|\b(?P<day_first>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s(?:de\s|of\s)?"
    rf"(?P<month_second>{_NAMES})\b\.?)"
    r"(?:,?\s(?:de\s|del\s)?(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s{0,2}\.?\s{0,2}(?:--|[-–—―]|:(?!\S))")
_JOINT = re.compile(r"\s?[/,]\s?|\s(?:and|y|e|et|und|&)\s|\s-\s")
_PARTNER = re.compile(r"[^\W\d_a-z]\w{1,9}\.?(?: [^\W\d_a-z]\w{1,9}){0,2}")
_LOWER_IN_PLACES = re.compile(
    r"[dln]?[aeo]s?|d[eo]l|de[rs]?|d[ui]|das|of|the|and|[yei]|et|und|a[mnl]|den|v[ao]n|upon|on|near"
    r"|sur|sobre|in|en|[ld]['’].{1,30}"
)
_WORD = re.compile(r"[^\s,/()-]+")
_TRAILING_PLACE = re.compile(
    r"(?:^|(?<=[\s.!?\"”»)=]))"
    r"(?P<place>[^\W\d_a-zß-ÿ][\w.'’-]{0,20}"
    r"(?:,?(?:\s(?:de|del|la|las|los|el|da|do|du|of|the|y|and)){0,2}"
    r"[\s/]\(?[^\W\d_a-zß-ÿ][\w.'’-]{0,20}\)?){0,5}),?$"
)
_ABBREVIATED = re.compile(r",\s?[A-Z][\w.]{0,5}\.$")
_DAY = re.compile(r",?\s\d{1,2}$")
_TOWN_BEHIND_BYLINE = re.compile(
    r"[a-z]\.? ([A-Z][A-Z.'-]+(?: [A-Z.'-]+){0,3}(?:, [A-Z][\w.]{1,20})?)$"
)
_CAPITALS = re.compile(r"[^\W\d_a-zß-ÿ]{2,}[^\W\d_a-zß-ÿ.'’-]*")


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline at ``span``, the agencies it names, and the place and ISO date it states."""

    span: Span
    hits: tuple[Hit, ...]
    place: str | None
    date: str | None


def find_dateline(text: str, row: Span, hits: list[Hit]) -> Dateline | None:
    """Read a dateline whose first agency is ``hits[0]``; None where there is none.

    ``row`` is the line, ``hits`` are the agencies in it from the one in question on. Only a
    bounded stretch of the line is looked at.
    """
    first = hits[0]
    if first.closing:
        return None
    marked = _marked(text, row, hits)
    if marked is not None:
        return marked
    return _unmarked(text, row, first)


def iso_date(stated: str) -> str | None:
    """Turn the first day and month of a text into ISO 8601, ``--MM-DD`` without a year."""
    match = _DATE.search(stated)
    return _iso(match) if match else None


def _marked(text: str, row: Span, hits: list[Hit]) -> Dateline | None:
    """Read a dateline whose agencies stand between brackets or slashes."""
    brackets = _brackets(text, row, hits)
    if brackets is None:
        return None
    start, closing, named, sure = brackets
    dash = _DASH.match(text, closing, row[1])
    if dash and dash.group()[-1] == ":" and (named[0].agency.outlet or text[closing - 1] == "]"):
        dash = None
    end = dash.end() if dash else closing
    if not dash and text[end : end + 1] == ".":
        end += 1
    follows = text[end : min(end + 3, row[1])].strip()[:1]
    if sure and not text[row[0] : start].strip() and start < named[0].start:
        return _placeless(text, row, (start, end), named, bool(dash), follows)
    front = _place_and_date(text, row[0], start)
    if front is None:
        return None
    begin, place, date, whole = front
    capitals = place is not None and _all_capitals(place)
    if not sure:
        told = bool(dash) and capitals
    elif start == named[0].start:
        told = date is not None
    elif dash:
        told = whole or capitals or date is not None
    elif date is not None:
        told = text[end - 1] == "." or (whole and (capitals or bool(follows)))
    else:
        bare = capitals or (named[0].agency.outlet and row[1] - row[0] > 60)
        told = whole and bare and follows.isupper()
    return Dateline((begin, end), named, place, date) if told else None


def _brackets(
    text: str, row: Span, hits: list[Hit]
) -> tuple[int, int, tuple[Hit, ...], bool] | None:
    """Find the brackets around ``hits[0]``: where they open and close, and the agencies inside.

    None if anything stands in them but agencies and the names of partners, as in ``(CBSDC/AP)``;
    a partner of several words may be a photographer, so the last item says if none is. A dateline
    that lost its opening bracket opens with the agency.
    """
    first = hits[0]
    start, mark = _opening(text, max(row[0], first.start - 30), first.start)
    reach = 40
    if start < 0:
        start, reach = first.start, 2
    elif mark == "/" and text[start - 1 : start].strip():
        return None
    closing = text.find(_CLOSING_MARK[mark], first.end, min(row[1], first.end + reach))
    if closing < 0:
        return None
    named = tuple(hit for hit in hits if hit.end <= closing)
    spelt = {text[hit.start : hit.end] for hit in named}
    inside = text[start:closing] if start == first.start else text[start + 1 : closing]
    names = [name.removeprefix("The ") for name in _JOINT.split(inside.strip())]
    partners = [name for name in names if name not in spelt]
    if not all(_PARTNER.fullmatch(name) for name in partners):
        return None
    return start, closing + 1, named, not any(" " in name for name in partners)


def _opening(text: str, floor: int, end: int) -> tuple[int, str]:
    """Find the mark that opens the agency's brackets: -1 when there is none before ``end``."""
    for mark in "([":
        start = text.rfind(mark, floor, end)
        if start >= 0 and text.find(_CLOSING_MARK[mark], start, end) < 0:
            return start, mark
    start = text.rfind("/", floor, end)
    return (start, "/") if start == end - 1 else (-1, "(")


def _placeless(
    text: str, row: Span, span: Span, named: tuple[Hit, ...], dash: bool, follows: str
) -> Dateline | None:
    """Read ``(Reuters) -`` at the head of a line, with the place after it where one is."""
    if not dash and not (follows.isupper() or (follows and follows in "\"“'‘")):
        return None
    if not dash and row[1] - row[0] < 80 and not named[0].agency.outlet:
        return None
    if dash:
        window = text[span[1] : min(row[1], span[1] + _REACH)]
        date = _DATE.search(window[:60])
        after = _DASH.match(window, date.end()) if date else None
        if date and after:
            place = window[: date.start()].strip(" ,.")
            if place and _is_place(place):
                return Dateline((span[0], span[1] + after.end()), named, place, _iso(date))
    return Dateline(span, named, None, None)


def _unmarked(text: str, row: Span, hit: Hit) -> Dateline | None:
    """Read ``Madrid, 12 may. EFE.-`` and ``EFE.- `` at the head of a line of copy."""
    dash = _DASH.match(text, hit.end, row[1])
    if not dash or hit.agency.outlet or hit.start - row[0] > 80 or row[1] - dash.end() < 60:
        return None
    if dash.group() == "-" and text[dash.end()].isalnum():
        return None
    if hit.start == row[0]:
        sure = not hit.agency.ambiguous or ".-" in dash.group()
        if ":" in dash.group() or not sure:
            return None
        return Dateline((hit.start, dash.end()), (hit,), None, None)
    front = _place_and_date(text, row[0], hit.start)
    if front is None or not front[3] or not (front[2] or (front[1] and _all_capitals(front[1]))):
        return None
    return Dateline((front[0], dash.end()), (hit,), front[1], front[2])


def _place_and_date(
    text: str, row_start: int, end: int
) -> tuple[int, str | None, str | None, bool] | None:
    """Read place and date in front of ``end``: where they begin, both, and if the line does there.

    None when what stands there is neither.
    """
    floor = max(row_start, end - _REACH)
    window = text[floor:end].rstrip(" \xa0,:-–—\t")
    stated = None
    for match in _DATE.finditer(window, max(0, len(window) - 34)):
        if match.end() >= len(window.rstrip(".")) - 1:
            stated = match
    date = _iso(stated) if stated else None
    front = window[: stated.start()] if stated and date else window
    place = front.rstrip(" \xa0,:-–—\t")
    if not _ABBREVIATED.search(place):
        place = place.rstrip(" .")
    if not date:
        place = _DAY.sub("", place)
    if not place:
        return (floor + stated.start(), None, date, True) if stated and floor == row_start else None
    lead = len(place) - len(place.lstrip())
    if place.lower() in _MONTH:
        return floor, None, date, True
    if place.startswith("By ") and (town := _TOWN_BEHIND_BYLINE.search(place)):
        return floor + town.start(1), town.group(1), date, False
    if floor == row_start and _is_place(place.strip(), dated=date is not None):
        return floor + lead, place.strip(), date, True
    trailing = _TRAILING_PLACE.search(place)
    if trailing is None:
        return (floor + stated.start(), None, date, False) if stated and date else None
    begin, name = trailing.start("place"), trailing.group("place")
    # A headline in capitals that runs into the place: the place is what is not in capitals.
    for before, word in pairwise(_WORD.finditer(name)):
        if (
            _CAPITALS.fullmatch(before.group())
            and not _CAPITALS.fullmatch(word.group())
            and "," not in name[before.end() : word.start()]
        ):
            begin = trailing.start("place") + word.start()
    name = place[begin:]
    return floor + begin, name, date, False


def _is_place(front: str, *, dated: bool = False) -> bool:
    """Say whether a text could be a place: a few capitalised words, joined as places are.

    In front of a date it may stand in lower case.
    """
    if len(front) > 80 or any(mark in front for mark in ';!?"“”[]=|•'):
        return False
    words = _WORD.findall(front)
    if dated and 0 < len(words) <= 3 and len(front) <= 30 and front.islower():
        return not any(character.isdigit() for character in front)
    if not 0 < len(words) <= 9 or not words[0][0].isupper():
        return False
    return all(word[0].isupper() or _LOWER_IN_PLACES.fullmatch(word) for word in words) and not any(
        character.isdigit() for character in front
    )


def _all_capitals(place: str) -> bool:
    """Say whether the town of a place stands in capitals, as in ``DES MOINES, Iowa``."""
    town = place.split(",")[0]
    return len(town) > 1 and town.upper() == town


def _iso(match: re.Match[str]) -> str | None:
    month = _MONTH[(match["month_first"] or match["month_second"]).lower()]
    day = int(match["day_second"] or match["day_first"])
    if not 1 <= day <= 31:
        return None
    return f"{match['year'] or '-'}-{month:02d}-{day:02d}"
