"""The sentences a person reads first (golden)."""

import dataclasses
from typing import Any

import pytest

from dedup.article import Credit
from dedup.reporting.printable import printable
from dedup.reporting.wording import headlines, kind_of
from dedup.scoring.match import Match, Side
from dedup.scoring.overlap import Overlap
from dedup.scoring.spans import AlignedSpan, Change

EFE = Credit("EFE", "dateline", "Washington, Nov 21 (EFE).-", (71, 97), "Washington", "--11-21")
OVERLAP = Overlap(78.1, 76.0, 73.2, 70.4, "most", "most", 38, 0.43, 0.61, 0.60)


def span(words: int, *ops: str) -> AlignedSpan:
    return AlignedSpan(
        (0, 9), (0, 9), words, False, tuple(Change(op, (1, 2), (1, 2)) for op in ops)
    )


SPANS = (
    span(38, *["replace"] * 9),
    span(20, "delete", "delete", "delete", "insert", "insert"),
    *[span(8) for _ in range(10)],
)
LIGHT = Match(
    a=Side("wire/X.txt", 409, (EFE,)),
    b=Side("incoming/Y.txt", 420, ()),
    relation="rewrite",
    score=0.97,
    direction="a->b",
    update=False,
    headline="changed",
    credited_a=True,
    credited_b=False,
    overlap=OVERLAP,
    spans=SPANS,
    reasons=("reason",),
    rules="1",
)


def sentences(**changes: Any) -> list[str]:
    return headlines(dataclasses.replace(LIGHT, **changes))


def test_the_golden_sentences_of_a_light_rewrite() -> None:
    assert headlines(LIGHT) == [
        "incoming/Y.txt is a light rewrite of wire/X.txt (EFE). Y.txt names no agency.",
        "78% of X.txt stands in Y.txt; 76% of Y.txt comes from X.txt "
        "(outside quotations 73% / 70%).",
        "12 passages, longest 38 words; 9 replaced, 3 cut, 2 added.",
    ]


def test_the_copy_is_named_first_whichever_side_it_is() -> None:
    mirrored = dataclasses.replace(
        LIGHT,
        a=LIGHT.b,
        b=LIGHT.a,
        direction="b->a",
        credited_a=False,
        credited_b=True,
        overlap=Overlap(76.0, 78.1, 70.4, 73.2, "most", "most", 38, 0.43, 0.60, 0.61),
        spans=tuple(
            dataclasses.replace(
                s,
                changes=tuple(
                    dataclasses.replace(
                        c, op={"insert": "delete", "delete": "insert"}.get(c.op, c.op)
                    )
                    for c in s.changes
                ),
            )
            for s in SPANS
        ),
    )
    assert headlines(mirrored) == headlines(LIGHT)


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        (
            {"overlap": Overlap(6.0, 98.0, 6.0, 97.0, "part", "whole", 38, 0.1, 0.1, 0.9)},
            "incoming/Y.txt is an excerpt: all of it stands in wire/X.txt (EFE) (6% of X.txt). "
            "Y.txt names no agency.",
        ),
        (
            {"overlap": Overlap(98.0, 12.0, 97.0, 12.0, "whole", "part", 38, 0.1, 0.9, 0.1)},
            "incoming/Y.txt contains all of wire/X.txt (EFE) (12% of Y.txt). "
            "Y.txt names no agency.",
        ),
        (
            {"relation": "identical"},
            "incoming/Y.txt is word for word wire/X.txt (EFE). Y.txt names no agency.",
        ),
        (
            {"relation": "identical", "direction": "common"},
            "incoming/Y.txt and wire/X.txt (EFE) are the same text. Y.txt names no agency.",
        ),
        (
            {"relation": "identical", "direction": "unknown", "credited_b": None},
            "incoming/Y.txt and wire/X.txt (EFE) are the same text.",
        ),
        (
            {
                "relation": "near-duplicate",
                "b": Side("incoming/Y.txt", 420, (EFE,)),
                "credited_b": True,
            },
            "incoming/Y.txt is nearly word for word wire/X.txt (EFE). Y.txt credits EFE.",
        ),
        (
            {"direction": "common", "credited_a": None, "credited_b": None},
            "incoming/Y.txt and wire/X.txt (EFE) rewrite one text; both from a third text.",
        ),
        (
            {"spans": (span(38),)},
            "incoming/Y.txt is a cut of wire/X.txt (EFE). Y.txt names no agency.",
        ),
        (
            {"relation": "partial"},
            "incoming/Y.txt takes part of its text from wire/X.txt (EFE). Y.txt names no agency.",
        ),
        (
            {"relation": "shared-quotes", "direction": "unknown"},
            "incoming/Y.txt was not taken from wire/X.txt (EFE): "
            "they share quotations, not the report around them.",
        ),
    ],
)
def test_the_first_sentence_says_what_the_verdict_means(
    changes: dict[str, Any], first: str
) -> None:
    assert sentences(**changes)[0] == first


