"""Short lines that name an agency: bylines, photo credits, or neither, by what else they hold.

A byline is nothing but the agency, people, a place, a desk and time stamps, cut apart by commas,
bars, dashes and slashes. So is many a photo credit; what tells them apart is said at each rule.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dedup.text.agencies import Hit


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OPENING = re.compile(
    r"(?:(?:written |posted |published |reported )?(?:by|por)|texte?o?)\b:?\s*"
    r"|(?:von|par|de|da|from) (?=[A-Zd][\w ]{1,24}$)",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[|•·–—,;/:()]\s*|\s+-+\s*|\s*-+\s+|\.-|\s{3,}")
_ROLE = _set(
    "writer writers reporter reporters correspondent correspondents editor editors staff agency "
    "agencies agencia agencias agence redacción redaccion internacional wire wires news service "
    "newswire bureau desk contributor columnist corresponsal enviado especial economía deportes "
    "madrid cultura nacional mundo"
)
_FILLER = _set("the la el and y & with con e et und from of in en at a special to for")
_STAMP = _set(
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july "
    "august september october november december mon tue tues wed thu thur thurs fri sat sun monday "
    "tuesday wednesday thursday friday saturday sunday am pm a.m p.m et est edt pt pst pdt ct cst "
    "cdt gmt utc ist bst cet cest updated published posted last first modified at on ago min mins "
    "minutes hours hour hrs h hr read actualizado actualizada publicado publicada hace hoy de del "
    "ene enero febrero marzo abr abril mayo junio julio ago agosto septiembre octubre noviembre "
    "dic diciembre lunes martes miércoles jueves viernes sábado domingo horas comments comment "
    "share print email save"
)
_STAMPED = _set("updated published posted modified actualizado actualizada publicado publicada")
_SEVERAL = _set("and y und et e")
_NUMBER = re.compile(r"\d[\d:.,/-]*(?:am|pm|th|st|nd|rd|h)?$")
_NAME_JOINTS = _set("and y e de la del van von der den bin al el da dos di le du")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a line stands, by what it is read with.

    ``head``: above the copy or right below it. The others say that the line before is a date line
    or a person's name, and the line after a date line.
    """

    head: bool
    date_before: bool
    name_before: bool
    date_after: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a line: its kind, its words, and if no mark parts it from an agency beside it."""

    kind: str
    words: tuple[str, ...] = ()
    leans_on_next: bool = False


def is_byline(line: str, offset: int, hits: list[Hit], around: Surroundings) -> bool:
    """Say whether a line is a byline that credits the agencies in it.

    ``offset`` is where the line stands in the text that ``hits`` count in.
    """
    opening = _OPENING.match(line)
    pieces = _pieces(line, offset, hits, opening.end() if opening else 0)
    if pieces is None or line.endswith(":"):
        return False
    kinds = [piece.kind for piece in pieces]
    people = [piece for piece in pieces if piece.kind == "name"]
    opened = bool(opening) or "by" in kinds
    if any(hit.agency.outlet for hit in hits) and not _is_service(
        hits, opened=opened, people=bool(people), around=around
    ):
        return False
    if opened:
        return True
    if not around.head or (people and line[0] in "(["):
        return False
    full = any(hit.full for hit in hits)
    if "title" in kinds and not people:
        # "AP Harbour Writer" signs below a name, "AP Names New Editor" is a headline.
        return around.name_before or around.date_after
    if not people:
        return full or around.date_after or "role" in kinds or "stamp" in kinds
    slash = "/" in line
    if not {"role", "title", "stamp"}.isdisjoint(kinds):
        return full or not slash or "stamp" not in kinds
    if any(not _SEVERAL.isdisjoint(piece.words) for piece in people):
        return not slash or " /" in line
    # "Ann Lee / AP" and "Ann Lee | AP" stand under pictures; "Ann Lee, Associated Press" signs,
    # but not where the date is above it: there a picture and its caption begin.
    if full:
        return not slash and (
            around.date_after or (not around.date_before and all(map(_signs, people)))
        )
    if around.date_after and not slash:
        return True
    if kinds[0] == "agency":
        if slash:
            return len(people[0].words) == 1 and " /" in line
        return len(people) == 1 and len(people[0].words) <= 3
    return all(len(piece.words) == 1 for piece in people) and not any(
        hit.agency.ambiguous for hit in hits
    )


def is_stamp(line: str) -> bool:
    """Say whether a line or a piece of one is a date, a time, or what introduces one."""
    if len(line) > 120:
        return False
    words = _time_words(line.replace("\xa0", " ").split())
    return words is not None and any(word[0].isdigit() or word in _STAMPED for word in words)


def _time_words(words: Sequence[str]) -> list[str] | None:
    """Fold the words of a date or time; None if there are none or any other word is among them."""
    folded = [word.lower().strip(".,:;|()•–—-") for word in words]
    folded = [word for word in folded if word]
    known = 0 < len(folded) <= 16 and all(word in _STAMP or _NUMBER.match(word) for word in folded)
    return folded if known else None


def is_person(line: str) -> bool:
    """Say whether a line could be a person's name and nothing else."""
    words = line.split()
    return 2 <= len(words) <= 4 and all(
        word[0].isupper() and word.replace("-", "").replace(".", "").replace("'", "").isalpha()
        for word in words
    )


