"""Quotations: what stands between quotation marks, whichever marks a text uses.

Every mark is given a role by its shape and its neighbours, then marks are paired on a stack,
paragraph by paragraph, so that a forgotten mark costs one paragraph at most.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from dedup.article import Span
from dedup.text.lines import Line, paragraphs

_OPEN, _CLOSE, _EITHER = 1, -1, 0


@dataclass(frozen=True, slots=True, eq=False)
class _Kind:
    """A kind of marks; those of one family close each other where their own kind is not open.

    ``names`` are what a mark can be closed by: its kind, and its family if that is another.
    """

    name: str
    family: str
    names: tuple[str, ...]


def _kind(name: str, family: str | None = None) -> _Kind:
    return _Kind(name, family or name, (name, family) if family else (name,))


_PAIRED = _kind("paired", "double")
_STRAIGHT = _kind("straight", "double")
_ONE = {
    mark: kind
    for marks, kind in {
        '"＂″': _STRAIGHT,
        "“”‟„": _kind("curly", "double"),
        "«»": _kind("guillemet"),
        "‹›": _kind("angle"),
        "‘’‚‛`´": _kind("single"),
        "'": _kind("prime", "single"),
        "「」": _kind("corner"),
        "『』": _kind("hollow"),
    }.items()
    for mark in marks
}
_TWO = dict.fromkeys(("``", "''", "‘‘", "’’", "´´"), _PAIRED)
_KINDS = _ONE | _TWO
_SHAPE = dict.fromkeys("“‟„«‹‘‚‛`「『", _OPEN) | dict.fromkeys("”»›’´」』", _CLOSE)

_MARK = f"[{''.join(_ONE)}]"
# No apostrophes inside words. Not ``+``: where one mark stands first the engine skips to the next.
_MARKS = re.compile(rf"{_MARK}{_MARK}*(?<![^\W_]['’‘](?=[^\W_]))")
_WORD = re.compile(r"\w")
_PARTS = re.compile(rf"\"+|{'|'.join(_TWO)}|.", re.DOTALL)
_ELISION = re.compile(
    r"(?:\d\ds?|s|t|d|m|ll|re|ve|em|n|til|till|tis|twas|cause|cos|bout|round|neath|ere)\b", re.I
)
_FEET = re.compile(r"\d\s?['’′]\s?\d{1,2}(?:½)?$")
_BEFORE_OPENING = frozenset("([{<¿¡-–—―/=:*_|")
_AFTER_CLOSING = frozenset(".,;:!?)]}>…-–—―/*_|%")
_SENTENCE_END = re.compile(r"[.!?…][)\]'’\"”»]*(?=\s|$)")

_REACH = 3
"""Paragraphs without marks that may stand between an opening mark and its closing one."""
_REACH_OF_DOCUMENT = 30
"""Paragraphs, marks of their own or not, of a letter or speech that a colon introduces."""
_LONGEST_UNCLOSED = 1500
"""Characters to the paragraph's end up to which an unclosed quotation is believed to run there."""


@dataclass(slots=True)
class _Mark:
    """One quotation mark (or two that make one), its kind and its role."""

    start: int
    end: int
    kind: _Kind
    role: int
    after_digit: bool = False
    sure: bool = True


@dataclass(slots=True)
class _Unclosed:
    """An opening mark without its closing one, where it would end, and how far one may look."""

    mark: _Mark
    end: int
    introduced: bool
    reach: int


def quotations(text: str, found: list[Line] | None = None) -> list[Span]:
    """Return the outermost quotations of a text, marks included, sorted and disjoint.

    A quotation that runs over several paragraphs, each of which opens again, is one span. One that
    is never closed ends with its paragraph at the latest. ``found`` are the text's paragraphs,
    where they are at hand.
    """
    runs = list(_MARKS.finditer(text))
    if not runs:
        return []
    spans: list[Span] = []
    waiting: _Unclosed | None = None
    at = 0
    colon = False
    for paragraph in paragraphs(text) if found is None else found:
        marks: list[_Mark] = []
        while at < len(runs) and runs[at].start() < paragraph.end:
            marks += _read(text, runs[at], paragraph)
            at += 1
        if marks:
            marks = _decided(text, marks, paragraph.start, waiting)
            waiting = _pair(text, paragraph, marks, waiting, spans, colon)
        elif waiting and waiting.reach:
            waiting.reach -= 1
        elif waiting:
            _give_up(waiting, spans)
            waiting = None
        colon = paragraph.text[-1] == ":"
    if waiting:
        _give_up(waiting, spans)
    return _outermost(text, spans)


