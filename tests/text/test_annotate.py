"""Masks of a text: which words are page text, headline, credit, quotation, body."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.article import Article
from dedup.text.annotate import AnnotatedText, Mask, annotate

HEAD = "Swing bridge closed after cracks found"
LEAD = (
    "The harbour authority closed the old swing bridge on Friday after it found cracks in a bolt."
)
SAID = '"Nobody will cross that bridge in a lorry again," said the mayor, who opened it years ago.'
CAPTION = "The swing bridge on Friday. Photo: Harbour Times"
POST = "Shame on all of them! — Ann Lee (@annlee) March 4, 2016"


def words_of(text: AnnotatedText, mask: Mask) -> str:
    found = text.words.texts()
    return " ".join(found[i] for i in np.flatnonzero(mask))


def test_every_mask_holds_its_own_words() -> None:
    parts = [HEAD, f"Marlow (Reuters) - {LEAD}", CAPTION, SAID, POST, LEAD]
    text = annotate(Article("a", "\n\n".join(parts)))
    assert words_of(text, text.furniture) == "the swing bridge on friday photo harbour times"
    assert words_of(text, text.credit) == "marlow reuters"
    assert words_of(text, text.quoted) == (
        "nobody will cross that bridge in a lorry again "
        "shame on all of them ann lee annlee march 4 2016"
    )
    assert text.headline == HEAD.lower()
    outside = ~(text.body | text.furniture | text.credit)
    assert words_of(text, outside) == HEAD.lower()


def test_a_text_that_is_all_page_text_is_body() -> None:
    text = annotate(Article("a", "Photo: Harbour Times"))
    assert text.body.all()
    assert not text.furniture.any()


PARTS = [HEAD, LEAD, SAID, CAPTION, POST, "(Reuters)", "© Harbour Times", ""]


@given(st.lists(st.sampled_from(PARTS) | st.text(max_size=30), max_size=12))
def test_the_body_is_what_the_other_masks_leave(parts: list[str]) -> None:
    text = annotate(Article("a", "\n".join(parts)))
    for mask in (text.quoted, text.furniture, text.credit, text.body):
        assert len(mask) == len(text.words)
    assert not (text.body & (text.furniture | text.credit)).any()
    assert text.body.any() or not len(text.words)
