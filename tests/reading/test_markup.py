"""Text of markup."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.reading.markup import fragment_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One <b>bold</b> word.</p><p>Two.</p>", "One bold word.\n\nTwo."),
        ("One.<br>Two.<br/>Three.", "One.\nTwo.\nThree."),
        ("<p>A&nbsp;&amp; B<script>if (a<b) x()</script></p>", "A & B"),
        ("<figure><img src=x><figcaption>A boat</figcaption></figure><p>Text.</p>", "Text."),
        ("<p>one<!-- <p>not this --> two</p>", "one two"),
        ("<p>kept</p><!-- never closed <p>not this</p>", "kept"),
        ('<p class="a > b">Quoted.</p>', "Quoted."),
        ("<table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>", "a 1\nb 2"),
        ("5 < 6 and 7 > 2 <b>holds</b>", "5 < 6 and 7 > 2 holds"),
        ("First line.\n  Second line.", "First line.\nSecond line."),
        ("<p>&lt;div class='embed'&gt;&lt;/div&gt;</p><p>Text.</p>", "Text."),
        ("<p>see <a href=x>the bank</a> , which</p>", "see the bank, which"),
    ],
)
def test_a_block_is_a_paragraph_and_what_is_not_text_is_left_out(markup: str, text: str) -> None:
    assert fragment_text(markup) == text


@given(
    st.lists(
        st.sampled_from(["<", ">", "</", "<a", "<!--", "-->", "<script>", '"', "'", "/", "x", " "])
    )
)
def test_any_markup_is_read_without_an_error(parts: list[str]) -> None:
    fragment_text("".join(parts))


@pytest.mark.parametrize(
    "part", ["<a", "<!", "</", "<!--", '<a "', "<a '", "<script>", "<a href=", "&", "<p/"]
)
def test_time_is_linear_in_hostile_markup(part: str) -> None:
    start = time.process_time()
    fragment_text(part * 200_000)
    assert time.process_time() - start < 5
