import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.furniture import furniture, headline_and_furniture
from dedup.text.headline import headline

LEAD = (
    "The harbour authority closed the old swing bridge on Friday after it found cracks in a bolt."
)
NEXT = (
    "Ferries will carry passengers across the river until the repairs are done, the authority said."
)
SAID = '"Nobody will cross that bridge in a lorry again," said the mayor, who opened it years ago.'
LAST = "The bridge was built for carts and has carried lorries since the port was widened."
PROSE = [LEAD, NEXT, SAID, LAST]
HEAD = "Swing bridge closed after cracks found"

ES = [
    "La autoridad portuaria cerró el viernes el viejo puente giratorio tras hallar grietas en él.",
    "Los transbordadores llevarán a los pasajeros hasta que terminen las obras, dijo la autoridad.",
    "El puente se construyó para carros y soporta camiones desde que se amplió el puerto.",
]


def masked(parts: list[str], between: str = "\n\n", title: str | None = None) -> list[str]:
    text = between.join(parts)
    return [text[start:end] for start, end in furniture(text, title)]


def test_the_story_itself_is_not_masked():
    assert masked(PROSE) == []
    assert masked(PROSE, "\n") == []
    assert masked(ES) == []


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "Read more: What the port wants from the river",
        "Watch video 01:45",
        "Watch: How a swing bridge turns",
        "The swing bridge on Friday, seen from the mill. Photo: EPA",
        "The swing bridge on Friday. (Reuters File Photo)",
        "FILE - In this Friday, May 3, 2019 photo, a lorry stands on the swing bridge.",
        "Image copyright Harbour Times",
        "Share Tweet Email Print",
        "What the port wants",
        "A ferry crosses the river beside the closed swing bridge on Friday afternoon",
        "1:15 p.m.",
        "JUST WATCHED",
        "CLICK HERE FOR MORE HARBOUR NEWS",
    ],
)
def test_page_words_between_the_paragraphs_of_a_story_are_masked(line):
    assert masked([LEAD, NEXT, line, SAID, LAST]) == [line]
    assert masked([LEAD, NEXT, line, SAID, LAST], "\n") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Publicidad",
        "Lee también: El puerto quiere el río",
        "El puente giratorio, el viernes. Foto: EFE",
        "Un barco espera en el puerto. Ana López / Europa Press",
        "Imagen de archivo del puente giratorio",
        "Un puente para carros",
    ],
)
def test_page_words_in_spanish_are_masked(line):
    assert masked([ES[0], ES[1], line, ES[2]]) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "By ANN LEE",
        "By ANN LEE and JOHN FORD, Associated Press",
        "Ann Lee, Staff writer",
        "Por Ana López",
        "harbour Updated: May 03, 2019 01:43 IST",
        "Home / Local news / Swing bridge closed after cracks found",
        "Swing bridge closed after cracks found | News | Harbour Times",
        "Port City -°C",
        "RIVER-BRIDGE",
        "5 Comments",
    ],
)
def test_lines_above_the_story_are_masked_and_the_headline_is_not(line):
    assert masked([line, HEAD, *PROSE]) == [line]
    assert masked([HEAD, line, *PROSE]) == [line]


@pytest.mark.parametrize(
    "lines",
    [
        ["Related Reading"],
        ["Related stories", "Port widened for the third time", "Ferry captain retires at 80"],
        ["© 2019 Harbour Times. All rights reserved."],
        ["This material may not be published, broadcast, rewritten or redistributed."],
        ["Tags: bridge, port, river"],
        ["Noticias relacionadas", "El puerto crece otra vez"],
        ["Sign In to continue reading"],
        ["DW recommends", "Audios and videos on the topic"],
        ["This story first appeared in the Harbour Times print edition as: Cracked"],
        ["Contact", "Privacy policy", "Terms of use", "About us"],
    ],
)
def test_lines_below_the_story_are_masked(lines):
    assert masked([HEAD, *PROSE, *lines]) == lines


