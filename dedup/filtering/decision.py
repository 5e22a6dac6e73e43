"""Decisions: what the filter says of a record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dedup.article import Article, Credit
from dedup.scoring.match import Match

Fields = dict[str, Any]
"""What is spliced into a record as ``"dedup"``, as JSON has it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the filter says of one article; percentages, extent and credit are this article's.

    Attributes
    ----------
    article
        The article.
    kept
        Whether it is worth storing; what is kept is what later articles are compared with.
    derived
        Whether it was taken from an article known before, or both from a third.
    match
        The best derived match, else the verified pair with the highest narrative percentage, with
        this article as side B; None where nothing was compared, and where the decision is one that
        was given before.
    group
        The stable id of the story: its first representative's, its own if there is none.
    fields
        The decision as JSON, which is also what is stored and given again.
    """

    article: Article
    kept: bool
    derived: bool
    match: Match | None
    group: str
    fields: Fields

    @property
    def supersedes(self) -> str | None:
        """The id of the representative whose place it takes, if it takes one's."""
        superseded: str | None = self.fields.get("supersedes")
        return superseded

    @property
    def update(self) -> bool:
        """Whether it is a further version of a story: of its id, or of its series."""
        return bool(self.fields.get("update"))

    def to_dict(self) -> Fields:
        """Return the object that is spliced into a record as ``"dedup"``."""
        return dict(self.fields)


def given_before(article: Article, fields: Fields) -> Decision:
    """Return the decision that was stored for an article."""
    return Decision(article, fields["kept"], fields["derived"], None, fields["group"], fields)


def fields_of(match: Match | None, group: str, stated: tuple[Credit, ...]) -> Fields:
    """Write down what a match says of its side B; ``kept`` is still to be decided."""
    overlap = match.overlap.to_dict() if match else {}
    return {
        "kept": True,
        "derived": match.derived if match else False,
        "relation": match.relation if match else None,
        "match": match.a.id if match else None,
        "group": group,
        "percent": overlap.get("percent_b", 0.0),
        "narrative_percent": overlap.get("narrative_percent_b", 0.0),
        "containment": overlap.get("containment_b", 0.0),
        "extent": overlap.get("extent_b", "none"),
        "direction": match.direction if match else None,
        "credited": match.credited_b if match else None,
        "credits": [credit.to_dict() for credit in stated],
    }