def _read(text: str, run: re.Match[str], paragraph: Line) -> list[_Mark]:
    """Read the marks of a run of adjoining ones; apostrophes are left out."""
    start, end = run.span()
    before = text[start - 1] if start > paragraph.start else " "
    after = text[end] if end < paragraph.end else " "
    string = run.group()
    position = _position(before, after)
    marks: list[_Mark] = []
    for part in _PARTS.findall(string) if len(string) > 1 else (string,):
        begin, start = start, start + len(part)
        kind = _KINDS.get(part, _STRAIGHT)  # several straight ones are one mark
        if kind.family == "single":
            mark = _single(text, before, after, part, begin, position)
            if mark:
                marks.append(mark)
            continue
        after_digit = before.isdigit()
        if after_digit and kind is _STRAIGHT and _FEET.search(text[max(0, begin - 8) : begin]):
            continue
        role, shape = position, _SHAPE.get(part[0])
        if shape is not None:
            role = shape if kind is _PAIRED or position in (_EITHER, shape) else 2 * shape
        marks.append(_Mark(begin, start, kind, role, after_digit))
    return marks


@lru_cache(4096)
def _position(before: str, after: str) -> int:
    """Tell by its neighbours whether a mark opens, closes, or may do either."""
    if before.isspace():
        return _EITHER if after.isspace() or after in ".,;:!?)" else _OPEN
    if before in _BEFORE_OPENING:
        return _EITHER if after.isspace() or after in _AFTER_CLOSING else _OPEN
    return _CLOSE if after.isspace() or after in _AFTER_CLOSING else _EITHER


def _single(
    text: str, before: str, after: str, part: str, begin: int, position: int
) -> _Mark | None:
    """Read a single mark, or None where it is an apostrophe."""
    kind = _KINDS[part]
    shape = _SHAPE.get(part, position)
    if position == _OPEN and (shape == _OPEN or part == "'"):
        if _ELISION.match(text, begin + 1):
            return None
        return _Mark(begin, begin + 1, kind, _OPEN)
    if position == _CLOSE:
        sure = not (before in "sS" and after.isspace())
        return _Mark(begin, begin + 1, kind, _CLOSE, sure=sure)
    if position == _EITHER and part != "'" and not (before.isalnum() or after.isalnum()):
        return _Mark(begin, begin + 1, kind, shape)
    return None


def _decided(text: str, marks: list[_Mark], start: int, waiting: _Unclosed | None) -> list[_Mark]:
    """Give every mark of a paragraph the role to open or to close; drop apostrophes and inches."""
    closing_ahead = False
    kept: list[_Mark] = []
    for mark in reversed(marks):
        if mark.kind.family == "single":
            if mark.role == _OPEN:
                closing_ahead = False
            elif mark.sure:
                closing_ahead = True
            elif closing_ahead:
                continue  # the plural possessive inside a quotation that closes further on
        kept.append(mark)
    kept.reverse()
    if waiting and kept and kept[0].start == start and kept[0].role == _OPEN:
        waiting = None  # the paragraph opens again
    for kind in (_STRAIGHT, _PAIRED):
        ours = [mark for mark in kept if mark.kind is kind]
        if ours:
            goes_on = waiting is not None and waiting.mark.kind is kind
            inches = _decide_straight(text, ours, goes_on)
            kept = [mark for mark in kept if mark.start not in inches]
    return kept


def _decide_straight(text: str, marks: list[_Mark], waiting: bool) -> set[int]:
    """Decide straight marks by their neighbours or, where these contradict each other, by turns.

    Whether the quotation ``waiting`` from a paragraph before goes on is decided in the same way:
    the reading with the fewest contradictions is taken; in tokenised text, one by turns. Returns
    the starts of marks for inches.
    """
    best = _by_neighbours(marks, 0)
    if best[0] or waiting:
        spaced = _is_tokenised(text)
        left = [mark for mark in marks if mark.start not in best[2]]
        readings = [best, _by_turns(left, 0, best[2])]
        if spaced:
            readings = [(len(left) % 2, *readings[1][1:])]
        if waiting:
            readings = [(against + 1, roles, inches) for against, roles, inches in readings]
            goes_on = _by_turns(marks, 1, set())
            if spaced:
                goes_on = ((len(marks) + 1) % 2, *goes_on[1:])
            readings += [goes_on] if spaced else [_by_neighbours(marks, 1), goes_on]
        best = min(readings, key=_first)
    _, roles, inches = best
    for mark, role in zip([m for m in marks if m.start not in inches], roles, strict=True):
        mark.role = role
    return inches


