"""Signed posts and dash quotations: what they are known by, and what is not one."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.lines import paragraphs
from dedup.text.statements import LONGEST_POST, statements

NARRATIVE = "The harbour authority answered its critics on Monday, four days after the last ferry."
POST = "Nobody at the harbour has told us anything. Shame on all of them! #bridge"
SIGNED = "— Ann Lee (@annlee_port) March 4, 2016"


def spoken(*parts: str) -> list[str]:
    text = "\n\n".join(parts)
    return [text[start:end] for start, end in statements(text, paragraphs(text))]


@pytest.mark.parametrize(
    "signature",
    [
        SIGNED,
        "-- Ann Lee (@annlee_port) March 4, 2016",
        "– Ann Lee (@annlee_port) 4 de marzo de 2016",
        "— Ann Lee 🐺 (@annlee.example.org) 4. mars 2016",
        "— 安・リー (@annlee_port) 2016年3月4日",
        "— Ann Lee (@annlee_port)",
        "A post shared by Ann Lee (@annlee_port) on Mar 4, 2016",
    ],
)
def test_a_signature_makes_a_post_of_what_stands_before_it(signature: str) -> None:
    assert spoken(NARRATIVE, f"{POST} {signature}", NARRATIVE) == [f"{POST} {signature}"]


def test_a_signature_in_a_paragraph_of_its_own_signs_the_one_before() -> None:
    assert spoken(NARRATIVE, POST, SIGNED, NARRATIVE) == [POST, SIGNED]
    assert spoken(NARRATIVE, "She wrote:", SIGNED) == [SIGNED]


@pytest.mark.parametrize(
    "shown",
    ["Ann Lee\n@annlee_port · 2h", "Ann Lee @annlee_port · Mar 4", "@annlee_port · 4 mar. 2016"],
)
def test_a_post_as_it_is_shown_is_signed_by_handle_and_age(shown: str) -> None:
    assert "".join(spoken(NARRATIVE, POST, shown, NARRATIVE)).startswith(POST)
    assert spoken(NARRATIVE, shown.partition(" ·")[0], NARRATIVE) == []
    assert spoken(NARRATIVE, f"She is {shown} and writes of bridges.") == []


def test_a_long_paragraph_before_a_signature_is_no_post() -> None:
    long = " ".join([NARRATIVE] * 5)
    assert len(long) > LONGEST_POST
    assert spoken(long, SIGNED) == [SIGNED]


def test_a_post_glued_to_a_paragraph_begins_with_a_sentence() -> None:
    (found,) = spoken(f"{' '.join([NARRATIVE] * 6)} {POST} {SIGNED}")
    assert found.endswith(f"{POST} {SIGNED}")
    assert found.startswith("The harbour authority")
    assert len(found) <= LONGEST_POST + len(SIGNED)


def test_posts_in_one_paragraph_are_read_one_after_the_other() -> None:
    two = f"{POST} {SIGNED} And another thing: I can wait. {SIGNED}"
    assert spoken(NARRATIVE, two) == [two]
    assert spoken(f"{POST} {SIGNED} {NARRATIVE}") == [f"{POST} {SIGNED}"]


def test_the_address_of_a_picture_ends_a_post() -> None:
    for address in ("pic.twitter.com/Ab12cd", "https://t.co/Ab12cd"):
        assert spoken(NARRATIVE, f"{POST} {address}") == [f"{POST} {address}"]


@pytest.mark.parametrize(
    "text",
    [
        "We told the mayor that I would not sign, and my deputy agreed with me.",
        "Un hélicoptère Mi-8 a été mis en service par mis camaradas, dijo.",
        "The movement calls itself #openharbour and writes to @harbour every day.",
        "The harbour (@harbour) has more readers than the town, its editor (@ed) said in 2016.",
        "Write to harbour@example.org, or to the mayor's office, before May 2016.",
        "She keeps two accounts — one (@annlee_port) for the bridge alone — and reads both.",
    ],
)
def test_words_and_names_alone_make_no_post(text: str) -> None:
    assert spoken(NARRATIVE, text, NARRATIVE) == []


@pytest.mark.parametrize(
    ("said", "by"),
    [
        ("– Vi så broen svinge og løp", ", sier Kari Moe."),
        ("– Vi såg bron svänga och sprang", ", säger Karin Ek."),
        ("– Näimme sillan kääntyvän", ", sanoo Matti Virta."),
        ("– Widzieliśmy, jak most się obraca", " – powiedział Jan Nowak."),
        ("—Vimos girar el puente y corrimos", " —dijo María Paz."),
        ("— On a vu tourner le pont", ", explique Anne Roux."),
        ("— Мы видели, как повернулся мост", ", — сказал Иван Котов."),
    ],
)
def test_a_dash_and_an_attribution_make_a_quotation(said: str, by: str) -> None:
    assert spoken(NARRATIVE, said + by, NARRATIVE) == [said]


def test_what_is_said_goes_on_after_another_dash() -> None:
    first, second = "– Most się obrócił", "Potem pobiegliśmy do domu."
    assert spoken(f"{first} – powiedział Jan Nowak. – {second}") == [first, second]
    assert spoken(f"{first} – powiedział Jan Nowak. {NARRATIVE}") == [first]


def test_paragraphs_of_a_dialogue_need_one_attribution() -> None:
    said, more = "– Vi så broen svinge", "– Ingen ringte oss på fire dager."
    assert spoken(f"{said}, sier hun.", NARRATIVE, more) == [said, more]


def test_a_list_after_dashes_is_no_dialogue() -> None:
    assert spoken("— The bridge, led by Ann Lee, will be shut.", "— Ferries will sail.") == []
    assert spoken("- Close the bridge", "- Widen the port, the mayor says") == []
    assert spoken("- El puente, explica con detalle por qué se cierra", "- El puerto") == []


PIECES = [
    NARRATIVE,
    POST,
    SIGNED,
    "– Ja, sier hun.",
    "— ",
    "(@a)",
    "pic.twitter.com/a",
    "2016",
    ":",
]


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=20), max_size=20), st.sampled_from(" \n")
)
def test_spans_are_sorted_disjoint_and_inside_the_text(parts: list[str], between: str) -> None:
    text = between.join(parts)
    found = statements(text, paragraphs(text))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(found))


@pytest.mark.parametrize(
    "unit", ["a @b · 2h ", "@a ·", "– ", "— a (@a) ", "(@", ", a", "– a, ", "a@b ", "://t.co/a "]
)
def test_time_is_linear_in_a_text_of_one_thing(unit: str) -> None:
    text = "– (@" + unit * (300_000 // len(unit))
    start = time.process_time()
    statements(text, paragraphs(text))
    assert time.process_time() - start < 3
