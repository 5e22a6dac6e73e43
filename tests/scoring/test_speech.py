"""Speech without quotation marks in a pair: posts, dialogue, blocks that both sides introduce."""

from textwrap import fill

import pytest

from dedup.article import Article
from dedup.detector import compare
from dedup.scoring.match import Match

BLOCK = (
    "Every vehicle of the series will be called back to the workshop, at no cost to its owner, and "
    "the part in question will be replaced by one that has passed the test of the ministry"
)
SECOND = (
    "The line will be run by buses until the work is done, and whoever holds a season ticket will "
    "be paid back what the months of the closure have cost, without having to ask for it first"
)
OWN_A = (
    "The railway company answered its critics on Monday, four days after the last train left.\n\n"
)
OWN_B = (
    "Silence had been the company's policy until now, and few on platform nine expected a word.\n\n"
)
END_A = "\n\nShares of the company fell by a tenth in the first hour of trading in the capital."
END_B = "\n\nOutside the station a busker went on playing, and somebody laughed at the timetable."


def match(passage: str, before_a: str = "", before_b: str = "") -> Match:
    return compare(
        Article("a", f"{OWN_A}{before_a}{passage}.{END_A}"),
        Article("b", f"{OWN_B}{before_b}{passage}.{END_B}"),
    )


def quoted(found: Match) -> bool:
    """Whether all that was copied is a quotation, but for who says it."""
    assert found.spans
    return max(found.overlap.narrative_percent_a or 0, found.overlap.narrative_percent_b or 0) < 20


def narrative(found: Match) -> bool:
    """Whether none of what was copied is a quotation."""
    assert found.spans
    return not any(span.quoted for span in found.spans) and not quoted(found)


@pytest.mark.parametrize("signature", ["— Ann Lee (@annlee) March 4, 2016", "pic.twitter.com/Ab12"])
def test_a_post_is_a_quotation(signature: str) -> None:
    assert quoted(match(f"{BLOCK}. {signature}"))


def test_a_post_is_a_quotation_in_every_format() -> None:
    post = f"{BLOCK}. — Ann Lee (@annlee) March 4, 2016"
    wrapped = "\n\n".join(fill(part, 72) for part in f"{OWN_B}{post}{END_B}".split("\n\n"))
    assert quoted(compare(Article("a", f"{OWN_A}{post}{END_A}"), Article("b", wrapped)))


def test_what_one_side_signs_as_a_post_is_a_quotation_on_both() -> None:
    found = compare(
        Article("a", f"{OWN_A}{BLOCK}.\n\n— Ann Lee (@annlee) March 4, 2016{END_A}"),
        Article("b", f"{OWN_B}{BLOCK}.{END_B}"),
    )
    assert quoted(found)


def test_dialogue_after_dashes_is_a_quotation() -> None:
    assert quoted(match(f"– {BLOCK}, sier Kari Moe"))


@pytest.mark.parametrize(
    "word",
    ["We say that", "My friends,", "Le constructeur l'a mis au point:", "#railways", "@rail"],
)
def test_a_word_alone_makes_no_speech_of_a_paragraph(word: str) -> None:
    assert narrative(match(f"{word} {BLOCK}"))


def test_a_block_that_both_introduce_with_a_colon_is_a_quotation() -> None:
    introduced = ("The firm said in a statement:\n\n", "It wrote to the paper:\n\n")
    assert quoted(match(BLOCK, *introduced))
    assert quoted(match(f"{BLOCK}.\n\n{SECOND}", *introduced))


def test_a_block_ends_with_the_first_paragraph_that_is_not_copied() -> None:
    a = Article("a", f"{OWN_A}It said:\n\n{BLOCK}.\n\nBuses wait.\n\n{SECOND}.{END_A}")
    b = Article("b", f"{OWN_B}It wrote:\n\n{BLOCK}.\n\nNo bus came.\n\n{SECOND}.{END_B}")
    assert not quoted(compare(a, b))


def test_a_block_that_one_side_introduces_may_be_the_other_article() -> None:
    assert narrative(match(BLOCK, before_b="The agency reports:\n\n"))
    assert narrative(match(BLOCK))