def _signs(person: _Piece) -> bool:
    """Say whether a name beside an agency's whole name signs: behind a mark, or in capitals."""
    return not person.leans_on_next or (
        len(person.words) <= 4 and all(word == word.upper() for word in person.words)
    )


def _is_service(hits: list[Hit], *, opened: bool, people: bool, around: Surroundings) -> bool:
    """Say whether an outlet's name in a byline reads as its news service.

    Outlets sign their own pages and are quoted at length by others, so only whole names count,
    and only beside a person or an agency in what must be a byline.
    """
    if any(not hit.agency.outlet for hit in hits):
        return True
    if not all(hit.full for hit in hits):
        return False
    if people:
        return opened or around.date_after or len(hits) > 1
    return around.name_before


def _pieces(line: str, offset: int, hits: list[Hit], begin: int) -> list[_Piece] | None:
    """Cut a line into agencies, names, roles and stamps; None if anything else is in it."""
    pieces: list[_Piece] = []
    position = begin
    for number, hit in enumerate([*hits, None]):
        end = len(line) if hit is None else hit.start - offset
        parts = _SEPARATOR.split(line[position:end])
        for place, part in enumerate(parts):
            words = [word.strip(".,'\"") for word in part.replace("\xa0", " ").split()]
            words = [word for word in words if word and word != "_"]
            first = words[0] if words else ""
            if first.lower() in ("by", "por"):
                pieces.append(_Piece("by"))
                words.pop(0)
            while words and words[0].lower() in _FILLER:
                words.pop(0)
            while words and words[-1].lower() in _FILLER:
                words.pop()
            if not words:
                continue
            kind = _kind(words)
            if kind is None:
                return None
            leans_back = number > 0 and place == 0 and first not in ("in", "en", "from", "de")
            if kind == "name" and leans_back and (len(words) > 1 or hits[number - 1].full):
                # "Associated Press Opens Office" is a headline, "EFE Madrid" is not.
                return None
            if kind == "role" and leans_back and not _ROLE.issuperset(map(str.lower, words)):
                kind = "title"
            leans = place == len(parts) - 1 and hit is not None and line[end - 1].isspace()
            pieces.append(_Piece(kind, tuple(words), leans))
        if hit is not None:
            pieces.append(_Piece("agency"))
            position = hit.end - offset
    return pieces


def _kind(words: list[str]) -> str | None:
    """Say what a piece is: a stamp, a role, a name (of people or a place), or None."""
    if _time_words(words):
        return "stamp"
    if len(words) > 14:
        return None
    if any(word.lower() in _ROLE for word in words) and all(
        word[0].isupper() or word.lower() in _ROLE or word in _FILLER for word in words
    ):
        return "role"
    if all(
        (word[0].isupper() or word in _NAME_JOINTS) and not any(c.isdigit() for c in word)
        for word in words
    ):
        return "name"
    # "Ann Lee Updated 9:21 a.m. ET July 15": a name that a stamp follows without a mark.
    for cut in range(1, len(words)):
        if words[cut].lower() in ("updated", "published", "posted", "actualizado"):
            return "stamp" if _time_words(words[cut:]) else None
    return None
