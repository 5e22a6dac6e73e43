"""Speech without quotation marks: posts and statements set as paragraphs of their own."""

from textwrap import fill

from dedup.article import Article
from dedup.detector import compare
from dedup.scoring.match import Match

STATEMENT = (
    "We regret the distress that our decision has caused to passengers and to their families, and "
    "I have asked the board to publish the whole of the report before the end of the month"
)
BLOCK = (
    "Every vehicle of the series will be called back to the workshop, at no cost to its owner, and "
    "the part in question will be replaced by one that has passed the test of the ministry"
)
OWN_A = (
    "The railway company answered its critics on Monday, four days after the last train left.\n\n"
)
OWN_B = (
    "Silence had been the company's policy until now, and few on platform nine expected a word.\n\n"
)
END_A = "\n\nShares of the company fell by a tenth in the first hour of trading in the capital."
END_B = "\n\nOutside the station a busker went on playing, and somebody laughed at the timetable."


def relation(a: str, b: str) -> str:
    return compare(Article("a", a), Article("b", b)).relation


def match(passage: str, before_a: str = "", before_b: str = "") -> Match:
    return compare(
        Article("a", f"{OWN_A}{before_a}{passage}.{END_A}"),
        Article("b", f"{OWN_B}{before_b}{passage}.{END_B}"),
    )


def test_a_paragraph_in_the_first_person_is_somebodys_words() -> None:
    found = match(STATEMENT)
    assert found.relation == "shared-quotes"
    assert all(span.quoted for span in found.spans)


def test_a_block_that_both_introduce_with_a_colon_is_a_quotation() -> None:
    both = match(BLOCK, "The firm said in a statement:\n\n", "It wrote to the paper:\n\n")
    assert both.relation == "shared-quotes"


def test_a_block_that_one_side_introduces_may_be_the_other_article() -> None:
    assert match(BLOCK, before_b="The agency reports:\n\n").derived
    assert match(BLOCK).derived


def test_a_post_with_its_handle_is_a_quotation() -> None:
    assert match(f"@railways {BLOCK}").relation == "shared-quotes"


def test_numerals_and_initials_are_not_the_first_person() -> None:
    passage = (
        "The memorial of World War I stands on the square that King Alfonso I. gave to the town, "
        "i.e. between the two bridges, and the old tramway ends in front of its bronze doors"
    )
    assert match(passage).derived


def test_a_column_is_not_emptied_of_its_words() -> None:
    column = "\n\n".join(
        f"I have said it {n} times before, and I will say it again." for n in range(9)
    )
    assert relation(column, column + "\n\nI shall not tire of it, whatever my readers think.") in (
        "identical",
        "near-duplicate",
    )


def test_speech_is_speech_in_every_format() -> None:
    paragraphs = f"{OWN_B}{STATEMENT}.{END_B}".split("\n\n")
    wrapped = "\n\n".join(fill(paragraph, 72) for paragraph in paragraphs)
    assert relation(f"{OWN_A}{STATEMENT}.{END_A}", wrapped) == "shared-quotes"
