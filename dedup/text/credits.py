"""Wire credits: what a text itself says of the agencies its copy comes from.

Four kinds are credits for the copy: ``dateline``, ``byline``, ``credit-line`` and ``sign-off``.
Two are recognised and are not: ``mention``, an agency as the source of one fact, and ``photo``.
An agency's name is looked for first; what it is there for is read from the line it stands in, its
place in the text and the words beside it. Every look is bounded, so the time is linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from dedup.article import Credit, Span
from dedup.text.agencies import Hit, find_agencies
from dedup.text.bylines import Surroundings, is_byline, is_person, is_stamp
from dedup.text.datelines import find_dateline, iso_date
from dedup.text.lines import Line, lines
from dedup.text.phrases import credit_phrase, is_closing_line, is_mention, is_photo

_SHORT = 200
"""Characters up to which a line is taken for one of page text, not a paragraph of copy."""
_REACH = 320
"""Characters before and after a name in which its sentence is looked for."""
_HEAD = 4000
_CROWD = 24
"""Agencies read from either end of one line; no real line names more, a hostile one may."""

# It opens with what is rare, so that the engine skips to it.
_SENTENCE_END = re.compile(
    r"[.!?](?<!\b[A-Z].)(?<!\b[A-Z][a-z].)(?<!\bSen.)(?<!\bGov.)(?<!\bRep.)[\"”’')]{0,2}\s{1,4}"
    r"(?=[\"“‘'(©]?[^\W\d_a-zß-ÿ])"
)
_INITIALS = re.compile(
    r"\.?\s[a-zñ]{1,5}(?:\s?[-/.]\s?[a-zñ]{1,5}){0,4}(?=\s*$|\s{1,3}[A-ZÀ-Þ=\-*])"
)
_PERSON_AFTER = re.compile(r"\s?/\s?[^\W\d_]|: [^\W\d_a-z][\w. ]{2,40}[)\]]")
_PERSON_BEFORE = re.compile(r"[^\W\d_][.)]?\s?[/|]\s?$")
_BEFORE_SIGN_OFF = ("", *'.!?”"»=-–—')
_WITH_AGENCIES = re.compile(r"\([\w. ]{1,30} with (?:and|[ ,])*\)")
_NO_NAME = re.compile(r"\b(?:the|la|el|agencia|agency|staff|and|y|with|con)\b", re.IGNORECASE)

_MARKS = re.compile("[\u0300-\u036f]+")
_CLUSTER = re.compile("[^\u0300-\u036f]?[\u0300-\u036f]*", re.DOTALL)


def find_credits(text: str, rows: list[Line] | None = None) -> list[Credit]:
    """Find the agencies a text credits for its copy, in order of position.

    One Credit for each agency of a phrase; credits of one phrase share its span, others do not
    overlap. ``rows`` are the text's lines, where they are at hand.
    """
    found = _scan(text, rows, mentions=False)
    return [credit for credit in found if credit.kind not in ("mention", "photo")]


def stated_credits(stated: Iterable[Credit]) -> list[Credit]:
    """Name the agencies of credits that a file's metadata states.

    A reader gives such a credit with the name as stated for agency and text, which may be that of
    a person, an outlet or nobody's; only agencies are kept, by their short names.
    """
    named = []
    for credit in stated:
        hits = [*find_agencies(credit.agency), *find_agencies(credit.text)]
        agencies = dict.fromkeys(hit.agency.name for hit in hits)
        if not agencies and credit.agency != credit.text:
            agencies = {credit.agency: None}
        named += [replace(credit, agency=agency) for agency in agencies]
    return named


def find_mentions(text: str) -> list[Credit]:
    """Find the agencies named as the source of a fact (``mention``) or a picture (``photo``)."""
    found = _scan(text, None, mentions=True)
    return [credit for credit in found if credit.kind in ("mention", "photo")]


def _scan(text: str, rows: list[Line] | None, *, mentions: bool) -> list[Credit]:
    """Find all that is said of agencies, in order of position; mentions only if asked for."""
    hits = find_agencies(text)
    if not hits:
        return []
    if _has_marks(text):
        return _scan_composed(text, mentions=mentions)
    if rows is None:
        rows = lines(text)
    found: list[Credit] = []
    tail = _tail(rows)
    at = 0
    for number, row in enumerate(rows):
        mine: list[Hit] = []
        while at < len(hits) and hits[at].start < row.end:
            mine.append(hits[at])
            at += 1
        if len(mine) > 2 * _CROWD:
            mine = mine[:_CROWD] + mine[-_CROWD:]
        if mine:
            found.extend(_Row(text, rows, number, tail).read(mine, mentions=mentions))
    return _apart(found)


def _has_marks(text: str) -> bool:
    """Say whether a text has combining marks, whose first byte no other letter shares."""
    if text.isascii():
        return False
    raw = text.encode("utf-8", "surrogatepass")
    return (b"\xcc" in raw or b"\xcd" in raw) and _MARKS.search(text) is not None


def _scan_composed(text: str, *, mentions: bool) -> list[Credit]:
    """Scan a text with combining marks as its composed form, and give places in the text itself."""
    pieces: list[str] = []
    starts: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        # A mark that does not compose is left out: it belongs to no name or phrase.
        piece = _MARKS.sub("", unicodedata.normalize("NFC", cluster.group()))
        pieces.append(piece)
        starts += [cluster.start()] * len(piece)
    starts.append(len(text))
    found = []
    for credit in _scan("".join(pieces), None, mentions=mentions):
        start, end = starts[credit.span[0]], starts[credit.span[1]]
        found.append(replace(credit, text=text[start:end], span=(start, end)))
    return found


def _tail(rows: list[Line]) -> int:
    """Find the line from which on only page text follows: the last paragraph of the copy."""
    number = len(rows) - 1
    while number > 0 and len(rows) - number <= 8 and len(rows[number].text) < _SHORT:
        number -= 1
    return number


def _apart(found: list[Credit]) -> list[Credit]:
    """Sort credits and drop each that overlaps an earlier one without being its twin."""
    found.sort(key=lambda credit: credit.span)
    kept: list[Credit] = []
    for credit in found:
        if kept and credit.span[0] < kept[-1].span[1] and credit.span != kept[-1].span:
            continue
        if credit not in kept[-8:]:
            kept.append(credit)
    return kept


class _Row:
    """One line that names agencies, with its place in the text."""

    def __init__(self, text: str, rows: list[Line], number: int, tail: int) -> None:
        line = rows[number]
        self.text = text
        self.line = line.text
        self.start, self.end = self.span = (line.start, line.end)
        self.short = len(line.text) <= _SHORT or (
            len(line.text) < 5 * _SHORT and len(" ".join(line.text.split())) <= _SHORT
        )
        self.in_head = line.start < _HEAD and (
            line.start < _HEAD // 3 or 2 * line.start < len(text)
        )
        self.in_tail = number >= tail and 2 * line.end >= len(text)
        self.before = rows[number - 1].text if number else ""
        below = (row.text for row in rows[number + 1 : number + 4])
        self.after = next((row for row in below if row[0].isalnum()), "")
        self.phrases: dict[Span, str | None] = {}

    def read(self, hits: list[Hit], *, mentions: bool) -> list[Credit]:
        """Say what each agency in the line is there for."""
        found: list[Credit] = []
        rest: list[Hit] = []
        at = 0
        while at < len(hits):
            dateline = find_dateline(self.text, self.span, hits[at : at + 6])
            if dateline is None:
                rest.append(hits[at])
                at += 1
                continue
            place, date = dateline.place, dateline.date
            found.extend(
                self._credit(hit, "dateline", dateline.span, place, date) for hit in dateline.hits
            )
            at += len(dateline.hits)
        names = [hit for hit in rest if not hit.closing]
        if self.short and names and not found:
            kind = self._whole(names)
            if kind is not None:
                return [self._credit(hit, kind, self.span) for hit in names]
        for hit in rest:
            credit = self._credited(hit, rest) or (self._mentioned(hit) if mentions else None)
            if credit is not None:
                found.append(credit)
        return found

    def _whole(self, hits: list[Hit]) -> str | None:
        """Judge a short line as a whole: a byline, a sign-off, or neither."""
        if is_photo(self.line) or self._phrase(self.span) is not None:
            return None
        dated = is_stamp(self.after) or (len(self.after) < 40 and iso_date(self.after) is not None)
        around = Surroundings(
            head=self.in_head or self.in_tail or (dated and self.start < _HEAD),
            date_before=is_stamp(self.before),
            name_before=is_person(self.before),
            date_after=dated,
        )
        if (
            self.in_tail
            and self._bare(hits)
            and not (dated and self.in_head)
            and not any(hit.agency.outlet for hit in hits)
        ):
            return "sign-off"
        return "byline" if is_byline(self.line, self.start, hits, around) else None

    def _bare(self, hits: list[Hit]) -> bool:
        """Say whether the line is nothing but agencies, marks and a desk's initials."""
        if not _has_words(self._without(hits, self.start, self.end)):
            return True
        return (
            hits[0].start == self.start
            and hits[-1].agency.initials
            and _INITIALS.fullmatch(self.line.lower(), hits[-1].end - self.start) is not None
        )

    def _credited(self, hit: Hit, hits: list[Hit]) -> Credit | None:
        """Read one agency as credited by the sentence it stands in, or as a sign-off."""
        span = self._sentence(hit)
        if hit.closing:
            named = any(not other.closing and span[0] <= other.start < span[1] for other in hits)
            closing = not named and is_closing_line(self.text[span[0] : span[1]])
            return self._credit(hit, "credit-line", span) if closing else None
        phrase = self._phrase(span)
        if phrase == "copyright":
            return self._credit(hit, "credit-line", span)
        before, after = self._around(hit)
        if _PERSON_AFTER.match(after) or is_photo(before[-40:] + " " + after[:24]):
            return None
        if phrase == "contributed" and not (hit.agency.outlet and _is_own_staff(after)):
            return self._credit(hit, "credit-line", span)
        if phrase == "material" and not hit.agency.outlet and span[1] - span[0] <= 250:
            return self._credit(hit, "credit-line", span)
        listed = self._listed(hit, hits)
        if listed is not None:
            return self._credit(hit, "credit-line", listed)
        signed = self._signed(hit)
        return self._credit(hit, "sign-off", signed) if signed is not None else None

    def _mentioned(self, hit: Hit) -> Credit | None:
        """Read one agency as the source of a picture or of a fact, or as neither."""
        before, after = self._around(hit)
        span = (hit.start, hit.end)
        if (
            _PERSON_AFTER.match(after)
            or _PERSON_BEFORE.search(before)
            or is_photo(before[-40:] + " " + after[:24])
        ):
            return self._credit(hit, "photo", span)
        if is_mention(before, after):
            return self._credit(hit, "mention", span)
        if self.short and hit.end >= self.end - 2 and not hit.agency.outlet:
            return self._credit(hit, "photo", span)
        return None

    def _listed(self, hit: Hit, hits: list[Hit]) -> Span | None:
        """Find the list of agencies in brackets that ends the line, as ``(AP, Reuters)``."""
        if self.line[-1] != ")":
            return None
        start = self.text.rfind("(", max(self.start, self.end - 120), self.end)
        if start < 0 or hit.start < start:
            return None
        inside = [other for other in hits if other.start > start]
        rest = self._without(inside, start, self.end)
        if _has_words(rest) and not (self.in_tail and _WITH_AGENCIES.fullmatch(rest)):
            return None
        ended = self.text[max(self.start, start - 3) : start].strip()
        if len(inside) > 1 or (self.in_tail and (not ended or ended[-1] in '.!?”"»')):
            return (self.start if start - self.start < 25 else start, self.end)
        return None

    def _signed(self, hit: Hit) -> Span | None:
        """Find the sign-off at the end of a line or item: ``EFE abc/def``, ``— AP``, ``AFP``."""
        ended = self.text[max(self.start, hit.start - 4) : hit.start].strip()[-1:]
        if hit.agency.initials and not ended.isalpha() and ended != "(":
            initials = _INITIALS.match(self.text, hit.end, min(self.end, hit.end + 40))
            if initials:
                return (hit.start, initials.end())
        last = not self.text[hit.end : min(self.end, hit.end + 4)].strip(" .") and self.in_tail
        if not last or self.end > hit.end + 3 or hit.agency.outlet or ended not in _BEFORE_SIGN_OFF:
            return None
        begin = hit.start
        if ended and ended in "-–—":
            begin = self.text.rindex(ended, self.start, hit.start)
        return (begin, self.end)

    def _sentence(self, hit: Hit) -> Span:
        """Find the sentence around an agency, within its line and a bounded reach."""
        start = max(self.start, hit.start - _REACH)
        limit = min(self.end, hit.end + _REACH)
        for match in _SENTENCE_END.finditer(self.text, start, hit.start):
            start = match.end()
        ended = _SENTENCE_END.search(self.text, hit.end, limit)
        end = ended.end() if ended else limit
        stretch = self.text[start:end]
        start += len(stretch) - len(stretch.lstrip())
        return (start, start + len(stretch.strip()))

    def _phrase(self, span: Span) -> str | None:
        """Say how the sentence at ``span`` credits its agencies, asking once for each sentence."""
        if span not in self.phrases:
            self.phrases[span] = credit_phrase(self.text[span[0] : span[1]])
        return self.phrases[span]

    def _around(self, hit: Hit) -> tuple[str, str]:
        before = self.text[max(self.start, hit.start - 60) : hit.start]
        return before, self.text[hit.end : min(self.end, hit.end + 60)]

    def _without(self, hits: list[Hit], start: int, end: int) -> str:
        """Cut the agencies out of a stretch of the text."""
        rest: list[str] = []
        for hit in hits:
            rest.append(self.text[start : hit.start])
            start = hit.end
        return "".join([*rest, self.text[start:end]])

    def _credit(
        self, hit: Hit, kind: str, span: Span, place: str | None = None, date: str | None = None
    ) -> Credit:
        return Credit(hit.agency.name, kind, self.text[span[0] : span[1]], span, place, date)


def _has_words(rest: str) -> bool:
    """Say whether more than marks, articles and conjunctions is left of a stretch."""
    return any(character.isalnum() for character in _NO_NAME.sub("", rest))


def _is_own_staff(after: str) -> bool:
    """Say whether an outlet names its own people there: "CNN's Ann Lee contributed"."""
    return re.match(r"\s(?:also )?contribut|,|\sand\b|\.|$", after) is None
