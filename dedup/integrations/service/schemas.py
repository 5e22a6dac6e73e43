"""What the service takes and gives, as OpenAPI describes it; the output is that of the program."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dedup.article import Article
from dedup.integrations.service.settings import MOST_ARTICLES
from dedup.reading.jsonl import Fields, article_of

Id = Annotated[str, Field(min_length=1, max_length=2048)]
Text = Annotated[str, Field(min_length=1, description="The text, in plain characters.")]
SpanOut = Annotated[
    tuple[int, int], Field(description="Start and end, in characters of the article's text.")
]
Percent = Annotated[float, Field(ge=0, le=100)]
Share = Annotated[float, Field(ge=0, le=1)]

Relation = Literal[
    "identical", "near-duplicate", "rewrite", "partial", "shared-quotes", "boilerplate",
    "independent",
]  # fmt: skip
Extent = Literal["whole", "most", "part", "none"]


class TextIn(BaseModel):
    """A text, with what is known of it; fields not named here are passed over."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "ours/1", "text": "LISBON, March 14 (EFE).- Dockers walked out."}]
        }
    )

    text: Text
    title: str | None = None
    source: str | None = None
    published: str | None = Field(None, description="ISO 8601, a part of a date will do.")
    url: str | None = None
    language: str | None = None
    credit: str | None = Field(None, description="The agency it is said to come from.")


class ArticleIn(TextIn):
    """An article."""

    id: Id

    def article(self) -> Article:
        """Return it as the program has it."""
        return article_of(self.model_dump(exclude_none=True), Fields())


class SideIn(TextIn):
    """One of two articles to compare."""

    id: Id | None = None

    def article(self, name: str) -> Article:
        """Return it as the program has it, with a name if it has none."""
        return article_of({"id": name, **self.model_dump(exclude_none=True)}, Fields())


class PairIn(BaseModel):
    """Two articles to compare."""

    a: SideIn
    b: SideIn


class ArticlesIn(BaseModel):
    """Articles."""

    articles: list[ArticleIn] = Field(min_length=1, max_length=MOST_ARTICLES)


class IdsIn(BaseModel):
    """Ids of articles."""

    ids: list[Id] = Field(min_length=1, max_length=MOST_ARTICLES)


class CreditOut(BaseModel):
    """What a text says of its agency."""

    agency: str
    kind: Literal["dateline", "byline", "credit-line", "sign-off"]
    text: str
    span: SpanOut
    place: str | None
    date: str | None


class SideOut(BaseModel):
    """One article of a pair."""

    id: str
    words: int
    credits: list[CreditOut]


class OverlapOut(BaseModel):
    """How much of either stands in the other."""

    percent_a: Percent
    percent_b: Percent
    narrative_percent_a: Percent | None
    narrative_percent_b: Percent | None
    extent_a: Extent
    extent_b: Extent
    longest_span_words: int
    jaccard: Share | None
    containment_a: Share | None
    containment_b: Share | None


class FoundByOut(BaseModel):
    """What brought a pair together."""

    bands: int
    fingerprints: int
    jaccard_estimate: Share


class ChangeOut(BaseModel):
    """A change within a passage."""

    op: Literal["insert", "delete", "replace"]
    a: SpanOut
    b: SpanOut


class PassageOut(BaseModel):
    """A passage that stands in both."""

    a: SpanOut
    b: SpanOut
    words: int
    quoted: bool
    kind: Literal["narrative", "quotation", "page-text", "standing", "template"]
    known_in: int | None = Field(
        None, description="Of standing text: how many articles of other stories hold it too."
    )
    changes: list[ChangeOut]


class MatchOut(BaseModel):
    """A verified pair: A is the known article, B the one that was checked."""

    schema_: Literal["dedup.match/1"] = Field(alias="schema")
    rules: str
    a: SideOut
    b: SideOut
    relation: Relation
    derived: bool
    score: Share
    direction: Literal["a->b", "b->a", "common", "unknown"]
    earlier: Literal["a", "b", "same"] | None
    update: bool
    headline: Literal["same", "changed", "unknown"]
    credited_a: bool | None
    credited_b: bool | None
    overlap: OverlapOut
    found_by: FoundByOut | None
    spans: list[PassageOut]
    reasons: list[str]


class NoticeOut(BaseModel):
    """Something that limits a result."""

    message: str


class ResultOut(BaseModel):
    """The matches of what was checked, in its order, best first."""

    schema_: Literal["dedup.result/1"] = Field(alias="schema")
    matches: list[MatchOut]
    clusters: list[object] = Field(max_length=0)
    errors: list[NoticeOut]
    standing_only: int = Field(
        ge=0, description="Candidates not compared, since all they share is standing text."
    )


class AddedOut(BaseModel):
    """What was added; it is on disk. Known are those that were there, with the same text."""

    added: int
    replaced: int
    known: int


class RemovedOut(BaseModel):
    """What was forgotten."""

    removed: int
    missing: list[str]


class StateOut(BaseModel):
    """The state of the service."""

    status: Literal["ok"]


class ErrorOut(BaseModel):
    """Why a request was not served, in one sentence."""

    error: str
