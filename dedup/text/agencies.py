"""Agency names in a text: which stand where, before anyone asks what they are there for."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_OTHER = re.compile(
    r"[ /](?:Institute|Foundation|Building|Philanthropies|Businessweek|Ipsos|NORC|Poll|poll)\b"
)
"""What makes an agency's name that of something else."""


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency as ``agencies.toml`` describes it, without its spellings."""

    name: str
    ambiguous: bool
    outlet: bool
    initials: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A name of an agency at ``[start, end)`` of a text.

    ``full`` says that it is the agency's whole name and not a code; ``closing``, that it is not a
    name but words the agency closes its copy with.
    """

    start: int
    end: int
    agency: Agency
    full: bool = False
    closing: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """The names, and what each of them means; ``lower`` are those that open with no capital."""

    lower: tuple[str, ...]
    meaning: dict[str, tuple[Agency, bool, bool]]


def find_agencies(text: str) -> list[Hit]:
    """Find every name of an agency that stands as a word of its own, in order of position."""
    table = _table()
    pattern = _pattern(any(name in text for name in table.lower))
    hits: list[Hit] = []
    for match in pattern.finditer(text):
        start, end = match.span()
        agency, full, closing = table.meaning[match.group().replace("\xa0", " ")]
        # Pages glue a whole name to the person before it: "Ann LeeAssociated Press".
        glued = full and start > 0 and text[start - 1].islower()
        if _stands_alone(text, end if glued else start, end) and not _OTHER.match(text, end):
            hits.append(Hit(start, end, agency, full, closing))
    return hits


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether [start, end) is no part of a longer word, handle, compound or address."""
    before = text[max(0, start - 2) : start]
    after = text[end : end + 2]
    if start < end and before:
        if before[-1].isalnum() or before[-1] in "_@#":
            return False
        if len(before) == 2 and before[0].isalnum() and before[1] == "-":
            return False
        if len(before) == 2 and before[0].islower() and before[1] == ".":
            return False
    if after and (after[0].isalnum() or after[0] == "_"):
        return False
    return not (
        len(after) == 2
        and ((after[0] == "-" and after[1].isalnum()) or (after[0] == "." and after[1].islower()))
    )


@cache
def _table() -> _Table:
    """Read ``agencies.toml``; constant data, so it is read once."""
    source = files(__package__).joinpath("agencies.toml").read_text(encoding="utf-8")
    meaning: dict[str, tuple[Agency, bool, bool]] = {}
    for entry in tomllib.loads(source)["agency"]:
        agency = Agency(
            name=entry["name"],
            ambiguous=entry.get("ambiguous", False),
            outlet=entry.get("outlet", False),
            initials=entry.get("initials", False),
        )
        for spelling in entry["full"]:
            meaning[spelling] = meaning[spelling.upper()] = (agency, True, False)
        for spelling in entry["short"]:
            meaning[spelling] = (agency, False, False)
        for spelling in entry.get("closing", []):
            meaning[spelling] = (agency, False, True)
    return _Table(tuple(name for name in meaning if name[0].islower()), meaning)


@cache
def _pattern(every: bool) -> re.Pattern[str]:
    """Compile every name, or those that open with a capital.

    A search for these skips most of a text (measured: 20 µs for 3 KB instead of 45), so the others
    are looked for only in a text that holds one.
    """
    table = _table()
    return re.compile(_alternation([n for n in table.meaning if every or n not in table.lower]))


def _alternation(names: list[str]) -> str:
    """Write names as one alternation, longest first, grouped by first letter.

    Every branch opens with a literal, which lets the engine skip to the next possible first
    letter; nothing repeats, so the search is linear.
    """
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        by_letter.setdefault(name[0], []).append(re.escape(name[1:]).replace("\\ ", "[ \\xa0]"))
    return "|".join(
        f"{re.escape(letter)}(?:{'|'.join(rests)})" for letter, rests in sorted(by_letter.items())
    )
