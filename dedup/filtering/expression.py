"""Drop rules: small expressions over the fields of a decision.

::

    rule       = all {"or" all}
    all        = condition {"and" condition}
    condition  = "not" condition | "(" rule ")" | field [comparison value]
    comparison = ">=" | "<=" | ">" | "<" | "==" | "=" | "!="
    value      = number | "text" | 'text' | word

A field alone asks whether it is true. Nothing but these is ever evaluated. A comparison with a
field that is null does not hold, except with ``null`` itself.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from dedup.article import DedupError
from dedup.filtering.decision import Fields

NUMBERS = ("percent", "narrative_percent", "containment")
WORDS = ("relation", "extent", "direction", "match", "group")
TRUTHS = ("derived", "credited", "update")

_TOKEN = re.compile(
    r"\s*(?:(?P<operator>>=|<=|==|!=|>|<|=)|(?P<bracket>[()])"
    r"|(?P<number>[-+]?\d+(?:\.\d*)?(?![\w-]))|(?P<text>\"[^\"]*\"|'[^']*')|(?P<word>\w+(?:-\w+)*(?:->\w+)?))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
}
_CONSTANTS = {"true": True, "false": False, "null": None}
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class DropRule:
    """Says of the fields of a decision whether the record is to be dropped.

    ``reads`` are the fields it looks at.
    """

    holds: Callable[[Fields], bool]
    reads: frozenset[str]

    def __call__(self, fields: Fields) -> bool:
        """Say whether the record is to be dropped."""
        return self.holds(fields)


class RuleError(DedupError):
    """A drop rule that cannot be understood."""


def parse_rule(text: str) -> DropRule:
    """Parse an expression such as ``narrative_percent>=80 and relation!=partial``.

    Raises
    ------
    RuleError
        Saying what was expected, and where.
    """
    return _Parser(text).parse()


def any_relation(relations: Iterable[str]) -> DropRule:
    """Return the rule that drops records of these relations."""
    wanted = frozenset(relations)
    return DropRule(lambda fields: fields["relation"] in wanted, frozenset(["relation"]))


def either(first: DropRule, second: DropRule) -> DropRule:
    """Return the rule that drops what one of two drops."""
    return DropRule(lambda fields: first(fields) or second(fields), first.reads | second.reads)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = self._split(text)
        self._at = 0
        self._depth = 0

    def parse(self) -> DropRule:
        rule = self._rule()
        if self._at < len(self._tokens):
            raise self._error("expected 'and', 'or' or the end")
        return rule

    def _rule(self) -> DropRule:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error("too many brackets")
        rule = self._all()
        while self._take("word", "or"):
            rule = either(rule, self._all())
        self._depth -= 1
        return rule

    def _all(self) -> DropRule:
        rule = self._condition()
        while self._take("word", "and"):
            rule = _both(rule, self._condition())
        return rule

    def _condition(self) -> DropRule:
        negated = False
        while self._take("word", "not"):
            negated = not negated
        if self._take("bracket", "("):
            rule = self._rule()
            if not self._take("bracket", ")"):
                raise self._error("expected ')'")
        else:
            rule = self._comparison()
        return _negation(rule) if negated else rule

    def _comparison(self) -> DropRule:
        field = self._take("word")
        if field not in (*NUMBERS, *WORDS, *TRUTHS):
            self._at -= field is not None
            raise self._error(f"expected a field ({', '.join((*NUMBERS, *WORDS, *TRUTHS))})")
        reads = frozenset([field])
        sign = self._take("operator")
        if sign is None:
            if field not in TRUTHS:
                raise self._error(f"expected a comparison behind {field!r}, such as >= or =")
            return DropRule(lambda fields: bool(fields.get(field)), reads)
        value = self._value(field, sign)
        compare = _COMPARE[sign]
        if value is None:
            return DropRule(lambda fields: compare(fields.get(field), None), reads)
        if field == "update":
            return DropRule(lambda fields: compare(bool(fields.get(field)), value), reads)

        def holds(fields: Fields) -> bool:
            found = fields.get(field)
            return found is not None and compare(found, value)

        return DropRule(holds, reads)

    def _value(self, field: str, sign: str) -> float | str | bool | None:
        number = self._take("number")
        text = self._take("text") if number is None else None
        word = self._take("word") if number is None and text is None else None
        if word in _CONSTANTS and sign in ("==", "=", "!="):
            constant = _CONSTANTS[word]
            if constant is None or field in TRUTHS:
                return constant
        elif field in NUMBERS and number is not None:
            return float(number)
        elif field in WORDS and sign in ("==", "=", "!="):
            if text is not None:
                return text[1:-1]
            if word is not None or number is not None:
                return word or number
        self._at -= not number == text == word  # point at what was found
        if field in NUMBERS:
            raise self._error(f"{field} is a number; expected one behind {sign!r}")
        if field in TRUTHS:
            raise self._error(f"{field} is true, false or null, compared with = or !=")
        raise self._error(f"{field} is text, compared with = or !=")

    def _take(self, kind: str, value: str | None = None) -> str | None:
        if self._at < len(self._tokens):
            found_kind, found, _ = self._tokens[self._at]
            if found_kind == kind and value in (None, found):
                self._at += 1
                return found
        return None

    def _split(self, text: str) -> list[tuple[str, str, int]]:
        tokens, at = [], 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                where = at + len(text[at:]) - len(text[at:].lstrip())
                raise RuleError(f"drop rule {text!r}: cannot read {text[where:][:10]!r}")
            kind = str(found.lastgroup)
            tokens.append((kind, found[kind], found.start(kind)))
            at = found.end()
        return tokens

    def _error(self, message: str) -> RuleError:
        rest = self._text[self._tokens[self._at][2] :] if self._at < len(self._tokens) else ""
        place = f"before {rest[:20]!r}" if rest else "at the end"
        return RuleError(f"drop rule {self._text!r}: {message} {place}")


def _both(first: DropRule, second: DropRule) -> DropRule:
    return DropRule(lambda fields: first(fields) and second(fields), first.reads | second.reads)


def _negation(rule: DropRule) -> DropRule:
    return DropRule(lambda fields: not rule(fields), rule.reads)
