"""Short lines that name an agency: bylines, photo credits, or neither, by what else they hold.

A byline is nothing but the agency, people, a place, a desk and time stamps, cut apart by commas,
bars, dashes and slashes. So is many a photo credit; what tells them apart is said at each rule.
"""

from __future__ import annotations

import re

from dedup.text.agencies import Hit


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OPENING = re.compile(
    r"(?:written |posted |published |reported )?(?:by|por|de|von|par|da|di|text|texto)\b:?\s*",
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
    "dic diciembre lunes martes miércoles jueves viernes sábado domingo horas comments comment share "
    "print email save"
)
_NAME_JOINTS = _set("and y e de la del van von der den bin al el da dos di le du")


def is_stamp(line: str) -> bool:
    """Say whether a line or a piece of one is a date, a time, or what introduces one."""
    words = [word.strip(".,:;|()•") for word in line.replace("\xa0", " ").lower().split()]
    words = [word for word in words if word]
    return 0 < len(words) <= 16 and all(word in _STAMP or word[0].isdigit() for word in words)


def is_byline(line: str, offset: int, hits: list[Hit], *, head: bool, stamped: bool) -> bool:
    """Say whether a line is a byline that credits the agencies in it.

    ``offset`` is where the line stands in the text ``hits`` count in; ``head`` says that it
    stands above the copy (or right below it), ``stamped`` that a date line follows.
    """
    opening = _OPENING.match(line)
    pieces = _pieces(line, offset, hits, opening.end() if opening else 0)
    if pieces is None:
        return False
    kinds = [kind for kind, _ in pieces]
    if any(hit.agency.outlet for hit in hits) and not _service(pieces, hits, bool(opening)):
        return False
    if opening or "by" in kinds:
        return True
    if not head:
        return False
    full = any(hit.full for hit in hits)
    people = [words for kind, words in pieces if kind == "name"]
    if "role" in kinds or "stamp" in kinds or (full and not people):
        return not (people and "/" in line and not full and "role" not in kinds)
    if not people:
        return stamped
    # "Ann Lee / AP" and "Ann Lee | AP" stand under pictures; "Ann Lee, Associated Press" signs.
    if full:
        return "/" not in line.replace("Thomson/Reuters", "")
    if stamped and "/" not in line:
        return True
    if len(people[-1]) > 4 and "and" in people[-1]:
        return re.search(r"\s/|^[^/]*$", line) is not None
    if kinds[0] == "agency":
        return len(people) == 1 and len(people[0]) <= 3 and ("/" not in line or len(people[0]) == 1)
    if any("and" in words or "y" in words for words in people):
        return "/" not in line
    return all(len(words) == 1 for words in people) and not any(
        hit.agency.ambiguous for hit in hits
    )


def _service(pieces: list[tuple[str, list[str]]], hits: list[Hit], opened: bool) -> bool:
    """Say whether an outlet's name in a byline reads as its news service.

    A broadcaster's short name signs its own pages in the same way, so only whole names count, and
    only behind a person.
    """
    return all(hit.full or not hit.agency.outlet for hit in hits) and (
        opened or any(kind == "name" for kind, _ in pieces)
    )


def _pieces(
    line: str, offset: int, hits: list[Hit], begin: int
) -> list[tuple[str, list[str]]] | None:
    """Cut a line into agencies, names, roles and stamps; None if anything else is in it."""
    pieces: list[tuple[str, list[str]]] = []
    position = begin
    for hit in [*hits, None]:
        end = len(line) if hit is None else hit.start - offset
        for part in _SEPARATOR.split(line[position:end]):
            words = [word.strip(".,'\"") for word in part.replace("\xa0", " ").split()]
            if words and words[0].lower() in ("by", "por"):
                pieces.append(("by", words[:1]))
                words.pop(0)
            while words and words[0].lower() in _FILLER:
                words.pop(0)
            while words and words[-1].lower() in _FILLER:
                words.pop()
            words = [word for word in words if word and word != "_"]
            if not words:
                continue
            kind = _kind(words)
            if kind is None:
                return None
            pieces.append((kind, words))
        if hit is not None:
            pieces.append(("agency", []))
            position = hit.end - offset
    return pieces


def _kind(words: list[str]) -> str | None:
    """Say what a piece is: a stamp, a role, a name (of people or a place), or None."""
    if is_stamp(" ".join(words)):
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
            return "stamp" if is_stamp(" ".join(words[cut:])) else None
    return None