@lru_cache(1)  # few texts ask at all, but one full of marks asks in every paragraph
def _is_tokenised(text: str) -> bool:
    """Tell whether spaces stand on both sides of marks, so that the side says little."""
    return sum(map(text.count, (' " ', ' ".', ' ",'))) > 1


def _by_neighbours(marks: list[_Mark], depth: int) -> tuple[int, list[int], set[int]]:
    """Read each mark by its place; return the marks without partner, the roles, and inches."""
    inches: set[int] = set()
    roles: list[int] = []
    unmatched = 0
    for mark in marks:
        role = mark.role or (_CLOSE if depth else _OPEN)
        if role == _OPEN:
            depth += 1
        elif depth:
            depth -= 1
        elif mark.after_digit:
            inches.add(mark.start)
            continue
        else:
            unmatched += 1
        roles.append(role)
    return unmatched + depth, roles, inches


def _by_turns(marks: list[_Mark], first: int, inches: set[int]) -> tuple[int, list[int], set[int]]:
    """Let marks open and close by turns; return how many places speak against it, and the roles."""
    roles = [_CLOSE if (i + first) % 2 else _OPEN for i in range(len(marks))]
    against = sum(mark.role not in (_EITHER, role) for mark, role in zip(marks, roles, strict=True))
    return against + (len(marks) + first) % 2, roles, inches


def _first(reading: tuple[int, list[int], set[int]]) -> int:
    return reading[0]


def _pair(
    text: str,
    paragraph: Line,
    marks: list[_Mark],
    waiting: _Unclosed | None,
    spans: list[Span],
    colon: bool,
) -> _Unclosed | None:
    """Pair the marks of a paragraph into ``spans``; return the opening mark left over, if any.

    ``colon`` says that the paragraph before introduces this one.
    """
    if not marks:
        return waiting
    if waiting and marks[0].start == paragraph.start and _opens(marks[0], {}):
        if marks[0].kind.family == waiting.mark.kind.family:
            spans.append((waiting.mark.start, marks[0].end))
        else:
            _give_up(waiting, spans)
        waiting = None
    families = {mark.kind.family for mark in marks}
    stack: list[_Mark] = []
    open_kinds: dict[str, int] = {}
    for mark in marks:
        if _opens(mark, open_kinds):
            stack.append(mark)
            for name in mark.kind.names:
                open_kinds[name] = open_kinds.get(name, 0) + 1
            continue
        name = mark.kind.name if open_kinds.get(mark.kind.name) else mark.kind.family
        if open_kinds.get(name):
            while True:
                top = stack.pop()
                for each in top.kind.names:
                    open_kinds[each] -= 1
                if name in top.kind.names:
                    break
            spans.append((top.start, mark.end))
        elif waiting and waiting.mark.kind.family == mark.kind.family:
            spans.append((waiting.mark.start, mark.end))
            waiting = None
    own = waiting and (waiting.introduced or waiting.mark.kind.family not in families)
    if waiting and not stack and waiting.reach and own:
        waiting.reach -= 1
        return waiting
    if waiting:
        _give_up(waiting, spans)
    if not stack:
        return None
    last = next((mark for mark in reversed(stack) if mark.kind.family != "single"), stack[-1])
    introduced = colon and last.start == paragraph.start
    return _Unclosed(
        last,
        _likely_end(text, paragraph, last, marks),
        introduced,
        _REACH_OF_DOCUMENT if introduced else _REACH,
    )


def _opens(mark: _Mark, open_kinds: dict[str, int]) -> bool:
    """Tell whether a mark opens; one whose place speaks against its shape follows what is open.

    ``open_kinds`` counts what is open, by kind and by family.
    """
    if abs(mark.role) <= 1:
        return mark.role == _OPEN
    return not (open_kinds.get(mark.kind.name) or open_kinds.get(mark.kind.family))


def _likely_end(text: str, paragraph: Line, mark: _Mark, marks: list[_Mark]) -> int:
    """Return where an unclosed quotation ends: its paragraph's end, or a sentence's before."""
    if mark.kind.family == "single":
        return mark.start
    limit = next(
        (m.start for m in marks if m.start > mark.start and m.kind.family == mark.kind.family),
        paragraph.end,
    )
    if limit == paragraph.end and limit - mark.start <= _LONGEST_UNCLOSED:
        return limit
    end = _SENTENCE_END.search(text, mark.end, limit)
    return end.end() if end else mark.start


def _give_up(waiting: _Unclosed, spans: list[Span]) -> None:
    if waiting.end > waiting.mark.start:
        spans.append((waiting.mark.start, waiting.end))


def _outermost(text: str, spans: list[Span]) -> list[Span]:
    """Sort spans and join those that overlap."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return [span for span in joined if _WORD.search(text, *span)]