STANDING = AlignedSpan((0, 9), (0, 9), 40, False, (), "standing", 12)
TEMPLATE = AlignedSpan((0, 9), (0, 9), 40, False, (), "template")
NOTHING = Overlap(0.0, 0.0, 0.0, 0.0, "none", "none", 40, 0.1, 0.2, 0.2)


def test_the_golden_sentences_of_standing_text() -> None:
    changes = {"relation": "boilerplate", "direction": "unknown", "overlap": NOTHING}
    assert sentences(**changes, spans=(STANDING,)) == [
        "incoming/Y.txt was not taken from wire/X.txt (EFE); "
        "what they share is standing text: it is in other stories too.",
        "0% of X.txt stands in Y.txt; 0% of Y.txt stands in X.txt "
        "(outside quotations 0% / 0%; standing text left out).",
        "1 passage, longest 40 words; no changes. It is standing text.",
    ]
    assert sentences(**changes, spans=(STANDING, STANDING))[2].endswith("All are standing text.")
    assert sentences(**changes, spans=(TEMPLATE,))[:2] == [
        "incoming/Y.txt was not taken from wire/X.txt (EFE); "
        "what they share is a template, filled in with other figures.",
        "0% of X.txt stands in Y.txt; 0% of Y.txt stands in X.txt "
        "(outside quotations 0% / 0%; the template left out).",
    ]
    assert sentences(**changes, spans=(span(9),))[0].endswith(
        ": they share a template or standing text, not the story."
    )


def test_standing_text_beside_what_was_copied_is_named_and_left_out() -> None:
    lines = sentences(spans=(span(38, "insert"), STANDING))
    assert lines[0].startswith("incoming/Y.txt is a light rewrite of wire/X.txt (EFE).")
    assert lines[1].endswith("(outside quotations 73% / 70%; standing text left out).")
    assert lines[2] == (
        "2 passages, longest 38 words; 1 added. 1 passage of 40 words is standing text."
    )
    lines = sentences(spans=(span(38, "insert"), STANDING, STANDING))
    assert lines[2].endswith("1 added. 2 passages, 80 words, are standing text.")


def test_every_kind_of_passage_has_its_words() -> None:
    quoted = AlignedSpan((0, 9), (0, 9), 40, True, (), "quotation")
    one = dataclasses.replace(STANDING, known_in=1)
    assert [kind_of(s) for s in (span(3), quoted, STANDING, one, TEMPLATE)] == [
        "",
        "all of it quoted",
        "standing text: also in 12 other articles",
        "standing text: also in 1 other article",
        "a template, filled in with other figures",
    ]


def test_rewrite_is_said_only_where_changes_were_found() -> None:
    assert "rewrite" not in " ".join(sentences(spans=(span(38),)))


def test_files_of_one_name_are_told_apart_by_their_paths() -> None:
    lines = sentences(b=Side("incoming/X.txt", 1, ()))
    assert lines[1].startswith("78% of wire/X.txt stands in incoming/X.txt;")


def test_one_passage_is_not_called_passages() -> None:
    assert sentences(spans=(span(38, "insert"),))[2] == "1 passage, longest 38 words; 1 added."
    assert sentences(spans=(span(38),))[2] == "1 passage, longest 38 words; no changes."


def test_what_a_terminal_would_obey_is_made_visible() -> None:
    assert printable("a\x1b[31m\tb\x00\x9b\u202e\ud800\x7f") == "a␛[31m b␀����␡".replace(
        "����", "���"
    )