def test_a_page_of_menus_leaves_the_headline_and_the_story():
    menu = [
        "News",
        "Sport",
        "Weather",
        "Search",
        "My account",
        "Log in",
        "Port",
        "River",
        "Opinion",
    ]
    below = [
        "More stories",
        "Port widened for the third time",
        "Ann Lee",
        "Legal",
        "Jobs",
        "Contact",
    ]
    parts = [*menu, *menu, HEAD, "By Ann Lee", "4 March 2019", *PROSE, *below, *menu]
    text = "\n".join(parts)
    kept = text
    for start, end in reversed(furniture(text)):
        kept = kept[:start] + kept[end:]
    assert kept.split("\n") == [p if p in (HEAD, *PROSE) else "" for p in parts]


def test_the_headline_is_masked_where_it_is_repeated():
    parts = [HEAD, "Harbour Times", HEAD, *PROSE]
    assert masked(parts) == parts[:2]


def test_a_date_before_the_headline_is_masked_without_it():
    assert masked(["date 2019-03-04 " + HEAD, *PROSE]) == ["date 2019-03-04 "]


@pytest.mark.parametrize(
    "items",
    [
        ["- Close the bridge", "- Widen the port", "- Build a tunnel"],
        ["Close the bridge to lorries", "Widen the port", "Build a tunnel"],
        ["1. Close the bridge to lorries", "2. Widen the port"],
    ],
)
def test_list_items_are_body(items):
    assert masked([LEAD, "The port has three plans for the river:", *items, LAST]) == []


def test_tables_are_body():
    table = ["Madrid 12 18 1.004", "Sevilla 14 24 1.008", "Bilbao 9 15 999"]
    assert masked([ES[0], *table, ES[1]]) == []
    assert masked([*ES, *table]) == []


def test_short_quotations_and_short_sentences_are_body():
    assert (
        masked([LEAD, NEXT, "“I am not sorry,” she said.", "“No more lorries”", "It rained.", LAST])
        == []
    )


def test_a_sentence_whose_stop_was_forgotten_is_body():
    line = "They also want a tunnel under the river, which the port has asked for since the war"
    assert masked([LEAD, NEXT, line, SAID, LAST]) == []
    assert masked([LEAD, NEXT, SAID, LAST, line]) == []


def test_a_long_line_without_stop_is_a_caption_only_where_there_are_more_of_them():
    one = (
        "A ferry crosses the river beside the closed swing bridge on Friday afternoon with more "
        "than forty passengers and their bicycles aboard"
    )
    two = (
        "The harbour master, who has kept the bridge for nine years, and the mayor of the town on "
        "the quay on Friday after the meeting"
    )
    assert masked([LEAD, one, NEXT, SAID, LAST]) == []
    assert masked([LEAD, one, NEXT, SAID, two, LAST]) == [one, two]


def test_a_word_of_the_page_inside_a_paragraph_is_body():
    assert masked([LEAD, NEXT + " Advertisement rates fell with the traffic, it said.", LAST]) == []
    assert masked([LEAD, "The mayor wrote on Twitter: “I am not sorry.”", LAST]) == []


def test_a_phrase_of_the_page_takes_no_sentence_out():
    for line in (
        "Sign up for the rescue course by May, the harbour authority told the fishermen on Friday.",
        "A photo of your browser history, in your inbox by noon: so she described it.",
        "Click here and there, it went on, and nobody in the town hall knew what had been lost.",
    ):
        assert masked([LEAD, line, NEXT, LAST]) == []


def test_capitals_take_nothing_out():
    text = [line.upper() for line in PROSE]
    assert masked(text) == []
    assert masked([*text[:2], "NOBODY WAS HURT, THE HARBOUR OFFICE SAID.", *text[2:]]) == []


JA = [
    "港湾局は金曜日、ボルトに亀裂が見つかったとして、古い旋回橋を閉鎖した。修理には三週間かかる。",
    "同局によると、修理が終わるまでフェリーが川を渡る乗客を運ぶ。運賃は変わらない。",
    "橋は荷車のために造られ、港が広がってからはトラックも渡っていた。",
]


def test_captions_take_nothing_of_a_story_without_spaces():
    caption = "写真:金曜日の桟橋"
    parts = [JA[0], caption, JA[1], f"{caption}2", JA[2]]
    assert not {line for line in masked(parts) if line in JA}


def test_a_story_without_spaces_or_stops_is_no_headline_and_no_caption():
    thai = ["สำนักงานท่าเรือปิดสะพานหมุนเก่าเมื่อวันศุกร์หลังพบรอยร้าวที่สลักและจะซ่อมให้เสร็จภายในสามสัปดาห์" * 2] * 3
    assert masked(thai) == []
    assert headline("\n\n".join(thai)) is None


def gallery(step: str, captions: list[str]) -> str:
    return " ".join(
        f"{caption} {n} {step} {len(captions)}" for n, caption in enumerate(captions, 1)
    )


@pytest.mark.parametrize("step", ["of", "/", "de", "von"])
def test_captions_that_are_counted_are_a_gallery(step):
    captions = [f"The bridge in the year {year}, seen from the mill." for year in (12, 34, 56)]
    counted = gallery(step, captions)
    assert masked([LEAD, counted, NEXT, LAST]) == [counted]
    for two in (
        f"{gallery(step, captions[:2])}, she said.",
        f"{LEAD} 1 of 9 bolts held, 4 of 9 did not.",
    ):
        assert masked([LEAD, two, NEXT, LAST]) == []


def test_captions_that_each_stand_twice_in_a_row_are_a_gallery():
    captions = [
        f"The bridge in the days of {name}, who had it painted and opened it to carts."
        for name in ("Ann Lee", "John Ford", "Mary Stone")
    ]
    doubled = [caption for caption in captions for _ in range(2)]
    assert masked([LEAD, *doubled, NEXT, SAID, LAST]) == doubled
    assert masked([LEAD, *captions, NEXT, SAID, LAST]) == []


def test_a_story_extracted_twice_is_no_gallery():
    assert masked([line for line in PROSE for _ in range(2)]) == []
    assert masked(PROSE * 2) == []


def test_a_text_of_lines_without_stops_is_masked_by_its_words_only():
    verse = [
        f"The bridge goes round and round and no one comes to cross at hour {n}" for n in "abcdef"
    ]
    more = [
        f"The ferry goes from bank to bank and no one asks the master why at {n}" for n in "abcdef"
    ]
    assert masked([*verse, "© 2019 Harbour Times", *more]) == ["© 2019 Harbour Times"]


def test_wire_copy_in_wrapped_lines_is_not_masked():
    text = (
        "PORT CITY (AP) — The harbour authority closed the old\nswing bridge on Friday after "
        "engineers found cracks in\ntwo of its bolts.\n\nFerries will carry passengers across the "
        "river\nuntil the repairs are done.\n"
    )
    assert furniture(text) == []


def test_headline_and_furniture_agrees_with_both():
    text = "\n".join(["Menu", HEAD, *PROSE, "Related stories", "Port widened"])
    assert headline_and_furniture(text) == (headline(text), furniture(text))


BITS = [*PROSE, HEAD, "Advertisement", "Related:", "By Ann Lee", "•", "", "A | B | C", "Why?", "…"]


@given(
    st.lists(st.sampled_from(BITS) | st.text(max_size=40), max_size=25),
    st.sampled_from(["\n", "\n\n"]),
)
def test_spans_are_sorted_disjoint_inside_the_text_and_never_the_headline(parts, between):
    text = between.join(parts)
    head, spans = headline_and_furniture(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert head is None or all(end <= head[0] or start >= head[1] for start, end in spans)


@pytest.mark.parametrize(
    "unit", ["\n", "a\n", "Menu\n", "1 of 2 ", "a b. ", "(", "| ", '"', "Photo: ", "橋"]
)
def test_a_long_text_of_one_thing_takes_seconds_at_most(unit):
    text = unit * (300_000 // len(unit))
    start = time.process_time()
    furniture(text)
    assert time.process_time() - start < 3


def test_a_paragraph_that_comes_three_times_is_page_text_and_twice_it_is_not() -> None:
    story = [
        "The dam held through the night, engineers said on Monday.",
        "Nobody was hurt, they added.",
    ]
    prompt = "Write to our desk whenever you see something in your street that we should know of."
    for times in (2, 3):
        text = "\n\n".join([story[0], *[prompt, story[1]] * 2, *[prompt] * (times - 2)])
        masked = {text[start:end] for start, end in furniture(text)}
        assert (prompt in masked) == (times == 3)
        assert not masked & set(story)
